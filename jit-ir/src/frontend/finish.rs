//! The end of a capture: types are settled and written in, literals get their bits, sites their final numbers.

use proc_macro2::{Ident, Span};
use syn::spanned::Spanned;
use syn::visit_mut::VisitMut;

use super::CapturedSite;
use super::diag::{Code, Diagnostic};
use super::infer::ITy;
use super::lower::{Check, Digits, Lowering, OperatorClass};
use super::replay::TypeNames;
use crate::arena::{Arena, Handle};
use crate::expr::{ConstValue, ExprKind, Projection, SiteId};
use crate::func::{FastMath, Function, Site, TypeParam};
use crate::intrinsic::{Intrinsic, Traps};
use crate::stmt::{Block, StmtKind};
use crate::ty::{ScalarTy, Ty};
use crate::verify::{Rule, verify};

/// The inferred type of a `let`, by the address of its syntax.
pub(super) type LetType = (*const syn::Local, syn::Type);

type Finished = (Function, Vec<CapturedSite>, Vec<LetType>);

/// Settles everything that was left open.
pub(super) fn finish(mut lowering: Lowering<'_>) -> Result<Finished, Vec<Diagnostic>> {
    for (relation, conflict) in lowering.infer.solve() {
        match conflict {
            Some(conflict) => lowering.report_conflict(&conflict, relation.span),
            None => lowering.diags.report(
                Code::Annotation,
                relation.span,
                "the type that this depends on is not known",
                "write it at the `let`, or as a suffix of a literal",
            ),
        }
    }
    lowering.settle_types();
    lowering.settle_literals();
    lowering.run_checks();
    if !lowering.diags.is_empty() {
        return Err(lowering.diags.into_found());
    }
    let let_types = lowering.name_let_types();
    let (sites, captured) = lowering.settle_sites();
    let expr_spans = (lowering.expr_spans.iter())
        .map(|span| lowering.position(*span))
        .collect();
    let signature = &lowering.item.sig;
    let file = signature.ident.span().file();
    let result = lowering.result.clone();
    let function = Function {
        name: signature.ident.to_string(),
        module: String::new(),
        file,
        type_params: (lowering.type_params.iter())
            .map(|name| TypeParam { name: name.clone() })
            .collect(),
        params: std::mem::take(&mut lowering.params),
        result: lowering.infer.resolve(&result).unwrap_or(Ty::Unit),
        tables: Vec::new(),
        locals: lowering.locals,
        exprs: lowering.exprs,
        expr_spans,
        sites,
        body: lowering.body,
        fastmath: FastMath::STRICT,
    };
    check_depth(&function, signature.ident.span())?;
    Ok((function, captured, let_types))
}

/// The IR limits nesting, so that its walks may recurse. Long operator chains were split before; what is left is nested blocks.
fn check_depth(function: &Function, span: Span) -> Result<(), Vec<Diagnostic>> {
    match verify(function) {
        Err(errors) if errors.iter().any(|error| error.rule == Rule::Depth) => {
            Err(vec![Diagnostic {
                code: Code::Expression,
                message: format!(
                    "`{}` is nested too deeply to be captured by `#[jit]`",
                    function.name
                ),
                help: "split the innermost blocks off, or turn a long `else if` chain around"
                    .to_owned(),
                span,
            }])
        }
        // Anything else is a mistake of ours: the function falls back at run time and says so.
        _ => Ok(()),
    }
}

impl Lowering<'_> {
    fn settle_types(&mut self) {
        let (mut reported, mut slice_reported) = (false, false);
        for index in 0..self.locals.len() {
            let ty = self.local_tys[index].clone();
            let handle = Handle::from_index(index);
            match self.infer.resolve(&ty) {
                Some(Ty::Unit) => self.refuse_unit(self.local_spans[index]),
                Some(ty) => self.locals[handle].ty = ty,
                None if !reported => {
                    reported = true;
                    let name = self.locals[handle].name.clone();
                    let message = if name.starts_with('$') {
                        "the type of this is not known".to_owned()
                    } else {
                        format!("the type of `{name}` is not known")
                    };
                    self.diags.report(
                        Code::Annotation,
                        self.local_spans[index],
                        message,
                        "write it at the `let`, or as a suffix of a literal",
                    );
                }
                None => {}
            }
        }
        for index in 0..self.exprs.len() {
            let ty = self.expr_tys[index].clone();
            match self.infer.resolve(&ty) {
                Some(Ty::Slice { .. }) if slice_reported => {}
                Some(Ty::Slice { .. }) => {
                    slice_reported = true;
                    self.diags.report(
                        Code::Expression,
                        self.expr_spans[index],
                        "a slice as a value cannot be captured by `#[jit]`",
                        "index it, or give it another name with `let b = a;`",
                    );
                }
                Some(ty) => self.exprs[Handle::from_index(index)].ty = ty,
                None if !reported => {
                    reported = true;
                    self.diags.report(
                        Code::Annotation,
                        self.expr_spans[index],
                        "the type of this is not known",
                        "bind it with a `let` that has a type",
                    );
                }
                None => {}
            }
        }
        for (expr, target) in std::mem::take(&mut self.fits_targets) {
            if let Some(ty) = self.infer.resolve(&target)
                && let ExprKind::NumCastFits { target, .. } = &mut self.exprs[expr].kind
            {
                *target = ty;
            }
        }
    }

    fn settle_literals(&mut self) {
        for literal in std::mem::take(&mut self.literals) {
            let span = self.span_of(literal.expr);
            let Some(scalar) = self.exprs[literal.expr].ty.as_scalar() else {
                continue;
            };
            let value = match &literal.digits {
                Digits::Integer(value) => {
                    integer_bits(*value, literal.negative, scalar).map(ConstValue::Int)
                }
                Digits::Float(text) => float_bits(text, literal.negative, scalar),
            };
            match value {
                Some(value) => self.exprs[literal.expr].kind = ExprKind::Const(value),
                None => self.diags.report(
                    Code::Literal,
                    span,
                    format!("this literal is out of range for `{scalar}`"),
                    "give it a suffix or a type that it fits",
                ),
            }
        }
    }

    fn run_checks(&mut self) {
        for check in std::mem::take(&mut self.checks) {
            match check {
                Check::HasMethod {
                    intrinsic,
                    ty,
                    span,
                } => {
                    let class = intrinsic.info().class;
                    if !self.is_scalar(&ty, |scalar| class.contains(scalar)) {
                        let message =
                            format!("`{}` has no method `{}`", self.show(&ty), intrinsic.name());
                        let help = "cast it with `as` to a type that has the method";
                        self.diags.report(Code::Mismatch, span, message, help);
                    }
                }
                Check::Cast { from, to, span } => {
                    let help = "cast numbers and truth values to numbers";
                    if !self.is_scalar(&from, |_| true) {
                        let message = format!("`{}` cannot be cast", self.show(&from));
                        self.diags.report(Code::Mismatch, span, message, help);
                    }
                    if !self.is_scalar(&to, |_| true) {
                        let message = format!("nothing can be cast to `{}`", self.show(&to));
                        self.diags.report(Code::Mismatch, span, message, help);
                    }
                }
                Check::NumCast { from, to, span } => {
                    for ty in [from, to] {
                        if !self.is_scalar(&ty, |scalar| scalar != ScalarTy::Bool) {
                            let message =
                                format!("`{}` is not converted by num-traits", self.show(&ty));
                            let help = "convert between numbers";
                            self.diags.report(Code::Mismatch, span, message, help);
                        }
                    }
                }
                Check::Integer { ty, narrow, span } => {
                    // A type parameter is no integer for rustc, either: ranges need `Step`.
                    let message = if let Some(Ty::Param(_)) = self.infer.resolve(&ty) {
                        "a range of a type parameter cannot be captured by `#[jit]`".to_owned()
                    } else if !self.is_scalar(&ty, ScalarTy::is_int) {
                        let shown = self.show(&ty);
                        format!("a range of `{shown}` cannot be captured by `#[jit]`")
                    } else if !self.is_scalar(&ty, |scalar| !narrow || scalar.bits() <= 64) {
                        let shown = self.show(&ty);
                        format!("`.rev().step_by(k)` of `{shown}` cannot be captured by `#[jit]`")
                    } else {
                        continue;
                    };
                    self.diags
                        .report(Code::Loop, span, message, "count in `usize` or `i64`");
                }
                Check::Operator { op, ty, span } => {
                    let fits = |scalar: ScalarTy| match op {
                        OperatorClass::Arithmetic => scalar != ScalarTy::Bool,
                        OperatorClass::Bit => !scalar.is_float(),
                        OperatorClass::Shift => scalar.is_int(),
                        OperatorClass::Neg => scalar.is_float() || scalar.is_signed_int(),
                        OperatorClass::Compare => true,
                    };
                    if !self.is_scalar(&ty, fits) {
                        let message = format!("`{}` does not have this operator", self.show(&ty));
                        let help = match op {
                            OperatorClass::Arithmetic => "use it on numbers",
                            OperatorClass::Bit => "use it on integers or `bool`",
                            OperatorClass::Shift => "use it on integers",
                            OperatorClass::Neg => "use it on signed integers or floats",
                            OperatorClass::Compare => "compare numbers, element by element",
                        };
                        self.diags.report(Code::Mismatch, span, message, help);
                    }
                }
            }
        }
    }

    /// Whether a type is a scalar that fits. Type parameters fit: their bounds were looked at, and specialization looks again.
    fn is_scalar(&mut self, ty: &ITy, fits: impl Fn(ScalarTy) -> bool) -> bool {
        match self.infer.resolve(ty) {
            Some(Ty::Scalar(scalar)) => fits(scalar),
            Some(Ty::Param(_)) => true,
            Some(_) => false,
            // Reported as unknown.
            None => true,
        }
    }

    fn name_let_types(&mut self) -> Vec<LetType> {
        let params: Vec<Ident> = self.type_param_idents();
        let names = TypeNames { params: &params };
        let lets = std::mem::take(&mut self.lets);
        lets.into_iter()
            .filter_map(|(address, ty, span)| {
                let ty = self.infer.resolve(&ty)?;
                let tokens = names.tokens(&ty, span);
                Some((address, syn::parse2(tokens).ok()?))
            })
            .collect()
    }

    fn type_param_idents(&self) -> Vec<Ident> {
        self.item
            .sig
            .generics
            .type_params()
            .map(|param| param.ident.clone())
            .collect()
    }

    /// Drops the sites of what cannot panic, numbers the others, and writes the shim's side of them.
    fn settle_sites(&mut self) -> (Arena<Site>, Vec<CapturedSite>) {
        let mut used = vec![false; self.sites.len()];
        for expr in self.exprs.handles() {
            self.drop_site(expr);
            visit_expr_sites(&mut self.exprs[expr].kind, &mut |site| {
                used[site.index()] = true
            });
        }
        visit_block_sites(&mut self.body, &mut |site| used[site.index()] = true);

        let params = self.type_param_idents();
        let names = TypeNames { params: &params };
        let mut sites = Arena::new();
        let mut captured = Vec::new();
        let mut renumbered: Vec<Option<SiteId>> = vec![None; used.len()];
        for (index, pending) in std::mem::take(&mut self.sites).into_iter().enumerate() {
            if !used[index] {
                continue;
            }
            renumbered[index] = Some(sites.push(Site {
                kind: pending.kind,
                span: self.position(pending.span),
                origin: 0,
                node: 0,
                operands: Vec::new(),
            }));
            let replay =
                (pending.replay).tokens(pending.span, &names, &mut |ty| self.infer.resolve(ty));
            captured.push(CapturedSite {
                span: pending.span,
                replay,
            });
        }
        let mut renumber = |site: &mut SiteId| {
            if let Some(Some(new)) = renumbered.get(site.index()) {
                *site = *new;
            }
        };
        for expr in self.exprs.handles() {
            visit_expr_sites(&mut self.exprs[expr].kind, &mut renumber);
        }
        visit_block_sites(&mut self.body, &mut renumber);
        (sites, captured)
    }

    /// Removes the site of an operation that cannot panic for its type.
    fn drop_site(&mut self, expr: crate::ExprId) {
        let operand = match &self.exprs[expr].kind {
            ExprKind::Unary { operand, .. } => *operand,
            ExprKind::Binary { lhs, .. } => *lhs,
            ExprKind::Call { args, .. } => match args.first() {
                Some(receiver) => *receiver,
                None => return,
            },
            _ => return,
        };
        let Some(scalar) = self.exprs[operand].ty.as_scalar() else {
            return;
        };
        match &mut self.exprs[expr].kind {
            ExprKind::Unary { site, .. } | ExprKind::Binary { site, .. } if !scalar.is_int() => {
                *site = None;
            }
            ExprKind::Call {
                site, intrinsic, ..
            } if !may_trap(*intrinsic, scalar) => *site = None,
            _ => {}
        }
    }
}

/// Whether a method of the table can panic for a type at all.
fn may_trap(intrinsic: Intrinsic, scalar: ScalarTy) -> bool {
    match intrinsic.info().traps {
        Traps::Never => false,
        Traps::OnOverflow => scalar.is_int(),
        Traps::Always => match intrinsic {
            Intrinsic::DivEuclid | Intrinsic::RemEuclid => scalar.is_int(),
            Intrinsic::Isqrt => scalar.is_signed_int(),
            _ => true,
        },
    }
}

fn visit_expr_sites(kind: &mut ExprKind, visit: &mut dyn FnMut(&mut SiteId)) {
    match kind {
        ExprKind::Load(place) | ExprKind::Len(place) => visit_place_sites(place, visit),
        ExprKind::Unary { site, .. }
        | ExprKind::Binary { site, .. }
        | ExprKind::Call { site, .. } => site.iter_mut().for_each(visit),
        ExprKind::NumCast { site, .. } => visit(site),
        ExprKind::Const(_)
        | ExprKind::Named(_)
        | ExprKind::DebugAssertions
        | ExprKind::ShortCircuit { .. }
        | ExprKind::Select { .. }
        | ExprKind::Cast { .. }
        | ExprKind::NumCastFits { .. }
        | ExprKind::Borrow(_)
        | ExprKind::SubSlice { .. }
        | ExprKind::Table(_)
        | ExprKind::Array(_)
        | ExprKind::Repeat(_)
        | ExprKind::Struct(_)
        | ExprKind::Zeroed
        | ExprKind::Tuple(_) => {}
    }
}

fn visit_place_sites(place: &mut crate::expr::Place, visit: &mut dyn FnMut(&mut SiteId)) {
    for step in &mut place.projections {
        if let Projection::Index { site, .. } = step {
            site.iter_mut().for_each(&mut *visit);
        }
    }
}

fn visit_block_sites(block: &mut Block, visit: &mut dyn FnMut(&mut SiteId)) {
    for stmt in &mut block.stmts {
        match &mut stmt.kind {
            StmtKind::Assign { place, .. } => visit_place_sites(place, visit),
            StmtKind::If {
                then, otherwise, ..
            } => {
                visit_block_sites(then, visit);
                visit_block_sites(otherwise, visit);
            }
            StmtKind::For(statement) => visit_block_sites(&mut statement.body, visit),
            StmtKind::While { body, .. }
            | StmtKind::Forever { body, .. }
            | StmtKind::Labeled { body, .. } => visit_block_sites(body, visit),
            StmtKind::Trap { site, .. } => visit(site),
            StmtKind::Eval(_)
            | StmtKind::Call { .. }
            | StmtKind::HostCall { .. }
            | StmtKind::Break(_)
            | StmtKind::Continue(_)
            | StmtKind::Return(_) => {}
        }
    }
}

/// The bits of an integer literal, if it fits.
fn integer_bits(value: u128, negative: bool, ty: ScalarTy) -> Option<u128> {
    if !ty.is_int() {
        return None;
    }
    let bits = ty.bits();
    let mask = u128::MAX >> (128 - bits);
    let limit = match (ty.is_signed_int(), negative) {
        (true, true) => 1 << (bits - 1),
        (true, false) => (1 << (bits - 1)) - 1,
        (false, _) => mask,
    };
    (value <= limit).then(|| {
        if negative {
            value.wrapping_neg() & mask
        } else {
            value
        }
    })
}

/// The bits of a float literal; one that is too large is an error of rustc's, too.
fn float_bits(text: &str, negative: bool, ty: ScalarTy) -> Option<ConstValue> {
    match ty {
        ScalarTy::F32 => {
            let value: f32 = text.parse().ok()?;
            let value = if negative { -value } else { value };
            value.is_finite().then(|| ConstValue::F32(value.to_bits()))
        }
        ScalarTy::F64 => {
            let value: f64 = text.parse().ok()?;
            let value = if negative { -value } else { value };
            value.is_finite().then(|| ConstValue::F64(value.to_bits()))
        }
        _ => None,
    }
}

/// Writes the inferred types into the `let`s that they belong to.
pub(super) fn write_let_types(item: &mut syn::ItemFn, types: &[LetType]) {
    struct Writer<'a>(&'a [LetType]);
    impl VisitMut for Writer<'_> {
        fn visit_local_mut(&mut self, local: &mut syn::Local) {
            syn::visit_mut::visit_local_mut(self, local);
            let address = std::ptr::from_ref::<syn::Local>(local);
            let Some((_, ty)) = self.0.iter().find(|(known, _)| *known == address) else {
                return;
            };
            let span = local.pat.span();
            let pat = std::mem::replace(
                &mut local.pat,
                syn::Pat::Wild(syn::PatWild {
                    attrs: Vec::new(),
                    underscore_token: Default::default(),
                }),
            );
            local.pat = syn::Pat::Type(syn::PatType {
                attrs: Vec::new(),
                pat: Box::new(pat),
                colon_token: syn::Token![:](span),
                ty: Box::new(ty.clone()),
            });
        }
    }
    Writer(types).visit_block_mut(&mut item.block);
}

//! The end of a lowering: types are settled and written in, literals get their bits, sites their final numbers.

use super::bounds::ReliedOn;
use super::diag::{Code, Diagnostic};
use super::externs::{ExternUse, extern_uses};
use super::infer::ITy;
use super::prange::ParallelRequest;
use super::state::{self, Check, Digits, Lowering, OperatorClass};
use crate::arena::{Arena, Handle};
use crate::expr::{BinaryOp, ConstValue, Expr, ExprKind, Projection, SiteId};
use crate::func::{FastMath, Function, Site, SiteKind, TypeParam};
use crate::hir::{self, Span};
use crate::intrinsic::{Intrinsic, Traps};
use crate::specialize::BuildOptions;
use crate::stmt::{Block, StmtKind};
use crate::ty::{ScalarTy, Ty};
use crate::verify::{Rule, verify};

/// What is known of a function while the user's crate is built.
#[derive(Debug)]
pub struct Checked {
    /// The types of `let`s that have none written, by the node of their `let`: for rustc to check. One that only rustc knows is left out.
    pub let_types: Vec<(Span, Ty)>,
    /// What has to be asked of rustc.
    pub extern_uses: Vec<ExternUse>,
    /// What was taken for granted.
    pub relied_on: Vec<ReliedOn>,
    /// The nodes of methods that may panic whose receiver is of a type parameter's type: they are methods of num-traits.
    pub generic_methods: Vec<u32>,
    /// The nodes of indices that are ranges.
    pub range_indices: Vec<u32>,
    /// The uses of `prange` and `par`.
    pub requests: Vec<ParallelRequest>,
    /// The function, if nothing in it depends on what only rustc knows.
    pub function: Option<Function>,
}

/// Looks at a function without knowledge of the names that only rustc can resolve.
///
/// # Errors
///
/// All problems that do not depend on such names, in the order of the source.
pub fn check(function: &hir::Function) -> Result<Checked, Vec<Diagnostic>> {
    let mut lowering = state::lower(function, None)?;
    lowering.settle_function()?;
    if !lowering.has_unknown
        && let Some(idle) = lowering.idle_request()
    {
        return Err(vec![idle]);
    }
    let let_types = lowering.resolve_let_types();
    let extern_uses = std::mem::take(&mut lowering.extern_uses);
    let relied_on = (lowering.bounds.iter().enumerate())
        .flat_map(|(param, bounds)| bounds.relied_on(param))
        .collect();
    let generic_methods = lowering.generic_methods();
    let range_indices = lowering.range_indices();
    let requests = std::mem::take(&mut lowering.requests);
    // With all types known, there is more to be checked.
    let function = match lowering.has_unknown {
        true => None,
        false => Some(lowering.into_function()?),
    };
    Ok(Checked {
        let_types,
        extern_uses,
        relied_on,
        generic_methods,
        range_indices,
        requests,
        function,
    })
}

/// Settles everything that was left open.
pub(super) fn finish(mut lowering: Lowering<'_>) -> Result<Function, Vec<Diagnostic>> {
    lowering.settle_function()?;
    lowering.into_function()
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
                origin: 0,
            }])
        }
        // Anything else is a mistake of ours: the function falls back at run time and says so.
        _ => Ok(()),
    }
}

impl Lowering<'_> {
    /// Decides every type, and checks what depends on them.
    fn settle_function(&mut self) -> Result<(), Vec<Diagnostic>> {
        let questions = std::mem::take(&mut self.questions);
        let uses = &mut self.extern_uses;
        let failed = self
            .infer
            .solve(|infer| *uses = extern_uses(infer, questions));
        for (relation, conflict) in failed {
            match conflict {
                Some(conflict) => self.report_conflict(&conflict, relation.span),
                None => self.diags.report(
                    Code::Annotation,
                    relation.span,
                    "the type that this depends on is not known",
                    "write it at the `let`, or as a suffix of a literal",
                ),
            }
        }
        self.infer.leave_open();
        let result = self.current.result.clone();
        self.is_left_to_rustc(&result);
        self.settle_types();
        self.settle_literals();
        self.settle_prints();
        self.run_checks();
        self.check_enums();
        if self.diags.is_empty() {
            Ok(())
        } else {
            Err(std::mem::take(&mut self.diags).into_found())
        }
    }

    /// The function, all types being known.
    fn into_function(mut self) -> Result<Function, Vec<Diagnostic>> {
        let sites = self.settle_sites();
        let expr_spans = (self.expr_spans.iter())
            .map(|span| self.position(*span))
            .collect();
        let result = self.current.result.clone();
        let function = Function {
            name: self.current.item.name().to_owned(),
            module: (self.current.context)
                .map_or_else(String::new, |context| context.instance().module.clone()),
            file: self.current.item.file.clone(),
            type_params: (self.type_params.iter())
                .take(self.n_type_params)
                .zip(&self.infer.bound)
                .filter(|(_, bound)| bound.is_none())
                .map(|(name, _)| name)
                .map(|name| TypeParam { name: name.clone() })
                .collect(),
            params: std::mem::take(&mut self.params),
            result: self.infer.resolve(&result).unwrap_or(Ty::Unit),
            tables: std::mem::take(&mut self.tables),
            locals: self.locals,
            exprs: self.exprs,
            expr_spans,
            sites,
            body: self.body,
            fastmath: FastMath::STRICT,
            deferred: None,
            parallel: None,
            unchecked: self.unchecked,
        };
        check_depth(&function, self.current.item.sig.ident.span())?;
        Ok(function)
    }

    /// Whether a type that cannot be resolved is so because only rustc knows it.
    fn is_left_to_rustc(&mut self, ty: &ITy) -> bool {
        let unknown = self.current.context.is_none() && self.infer.has_unknown(ty);
        self.has_unknown |= unknown;
        unknown
    }

    fn settle_types(&mut self) {
        let mut reported = false;
        for index in 0..self.locals.len() {
            let ty = self.local_tys[index].clone();
            let handle = Handle::from_index(index);
            match self.infer.resolve(&ty) {
                Some(Ty::Unit) => self.refuse_unit(self.local_spans[index]),
                Some(ty) => self.locals[handle].ty = ty,
                None if self.is_left_to_rustc(&ty) => {}
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
                Some(ty) => {
                    let expr = &mut self.exprs[Handle::from_index(index)];
                    // A payload of type `()` is a `bool` in the IR.
                    let is_payload = ty == Ty::Unit && expr.kind == ExprKind::Zeroed;
                    expr.ty = if is_payload { Ty::BOOL } else { ty };
                }
                None if self.is_left_to_rustc(&ty) => {}
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
            let Some(ty) = self.infer.resolve(&target) else {
                continue;
            };
            match (&mut self.exprs[expr].kind, ty) {
                (ExprKind::NumCastFits { target, .. }, ty) => *target = ty,
                (ExprKind::Const(length), Ty::Array { len, .. }) => {
                    *length = ConstValue::Int(u128::from(len));
                }
                _ => {
                    let (shown, span) = (self.show(&target), self.expr_spans[expr.index()]);
                    self.diags.report(
                        Code::Method,
                        span,
                        format!("a slice as `{shown}` cannot be captured by `#[jit]`"),
                        "convert it to an array: `let a: [T; N] = slice.try_into().unwrap();`",
                    );
                }
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
                Check::Convert { from, to, span } => {
                    if !self.is_std_conversion(&from, &to) {
                        let (from, to) = (self.show(&from), self.show(&to));
                        self.diags.report(
                            Code::Mismatch,
                            span,
                            format!("the conversion of `{from}` to `{to}` cannot be captured by `#[jit]`"),
                            "call it in a function of yours, or cast with `as`",
                        );
                    }
                }
                Check::NumCast { from, to, span } => {
                    for ty in [from, to] {
                        if self.is_named_scalar(&ty)
                            || !self.is_scalar(&ty, |scalar| scalar != ScalarTy::Bool)
                        {
                            let message =
                                format!("`{}` is not converted by num-traits", self.show(&ty));
                            let help = "convert between numbers";
                            self.diags.report(Code::Mismatch, span, message, help);
                        }
                    }
                }
                Check::TryFrom { from, to, span } => {
                    for ty in [to, from] {
                        if self.is_named_scalar(&ty) || !self.is_scalar(&ty, ScalarTy::is_int) {
                            let message =
                                format!("`{}` is not converted by `TryFrom`", self.show(&ty));
                            let is_array = match self.infer.shallow(&ty) {
                                ITy::Ref { to, .. } => {
                                    matches!(self.infer.shallow(&to), ITy::Array { .. })
                                }
                                _ => false,
                            };
                            if is_array {
                                self.diags.report(
                                    Code::Mismatch,
                                    span,
                                    "a part of a slice as a reference to an array cannot be captured by `#[jit]`",
                                    "make an array of it: `<[f64; 2]>::try_from(s)`",
                                );
                                break;
                            }
                            let help = "convert between integers, or cast with `as`";
                            self.diags.report(Code::Mismatch, span, message, help);
                        }
                    }
                }
                Check::Integer { ty, narrow, span } => {
                    // A type parameter is no integer for rustc, either: ranges need `Step`.
                    let message = if let Some(Ty::Param(_)) = self.infer.resolve(&ty) {
                        "a range of a type parameter cannot be captured by `#[jit]`".to_owned()
                    } else if self.is_char(&ty) || !self.is_scalar(&ty, ScalarTy::is_int) {
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
                Check::Default { ty, span } => {
                    if !self.is_zero_by_default(&ty) {
                        let shown = self.show(&ty);
                        self.diags.report(
                            Code::Method,
                            span,
                            format!("the default of `{shown}` cannot be captured by `#[jit]`"),
                            "write the value: `unwrap_or(..)`",
                        );
                    }
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

    /// Whether the default of a type has no bit set. Those of structs and enums are the user's to write.
    fn is_zero_by_default(&self, ty: &ITy) -> bool {
        match self.infer.shallow(ty) {
            ITy::Unit
            | ITy::Scalar(_)
            | ITy::Char
            | ITy::Param(_)
            | ITy::Slice { .. }
            | ITy::Option(_) => true,
            ITy::Tuple(elems) => elems.iter().all(|elem| self.is_zero_by_default(elem)),
            ITy::Array { elem, .. } => self.is_zero_by_default(&elem),
            ITy::Struct(info) => {
                let mut fields = info.fields.iter().map(|(.., ty)| ITy::of_info(ty));
                super::refs::is_tuple(&info)
                    && fields.all(|ty| ty.is_some_and(|ty| self.is_zero_by_default(&ty)))
            }
            // Reported, or only rustc knows.
            ITy::Var(_) | ITy::Unknown(_) => true,
            _ => false,
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

    /// Whether this is `char` or an enum, which the IR does not tell from numbers.
    fn is_named_scalar(&self, ty: &ITy) -> bool {
        matches!(self.infer.shallow(ty), ITy::Char | ITy::Enum(_))
    }

    /// Whether `From` between these types is std's, and what a cast gives. What enums have is the user's.
    fn is_std_conversion(&mut self, from: &ITy, to: &ITy) -> bool {
        let (from, to) = (self.infer.shallow(from), self.infer.shallow(to));
        match (&from, &to) {
            (ITy::Enum(a), ITy::Enum(b)) => a.name == b.name,
            (ITy::Enum(_), _) | (_, ITy::Enum(_)) => false,
            (ITy::Char, ITy::Scalar(to)) => {
                matches!(to, ScalarTy::U32 | ScalarTy::U64 | ScalarTy::U128)
            }
            (ITy::Scalar(from), ITy::Char) => *from == ScalarTy::U8,
            _ => self.is_scalar(&from, |_| true) && self.is_scalar(&to, |_| true),
        }
    }

    /// Enums are numbers in the IR: what is done with them as numbers has to be what their own traits do. Operators and methods of enums themselves
    /// are calls if the user wrote them; here are those of what contains enums, of searches and of extrema.
    fn check_enums(&mut self) {
        let mut found = Vec::new();
        for (expr, Expr { kind, .. }) in self.exprs.iter() {
            let (operands, op) = match kind {
                ExprKind::Binary { op, lhs, rhs, .. } => (vec![*lhs, *rhs], Some(*op)),
                ExprKind::Unary { operand, .. } => (vec![*operand], None),
                ExprKind::Call {
                    intrinsic, args, ..
                } => {
                    let is_order = matches!(
                        intrinsic,
                        Intrinsic::Min | Intrinsic::Max | Intrinsic::Clamp
                    );
                    (args.clone(), is_order.then_some(BinaryOp::Lt))
                }
                _ => continue,
            };
            if self.pattern_tests.contains(&expr.index()) {
                continue;
            }
            for operand in operands {
                let ITy::Enum(info) = self.infer.shallow(&self.expr_tys[operand.index()]) else {
                    continue;
                };
                let fits = match op {
                    Some(BinaryOp::Eq | BinaryOp::Ne) => info.equality,
                    Some(op) if op.is_comparison() => info.order,
                    _ => false,
                };
                if !fits {
                    found.push((self.expr_spans[expr.index()], info.name.clone()));
                    break;
                }
            }
        }
        for (span, name) in found {
            self.diags.report(
                Code::Mismatch,
                span,
                format!("`{name}` has its own way to be compared, which cannot be captured by `#[jit]` here"),
                "compare the enums themselves with an operator, or derive the trait",
            );
        }
    }

    /// Whether this is `char`, which the IR does not tell from `u32`.
    fn is_char(&self, ty: &ITy) -> bool {
        self.infer.shallow(ty) == ITy::Char
    }

    fn resolve_let_types(&mut self) -> Vec<(Span, Ty)> {
        std::mem::take(&mut self.lets)
            .into_iter()
            .filter(|(_, ty)| self.is_plain(ty))
            .filter_map(|(node, ty)| Some((node, self.infer.resolve(&ty)?)))
            .collect()
    }

    /// Whether the IR has the type as the user would write it.
    fn is_plain(&self, ty: &ITy) -> bool {
        match self.infer.shallow(ty) {
            ITy::Unit | ITy::Scalar(_) | ITy::Param(_) => true,
            ITy::Tuple(elems) => elems.iter().all(|elem| self.is_plain(elem)),
            ITy::Slice { elem, .. } | ITy::Array { elem, .. } => self.is_plain(&elem),
            ITy::Ref { to, .. } => self.is_plain(&to),
            _ => false,
        }
    }

    fn generic_methods(&mut self) -> Vec<u32> {
        let mut nodes = Vec::new();
        for site in &self.sites {
            let receiver = site.operands.first().and_then(|ty| self.infer.resolve(ty));
            if matches!(site.kind, SiteKind::Intrinsic(_)) && matches!(receiver, Some(Ty::Param(_)))
            {
                nodes.push(site.span.0);
            }
        }
        nodes
    }

    fn range_indices(&self) -> Vec<u32> {
        (self.sites.iter())
            .filter(|site| matches!(site.kind, SiteKind::SubSlice(_)))
            .map(|site| site.span.0)
            .collect()
    }

    /// Drops the sites of what cannot panic, and numbers the others.
    fn settle_sites(&mut self) -> Arena<Site> {
        let mut used = vec![false; self.sites.len()];
        for expr in self.exprs.handles() {
            self.drop_site(expr);
            visit_expr_sites(&mut self.exprs[expr].kind, &mut |site| {
                used[site.index()] = true
            });
        }
        visit_block_sites(&mut self.body, &mut |site| used[site.index()] = true);

        let mut sites = Arena::new();
        let mut renumbered: Vec<Option<SiteId>> = vec![None; used.len()];
        for (index, pending) in std::mem::take(&mut self.sites).into_iter().enumerate() {
            if !used[index] {
                continue;
            }
            renumbered[index] = Some(
                sites.push(Site {
                    kind: pending.kind,
                    span: self.position_in(pending.origin, pending.span),
                    origin: pending.origin,
                    node: pending.span.0,
                    operands: (pending.operands.iter())
                        .filter_map(|ty| self.infer.resolve(ty))
                        .collect(),
                }),
            );
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
        sites
    }

    /// What the function has to be specialized with: its crate's profile and its attribute's liberties, also for what it contains of other
    /// functions. If another one's crate checks for overflow differently, sites are dropped here.
    pub(super) fn settle_build(&mut self) -> BuildOptions {
        let Some(context) = self.current.context else {
            return BuildOptions::default();
        };
        let build = context.instance().build;
        let checks = |origin: u32| {
            let instance = context.instances.get(origin as usize);
            instance.is_none_or(|instance| instance.build.overflow_checks)
        };
        self.mixed_overflow =
            (self.sites.iter()).any(|site| checks(site.origin) != build.overflow_checks);
        BuildOptions {
            overflow_checks: build.overflow_checks || self.mixed_overflow,
            ..build
        }
    }

    /// Whether the crate of this site does not check for overflow, although others do whose sites the function has, too.
    fn is_unchecked(&self, site: Option<SiteId>) -> bool {
        let (Some(site), Some(context), true) = (site, self.current.context, self.mixed_overflow)
        else {
            return false;
        };
        let origin = self.sites.get(site.index()).map(|site| site.origin);
        let instance = origin.and_then(|origin| context.instances.get(origin as usize));
        instance.is_some_and(|instance| !instance.build.overflow_checks)
    }

    /// Drops the site of an operation that overflows without a panic.
    fn drop_unchecked(&mut self, expr: crate::ExprId) {
        let (site, only_overflow) = match &self.exprs[expr].kind {
            ExprKind::Unary { site, .. } => (*site, true),
            ExprKind::Binary { op, site, .. } => {
                (*site, !matches!(op, BinaryOp::Div | BinaryOp::Rem))
            }
            ExprKind::Call {
                intrinsic, site, ..
            } => (*site, intrinsic.info().traps == Traps::OnOverflow),
            _ => return,
        };
        if !only_overflow || !self.is_unchecked(site) {
            return;
        }
        if let ExprKind::Unary { site, .. }
        | ExprKind::Binary { site, .. }
        | ExprKind::Call { site, .. } = &mut self.exprs[expr].kind
        {
            *site = None;
        }
    }

    /// Removes the site of an operation that cannot panic for its type.
    fn drop_site(&mut self, expr: crate::ExprId) {
        self.drop_unchecked(expr);
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
        ExprKind::Load(place) | ExprKind::Len(place) | ExprKind::Borrow(place) => {
            visit_place_sites(place, visit);
        }
        ExprKind::SubSlice { base, site, .. } => {
            visit_place_sites(base, visit);
            site.iter_mut().for_each(visit);
        }
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
            | StmtKind::Parallel(_)
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

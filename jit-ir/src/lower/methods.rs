//! Method calls: numeric methods, slices' lengths, conversions.

use crate::hir::{self, Span};

use super::bounds::Bounds;
use super::diag::Code;
use super::externs::Question;
use super::infer::{ITy, Unknown};
use super::num_casts::to_primitive;
use super::operators::Operator;
use super::option_places::changes_option;
use super::place::Base;
use super::state::{Check, Lowering, Value};
use crate::expr::{BinaryOp, ExprId, ExprKind, NamedConst};
use crate::func::SiteKind;
use crate::instance::Extern;
use crate::intrinsic::{Intrinsic, Traps};
use crate::ty::ScalarTy;

/// Methods for which lowering says what to write instead, and that give text.
const REFUSED_METHODS: &[&str] = &[
    "sum",
    "product",
    "map",
    "fold",
    "zip",
    "enumerate",
    "shl",
    "shr",
    "max_by",
    "min_by",
    "iter",
    "collect",
    "to_string",
    "unwrap",
    "expect",
    "len",
];

impl Lowering<'_> {
    pub(super) fn lower_method_call(&mut self, call: &hir::ExprMethodCall) -> Value {
        let is_into = call.method == "into" && call.args.is_empty() && call.turbofish.is_none();
        if is_into && let Some(value) = self.call_users_into(call) {
            return value;
        }
        let value = self.lower_other_method(call);
        if let (true, true, Value::Expr(value)) = (is_into, self.context_is_open(), &value) {
            self.ask_into_of_number(call.method.span, *value);
        }
        value
    }

    fn lower_other_method(&mut self, call: &hir::ExprMethodCall) -> Value {
        if let Some(value) = self.call_jitted_method(call) {
            return value;
        }
        if let Some(value) = self.zip_method(call) {
            return value;
        }
        if call.method == "into"
            && let hir::Expr::Path(path) = &*call.receiver
            && (path.path.get_ident().and_then(|ident| self.lookup(ident)))
                .is_some_and(|local| self.converted.contains(&local))
        {
            return Value::Expr(self.lower_path(path));
        }
        let name = call.method.to_string();
        if matches!(name.as_str(), "unwrap" | "expect" | "unwrap_or")
            && self.is_conversion(&call.receiver)
        {
            return Value::Expr(self.lower_unwrap(call));
        }
        if let Some(value) = self.lower_iter_method(call) {
            return value;
        }
        let is_conversion = to_primitive(&name).is_some() && call.args.is_empty();
        if is_conversion && !self.has_users_bounds() {
            return Value::Expr(self.lower_conversion_method(call));
        }
        let exclusive = changes_receiver(&name);
        let base = self.with_exclusive(exclusive, |this| this.lower_receiver(&call.receiver));
        let mut base = match base {
            Ok(base) => base,
            Err(Value::Never) => return Value::Never,
            Err(_) => return Value::Expr(self.poison(call.span())),
        };
        let ty = self.base_ty(&base);
        if let ITy::View(view) = ty {
            return self.view_method(view, call);
        }
        if let ITy::Iter(id) = ty {
            return self.lower_method_on_iter(id, call);
        }
        if self.is_sort_of(call, &ty) {
            return self.lower_sort(call, base);
        }
        if self.context_is_open() && self.is_left_open(&ty) {
            return self.ask_method(call, base, &ty);
        }
        self.ask_whether_first(call, &ty);
        if let ITy::Slice { .. } | ITy::Array { .. } = self.behind_refs(&ty) {
            let mut slice = Some(base);
            if let Some(value) = self.slice_method(call, &mut slice) {
                return value;
            }
            match slice {
                Some(left) => base = left,
                None => return Value::Expr(self.poison(call.span())),
            }
        }
        if let ITy::Option(some) = self.behind_refs(&ty)
            && changes_option(&name, call.args.len())
        {
            let (place, _) = self.base_place(base);
            return self.option_place_method(call, place, *some);
        }
        let receiver = match base {
            Base::Place(place, ty) => {
                self.push_expr(ExprKind::Load(place), ty, call.receiver.span())
            }
            Base::Value(value) => value,
        };
        if self.is_asked_of_param(&name, call.method.span(), &ty) {
            let receiver = self.auto_deref(receiver);
            return self.call_outside_method(call, receiver, &ty);
        }
        if let ITy::Option(_) | ITy::Result(..) = self.behind_refs(&ty) {
            if let Some(value) = self.option_closure_method(call, receiver) {
                return value;
            }
            if let Some(value) = self.option_method(call, receiver) {
                return value;
            }
        }
        if let Some(value) = self.number_of_nonzero(call, receiver, &ty) {
            return Value::Expr(value);
        }
        if let Some(value) = self.lower_ordering_method(call, receiver) {
            return value;
        }
        if let Some(value) = self.ascii_method(call, receiver) {
            return value;
        }
        if let Some(value) = self.char_method(call, receiver) {
            return Value::Expr(value);
        }
        let is_number = matches!(self.behind_refs(&ty), ITy::Scalar(_) | ITy::Param(_));
        if !is_number && let Some(Extern::Host(info)) = self.answer(call.method.span) {
            return self.call_host_method(call, receiver, &info);
        }
        if let ITy::Slice { .. } | ITy::Array { .. } = self.behind_refs(&ty) {
            self.refuse_slice_method(call);
            return Value::Expr(self.poison(call.span()));
        }
        let receiver = self.auto_deref(receiver);
        let receiver = self.limit_depth(receiver);
        if self.is_method_outside(&name, receiver, call) {
            return self.call_outside_method(call, receiver, &ty);
        }
        if is_conversion {
            return Value::Expr(self.conversion_of(receiver, call));
        }
        let then = self.now();
        let mut args = vec![(receiver, then)];
        for arg in &call.args {
            let arg = self.lower_operand(strip_reference(arg));
            if self.is_compile_time(&self.ty_of(arg)) {
                self.look_at_callable(arg);
            }
            let arg = self.auto_deref(arg);
            let arg = self.limit_depth(arg);
            args.push((arg, self.now()));
        }
        let args = self.settle_all(args);
        if Operator::of_method(&name, args.len()).is_some_and(Operator::is_arithmetic) {
            self.ask_what_is_meant(call.method.span(), &name, &args);
        }
        Value::Expr(self.numeric_method(&call.method, args, call.span()))
    }

    /// `n.get()` of std's `NonZero`, which is a struct of a number.
    fn number_of_nonzero(
        &mut self,
        call: &hir::ExprMethodCall,
        receiver: ExprId,
        ty: &ITy,
    ) -> Option<ExprId> {
        let ITy::Struct(info) = self.behind_refs(ty) else {
            return None;
        };
        let is_get = call.method == "get" && call.args.is_empty();
        if !is_get || !info.name.starts_with("core::num::nonzero::NonZero<") {
            return None;
        }
        let number = ITy::of_info(&info.fields.first()?.2)?;
        let receiver = self.auto_deref(receiver);
        let subject = self.subject_of(receiver);
        let number = self.subject_field(&subject, 0, number, call.span());
        Some(self.subject_value(&number, call.span()))
    }

    /// Whether a method of a number is nothing that lowering knows. Names that iterators have are left to be refused.
    fn is_method_outside(
        &mut self,
        name: &str,
        receiver: ExprId,
        call: &hir::ExprMethodCall,
    ) -> bool {
        let n_args = call.args.len() + 1;
        if REFUSED_METHODS.contains(&name) || self.has_closure_argument(call) {
            return false;
        }
        let is_operator = Operator::of_method(name, n_args).is_some();
        let is_std = matches!(
            (name, n_args),
            ("clone" | "to_owned" | "into" | "as_" | "try_into", 1)
        );
        if is_operator || is_std {
            return false;
        }
        let is_named = matches!((name, n_args), ("is_zero" | "is_one", 1))
            || name.ends_with("_bytes")
            || to_primitive(name).is_some();
        let ty = self.ty_of(receiver);
        match (self.infer.shallow(&ty), Intrinsic::from_rust(name)) {
            (ITy::Scalar(_), None) => !is_named,
            (ITy::Char, _) => true,
            // A method of a trait of the user's, as `sqrt` of integers.
            (ITy::Scalar(scalar), Some(intrinsic)) => !intrinsic.info().class.contains(scalar),
            (ITy::Param(index), intrinsic) => {
                let bounds = &self.bounds[index as usize];
                let is_known = match (name, intrinsic) {
                    ("is_zero", _) => bounds.has_zero(),
                    ("is_one", _) => bounds.has_one(),
                    (_, Some(intrinsic)) => bounds.has_method(intrinsic),
                    (_, None) => to_primitive(name).is_some() && bounds.has_to_primitive(),
                };
                match bounds.has_unknown() {
                    true => !is_known,
                    // A method of num-traits that lowering has no operation for.
                    false => intrinsic.is_none() && !is_named && bounds.has_num_traits(),
                }
            }
            _ => false,
        }
    }

    /// Whether a type parameter has a trait of the user's.
    fn has_users_bounds(&self) -> bool {
        self.bounds.iter().any(Bounds::has_unknown)
    }

    /// Whether a method of a number may be one of a trait of the user's that bounds a type parameter, as the number may be of the parameter's
    /// type. Then rustc was asked, and knows.
    fn is_asked_of_param(&self, name: &str, node: Span, ty: &ITy) -> bool {
        let ITy::Scalar(scalar) = self.behind_refs(ty) else {
            return false;
        };
        // Two traits that have it would be ambiguous.
        let is_known = |bounds: &Bounds| {
            Intrinsic::from_rust(name).is_some_and(|intrinsic| bounds.has_method(intrinsic))
        };
        let is_param = |(bound, bounds): (&Option<ScalarTy>, &Bounds)| {
            *bound == Some(scalar) && bounds.has_unknown() && !is_known(bounds)
        };
        self.answer(node).is_some() && self.infer.bound.iter().zip(&self.bounds).any(is_param)
    }

    fn has_closure_argument(&self, call: &hir::ExprMethodCall) -> bool {
        (call.args.iter()).any(|arg| matches!(arg, hir::Expr::Closure(_)))
    }

    /// What the receiver of a method denotes. `Err`: it has no value.
    pub(super) fn lower_receiver(&mut self, receiver: &hir::Expr) -> Result<Base, Value> {
        match super::expr::strip_groups(receiver) {
            hir::Expr::Path(_)
            | hir::Expr::Index(_)
            | hir::Expr::Field(_)
            | hir::Expr::Unary(_) => self.lower_base(receiver).ok_or(Value::Unit),
            _ => match self.lower_expr(receiver) {
                Value::Expr(value) => Ok(Base::Value(value)),
                Value::Never => Err(Value::Never),
                Value::Unit => {
                    self.refuse_unit(receiver.span());
                    Err(Value::Unit)
                }
            },
        }
    }

    fn refuse_slice_method(&mut self, call: &hir::ExprMethodCall) {
        let name = &call.method.name;
        let help = match name.as_str() {
            "iter" | "iter_mut" | "into_iter" | "windows" | "chunks" | "chunks_exact" => {
                "loop over the indices: `for i in 0..a.len()`"
            }
            "as_chunks" | "as_rchunks" | "first_chunk" | "last_chunk" | "as_flattened"
            | "try_into" => "`chunks_exact(N)`, whose parts are slices, or `std::array::from_fn`",
            "to_vec" | "concat" | "join" | "repeat" => "write into a `&mut [T]` parameter",
            _ => "write the loop out with indices",
        };
        let why = match name.as_str() {
            "to_vec" | "concat" | "join" | "repeat" => ": it allocates memory",
            _ => "",
        };
        self.diags.report(
            Code::Method,
            call.method.span(),
            format!("the method `{name}` of slices cannot be captured by `#[jit]`{why}"),
            help,
        );
    }

    /// The type behind any references.
    pub(super) fn behind_refs(&self, ty: &ITy) -> ITy {
        let mut ty = self.infer.shallow(ty);
        while let ITy::Ref { to, .. } = ty {
            ty = self.infer.shallow(&to);
        }
        ty
    }

    /// Whether this is a conversion of num-traits, which gives an `Option`.
    fn is_conversion(&mut self, expr: &hir::Expr) -> bool {
        match expr {
            hir::Expr::Paren(inner) => self.is_conversion(&inner.expr),
            hir::Expr::Group(inner) => self.is_conversion(&inner.expr),
            hir::Expr::MethodCall(call) => {
                call.args.is_empty() && to_primitive(&call.method.name).is_some()
            }
            hir::Expr::Call(call) => call.args.len() == 1 && self.conversion_target(call).is_some(),
            _ => false,
        }
    }

    /// A numeric method on lowered arguments, the receiver first.
    pub(super) fn numeric_method(
        &mut self,
        method: &hir::Ident,
        args: Vec<ExprId>,
        span: Span,
    ) -> ExprId {
        let name = method.to_string();
        let args: Vec<ExprId> = args.into_iter().map(|arg| self.auto_deref(arg)).collect();
        let receiver = self.ty_of(args[0]);
        match (name.as_str(), args.len()) {
            // Copies of numbers.
            ("clone" | "to_owned", 1) => return self.copy_behind(args[0]),
            _ if matches!(self.infer.shallow(&receiver), ITy::Unknown(_)) => {
                return self.unknown_method(method, &args, span);
            }
            ("cmp" | "partial_cmp", 2)
                if matches!(
                    self.infer.shallow(&receiver),
                    ITy::Tuple(_) | ITy::Array { .. }
                ) =>
            {
                self.expect_expr(args[1], &receiver);
                return self.order(&name, args[0], args[1], span);
            }
            ("into" | "as_", 1) => {
                if let ITy::Param(index) = self.infer.shallow(&receiver)
                    && name == "as_"
                    && !self.bounds[index as usize].has_as_primitive()
                {
                    self.refuse_bound(method, index, "AsPrimitive");
                    return self.poison(span);
                }
                if name == "as_" {
                    self.ask_what_is_meant(method.span(), &name, &args);
                }
                let target = self.infer.fresh();
                self.checks.push(Check::Convert {
                    from: receiver,
                    to: target.clone(),
                    span: method.span(),
                });
                return self.cast(args[0], target, span);
            }
            ("is_zero" | "is_one", 1) => {
                self.ask_what_is_meant(method.span(), &name, &args);
                let (named, bound) = if name == "is_zero" {
                    (NamedConst::Zero, "Zero")
                } else {
                    (NamedConst::One, "One")
                };
                if let ITy::Param(index) = self.infer.shallow(&receiver) {
                    let bounds = &self.bounds[index as usize];
                    let fine = match named {
                        NamedConst::Zero => bounds.has_zero(),
                        _ => bounds.has_one(),
                    };
                    if !fine {
                        self.refuse_bound(method, index, bound);
                        return self.poison(span);
                    }
                }
                let rhs = self.push_expr(ExprKind::Named(named), receiver, span);
                let kind = ExprKind::Binary {
                    op: BinaryOp::Eq,
                    lhs: args[0],
                    rhs,
                    site: None,
                };
                return self.push_expr(kind, ITy::BOOL, span);
            }
            _ => {}
        }
        if let Some(operator) = Operator::of_method(&name, args.len())
            && let Some(value) = self.operator_call(operator, &args, method.span(), span)
        {
            return value;
        }
        if let ("try_into", 1) = (name.as_str(), args.len()) {
            let target = self.infer.fresh();
            return self.try_from(args[0], target, method.span(), span);
        }
        if args.len() == 1
            && let Some(bytes) = self.bytes_of(&name, args[0], span)
        {
            return bytes;
        }
        let Some(intrinsic) = Intrinsic::from_rust(&name) else {
            if self.is_reported(&receiver) {
                return self.poison(span);
            }
            self.refuse_method(method, &receiver);
            return self.poison(span);
        };
        self.intrinsic_call(intrinsic, method.span(), args, span)
    }

    /// A method of something that only rustc knows.
    fn unknown_method(&mut self, method: &hir::Ident, args: &[ExprId], span: Span) -> ExprId {
        let mut tys: Vec<ITy> = args.iter().map(|arg| self.ty_of(*arg)).collect();
        let receiver = tys.remove(0);
        let result = self.poison(span);
        if !self.infer.is_reported(&receiver) {
            let question = Question::Method {
                receiver: receiver.clone(),
                args: tys.clone(),
            };
            self.ask(method.span, question);
            let unknown = Unknown::Method(method.span, receiver, tys);
            self.expr_tys[result.index()] = self.infer.unknown(unknown);
        }
        result
    }

    /// A call of a method of the table.
    pub(super) fn intrinsic_call(
        &mut self,
        intrinsic: Intrinsic,
        name_span: Span,
        args: Vec<ExprId>,
        span: Span,
    ) -> ExprId {
        let info = intrinsic.info();
        if args.len() != info.args.len() {
            self.diags.report(
                Code::Method,
                name_span,
                format!(
                    "`{}` takes {} arguments here, not {}",
                    info.name,
                    info.args.len(),
                    args.len()
                ),
                "`#[jit]` knows the method of std of this name",
            );
            return self.poison(span);
        }
        let self_ty = if intrinsic == Intrinsic::FromBits {
            self.infer.fresh()
        } else {
            self.ty_of(args[0])
        };
        self.intrinsic_call_on(intrinsic, self_ty, name_span, args, span)
    }

    /// A call of a method of the table on a type that is known to have it, or will be.
    pub(super) fn intrinsic_call_on(
        &mut self,
        intrinsic: Intrinsic,
        self_ty: ITy,
        name_span: Span,
        args: Vec<ExprId>,
        span: Span,
    ) -> ExprId {
        let info = intrinsic.info();
        if let ITy::Param(index) = self.infer.shallow(&self_ty)
            && !self
                .bounds
                .get(index as usize)
                .is_some_and(|bounds| bounds.has_method(intrinsic))
        {
            self.refuse_generic_method(intrinsic, index, name_span);
            return self.poison(span);
        }
        for (arg, sig) in args.iter().zip(info.args) {
            let expected = self.infer.related(*sig, &self_ty, self.span_of(*arg));
            self.expect_expr(*arg, &expected);
        }
        self.checks.push(Check::HasMethod {
            intrinsic,
            ty: self_ty.clone(),
            span: name_span,
        });
        let ty = self.infer.related(info.result, &self_ty, name_span);
        let site = (info.traps != Traps::Never).then(|| {
            let tys = args.iter().map(|arg| self.ty_of(*arg)).collect();
            self.push_site(SiteKind::Intrinsic(intrinsic), name_span, tys)
        });
        let kind = ExprKind::Call {
            intrinsic,
            args,
            site,
        };
        self.push_expr(kind, ty, span)
    }

    fn refuse_bound(&mut self, method: &hir::Ident, index: u32, bound: &str) {
        let param = self.type_params[index as usize].clone();
        self.diags.report(
            Code::Method,
            method.span(),
            format!(
                "no num-traits bound of `{param}` that `#[jit]` knows has the method `{method}`"
            ),
            format!("bound `{param}` by num-traits' `{bound}`"),
        );
    }

    fn refuse_generic_method(&mut self, intrinsic: Intrinsic, index: u32, span: Span) {
        let param = self.type_params[index as usize].clone();
        let name = intrinsic.name();
        let help = match Bounds::bound_for(intrinsic) {
            Some(bound) => format!("bound `{param}` by num-traits' `{bound}`"),
            None => "compute it on a concrete type".to_owned(),
        };
        self.diags.report(
            Code::Method,
            span,
            format!("no num-traits bound of `{param}` that `#[jit]` knows has the method `{name}`"),
            help,
        );
    }

    fn refuse_method(&mut self, method: &hir::Ident, receiver: &ITy) {
        let help = match method.to_string().as_str() {
            "sum" | "product" | "map" | "fold" | "zip" | "enumerate" => {
                "write the loop out: `for i in 0..a.len()`"
            }
            "shl" | "shr" => "write the operator: `a << n`, `a >> n`",
            "max_by" | "min_by" => "compare in a loop",
            _ => "compute it with operators and numeric methods, or outside the jitted function",
        };
        let shown = self.show(receiver);
        let of = if shown == "_" {
            String::new()
        } else {
            format!(" of `{shown}`")
        };
        self.diags.report(
            Code::Method,
            method.span(),
            format!("the method `{method}`{of} cannot be captured by `#[jit]`"),
            help,
        );
    }
}

/// Whether a method of a slice or an `Option` writes to it.
fn changes_receiver(name: &str) -> bool {
    name.ends_with("_mut")
        || name.starts_with("sort")
        || name.starts_with("select_nth")
        || matches!(
            name,
            "swap"
                | "fill"
                | "fill_with"
                | "reverse"
                | "rotate_left"
                | "rotate_right"
                | "copy_from_slice"
                | "clone_from_slice"
                | "copy_within"
                | "swap_with_slice"
                | "take"
                | "replace"
                | "insert"
                | "get_or_insert"
                | "get_or_insert_with"
        )
}

/// `x` of `&x`: some traits of num-traits take their arguments by reference.
pub(super) fn strip_reference(expr: &hir::Expr) -> &hir::Expr {
    match expr {
        hir::Expr::Reference(reference) if reference.mutability.is_none() => &reference.expr,
        _ => expr,
    }
}

//! Calls of functions that only rustc knows: jitted functions and methods, host functions.
//!
//! What is passed to a jitted callee: [`super::instances`].

use super::diag::Code;
use super::externs::Question;
use super::infer::{ITy, Unknown};
use super::methods::strip_reference;
use super::place::Base;
use super::state::{Lowering, Value};
use crate::expr::{ExprId, ExprKind, NamedConst, Place};
use crate::hir::{self, Span};
use crate::instance::{Extern, TypeInfo};
use crate::intrinsic::Intrinsic;

/// The number of a parameter that can be called, among [`Lowering::fns`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FnId(pub(super) usize);

/// A parameter that can be called: while the crate is built, its bound is all that is known of it.
#[derive(Clone)]
pub(super) struct Opaque {
    pub(super) params: Vec<ITy>,
    pub(super) result: ITy,
}

/// Methods, as iterators and `Option`s have them, whose results have the type of what a closure gives in them.
const GIVE_WHAT_CLOSURES_GIVE: &[&str] = &[
    "map",
    "map_while",
    "filter_map",
    "flat_map",
    "scan",
    "and_then",
    "then",
];

impl<'a> Lowering<'a> {
    /// A call of a function by its path, `node`, with arguments that were lowered in order.
    pub(super) fn call_extern(
        &mut self,
        node: Span,
        name: &str,
        args: Vec<ExprId>,
        span: Span,
    ) -> Value {
        if self.is_host(name) {
            return self.call_host_path(node, name, args, span);
        }
        if self.current.context.is_none() {
            let tys = self.witnessed(&args);
            let result = self.infer.unknown(Unknown::Call(node, tys.clone()));
            // `F::nothing()`: the path tells the type.
            let head = (name.trim_start_matches('<').split([':', ' ', '>'])).next();
            if head.is_some_and(|head| self.type_params.iter().any(|param| param == head)) {
                self.infer.note_told(&result);
            }
            let question = Question::Callee {
                args: tys,
                result: result.clone(),
            };
            self.ask(node, question);
            self.expect_arguments(&args, &result);
            let value = self.unknown_result(args, result, span);
            if let Value::Expr(value) = value {
                self.call_results.insert(value.index());
            }
            return value;
        }
        self.call_answer(node, &format!("the function `{name}`"), args, span)
    }

    /// A method call; `None` if rustc says that it is none of a jitted method: then it is one of those that lowering knows.
    pub(super) fn call_jitted_method(&mut self, call: &hir::ExprMethodCall) -> Option<Value> {
        let node = call.method.span;
        // Of a sum, it is the addition that was asked for.
        let is_sum = matches!(call.method.name.as_str(), "sum" | "product");
        if is_sum && self.is_iter_expr(&call.receiver) {
            return None;
        }
        if self.current.context.is_some() {
            let Some(Extern::Callee(number)) = self.answer(node) else {
                return None;
            };
            let receiver = self.self_argument(&call.receiver, number);
            let then = self.now();
            let rest = self.lower_jitted_arguments(&call.args);
            let mut args = vec![self.settle(receiver, then)];
            args.extend(rest);
            return Some(self.call_instance(number, args, node, call.span()));
        }
        None
    }

    /// A method of a number that is neither std's nor num-traits': one of a trait of the user's, or one of std that lowering does not know. `written` is
    /// the type of the receiver before references are looked through.
    pub(super) fn call_outside_method(
        &mut self,
        call: &hir::ExprMethodCall,
        receiver: ExprId,
        written: &ITy,
    ) -> Value {
        let (node, span) = (call.method.span, call.span());
        match self.answer(node) {
            Some(Extern::Host(info)) => return self.call_host_method(call, receiver, &info),
            Some(Extern::OfNumbers) => {
                if let Some(value) = self.known_method(call, receiver) {
                    return Value::Expr(value);
                }
            }
            _ => {}
        }
        let then = self.now();
        let rest = self.lower_jitted_arguments(&call.args);
        let mut args = vec![self.settle(receiver, then)];
        args.extend(rest);
        if self.current.context.is_none() {
            let tys = self.witnessed(&args);
            let mut asked = tys.clone();
            if let Some(receiver) = asked.first_mut() {
                *receiver = self.infer.shallow(written);
            }
            self.ask(node, Question::Outside { args: asked });
            let mut rest = tys.into_iter();
            let receiver = rest.next().unwrap_or(ITy::REPORTED);
            let result = (self.infer).unknown(Unknown::Method(node, receiver, rest.collect()));
            self.expect_arguments(&args[1..], &result);
            return self.unknown_result(args, result, span);
        }
        let name = format!("the method `{}`", call.method);
        self.call_answer(node, &name, args, span)
    }

    /// A method of num-traits that is the method of std of its name, says rustc, although no bound does.
    fn known_method(&mut self, call: &hir::ExprMethodCall, receiver: ExprId) -> Option<ExprId> {
        let number = match self.infer.shallow(&self.ty_of(receiver)) {
            ITy::Param(index) => ITy::Scalar((*self.infer.bound.get(index as usize)?)?),
            other => other,
        };
        let name = call.method.name.as_str();
        let intrinsic = Intrinsic::from_rust(name);
        let is_test = matches!(name, "is_zero" | "is_one") && call.args.is_empty();
        let n_args = call.args.len() + 1;
        if !is_test && intrinsic.is_none_or(|known| known.info().args.len() != n_args) {
            return None;
        }
        self.expr_tys[receiver.index()] = number.clone();
        let then = self.now();
        let mut args = vec![(receiver, then)];
        for arg in &call.args {
            let arg = self.lower_operand(strip_reference(arg));
            let arg = self.auto_deref(arg);
            let arg = self.limit_depth(arg);
            args.push((arg, self.now()));
        }
        let args = self.settle_all(args);
        let (node, span) = (call.method.span(), call.span());
        Some(match intrinsic {
            Some(intrinsic) if !is_test => {
                self.intrinsic_call_on(intrinsic, number, node, args, span)
            }
            _ => self.numeric_method(&call.method, args, span),
        })
    }

    /// A method that is not jitted, which is given a pointer to its receiver.
    pub(super) fn call_host_method(
        &mut self,
        call: &hir::ExprMethodCall,
        receiver: ExprId,
        info: &crate::instance::HostInfo,
    ) -> Value {
        let span = call.span();
        let (mut place, ty) = self.base_place(Base::Value(receiver));
        let mut mutable = self.is_mutable_place(&place);
        // The method does not change it. It may keep a reference, if rustc knows that it is there for as long: so what may be there longer than
        // this call is passed itself, as are structs, which may be told apart by their addresses. Of a number a copy will do.
        if !mutable && self.is_own_scalar(&place, &ty) {
            mutable = true;
            let value = self.push_expr(ExprKind::Load(place), ty.clone(), span);
            let temp = self.push_temp(ty.clone(), true, span);
            self.assign(temp, value);
            place = Place::local(temp);
        }
        let to = Box::new(ty.clone());
        let reference = ITy::Ref { to, mutable };
        let then = self.now();
        let rest = self.lower_jitted_arguments(&call.args);
        if self.may_have_changed(place.local, then) {
            // Rust lets arguments change a receiver that the method takes by value alone, and then it is copied before.
            let value = self.push_expr(ExprKind::Load(place), ty.clone(), span);
            let value = self.settle(value, then);
            let temp = self.push_temp(ty, true, span);
            self.assign(temp, value);
            place = Place::local(temp);
        }
        let receiver = self.push_expr(ExprKind::Borrow(place), reference, span);
        let mut args = vec![self.settle(receiver, then)];
        args.extend(rest);
        let mut info = info.clone();
        if let Some(TypeInfo::Ref { mutable: asked, .. }) = info.params.first_mut() {
            *asked = mutable;
        }
        self.call_host(&info, args, call.method.span, span)
    }

    /// Whether a place is a number in the frame of this function.
    fn is_own_scalar(&self, place: &Place, ty: &ITy) -> bool {
        let is_scalar = matches!(
            self.infer.shallow(ty),
            ITy::Scalar(_) | ITy::Char | ITy::Param(_) | ITy::Var(_)
        );
        is_scalar && self.n_pointers_to(place) == Some(0)
    }

    /// A function of a number's type or of a type parameter, `F::zero()`, that is neither std's nor num-traits'.
    pub(super) fn call_outside_function(
        &mut self,
        call: &hir::ExprCall,
        path: &hir::ExprPath,
        shown: &str,
    ) -> Value {
        let args = self.lower_jitted_arguments(&call.args);
        let (node, span) = (path.span(), call.span());
        if self.current.context.is_none() {
            let tys = self.witnessed(&args);
            self.ask(node, Question::Outside { args: tys.clone() });
            let result = self.infer.unknown(Unknown::Call(node, tys));
            return self.unknown_result(args, result, span);
        }
        if let (Some(Extern::OfNumbers), Some(last)) =
            (self.answer(node), path.path.segments.last())
            && let Some(value) = self.known_function(&last.ident.name, path, &args, span)
        {
            return Value::Expr(value);
        }
        self.call_answer(node, &format!("the function `{shown}`"), args, span)
    }

    /// A function of num-traits that lowering has, says rustc, although no bound does: of a type parameter, `T::zero()`, `T::sqrt(x)`.
    fn known_function(
        &mut self,
        name: &str,
        path: &hir::ExprPath,
        args: &[ExprId],
        span: Span,
    ) -> Option<ExprId> {
        let owner = self.path_owner(&path.path)?;
        if args.is_empty() {
            let named = named_by_function(name)?;
            return Some(self.push_expr(ExprKind::Named(named), owner, span));
        }
        let intrinsic = Intrinsic::from_rust(name)?;
        if intrinsic.info().args.len() != args.len() {
            return None;
        }
        let number = match owner {
            ITy::Param(index) => ITy::Scalar((*self.infer.bound.get(index as usize)?)?),
            other => other,
        };
        let args = args.iter().map(|arg| self.auto_deref(*arg)).collect();
        Some(self.intrinsic_call_on(intrinsic, number, path.span(), args, span))
    }

    /// A call of what rustc says that a node means.
    pub(super) fn call_answer(
        &mut self,
        node: Span,
        what: &str,
        args: Vec<ExprId>,
        span: Span,
    ) -> Value {
        match self.answer(node) {
            Some(Extern::Callee(number)) => self.call_instance(number, args, node, span),
            Some(Extern::Host(info)) => self.call_host(&info, args, node, span),
            Some(Extern::OutOfReach(fact)) => {
                self.diags.report(
                    Code::Call,
                    node,
                    format!("{what} is not jitted, and compiled code cannot call it: {fact}"),
                    "put `#[jit]` on it",
                );
                Value::Expr(self.poison(span))
            }
            _ => {
                self.refuse_callee(node, what);
                Value::Expr(self.poison(span))
            }
        }
    }

    /// Whether names have no meaning yet.
    pub(super) fn context_is_open(&self) -> bool {
        self.current.context.is_none()
    }

    /// A method of something that only rustc knows.
    pub(super) fn ask_method(&mut self, call: &hir::ExprMethodCall, base: Base, ty: &ITy) -> Value {
        if let Base::Value(value) = base {
            self.drop_value(value);
        }
        let node = call.method.span;
        let receiver = self.behind_refs(ty);
        let args = self.lower_jitted_arguments(&call.args);
        let tys = self.witnessed(&args);
        // Methods of references come before those of what they lead to.
        let question = Question::Method {
            receiver: self.infer.shallow(ty),
            args: tys.clone(),
        };
        self.ask(node, question);
        // An iterator of the user's, perhaps: of what a closure gives of which nothing is known, rustc could say nothing, either.
        let is_open = GIVE_WHAT_CLOSURES_GIVE.contains(&&*call.method.name)
            && tys.iter().any(|ty| self.infer.is_open_closure(ty));
        let is_into = call.method == "into" && call.args.is_empty();
        let result = match is_open {
            true => ITy::REPORTED,
            // What it is converted to, its place tells.
            false if is_into && call.turbofish.is_none() => {
                let result = self.infer.unknown(Unknown::Call(node, vec![receiver]));
                let (receiver, into) = (self.infer.shallow(ty), result.clone());
                let question = Question::Into {
                    receiver,
                    result: into,
                };
                self.ask(node, question);
                result
            }
            false => self.infer.unknown(Unknown::Method(node, receiver, tys)),
        };
        self.expect_arguments(&args, &result);
        let value = self.unknown_result(args, result, call.span());
        if let (true, Value::Expr(value)) = (is_into, &value) {
            self.call_results.insert(value.index());
        }
        value
    }

    /// What rustc said of a node.
    pub(super) fn answer(&self, node: Span) -> Option<Extern> {
        let context = self.current.context?;
        context.instance().externs.get(&node.0).cloned()
    }

    /// Arguments of a function that only rustc knows: among them may be functions, by their paths.
    pub(super) fn lower_jitted_arguments(&mut self, args: &[hir::Expr]) -> Vec<ExprId> {
        let mut lowered = Vec::new();
        for arg in args {
            let arg = match arg {
                hir::Expr::Path(path) if self.is_free_fn(&path.path) => self.extern_fn(path),
                hir::Expr::Path(path) if self.is_fn_of_scalar(path) => {
                    if self.context_is_open() {
                        self.unknown_value(Unknown::Const(path.span()), path.span())
                    } else {
                        self.lower_fn_path(path)
                    }
                }
                hir::Expr::Closure(_) | hir::Expr::Reference(_) | hir::Expr::Path(_)
                    if self.is_callable(arg) =>
                {
                    self.lower_callable(arg)
                }
                hir::Expr::Reference(reference)
                    if reference.mutability.is_some() && self.is_iter_expr(&reference.expr) =>
                {
                    self.borrowed_iter(arg)
                }
                _ => {
                    let value = self.lower_operand(arg);
                    self.as_reference(arg, value, false)
                }
            };
            let arg = self.limit_depth(arg);
            lowered.push((arg, self.now()));
        }
        self.settle_all(lowered)
    }

    /// A reference to something of whose type nothing is known is that itself in all other places; rustc has to be told of it.
    pub(super) fn as_reference(
        &mut self,
        arg: &hir::Expr,
        value: ExprId,
        of_operator: bool,
    ) -> ExprId {
        let hir::Expr::Reference(reference) = arg else {
            return value;
        };
        let ty = self.ty_of(value);
        let ty = self.infer.shallow(&ty);
        let is_place = match super::expr::strip_groups(&reference.expr) {
            hir::Expr::Unary(_) => of_operator,
            expr => !is_range_index(expr),
        };
        let is_unknown = matches!(ty, ITy::Unknown(_)) && !self.infer.is_reported(&ty);
        if !(is_place && is_unknown && self.current.context.is_none()) {
            return value;
        }
        self.discard(value);
        let to = Box::new(ty);
        let mutable = reference.mutability.is_some();
        self.push_expr(ExprKind::Zeroed, ITy::Ref { to, mutable }, reference.span())
    }

    /// Whether a path that is no call names a function that only rustc knows.
    pub(super) fn is_free_fn(&self, path: &hir::Path) -> bool {
        let known = path
            .get_ident()
            .is_some_and(|ident| self.spelled(ident).is_some());
        !known && self.may_be_jitted(path)
    }

    /// Whether a path that is no call names a function like `f64::sqrt`.
    fn is_fn_of_scalar(&mut self, path: &hir::ExprPath) -> bool {
        let last = path.path.segments.last();
        let is_fn = last.is_some_and(|last| !Self::is_item_name(&last.ident.name));
        is_fn
            && matches!(
                self.path_owner(&path.path),
                Some(ITy::Scalar(_) | ITy::Param(_))
            )
    }

    /// The types of arguments, for rustc. A closure that is passed to something unknown is looked at here, since nothing else calls it.
    pub(super) fn witnessed(&mut self, args: &[ExprId]) -> Vec<ITy> {
        let mut tys = Vec::new();
        for arg in args {
            let ty = self.infer.shallow(&self.ty_of(*arg));
            tys.push(match ty {
                ITy::Closure(id) => {
                    let n_params = self.closure_arity(id);
                    let span = self.span_of(*arg);
                    // What it is called with is not known.
                    self.in_frame(|this| {
                        let params = (0..n_params)
                            .map(|_| this.unknown_value(Unknown::Reported, span))
                            .collect();
                        this.call_closure(id, params, span)
                    });
                    let result = self.closure_result(id);
                    self.infer.unknown(Unknown::Closure(n_params, result))
                }
                ITy::Fn(FnId(id)) => {
                    let (n_params, result) = match self.fns.get(id) {
                        Some(function) => (function.params.len(), function.result.clone()),
                        None => (0, ITy::REPORTED),
                    };
                    self.infer.unknown(Unknown::Closure(n_params, result))
                }
                ITy::Iter(id) => self.witnessed_iter(id, self.span_of(*arg)),
                ty => ty,
            });
        }
        tys
    }

    /// A value of a type that only rustc knows.
    pub(super) fn unknown_value(&mut self, origin: Unknown, span: Span) -> ExprId {
        let value = self.poison(span);
        self.expr_tys[value.index()] = self.infer.unknown(origin);
        value
    }

    /// The result of a call that only rustc knows.
    pub(super) fn unknown_result(&mut self, args: Vec<ExprId>, ty: ITy, span: Span) -> Value {
        for arg in args {
            self.drop_value(arg);
        }
        let result = self.poison(span);
        self.expr_tys[result.index()] = ty;
        Value::Expr(result)
    }

    pub(super) fn refuse_callee(&mut self, span: Span, what: &str) {
        self.diags.report(
            Code::Call,
            span,
            format!("{what} is not jitted, and cannot be called from `#[jit]`"),
            "put `#[jit]` on it, or name it in `#[jit(host(..))]`",
        );
    }
}

/// Whether an expression is `a[i..j]`, a slice of whose type the index alone says nothing.
fn is_range_index(expr: &hir::Expr) -> bool {
    match expr {
        hir::Expr::Paren(inner) => is_range_index(&inner.expr),
        hir::Expr::Group(inner) => is_range_index(&inner.expr),
        hir::Expr::Index(index) => {
            matches!(super::expr::strip_groups(&index.index), hir::Expr::Range(_))
        }
        _ => false,
    }
}

/// What a function of num-traits without arguments gives.
pub(super) fn named_by_function(name: &str) -> Option<NamedConst> {
    Some(match name {
        "zero" => NamedConst::Zero,
        "one" => NamedConst::One,
        "min_value" => NamedConst::Min,
        "max_value" => NamedConst::Max,
        "epsilon" => NamedConst::Epsilon,
        "min_positive_value" => NamedConst::MinPositive,
        "infinity" => NamedConst::Infinity,
        "neg_infinity" => NamedConst::NegInfinity,
        "nan" => NamedConst::Nan,
        "neg_zero" => NamedConst::NegZero,
        "PI" | "TAU" | "E" | "SQRT_2" | "FRAC_1_SQRT_2" | "LN_2" | "LN_10" | "LOG2_E"
        | "LOG2_10" | "LOG10_E" | "LOG10_2" | "FRAC_1_PI" | "FRAC_2_PI" | "FRAC_2_SQRT_PI"
        | "FRAC_PI_2" | "FRAC_PI_3" | "FRAC_PI_4" | "FRAC_PI_6" | "FRAC_PI_8" => {
            return NamedConst::from_name(name);
        }
        _ => return None,
    })
}

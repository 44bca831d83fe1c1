//! Calls of functions that only rustc knows: jitted functions and methods, host functions.
//!
//! A jitted callee is a function of the program, or, if it takes closures, a part of its callers.

use super::binding::Scope;
use super::body::{Body, Context};
use super::diag::Code;
use super::externs::Question;
use super::infer::{ITy, Unknown};
use super::methods::strip_reference;
use super::params::written_ty;
use super::place::Base;
use super::signature::{ParamName, Passing};
use super::state::{Check, Lowering, Value};
use crate::expr::{ExprId, ExprKind, NamedConst, Place};
use crate::hir::{self, Span};
use crate::instance::{Extern, TypeInfo};
use crate::intrinsic::Intrinsic;
use crate::stmt::StmtKind;
use crate::ty::ScalarTy;

/// The number of a parameter that can be called, among [`Lowering::fns`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FnId(pub(super) usize);

/// A parameter that can be called: while the crate is built, its bound is all that is known of it.
#[derive(Clone)]
pub(super) struct Opaque {
    pub(super) params: Vec<ITy>,
    pub(super) result: ITy,
}

/// How deep functions that take closures may be contained in each other.
const MAX_CONTAINED: usize = 32;

/// The signature of an instance, in terms of types that are known.
pub(super) struct Signature {
    pub(super) params: Vec<Passing>,
    /// Which of them are `impl Into<T>`.
    into: Vec<bool>,
    pub(super) result: ITy,
    /// Whether it has to be a part of its callers.
    pub(super) is_contained: bool,
}

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

    /// A method of a number that is neither std's nor num-traits': one of a trait of the user's, or one of std that lowering does not know.
    pub(super) fn call_outside_method(
        &mut self,
        call: &hir::ExprMethodCall,
        receiver: ExprId,
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
            self.ask(node, Question::Outside { args: tys.clone() });
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
        let question = Question::Method {
            receiver: receiver.clone(),
            args: tys.clone(),
        };
        self.ask(node, question);
        let result = self.infer.unknown(Unknown::Method(node, receiver, tys));
        self.expect_arguments(&args, &result);
        self.unknown_result(args, result, call.span())
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

    // Instances.

    /// What a function's callers have to know.
    pub(super) fn signature_of(&mut self, context: Context<'a>) -> Signature {
        self.signature_of_item(&context.instance().function, context)
    }

    /// The same of a function that is written in an instance.
    pub(super) fn signature_of_item(
        &mut self,
        item: &'a hir::Function,
        context: Context<'a>,
    ) -> Signature {
        let body = Body::of(item, Some(context));
        let (signature, _) = self.in_body(body, vec![Scope::new()], |this| {
            this.lower_generics(true);
            let params: Vec<_> = (item.sig.inputs.iter())
                .map(|input| {
                    let written = written_ty(input);
                    let callable =
                        this.fn_type(written).is_some() || this.iter_type(written).is_some();
                    let passing = if callable {
                        None
                    } else {
                        this.passing(written)
                    };
                    passing.unwrap_or(Passing::Leaf(ITy::REPORTED))
                })
                .collect();
            let result = match &item.sig.output {
                Some(ty) => this.lower_ty(ty).unwrap_or(ITy::REPORTED),
                None => ITy::Unit,
            };
            // Views and what can be called exist only while lowering.
            let is_view = |passing: &Passing| matches!(passing, Passing::View(_));
            // What a reference leads to is the caller's.
            let is_contained = this.takes_callables()
                || params.iter().any(is_view)
                || this.contains_slice(&result);
            Signature {
                params,
                into: (item.sig.inputs.iter()).map(is_into).collect(),
                result,
                is_contained,
            }
        });
        signature
    }

    /// The receiver of a method as the method wants it: a reference to a place is not a copy of what is there.
    fn self_argument(&mut self, receiver: &hir::Expr, number: usize) -> ExprId {
        let context = self.current.context.and_then(|context| context.get(number));
        let wanted = context.and_then(|context| {
            let signature = self.signature_of(context);
            signature.params.into_iter().next()
        });
        let span = receiver.span();
        let Some(wanted) = wanted else {
            return self.lower_operand(receiver);
        };
        let exclusive = matches!(&wanted, Passing::Leaf(ITy::Ref { mutable: true, .. }));
        let base = self.with_exclusive(exclusive, |this| this.lower_receiver(receiver));
        let (mut place, ty) = match base {
            Ok(Base::Place(place, ty)) => (place, ty),
            Ok(Base::Value(value)) => match self.infer.shallow(&self.ty_of(value)) {
                ITy::Ref { to, .. } => (self.pointee(value), *to),
                _ => self.hold_value(value),
            },
            Err(_) => return self.poison(span),
        };
        let mut ty = self.infer.shallow(&ty);
        while let ITy::Ref { to, .. } = ty {
            place = place.deref();
            ty = self.infer.shallow(&to);
        }
        match wanted {
            Passing::Leaf(ITy::Ref { mutable, .. }) => {
                let to = Box::new(ty);
                self.push_expr(ExprKind::Borrow(place), ITy::Ref { to, mutable }, span)
            }
            _ => self.push_expr(ExprKind::Load(place), ty, span),
        }
    }

    /// Calls an instance.
    pub(super) fn call_instance(
        &mut self,
        number: usize,
        args: Vec<ExprId>,
        node: Span,
        span: Span,
    ) -> Value {
        let context = self.current.context.and_then(|context| context.get(number));
        let Some(context) = context else {
            self.refuse_callee(node, "this function");
            return Value::Expr(self.poison(span));
        };
        let signature = self.signature_of(context);
        if signature.params.len() != args.len() {
            self.diags.report(
                Code::Call,
                node,
                "this call has another number of arguments than the function",
                "pass one argument for each parameter",
            );
            return Value::Expr(self.poison(span));
        }
        if signature.is_contained {
            return self.contain(context, args, node, span);
        }
        self.call_with(context.linkage.function(number), signature, args, span)
    }

    /// Calls a function of the program, by its number in it.
    pub(super) fn call_with(
        &mut self,
        function: u32,
        signature: Signature,
        args: Vec<ExprId>,
        span: Span,
    ) -> Value {
        let mut passed = Vec::new();
        for ((arg, passing), into) in args.iter().zip(&signature.params).zip(&signature.into) {
            let ty = ty_of_passing(passing);
            let arg = self.converted(*arg, &ty, *into);
            passed.push(self.coerce(arg, &ty));
        }
        // What goes by reference has to lie in memory before the call; what comes before it is evaluated before it.
        let last = signature.params.iter().rposition(needs_memory);
        let mut lowered = Vec::new();
        for ((index, arg), passing) in passed.into_iter().enumerate().zip(&signature.params) {
            let arg = if last.is_some_and(|last| index < last) && !needs_memory(passing) {
                self.evaluate(arg)
            } else {
                arg
            };
            self.pass(arg, passing, &mut lowered);
        }
        let result = signature.result;
        let (place, value) = self.result_place(&result, span);
        let kind = StmtKind::Call {
            function,
            args: lowered,
            result: place,
        };
        self.emit(kind, span);
        value
    }

    /// What is passed for a parameter `impl Into<T>`: a number is converted to `T`, if that is one.
    fn converted(&mut self, arg: ExprId, ty: &ITy, into: bool) -> ExprId {
        let is_number = |ty: ITy, this: &Self| {
            matches!(ty, ITy::Scalar(_) | ITy::Param(_)) || this.infer.is_literal_var(&ty)
        };
        let from = self.ty_of(arg);
        let numbers =
            is_number(self.infer.shallow(&from), self) && is_number(self.infer.shallow(ty), self);
        if !into || !numbers {
            return arg;
        }
        let span = self.span_of(arg);
        // A truth value is cast to integers only.
        let (arg, from) = match self.infer.shallow(&from) == ITy::BOOL {
            true => {
                let byte = ITy::Scalar(ScalarTy::U8);
                (self.cast(arg, byte.clone(), span), byte)
            }
            false => (arg, from),
        };
        let to = ty.clone();
        self.checks.push(Check::Cast { from, to, span });
        self.cast(arg, ty.clone(), span)
    }

    /// Where the result of a call goes, and the value that it is then.
    pub(super) fn result_place(&mut self, result: &ITy, span: Span) -> (Option<Place>, Value) {
        if self.infer.shallow(result) == ITy::Unit {
            return (None, Value::Unit);
        }
        let temp = self.push_temp(result.clone(), false, span);
        (
            Some(Place::local(temp)),
            Value::Expr(self.load_local(temp, span)),
        )
    }

    /// Adds what is passed for an argument.
    fn pass(&mut self, arg: ExprId, passing: &Passing, out: &mut Vec<ExprId>) {
        let span = self.span_of(arg);
        match passing {
            Passing::Tuple(parts) => {
                let elems = self.elements(arg, parts.len());
                for (elem, part) in elems.into_iter().zip(parts) {
                    self.pass(elem, part, out);
                }
            }
            Passing::Option(some) => {
                let mut elems = self.elements(arg, 2).into_iter();
                out.extend(elems.next());
                self.pass_payload(elems.next(), some, out);
            }
            Passing::Result(ok, err) => {
                let mut elems = self.elements(arg, 3).into_iter();
                out.extend(elems.next());
                self.pass_payload(elems.next(), ok, out);
                self.pass_payload(elems.next(), err, out);
            }
            Passing::Unit => self.drop_value(arg),
            Passing::Copy(ty) => {
                let temp = self.push_temp(ty.clone(), false, span);
                self.assign(temp, arg);
                let to = Box::new(ty.clone());
                let pointer = ITy::Ref { to, mutable: false };
                out.push(self.push_expr(ExprKind::Borrow(Place::local(temp)), pointer, span));
            }
            Passing::View(_) => self.pass_view(arg, out),
            Passing::Leaf(_) => out.push(arg),
        }
    }

    /// Adds what is passed for what an `Option` or a `Result` has, which may be of a type that is still open if there is nothing.
    fn pass_payload(&mut self, value: Option<ExprId>, passing: &Passing, out: &mut Vec<ExprId>) {
        if let Some(value) = value {
            if matches!(self.exprs[value].kind, ExprKind::Zeroed) {
                self.expr_tys[value.index()] = ty_of_passing(passing);
            }
            self.pass(value, passing, out);
        }
    }

    /// The elements of a tuple, or what an `Option` or a `Result` is made of.
    fn elements(&mut self, value: ExprId, n_elems: usize) -> Vec<ExprId> {
        if let ExprKind::Tuple(elems) = self.exprs[value].kind.clone()
            && elems.len() == n_elems
        {
            self.discard(value);
            return elems;
        }
        let span = self.span_of(value);
        let ty = self.ty_of(value);
        let temp = self.push_temp(ty.clone(), false, span);
        self.assign(temp, value);
        let tys = match self.infer.shallow(&ty) {
            ITy::Tuple(tys) => tys,
            ITy::Option(some) => vec![ITy::BOOL, *some],
            ITy::Result(ok, err) => vec![ITy::BOOL, *ok, *err],
            _ => Vec::new(),
        };
        (0..n_elems as u32)
            .zip(tys)
            .map(|(index, ty)| {
                let place = Place::local(temp).field(index);
                self.push_expr(ExprKind::Load(place), ty, span)
            })
            .collect()
    }

    /// Makes a function that takes closures a part of this one.
    fn contain(
        &mut self,
        context: Context<'a>,
        args: Vec<ExprId>,
        node: Span,
        span: Span,
    ) -> Value {
        if self.current.depth >= MAX_CONTAINED {
            self.diags.report(
                Code::Call,
                node,
                "a function that takes closures calls itself, or too many such functions call each other",
                "write the recursion as a loop",
            );
            return Value::Expr(self.poison(span));
        }
        let item: &'a hir::Function = &context.instance().function;
        let body = Body::of(item, Some(context));
        self.lower_inline(body, vec![Default::default()], span, |this| {
            this.lower_generics(false);
            this.current.result = match &item.sig.output {
                Some(ty) => this.lower_ty(ty).unwrap_or(ITy::REPORTED),
                None => ITy::Unit,
            };
            for (input, arg) in item.sig.inputs.iter().zip(args) {
                let name = match input {
                    hir::FnArg::Receiver(receiver) => ParamName::Receiver(receiver),
                    hir::FnArg::Typed(param) => ParamName::Pat(&param.pat),
                };
                let written = written_ty(input);
                let is_view = matches!(this.infer.shallow(&this.ty_of(arg)), ITy::View(_));
                let arg = if is_view || this.declare_open(arg, written) {
                    arg
                } else {
                    let ty = this.lower_ty(written).unwrap_or(ITy::REPORTED);
                    let arg = this.converted(arg, &ty, is_into(input));
                    this.coerce(arg, &ty)
                };
                this.bind_param(name, arg);
                this.note_converted(is_into(input), name);
            }
            let value = this.lower_block(&item.block);
            let result = this.current.result.clone();
            match value {
                Value::Expr(value) => {
                    let value = this.coerce(value, &result);
                    Value::Expr(value)
                }
                Value::Unit | Value::Never => value,
            }
        })
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

fn is_into(input: &hir::FnArg) -> bool {
    matches!(input, hir::FnArg::Typed(param) if param.into)
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

/// Whether passing an argument needs memory of the caller's.
fn needs_memory(passing: &Passing) -> bool {
    match passing {
        Passing::Copy(_) => true,
        Passing::Tuple(parts) => parts.iter().any(needs_memory),
        Passing::Option(inner) => needs_memory(inner),
        Passing::Result(ok, err) => needs_memory(ok) || needs_memory(err),
        Passing::Leaf(_) | Passing::View(_) | Passing::Unit => false,
    }
}

/// The type of a parameter.
pub(super) fn ty_of_passing(passing: &Passing) -> ITy {
    match passing {
        Passing::Leaf(ty) | Passing::Copy(ty) => ty.clone(),
        Passing::Tuple(parts) => ITy::Tuple(parts.iter().map(ty_of_passing).collect()),
        Passing::Option(some) => ITy::Option(Box::new(ty_of_passing(some))),
        Passing::Result(ok, err) => {
            ITy::Result(Box::new(ty_of_passing(ok)), Box::new(ty_of_passing(err)))
        }
        Passing::Unit => ITy::Unit,
        // Which array it is shows when it is passed.
        Passing::View(_) => ITy::REPORTED,
    }
}

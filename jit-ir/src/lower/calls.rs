//! Calls of functions that only rustc knows: jitted functions and methods, host functions.
//!
//! A jitted callee is a function of the program, or, if it takes closures, a part of its callers.

use super::binding::Scope;
use super::body::{Body, Context};
use super::diag::Code;
use super::externs::Question;
use super::infer::{ITy, Unknown};
use super::params::written_ty;
use super::place::Base;
use super::signature::{ParamName, Passing};
use super::state::{Lowering, Value};
use crate::expr::{ExprId, ExprKind, Place};
use crate::func::{Host, HostTy, MAX_HOST_BYTES};
use crate::hir::{self, Span};
use crate::instance::{Extern, HostInfo, TypeInfo};
use crate::stmt::StmtKind;
use crate::ty::Ty;

/// The number of a parameter that can be called, among [`Lowering::fns`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FnId(pub(super) usize);

/// A parameter that can be called: while the crate is built, its bound is all that is known of it.
#[derive(Clone)]
pub(super) struct Opaque {
    params: Vec<ITy>,
    result: ITy,
}

/// How deep functions that take closures may be contained in each other.
const MAX_CONTAINED: usize = 32;

/// The signature of an instance, in terms of types that are known.
struct Signature {
    params: Vec<Passing>,
    result: ITy,
    /// Whether it has to be a part of its callers.
    is_contained: bool,
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
            self.ask(node, Question::Callee { args: tys.clone() });
            let result = self.infer.unknown(Unknown::Call(node, tys));
            return self.unknown_result(args, result, span);
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
        let then = self.now();
        let rest = self.lower_jitted_arguments(&call.args);
        let mut args = vec![self.settle(receiver, then)];
        args.extend(rest);
        let (node, span) = (call.method.span, call.span());
        if self.current.context.is_none() {
            let tys = self.witnessed(&args);
            self.ask(node, Question::Outside { args: tys.clone() });
            let mut rest = tys.into_iter();
            let receiver = rest.next().unwrap_or(ITy::REPORTED);
            let result = (self.infer).unknown(Unknown::Method(node, receiver, rest.collect()));
            return self.unknown_result(args, result, span);
        }
        let name = format!("the method `{}`", call.method);
        self.call_answer(node, &name, args, span)
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
        self.call_answer(node, &format!("the function `{shown}`"), args, span)
    }

    /// A call of what rustc says that a node means.
    fn call_answer(&mut self, node: Span, what: &str, args: Vec<ExprId>, span: Span) -> Value {
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
        self.unknown_result(args, result, call.span())
    }

    /// An operator of a user's type, or of something that only rustc knows; `args` are its operands. `None`: it is one of numbers.
    pub(super) fn call_operator(
        &mut self,
        node: Span,
        args: &[ExprId],
        span: Span,
    ) -> Option<Value> {
        if self.current.context.is_some() {
            let Some(Extern::Callee(number)) = self.answer(node) else {
                return None;
            };
            return Some(self.call_instance(number, args.to_vec(), node, span));
        }
        let mut tys = self.witnessed(args);
        let open = match tys.as_slice() {
            [] => false,
            // A number on the left of something that only rustc knows.
            [left, right] if self.is_number(left) => self.is_left_open(right),
            [left, ..] => self.is_left_open(left),
        };
        if !open {
            return None;
        }
        let receiver = tys.remove(0);
        let question = Question::Method {
            receiver: receiver.clone(),
            args: tys.clone(),
        };
        self.ask(node, question);
        if tys.iter().any(|ty| self.infer.is_reported(ty)) {
            // Nothing can be said of the result, either.
            return Some(self.unknown_result(args.to_vec(), ITy::REPORTED, span));
        }
        let result = self.infer.unknown(Unknown::Operator(node, receiver, tys));
        Some(self.unknown_result(args.to_vec(), result, span))
    }

    /// `place op= value` of a user's type, whose operator is jitted: the place comes first. `false`: it is none.
    pub(super) fn call_compound(&mut self, binary: &hir::ExprBinary) -> bool {
        let (node, span) = (binary.op.span(), binary.span());
        let Some(Extern::Callee(number)) = self.answer(node) else {
            return false;
        };
        if let Some((place, ty)) = self.lower_target(&binary.left) {
            let place = self.fix_place(place, true, span);
            let to = Box::new(ty);
            let kind = ExprKind::Borrow(place);
            let place = self.push_expr(kind, ITy::Ref { to, mutable: true }, span);
            let mut value = self.lower_operand(&binary.right);
            // `z += &w` of a type that has operators for references, too: the question was about what is behind them.
            let context = self.current.context.and_then(|context| context.get(number));
            if let Some(context) = context
                && let Some(passing) = self.signature_of(context).params.get(1)
                && !matches!(ty_of_passing(passing), ITy::Ref { .. })
            {
                value = self.auto_deref(value);
            }
            self.call_instance(number, vec![place, value], node, span);
        }
        true
    }

    /// Asks what `place op= value` means if only rustc knows the type of the place.
    pub(super) fn ask_compound(
        &mut self,
        binary: &hir::ExprBinary,
        ty: &ITy,
        value: ExprId,
    ) -> bool {
        if self.current.context.is_some() || !self.is_left_open(ty) {
            return false;
        }
        let args = self.witnessed(&[value]);
        let receiver = ty.clone();
        self.ask(binary.op.span(), Question::Method { receiver, args });
        self.drop_value(value);
        true
    }

    /// The function that adds up the items of `sum`, if they are no numbers: the twin of that name.
    pub(super) fn callee_of_sum(&self, node: Span) -> Option<usize> {
        match self.answer(node) {
            Some(Extern::Callee(number)) => Some(number),
            _ => None,
        }
    }

    /// Asks for it, if only rustc knows what the items are.
    pub(super) fn ask_sum(&mut self, ty: &ITy, node: Span) -> bool {
        if self.current.context.is_some() || !self.is_left_open(ty) {
            return false;
        }
        let (receiver, args) = (ty.clone(), Vec::new());
        self.ask(node, Question::Method { receiver, args });
        true
    }

    fn is_number(&self, ty: &ITy) -> bool {
        match self.infer.shallow(ty) {
            ITy::Scalar(_) | ITy::Param(_) => true,
            ty => self.infer.is_literal_var(&ty),
        }
    }

    /// Whether only rustc knows the type.
    pub(super) fn is_left_open(&mut self, ty: &ITy) -> bool {
        let ty = self.behind_refs(ty);
        matches!(ty, ITy::Unknown(_)) && !self.infer.is_reported(&ty)
    }

    /// What rustc said of a node.
    fn answer(&self, node: Span) -> Option<Extern> {
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
                _ => {
                    let value = self.lower_operand(arg);
                    self.as_reference(arg, value)
                }
            };
            let arg = self.limit_depth(arg);
            lowered.push((arg, self.now()));
        }
        self.settle_all(lowered)
    }

    /// A reference to something of whose type nothing is known is that itself in all other places; rustc has to be told of it.
    fn as_reference(&mut self, arg: &hir::Expr, value: ExprId) -> ExprId {
        let hir::Expr::Reference(reference) = arg else {
            return value;
        };
        let ty = self.ty_of(value);
        let ty = self.infer.shallow(&ty);
        let is_place = matches!(&*reference.expr, hir::Expr::Path(_) | hir::Expr::Field(_));
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
    fn witnessed(&mut self, args: &[ExprId]) -> Vec<ITy> {
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
                    self.infer.unknown(Unknown::Closure(n_params))
                }
                ITy::Fn(FnId(id)) => {
                    let n_params = self.fns.get(id).map_or(0, |function| function.params.len());
                    self.infer.unknown(Unknown::Closure(n_params))
                }
                ty => ty,
            });
        }
        tys
    }

    /// A value of a type that only rustc knows.
    fn unknown_value(&mut self, origin: Unknown, span: Span) -> ExprId {
        let value = self.poison(span);
        self.expr_tys[value.index()] = self.infer.unknown(origin);
        value
    }

    /// The result of a call that only rustc knows.
    fn unknown_result(&mut self, args: Vec<ExprId>, ty: ITy, span: Span) -> Value {
        for arg in args {
            self.drop_value(arg);
        }
        let result = self.poison(span);
        self.expr_tys[result.index()] = ty;
        Value::Expr(result)
    }

    fn refuse_callee(&mut self, span: Span, what: &str) {
        self.diags.report(
            Code::Call,
            span,
            format!("{what} is not jitted, and cannot be called from `#[jit]`"),
            "put `#[jit]` on it, or name it in `#[jit(host(..))]`",
        );
    }

    // Instances.

    /// What a function's callers have to know.
    fn signature_of(&mut self, context: Context<'a>) -> Signature {
        let item = &context.instance().function;
        let body = Body::of(item, Some(context));
        let (signature, _) = self.in_body(body, vec![Scope::new()], |this| {
            this.lower_generics(true);
            let params: Vec<_> = (item.sig.inputs.iter())
                .map(|input| {
                    let written = written_ty(input);
                    let callable = this.fn_type(written).is_some();
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
            let is_contained = this.takes_callables() || params.iter().any(is_view);
            Signature {
                params,
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
        let (mut place, ty) = match self.lower_receiver(receiver) {
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
        let mut passed = Vec::new();
        for (arg, passing) in args.iter().zip(&signature.params) {
            passed.push(self.coerce(*arg, &ty_of_passing(passing)));
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
        let function = context.linkage.function(number);
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

    /// Where the result of a call goes, and the value that it is then.
    fn result_place(&mut self, result: &ITy, span: Span) -> (Option<Place>, Value) {
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
            Passing::Option { some, by_value } => {
                let mut elems = self.elements(arg, 2).into_iter();
                out.extend(elems.next());
                if let Some(value) = elems.next() {
                    self.expr_tys[value.index()] = some.clone();
                    let part = if *by_value {
                        Passing::Leaf(some.clone())
                    } else {
                        Passing::Copy(some.clone())
                    };
                    self.pass(value, &part, out);
                }
            }
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

    /// The elements of a tuple, or what an `Option` is made of.
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
                let arg = if is_view || this.fn_type(written).is_some() {
                    arg
                } else {
                    let ty = this.lower_ty(written).unwrap_or(ITy::REPORTED);
                    this.coerce(arg, &ty)
                };
                this.bind_param(name, arg);
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

    // Functions as values.

    /// What a caller passes for a parameter that can be called.
    pub(super) fn opaque_callable(&mut self, bound: &hir::Path, span: Span) -> ExprId {
        let (params, result) = (self.fn_signature(bound)).unwrap_or((Vec::new(), ITy::REPORTED));
        self.has_unknown = true;
        let id = FnId(self.fns.len());
        self.fns.push(Opaque { params, result });
        self.placeholder(ITy::Fn(id), span)
    }

    /// The path of a function that only rustc knows, as a value.
    fn extern_fn(&mut self, path: &hir::ExprPath) -> ExprId {
        if self.context_is_open() {
            self.ask(path.span(), Question::Function);
            return self.unknown_value(Unknown::Const(path.span()), path.span());
        }
        self.lower_fn_path(path)
    }

    /// Calls what a caller passes.
    pub(super) fn call_fn(&mut self, FnId(id): FnId, args: Vec<ExprId>, span: Span) -> Value {
        let Some(Opaque { params, result }) = self.fns.get(id).cloned() else {
            return Value::Expr(self.poison(span));
        };
        for (arg, ty) in args.iter().zip(&params) {
            self.coerce(*arg, ty);
        }
        if self.infer.shallow(&result) == ITy::Unit {
            return Value::Unit;
        }
        self.unknown_result(args, result, span)
    }

    // Host functions.

    /// Whether the attribute names a function as one that is called through a trampoline.
    fn is_host(&self, name: &str) -> bool {
        self.current.item.hosts.iter().any(|host| host == name)
    }

    fn call_host_path(&mut self, node: Span, name: &str, args: Vec<ExprId>, span: Span) -> Value {
        match self.ask(node, Question::Host) {
            Some(Extern::Host(info)) => self.call_host(&info, args, node, span),
            None if self.current.context.is_none() => {
                for arg in &args {
                    self.check_host_argument(*arg);
                }
                let tys = self.witnessed(&args);
                let result = self.infer.unknown(Unknown::Call(node, tys));
                self.unknown_result(args, result, span)
            }
            _ => {
                self.refuse_callee(node, &format!("the function `{name}`"));
                Value::Expr(self.poison(span))
            }
        }
    }

    /// Host functions take scalars.
    pub(super) fn check_host_argument(&mut self, arg: ExprId) -> bool {
        let ty = self.ty_of(arg);
        let fine = matches!(
            self.infer.shallow(&ty),
            ITy::Scalar(_) | ITy::Param(_) | ITy::Var(_) | ITy::Unknown(_)
        );
        if !fine {
            let shown = self.show(&ty);
            self.diags.report(
                Code::Call,
                self.span_of(arg),
                format!("a value of type `{shown}` cannot be passed to a host function"),
                "pass numbers and truth values, one by one",
            );
        }
        fine
    }

    /// A macro that prints these values, at the node of its path.
    pub(super) fn call_print(&mut self, node: Span, args: Vec<ExprId>) {
        let Some(context) = self.current.context else {
            self.ask(node, Question::Print);
            for arg in args {
                self.drop_value(arg);
            }
            return;
        };
        let Some(Extern::Host(info)) = self.answer(node) else {
            return self.refuse_callee(node, "this macro");
        };
        let host = context.linkage.print(Host {
            name: info.name,
            params: Vec::new(),
            result: None,
        });
        let tys = args.iter().map(|arg| self.ty_of(*arg)).collect();
        self.prints.push((host, tys));
        let kind = StmtKind::HostCall {
            host,
            args,
            result: None,
        };
        self.emit(kind, node);
    }

    /// Says which types are printed, now that they are known.
    pub(super) fn settle_prints(&mut self) {
        let Some(context) = self.current.context else {
            return;
        };
        for (host, tys) in std::mem::take(&mut self.prints) {
            let scalars = tys.iter().filter_map(|ty| match self.infer.resolve(ty) {
                Some(Ty::Scalar(scalar)) => Some(scalar),
                _ => None,
            });
            context.linkage.set_params(host, scalars.collect());
        }
    }

    fn call_host(&mut self, info: &HostInfo, args: Vec<ExprId>, node: Span, span: Span) -> Value {
        if info.params.len() != args.len() {
            self.refuse_callee(node, "a host function with these arguments");
            return Value::Expr(self.poison(span));
        }
        let Some(passings) = (info.params.iter())
            .map(|ty| HostPassing::of(self, ty))
            .collect::<Option<Vec<_>>>()
        else {
            self.refuse_callee(node, "a host function with these arguments");
            return Value::Expr(self.poison(span));
        };
        let result = ITy::of_info(&info.result);
        let result_ty = result.as_ref().and_then(|ty| self.infer.resolve(ty));
        let (Some(context), Some(result), Some(result_ty)) =
            (self.current.context, result, result_ty)
        else {
            self.refuse_callee(node, "a host function with this result");
            return Value::Expr(self.poison(span));
        };
        let coerced: Vec<_> = (args.into_iter().zip(&passings))
            .map(|(arg, passing)| self.coerce(arg, &passing.ty))
            .collect();
        // As in a call of an instance: a copy has to lie in memory before the call, and what comes before it is evaluated before it.
        let last = passings.iter().rposition(|passing| passing.is_copied);
        let mut lowered = Vec::new();
        for ((index, arg), passing) in coerced.into_iter().enumerate().zip(&passings) {
            let arg = if passing.is_copied {
                let temp = self.push_temp(passing.ty.clone(), false, span);
                self.assign(temp, arg);
                let to = Box::new(passing.ty.clone());
                let pointer = ITy::Ref { to, mutable: false };
                self.push_expr(ExprKind::Borrow(Place::local(temp)), pointer, span)
            } else if last.is_some_and(|last| index < last) {
                self.evaluate(arg)
            } else {
                arg
            };
            lowered.push(arg);
        }
        let host = context.linkage.host(Host {
            name: info.name.clone(),
            params: passings.iter().map(|passing| passing.host_ty).collect(),
            result: HostTy::of(&result_ty),
        });
        let (place, value) = self.result_place(&result, span);
        let kind = StmtKind::HostCall {
            host,
            args: lowered,
            result: place,
        };
        self.emit(kind, span);
        // A tuple of rustc's is any tuple from here on.
        match (&info.result, value) {
            (TypeInfo::Tuple(info), Value::Expr(value)) => {
                let elems = info.fields.iter().map(|(.., ty)| ITy::of_info(ty));
                match elems.collect::<Option<Vec<_>>>() {
                    Some(elems) if !elems.contains(&ITy::Unit) => {
                        Value::Expr(self.coerce(value, &ITy::Tuple(elems)))
                    }
                    _ => Value::Expr(value),
                }
            }
            (_, value) => value,
        }
    }
}

/// How an argument is passed to a host function.
struct HostPassing {
    ty: ITy,
    host_ty: HostTy,
    /// Whether the function finds a pointer to a copy.
    is_copied: bool,
}

impl HostPassing {
    fn of(lowering: &mut Lowering<'_>, info: &TypeInfo) -> Option<Self> {
        let ty = ITy::of_info(info)?;
        let host_ty = HostTy::of(&lowering.infer.resolve(&ty)?)?;
        let is_copied = matches!(
            host_ty,
            HostTy::Bytes { size, align } if size > MAX_HOST_BYTES || align > MAX_HOST_BYTES
        );
        Some(HostPassing {
            ty,
            host_ty: match is_copied {
                true => HostTy::Ref { mutable: false },
                false => host_ty,
            },
            is_copied,
        })
    }
}

/// Whether passing an argument needs memory of the caller's.
fn needs_memory(passing: &Passing) -> bool {
    match passing {
        Passing::Copy(_) => true,
        Passing::Tuple(parts) => parts.iter().any(needs_memory),
        Passing::Option { by_value, .. } => !by_value,
        Passing::Leaf(_) | Passing::View(_) => false,
    }
}

/// The type of a parameter.
fn ty_of_passing(passing: &Passing) -> ITy {
    match passing {
        Passing::Leaf(ty) | Passing::Copy(ty) => ty.clone(),
        Passing::Tuple(parts) => ITy::Tuple(parts.iter().map(ty_of_passing).collect()),
        Passing::Option { some, .. } => ITy::Option(Box::new(some.clone())),
        // Which array it is shows when it is passed.
        Passing::View(_) => ITy::REPORTED,
    }
}

//! Calls of jitted functions: what is passed for each parameter, and functions that become parts of their callers.

use super::binding::Scope;
use super::body::{Body, Context};
use super::diag::Code;
use super::infer::ITy;
use super::params::written_ty;
use super::place::Base;
use super::signature::{ParamName, Passing};
use super::state::{Check, Lowering, Value};
use crate::expr::{ExprId, ExprKind, Place};
use crate::hir::{self, Span};
use crate::stmt::StmtKind;
use crate::ty::ScalarTy;

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
    pub(super) fn self_argument(&mut self, receiver: &hir::Expr, number: usize) -> ExprId {
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

fn is_into(input: &hir::FnArg) -> bool {
    matches!(input, hir::FnArg::Typed(param) if param.into)
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

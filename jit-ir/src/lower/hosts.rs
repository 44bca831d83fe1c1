//! Calls of host functions: Rust functions that are not captured, and macros that print.

use super::diag::Code;
use super::externs::Question;
use super::infer::{ITy, Unknown};
use super::state::{Lowering, Value};
use crate::expr::{ExprId, ExprKind, Place};
use crate::func::{Host, HostTy, MAX_HOST_BYTES};
use crate::hir::Span;
use crate::instance::{Extern, HostInfo, TypeInfo};
use crate::stmt::StmtKind;
use crate::ty::Ty;

impl Lowering<'_> {
    /// Whether the attribute names a function as one that is called through a trampoline.
    pub(super) fn is_host(&self, name: &str) -> bool {
        self.current.item.hosts.iter().any(|host| host == name)
    }

    pub(super) fn call_host_path(
        &mut self,
        node: Span,
        name: &str,
        args: Vec<ExprId>,
        span: Span,
    ) -> Value {
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

    pub(super) fn call_host(
        &mut self,
        info: &HostInfo,
        args: Vec<ExprId>,
        node: Span,
        span: Span,
    ) -> Value {
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
    pub(super) fn of(lowering: &mut Lowering<'_>, info: &TypeInfo) -> Option<Self> {
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

//! Calls between the functions of a program, and of host functions.

use super::{Rule, Verifier, VerifyError};
use crate::expr::{ExprId, Place};
use crate::func::{FIRST_SPECIAL_STATUS, Host, HostTy, MAX_HOST_BYTES, Program};
use crate::span::Span;
use crate::stmt::StmtKind;
use crate::ty::Ty;

/// Every trap site of the program has a status of its own, and there is a function to call.
pub(super) fn check_numbers(program: &Program) -> Result<(), Vec<VerifyError>> {
    let sites: usize = program.functions.iter().map(|func| func.sites.len()).sum();
    let message = if program.functions.is_empty() {
        "a program without functions"
    } else if calls_deferred_late(program) {
        "a deferred function that is not called by the first one, for Rust's calls only"
    } else if sites as u64 + 1 >= u64::from(FIRST_SPECIAL_STATUS) {
        "more trap sites than there are statuses"
    } else {
        return Ok(());
    };
    Err(vec![VerifyError {
        rule: Rule::Calls,
        message: message.into(),
        span: Span::UNKNOWN,
        function: 0,
    }])
}

/// Whether a deferred function is called where something may have happened before: by another function than the first, or by a first function
/// that the program calls itself.
fn calls_deferred_late(program: &Program) -> bool {
    let is_deferred = |number: u32| {
        (program.functions.get(number as usize)).is_some_and(|called| called.deferred.is_some())
    };
    let mut callers = Vec::new();
    for (number, func) in program.functions.iter().enumerate() {
        func.body.for_each_stmt(|stmt| {
            if let StmtKind::Call { function, .. } = &stmt.kind
                && is_deferred(*function)
            {
                callers.push(number);
            }
        });
    }
    callers.iter().any(|&caller| caller != 0) || (!callers.is_empty() && program.is_called(0))
}

impl Verifier<'_> {
    pub(super) fn check_function_call(
        &mut self,
        function: u32,
        args: &[ExprId],
        result: Option<&Place>,
        span: Span,
    ) {
        if self.hosts.is_none() {
            return self.error(Rule::Calls, span, "a call outside of a program");
        }
        let Some(called) = self.functions.get(function as usize) else {
            let message = format!("there is no function {function}");
            return self.error(Rule::Calls, span, message);
        };
        if !called.type_params.is_empty() && function as usize != self.number {
            return self.error(Rule::Calls, span, "a call of a generic function");
        }
        let params: Vec<_> = called
            .params
            .iter()
            .filter_map(|&param| called.locals.get(param))
            .map(|local| local.ty.clone())
            .collect();
        self.check_call_types(&called.name, &params, &called.result, args, result, span);
    }

    pub(super) fn check_host_call(
        &mut self,
        host: u32,
        args: &[ExprId],
        result: Option<&Place>,
        span: Span,
    ) {
        let Some(hosts) = self.hosts else {
            return self.error(Rule::Calls, span, "a call outside of a program");
        };
        let Some(called) = hosts.get(host as usize) else {
            let message = format!("there is no host function {host}");
            return self.error(Rule::Calls, span, message);
        };
        if called.params.len() != args.len() {
            let message = format!(
                "`{}` takes {} arguments, found {}",
                called.name,
                called.params.len(),
                args.len()
            );
            return self.error(Rule::Calls, span, message);
        }
        for (&arg, param) in args.iter().zip(&called.params) {
            if let HostTy::Scalar(scalar) = param {
                self.expect_operand(arg, &Ty::Scalar(*scalar), "an argument", span);
                continue;
            }
            self.check_host_argument(called, arg, *param, span);
        }
        if let Some(place) = result
            && let Some(found) = crate::text::place_ty(self.func, place)
        {
            let passes = HostTy::of(found);
            let fits = matches!(passes, Some(HostTy::Scalar(_) | HostTy::Bytes { .. }));
            if !fits || passes != called.result {
                let found = self.name_of(found);
                let message = format!("the result of `{}` is no `{found}`", called.name);
                self.error(Rule::Calls, span, message);
            }
        }
    }

    /// An argument that is no scalar: a trampoline finds up to 16 bytes for it.
    fn check_host_argument(&mut self, called: &Host, arg: ExprId, param: HostTy, span: Span) {
        let Some(expr) = self.func.exprs.get(arg) else {
            return; // reported where operands are checked
        };
        if HostTy::of(&expr.ty) != Some(param) {
            let found = self.name_of(&expr.ty);
            let message = format!("`{}` takes `{param}`, found `{found}`", called.name);
            self.error(Rule::Calls, span, message);
        }
        if let HostTy::Bytes { size, align } = param
            && (size > MAX_HOST_BYTES || align > MAX_HOST_BYTES)
        {
            let message = format!("`{}` takes {size} bytes by value", called.name);
            self.error(Rule::Calls, span, message);
        }
    }

    /// Arguments and result of a call. The place for the result was checked as one that is stored to.
    fn check_call_types(
        &mut self,
        name: &str,
        params: &[Ty],
        ty: &Ty,
        args: &[ExprId],
        result: Option<&Place>,
        span: Span,
    ) {
        if params.len() != args.len() {
            let message = format!(
                "`{name}` takes {} arguments, found {}",
                params.len(),
                args.len()
            );
            self.error(Rule::Calls, span, message);
        }
        for (&arg, param) in args.iter().zip(params) {
            self.expect_operand(arg, param, "an argument", span);
        }
        if let Some(place) = result
            && let Some(found) = crate::text::place_ty(self.func, place)
            && found != ty
        {
            let (found, ty) = (self.name_of(found), self.name_of(ty));
            let message = format!("the result of `{name}` has type `{ty}`, expected `{found}`");
            self.error(Rule::Calls, span, message);
        }
    }
}

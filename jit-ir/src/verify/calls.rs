//! Calls between the functions of a program, and of host functions.

use super::{Rule, Verifier, VerifyError};
use crate::expr::{ExprId, Place};
use crate::func::{HOST_PANICKED, Program};
use crate::span::Span;
use crate::ty::Ty;

/// Every trap site of the program has a status of its own, and there is a function to call.
pub(super) fn check_numbers(program: &Program) -> Result<(), Vec<VerifyError>> {
    let sites: usize = program.functions.iter().map(|func| func.sites.len()).sum();
    let message = if program.functions.is_empty() {
        "a program without functions"
    } else if sites as u64 + 1 >= u64::from(HOST_PANICKED) {
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
        let params: Vec<_> = called.params.iter().copied().map(Ty::Scalar).collect();
        let ty = called.result.map_or(Ty::Unit, Ty::Scalar);
        self.check_call_types(&called.name, &params, &ty, args, result, span);
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

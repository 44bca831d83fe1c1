//! Parallel loops: the types of the body function, the combiner, accumulators and captures agree, and no host function is called.

use super::{Rule, Verifier};
use crate::expr::ExprId;
use crate::func::Function;
use crate::span::Span;
use crate::stmt::{Parallel, StmtKind};
use crate::ty::Ty;

impl Verifier<'_> {
    pub(super) fn check_parallel(&mut self, parallel: &Parallel, span: Span) {
        self.expect_operand(parallel.count, &Ty::USIZE, "a number of iterations", span);
        self.expect_operand(parallel.work, &Ty::USIZE, "the work of an iteration", span);
        let numbers = [Ty::USIZE, Ty::USIZE];
        let Some(values) = self.types_of(&parallel.accumulators) else {
            return; // reported where operands are checked
        };
        let Some(captures) = self.types_of(&parallel.captures) else {
            return;
        };
        let results: Vec<Ty> = values.iter().map(|ty| by_value(ty).clone()).collect();
        let result = match &results[..] {
            [] => Ty::Unit,
            [one] => one.clone(),
            _ => Ty::Tuple(results),
        };
        let params = numbers.into_iter().chain(values.clone()).chain(captures);
        self.check_body(
            parallel.function,
            &params.collect::<Vec<_>>(),
            &result,
            span,
        );
        if let Some(place) = &parallel.result
            && crate::text::place_ty(self.func, place).is_some_and(|found| *found != result)
        {
            let message = "the result of a parallel loop goes where another type is";
            self.error(Rule::Calls, span, message);
        }
        if parallel.identities.len() != values.len() {
            let message = "a parallel loop has not one identity for each accumulator";
            self.error(Rule::Calls, span, message);
        }
        for (&identity, ty) in parallel.identities.iter().zip(&values) {
            self.expect_operand(identity, ty, "an identity", span);
        }
        match parallel.combine {
            Some(_) if values.is_empty() => {
                let message = "a parallel loop combines no accumulators";
                self.error(Rule::Calls, span, message);
            }
            Some(combine) => {
                let both = [&values[..], &values[..]].concat();
                self.check_body(combine, &both, &result, span);
            }
            None if values.is_empty() => {}
            None => {
                let message = "a parallel loop does not combine its accumulators";
                self.error(Rule::Calls, span, message);
            }
        }
    }

    fn types_of(&self, exprs: &[ExprId]) -> Option<Vec<Ty>> {
        let ty = |id: &ExprId| self.func.exprs.get(*id).map(|expr| expr.ty.clone());
        exprs.iter().map(ty).collect()
    }

    /// A function that chunks call.
    fn check_body(&mut self, function: u32, params: &[Ty], result: &Ty, span: Span) {
        if self.hosts.is_none() {
            return self.error(Rule::Calls, span, "a parallel loop outside of a program");
        }
        let Some(called) = self.functions.get(function as usize) else {
            let message = format!("there is no function {function}");
            return self.error(Rule::Calls, span, message);
        };
        if !called.type_params.is_empty() {
            return self.error(Rule::Calls, span, "a parallel loop of a generic function");
        }
        let found = called.params.iter().map(|&param| called.locals.get(param));
        let found: Vec<Option<&Ty>> = found.map(|local| local.map(|local| &local.ty)).collect();
        if !found.iter().copied().eq(params.iter().map(Some)) || called.result != *result {
            let message = format!("`{}` is no function for this parallel loop", called.name);
            self.error(Rule::Calls, span, message);
        }
        if calls_host(self.functions, function as usize) {
            let message = format!("a parallel loop calls host functions in `{}`", called.name);
            self.error(Rule::Calls, span, message);
        }
    }
}

/// An accumulator as it comes out.
fn by_value(ty: &Ty) -> &Ty {
    match ty {
        Ty::Ref { to, mutable: false } => to,
        ty => ty,
    }
}

/// Whether a function calls a host function, directly or not.
fn calls_host(functions: &[Function], function: usize) -> bool {
    let mut found = false;
    let mut seen = vec![false; functions.len()];
    let mut open = vec![function];
    while let Some(function) = open.pop() {
        let Some(func) = functions.get(function) else {
            continue; // reported at the call
        };
        if std::mem::replace(&mut seen[function], true) {
            continue;
        }
        func.body.for_each_stmt(|stmt| match &stmt.kind {
            StmtKind::HostCall { .. } => found = true,
            StmtKind::Call { function, .. } => open.push(*function as usize),
            StmtKind::Parallel(parallel) => {
                open.push(parallel.function as usize);
                open.extend(parallel.combine.map(|combine| combine as usize));
            }
            _ => {}
        });
    }
    found
}

//! `prange(0..n)`: a range whose loop is asked to run in parallel.

use super::diag::Code;
use super::state::Lowering;
use crate::hir::{self, Span};
use crate::stmt::{LoopRequest, Stmt, StmtKind};

/// The name and the argument of a call of `prange`, by whatever path.
pub(super) fn prange_call(call: &hir::ExprCall) -> Option<(Span, &hir::Expr)> {
    let (hir::Expr::Path(path), [range]) = (&*call.func, call.args.as_slice()) else {
        return None;
    };
    let name = &path.path.segments.last()?.ident;
    (*name == "prange").then_some((name.span, range))
}

/// The name in what a `for` runs over, if that is a `prange`, perhaps with `rev` and `step_by` behind it.
fn prange_of(expr: &hir::Expr) -> Option<Span> {
    match expr {
        hir::Expr::Paren(inner) => prange_of(&inner.expr),
        hir::Expr::Group(inner) => prange_of(&inner.expr),
        hir::Expr::Call(call) => prange_call(call).map(|(name, _)| name),
        hir::Expr::MethodCall(call) => match call.method.name.as_str() {
            "rev" | "step_by" | "into_iter" => prange_of(&call.receiver),
            _ => None,
        },
        _ => None,
    }
}

impl Lowering<'_> {
    /// What is asked for with a `for` over this.
    pub(super) fn request_of(&mut self, expr: &hir::Expr) -> LoopRequest {
        match prange_of(expr) {
            Some(name) => {
                self.note_prange(name);
                LoopRequest::Parallel
            }
            None => LoopRequest::Auto,
        }
    }

    /// Remembers a use of `prange`, for which the function needs an option.
    pub(super) fn note_prange(&mut self, name: Span) {
        if self.current.context.is_none() && !self.pranges.contains(&name) {
            self.pranges.push(name);
        }
    }

    /// Emits what a `for` became, with the request at its loop.
    pub(super) fn emit_requested(&mut self, mut stmts: Vec<Stmt>, expr: &hir::ExprForLoop) {
        let Some(name) = prange_of(&expr.expr) else {
            self.emit_all(stmts);
            return;
        };
        let mut loops = stmts.iter_mut().filter_map(|stmt| match &mut stmt.kind {
            StmtKind::For(counted) => Some(counted),
            _ => None,
        });
        match loops.next() {
            Some(counted) => {
                self.note_prange(name);
                counted.request = LoopRequest::Parallel;
            }
            None if self.diags.is_empty() => self.diags.report(
                Code::Loop,
                name,
                "this `prange` is not one counted loop",
                "write the range where the loop is: `for i in prange(0..n)`",
            ),
            None => {}
        }
        self.emit_all(stmts);
    }
}

//! Functions that a caller passes, and functions by their paths as values.

use super::calls::{FnId, Opaque};
use super::externs::Question;
use super::infer::{ITy, Unknown};
use super::state::{Lowering, Value};
use crate::expr::ExprId;
use crate::hir::{self, Span};

impl Lowering<'_> {
    /// What a caller passes for a parameter that can be called.
    pub(super) fn opaque_callable(&mut self, bound: &hir::Path, span: Span) -> ExprId {
        let (params, result) = (self.fn_signature(bound)).unwrap_or((Vec::new(), ITy::REPORTED));
        self.has_unknown = true;
        let id = FnId(self.fns.len());
        self.fns.push(Opaque { params, result });
        self.placeholder(ITy::Fn(id), span)
    }

    /// The path of a function that only rustc knows, as a value.
    pub(super) fn extern_fn(&mut self, path: &hir::ExprPath) -> ExprId {
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
}

//! Parts of a slice whose ends closures find: `chunk_by` and `split`.

use super::{Iter, IterId};
use crate::expr::{BinaryOp, ExprId};
use crate::func::LocalId;
use crate::hir::{self, Span};
use crate::lower::infer::ITy;
use crate::lower::state::{Lowering, Value};
use crate::stmt::{Block, StmtKind};

/// Where parts end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lower) enum RunKind {
    /// Before an element for which `f(before, element)` does not hold.
    Chunks,
    /// At an element for which `f(element)` holds, which is in no part.
    Split,
}

/// Whether a call is one of these, by its name and its argument.
pub(super) fn is_runs(call: &hir::ExprMethodCall) -> bool {
    let is_closure = |arg: &hir::Expr| matches!(arg, hir::Expr::Closure(_));
    let name = call.method.name.as_str();
    matches!(name, "chunk_by" | "split") && matches!(call.args.as_slice(), [arg] if is_closure(arg))
}

impl Lowering<'_> {
    pub(super) fn materialize_runs(&mut self, id: IterId) -> IterId {
        let Iter::Runs {
            whole,
            elem,
            f,
            kind,
            state: None,
        } = self.iter(id)
        else {
            return id;
        };
        let span = self.iter_span(id);
        let zero = self.usize_const(0, span);
        let front = self.new_counter(zero);
        let done = match kind {
            RunKind::Split => self.new_flag(false, span),
            RunKind::Chunks => {
                let len = self.slice_len(whole, span);
                let zero = self.usize_const(0, span);
                let empty = self.plain_compare(BinaryOp::Eq, len, zero);
                let done = self.push_temp(ITy::BOOL, true, span);
                self.assign(done, empty);
                done
            }
        };
        let state = Some((front, done));
        let iter = Iter::Runs {
            whole,
            elem,
            f,
            kind,
            state,
        };
        self.new_iter(iter, span)
    }

    /// The next part.
    pub(super) fn pull_run(
        &mut self,
        (whole, elem): (ExprId, ITy),
        f: ExprId,
        kind: RunKind,
        (front, done): (LocalId, LocalId),
        span: Span,
        end: &mut dyn FnMut(&mut Self),
    ) -> Value {
        let cond = self.load_local(done, span);
        self.emit_if_then(cond, span, end);
        let start = self.load_local(front, span);
        let start = self.evaluate(start);
        let first = self.copy_stable(start);
        // Behind the first element of a chunk, which is in it.
        let first = match kind {
            RunKind::Split => first,
            RunKind::Chunks => {
                let one = self.usize_const(1, span);
                self.add(first, one)
            }
        };
        let at = self.new_counter(first);
        let found = self.new_label();
        let ((), stmts) = self.in_frame(|this| {
            let label = this.new_label();
            let len = this.slice_len(whole, span);
            let index = this.load_local(at, span);
            let cond = this.plain_compare(BinaryOp::Lt, index, len);
            let ((), stmts) = this.in_frame(|this| {
                let index = this.load_local(at, span);
                let index = this.evaluate(index);
                let mut args = Vec::new();
                if kind == RunKind::Chunks {
                    let (copy, one) = (this.copy_stable(index), this.usize_const(1, span));
                    let before = this.sub(copy, one);
                    args.push(this.item_of(whole, before, elem.clone(), super::By::Ref, span));
                }
                args.push(this.item_of(whole, index, elem.clone(), super::By::Ref, span));
                let holds = this.ask_closure(f, args, span);
                let leave = |this: &mut Self| this.emit(StmtKind::Break(found), span);
                match kind {
                    RunKind::Split => this.emit_if_then(holds, span, leave),
                    RunKind::Chunks => this.unless(holds, span, leave),
                }
                this.step_counter(at, true, span);
            });
            let body = Block { stmts };
            this.emit(StmtKind::While { label, cond, body }, span);
            this.set_flag(done, true, span);
        });
        let body = Block { stmts };
        self.emit(StmtKind::Labeled { label: found, body }, span);
        let stop = self.load_local(at, span);
        let stop = self.evaluate(stop);
        let next = self.copy_stable(stop);
        let next = match kind {
            RunKind::Chunks => next,
            RunKind::Split => {
                let one = self.usize_const(1, span);
                self.add(next, one)
            }
        };
        self.assign(front, next);
        Value::Expr(self.part_of_slice(whole, start, stop, elem, false, span))
    }
}

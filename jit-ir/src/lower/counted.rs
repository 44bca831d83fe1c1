//! Loops that lowering makes: over the elements of slices and arrays.

use super::infer::ITy;
use super::state::{Lowering, Target};
use crate::expr::{ConstValue, ExprId, ExprKind, Place};
use crate::func::LocalId;
use crate::hir::Span;
use crate::stmt::{Block, Label, Loop, LoopHints, LoopRequest, Stmt, StmtKind};

impl Lowering<'_> {
    /// A `usize`.
    pub(super) fn count(&mut self, value: u64, span: Span) -> ExprId {
        let value = ConstValue::Int(u128::from(value));
        self.push_expr(ExprKind::Const(value), ITy::USIZE, span)
    }

    /// The length of the slice or array at a place, whose indices are stable.
    pub(super) fn len_of(&mut self, place: &Place, span: Span) -> ExprId {
        let place = self.copy_place(place);
        self.push_expr(ExprKind::Len(place), ITy::USIZE, span)
    }

    pub(super) fn emit_branch(
        &mut self,
        cond: ExprId,
        then: Vec<Stmt>,
        otherwise: Vec<Stmt>,
        span: Span,
    ) {
        let kind = StmtKind::If {
            cond,
            then: Block { stmts: then },
            otherwise: Block { stmts: otherwise },
        };
        self.emit(kind, span);
    }

    /// The label of the loop around.
    pub(super) fn innermost_label(&self) -> Label {
        self.targets.last().map_or(Label(0), |target| target.label)
    }

    /// A loop of `usize` from 0 to `end`, without it.
    pub(super) fn count_to(
        &mut self,
        end: ExprId,
        span: Span,
        body: impl FnOnce(&mut Self, LocalId),
    ) {
        let start = self.count(0, span);
        self.count_through(start, end, false, span, body);
    }

    /// A loop of `usize` from `start` to `end`, without it, or backwards.
    pub(super) fn count_through(
        &mut self,
        start: ExprId,
        end: ExprId,
        reversed: bool,
        span: Span,
        body: impl FnOnce(&mut Self, LocalId),
    ) {
        let var = self.push_temp(ITy::USIZE, false, span);
        let target = Target {
            label: self.new_label(),
            name: None,
            // No `break` of the user's can stand inside.
            is_loop: false,
            result: None,
            broken: false,
            next: None,
            continued: false,
            for_macros: true,
        };
        let label = target.label;
        let (((), stmts), _) = self.in_target(target, |this| this.in_frame(|this| body(this, var)));
        let step = self.count(1, span);
        let statement = Loop {
            label,
            var,
            start,
            end,
            step,
            inclusive: false,
            reversed,
            request: LoopRequest::Auto,
            hints: LoopHints::default(),
            body: Block { stmts },
        };
        self.emit(StmtKind::For(statement), span);
    }
}

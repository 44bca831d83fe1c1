//! Makes expressions and statements inside of a function that is being changed. Nothing that it makes may trap.

use crate::arena::Handle;
use crate::expr::{BinaryOp, ConstValue, Expr, ExprId, ExprKind, Place};
use crate::func::{Function, LocalId};
use crate::intrinsic::Intrinsic;
use crate::span::Span;
use crate::stmt::{Block, Label, Loop, LoopHints, LoopRequest, Stmt, StmtKind};
use crate::ty::Ty;

use super::copy::{add_temporary, next_label};

/// Adds to a function. All that it makes has the same span.
pub(super) struct Edit<'f> {
    pub(super) func: &'f mut Function,
    span: Span,
    next_label: u32,
}

/// What an expression becomes in a copy, if anything but a copy of itself.
pub(super) type Substitution<'s> = dyn FnMut(&mut Edit<'_>, ExprId) -> Option<ExprId> + 's;

impl<'f> Edit<'f> {
    pub(super) fn new(func: &'f mut Function, span: Span) -> Self {
        let next_label = next_label(func);
        Edit::with_labels(func, span, next_label)
    }

    /// For a function whose body is elsewhere: labels from this one on are free.
    pub(super) fn with_labels(func: &'f mut Function, span: Span, next_label: u32) -> Self {
        Edit {
            func,
            span,
            next_label,
        }
    }

    pub(super) fn next_label(&self) -> u32 {
        self.next_label
    }

    pub(super) fn expr(&mut self, kind: ExprKind, ty: Ty) -> ExprId {
        let expr = self.func.exprs.push(Expr { kind, ty });
        self.func.expr_spans.resize(expr.index(), Span::UNKNOWN);
        self.func.expr_spans.push(self.span);
        expr
    }

    pub(super) fn temporary(&mut self, name: &str, ty: Ty) -> LocalId {
        add_temporary(self.func, name, ty, true)
    }

    pub(super) fn counter(&mut self, name: &str) -> LocalId {
        add_temporary(self.func, name, Ty::USIZE, false)
    }

    pub(super) fn usize(&mut self, value: u64) -> ExprId {
        self.expr(ExprKind::Const(ConstValue::Int(value.into())), Ty::USIZE)
    }

    pub(super) fn load(&mut self, local: LocalId) -> ExprId {
        self.load_place(Place::local(local))
    }

    pub(super) fn load_place(&mut self, place: Place) -> ExprId {
        let ty = crate::text::place_ty(self.func, &place).cloned();
        self.expr(ExprKind::Load(place), ty.unwrap_or(Ty::Unit))
    }

    /// Arithmetic that wraps, or a comparison.
    pub(super) fn binary(&mut self, op: BinaryOp, lhs: ExprId, rhs: ExprId) -> ExprId {
        let ty = match op.is_comparison() {
            true => Ty::BOOL,
            false => self.func.exprs[lhs].ty.clone(),
        };
        let site = None;
        self.expr(ExprKind::Binary { op, lhs, rhs, site }, ty)
    }

    pub(super) fn add(&mut self, lhs: ExprId, rhs: ExprId) -> ExprId {
        self.binary(BinaryOp::Add, lhs, rhs)
    }

    pub(super) fn add_const(&mut self, lhs: ExprId, number: u64) -> ExprId {
        if number == 0 {
            return lhs;
        }
        let number = self.usize(number);
        self.add(lhs, number)
    }

    pub(super) fn sub(&mut self, lhs: ExprId, rhs: ExprId) -> ExprId {
        self.binary(BinaryOp::Sub, lhs, rhs)
    }

    pub(super) fn min(&mut self, lhs: ExprId, rhs: ExprId) -> ExprId {
        self.extremum(Intrinsic::Min, lhs, rhs)
    }

    pub(super) fn max(&mut self, lhs: ExprId, rhs: ExprId) -> ExprId {
        self.extremum(Intrinsic::Max, lhs, rhs)
    }

    fn extremum(&mut self, intrinsic: Intrinsic, lhs: ExprId, rhs: ExprId) -> ExprId {
        let ty = self.func.exprs[lhs].ty.clone();
        let (args, site) = (vec![lhs, rhs], None);
        let kind = ExprKind::Call {
            intrinsic,
            args,
            site,
        };
        self.expr(kind, ty)
    }

    /// `a && b && ..`; of at least one.
    pub(super) fn all(&mut self, conditions: Vec<ExprId>) -> ExprId {
        let mut conditions = conditions.into_iter();
        let first = conditions.next();
        let mut all = match first {
            Some(first) => first,
            None => self.expr(ExprKind::Const(ConstValue::Bool(true)), Ty::BOOL),
        };
        for rhs in conditions {
            let (lhs, or) = (all, false);
            all = self.expr(ExprKind::ShortCircuit { or, lhs, rhs }, Ty::BOOL);
        }
        all
    }

    /// A copy of an expression, parts of it replaced.
    pub(super) fn copy(&mut self, id: ExprId, substitute: &mut Substitution<'_>) -> ExprId {
        if let Some(new) = substitute(self, id) {
            return new;
        }
        let mut expr = self.func.exprs[id].clone();
        expr.kind
            .for_each_operand_mut(|operand| *operand = self.copy(*operand, substitute));
        let span = self.func.span_of(id);
        let copy = self.expr(expr.kind, expr.ty);
        self.func.expr_spans[copy.index()] = span;
        copy
    }

    pub(super) fn assign(&self, place: Place, value: ExprId) -> Stmt {
        self.stmt(StmtKind::Assign { place, value })
    }

    pub(super) fn set(&self, local: LocalId, value: ExprId) -> Stmt {
        self.assign(Place::local(local), value)
    }

    pub(super) fn stmt(&self, kind: StmtKind) -> Stmt {
        let span = self.span;
        Stmt { kind, span }
    }

    pub(super) fn if_then(&self, cond: ExprId, then: Vec<Stmt>, otherwise: Vec<Stmt>) -> Stmt {
        self.stmt(StmtKind::If {
            cond,
            then: Block { stmts: then },
            otherwise: Block { stmts: otherwise },
        })
    }

    pub(super) fn label(&mut self) -> Label {
        self.next_label += 1;
        Label(self.next_label - 1)
    }

    /// `for var in start..end step step { body }`.
    pub(super) fn for_loop(
        &mut self,
        var: LocalId,
        (start, end, step): (ExprId, ExprId, u64),
        hints: LoopHints,
        body: Vec<Stmt>,
    ) -> Stmt {
        let label = self.label();
        let step = self.usize(step);
        self.stmt(StmtKind::For(Loop {
            label,
            var,
            start,
            end,
            step,
            inclusive: false,
            reversed: false,
            request: LoopRequest::Auto,
            hints,
            body: Block { stmts: body },
        }))
    }

    /// The loop over the lanes of vectors.
    pub(super) fn lanes_loop(&mut self, var: LocalId, lanes: u32, body: Vec<Stmt>) -> Stmt {
        let (start, end) = (self.usize(0), self.usize(lanes.into()));
        let hints = LoopHints {
            lanes,
            ..LoopHints::default()
        };
        self.for_loop(var, (start, end, 1), hints, body)
    }

    pub(super) fn ty(&self, expr: Handle<Expr>) -> &Ty {
        &self.func.exprs[expr].ty
    }
}

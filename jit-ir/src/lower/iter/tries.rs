//! Consumers that end at the first `None` or `Err`: `try_fold`, `try_for_each`, sums of `Option`s and `Result`s.

use super::IterId;
use super::slot::Slot;
use crate::expr::{ExprId, ExprKind, Projection};
use crate::func::LocalId;
use crate::hir::Span;
use crate::lower::infer::ITy;
use crate::lower::state::{Lowering, Value};
use crate::stmt::{Label, StmtKind};

/// That there was a `None` or an `Err`.
#[derive(Clone)]
pub(super) struct Failure {
    failed: LocalId,
    /// The error and its type, of `Result`s.
    error: Option<(Slot, ITy)>,
}

impl Lowering<'_> {
    /// What is in an `Option` or a `Result`; if it is `None` or `Err`, that is noted and the loop is left. `None`: reported.
    pub(super) fn success(
        &mut self,
        value: ExprId,
        failure: &mut Option<Failure>,
        exit: Label,
        span: Span,
    ) -> Option<ExprId> {
        let (ty, at) = (self.ty_of(value), self.span_of(value));
        let ITy::Result(ok, err) = self.infer.shallow(&ty) else {
            let (some, payload) = self.option_parts(value)?;
            let failure = failure.get_or_insert_with(|| Failure {
                failed: self.push_temp(ITy::BOOL, true, span),
                error: None,
            });
            let failed = failure.failed;
            self.unless(some, span, |this| {
                this.set_flag(failed, true, span);
                this.emit(StmtKind::Break(exit), span);
            });
            return Some(payload);
        };
        let (is_ok, value, error) = match self.exprs[value].kind.clone() {
            ExprKind::Tuple(elems) if elems.len() == 3 => {
                self.discard(value);
                (elems[0], elems[1], elems[2])
            }
            _ => {
                let place = self.evaluate_place(value);
                let mut part = |field: u32, ty: ITy| {
                    let mut place = place.clone();
                    place.projections.push(Projection::Field(field));
                    match self.infer.shallow(&ty) {
                        ITy::Unit => self.push_expr(ExprKind::Zeroed, ITy::Unit, at),
                        ty => self.push_expr(ExprKind::Load(place), ty, at),
                    }
                };
                (
                    part(0, ITy::BOOL),
                    part(1, (*ok).clone()),
                    part(2, (*err).clone()),
                )
            }
        };
        if failure.is_none() {
            *failure = Some(Failure {
                failed: self.push_temp(ITy::BOOL, true, span),
                error: Some((self.new_slot(&err, span), (*err).clone())),
            });
        }
        let known = failure.clone()?;
        self.unless(is_ok, span, |this| {
            this.set_flag(known.failed, true, span);
            if let Some((slot, _)) = &known.error {
                this.store(slot, error);
            }
            this.emit(StmtKind::Break(exit), span);
        });
        Some(value)
    }

    /// `Some(value)` or `Ok(value)`, or else the failure. What the failure begins with is put at `mark`.
    pub(super) fn unless_failed(
        &mut self,
        failure: Failure,
        value: ExprId,
        mark: usize,
        span: Span,
    ) -> ExprId {
        let ((), before) = self.in_frame(|this| {
            this.set_flag(failure.failed, false, span);
            if let Some((slot, _)) = &failure.error {
                this.clear(slot, span);
            }
        });
        self.insert_all(mark, before);
        let failed = self.load_local(failure.failed, span);
        let fine = self.not(failed, span);
        let Some((slot, err)) = &failure.error else {
            return self.option(fine, value, span);
        };
        let error = match slot {
            Slot::Unit => self.push_expr(ExprKind::Zeroed, ITy::Unit, span),
            _ => self.read(slot, span),
        };
        let ty = ITy::Result(Box::new(self.ty_of(value)), Box::new(err.clone()));
        self.push_expr(ExprKind::Tuple(vec![fine, value, error]), ty, span)
    }

    /// Folds with a closure that returns an `Option` or a `Result`, until it is `None` or `Err`.
    pub(super) fn lower_try_fold(
        &mut self,
        id: IterId,
        rev: bool,
        init: Option<ExprId>,
        f: ExprId,
        span: Span,
    ) -> Value {
        let slot = init.map(|init| self.slot_of(init));
        let mark = self.now();
        let mut failure: Option<Failure> = None;
        self.run(id, rev, span, &mut |this, item, exit| {
            let Value::Expr(item) = item else {
                return this.refuse_unit(span);
            };
            let mut args = vec![item];
            if let Some(slot) = &slot {
                args.insert(0, this.read(slot, span));
            }
            let f = this.copy_stable(f);
            let Value::Expr(next) = this.call_value(f, args, span) else {
                return;
            };
            let Some(value) = this.success(next, &mut failure, exit, span) else {
                return;
            };
            match &slot {
                Some(slot) => this.store(slot, value),
                None => this.drop_value(value),
            }
        });
        let value = match &slot {
            Some(slot) => self.read(slot, span),
            None => self.push_expr(ExprKind::Zeroed, ITy::Unit, span),
        };
        match failure {
            Some(failure) => Value::Expr(self.unless_failed(failure, value, mark, span)),
            None => Value::Expr(self.poison(span)),
        }
    }
}

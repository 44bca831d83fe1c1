//! What a pattern is compared with: a value or a place that can be looked at several times.

use super::infer::ITy;
use super::state::{Lowering, Value};
use crate::expr::{ExprId, ExprKind, Place, Projection};
use crate::hir::{self, Span};

/// What a pattern is compared with.
#[derive(Clone, Debug)]
pub(super) enum Subject {
    /// A stable expression: each look at it is a copy.
    Value(ExprId),
    /// A place with stable indices, and the type of what is there.
    Place(Place, ITy),
}

/// How names in a pattern bind, once it has looked through a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// The value.
    Move,
    /// A reference to the place.
    Ref { mutable: bool },
}

impl Lowering<'_> {
    /// Evaluates what is matched on, once. `None`: control does not get past it, or it has the type `()`.
    pub(super) fn lower_subject(&mut self, expr: &hir::Expr) -> Option<Subject> {
        let value = self.lower_expr(expr);
        self.subject_of_value(value)
    }

    fn subject_of_value(&mut self, value: Value) -> Option<Subject> {
        match value {
            Value::Expr(expr) => Some(self.subject_of(expr)),
            Value::Unit | Value::Never => None,
        }
    }

    /// An expression as a subject: evaluated now, parts of a tuple one by one.
    pub(super) fn subject_of(&mut self, expr: ExprId) -> Subject {
        let ty = self.ty_of(expr);
        let span = self.span_of(expr);
        match self.exprs[expr].kind.clone() {
            _ if self.is_stable(expr) => Subject::Value(expr),
            ExprKind::Tuple(elems) if matches!(self.infer.shallow(&ty), ITy::Tuple(_)) => {
                let mut parts = Vec::new();
                for elem in elems {
                    let subject = self.subject_of(elem);
                    let value = self.subject_value(&subject, span);
                    parts.push(self.evaluate(value));
                }
                let elems = parts;
                self.discard(expr);
                Subject::Value(self.push_expr(ExprKind::Tuple(elems), ty, span))
            }
            // The parts of a place are looked at where they are, unless it is one number.
            ExprKind::Load(place) if !self.is_single(&ty) => {
                self.discard(expr);
                let place = self.fix_place(place, true, span);
                Subject::Place(place, ty)
            }
            ExprKind::Borrow(place) => {
                self.discard(expr);
                let place = self.fix_place(place, true, span);
                Subject::Value(self.push_expr(ExprKind::Borrow(place), ty, span))
            }
            _ => {
                let value = self.evaluate(expr);
                if self.is_single(&ty) {
                    return Subject::Value(value);
                }
                match self.exprs[value].kind.clone() {
                    ExprKind::Load(place) => Subject::Place(place, ty),
                    _ => Subject::Value(value),
                }
            }
        }
    }

    /// Whether a value of this type is one thing, with no parts to be looked at.
    fn is_single(&self, ty: &ITy) -> bool {
        !matches!(
            self.infer.shallow(ty),
            ITy::Tuple(_)
                | ITy::Array { .. }
                | ITy::Struct(_)
                | ITy::DataEnum(_)
                | ITy::Option(_)
                | ITy::Result(..)
        )
    }

    /// The type of a subject.
    pub(super) fn subject_ty(&self, subject: &Subject) -> ITy {
        let ty = match subject {
            Subject::Value(value) => self.ty_of(*value),
            Subject::Place(_, ty) => ty.clone(),
        };
        self.infer.shallow(&ty)
    }

    /// The value of a subject.
    pub(super) fn subject_value(&mut self, subject: &Subject, span: Span) -> ExprId {
        match subject {
            Subject::Value(value) => self.copy_stable(*value),
            Subject::Place(place, ty) => {
                let place = self.copy_place(place);
                self.push_expr(ExprKind::Load(place), ty.clone(), span)
            }
        }
    }

    /// What a subject that is a reference points to.
    pub(super) fn subject_behind(
        &mut self,
        subject: &Subject,
        span: Span,
    ) -> Option<(Subject, Mode)> {
        let ITy::Ref { to, mutable } = self.subject_ty(subject) else {
            return None;
        };
        let mode = Mode::Ref { mutable };
        let place = match subject {
            Subject::Value(value) => match self.exprs[*value].kind.clone() {
                ExprKind::Borrow(place) => self.copy_place(&place),
                ExprKind::Load(mut place) => {
                    place.projections.push(Projection::Deref);
                    place
                }
                _ => {
                    let copy = self.copy_stable(*value);
                    let ty = self.ty_of(copy);
                    let temp = self.push_temp(ty, false, span);
                    self.assign(temp, copy);
                    Place {
                        local: temp,
                        projections: vec![Projection::Deref],
                    }
                }
            },
            Subject::Place(place, _) => {
                // A pointer that lies in memory is read once.
                let place = self.copy_place(place);
                let ty = self.subject_ty(subject);
                let pointer = self.push_expr(ExprKind::Load(place), ty.clone(), span);
                let temp = self.push_temp(ty, false, span);
                self.assign(temp, pointer);
                Place {
                    local: temp,
                    projections: vec![Projection::Deref],
                }
            }
        };
        Some((Subject::Place(place, *to), mode))
    }

    /// A part of a subject: an element of its tuple in the IR, of this type.
    pub(super) fn subject_field(
        &mut self,
        subject: &Subject,
        index: u32,
        ty: ITy,
        span: Span,
    ) -> Subject {
        match subject {
            Subject::Value(value) => {
                let elems = match self.exprs[*value].kind.clone() {
                    ExprKind::Tuple(elems) => elems,
                    // What is no part of the value that is there, perhaps.
                    ExprKind::Zeroed => {
                        return Subject::Value(self.push_expr(ExprKind::Zeroed, ty, span));
                    }
                    ExprKind::Load(mut place) => {
                        place.projections.push(Projection::Field(index));
                        return Subject::Place(place, ty);
                    }
                    _ => Vec::new(),
                };
                match elems.get(index as usize) {
                    Some(elem) => Subject::Value(*elem),
                    None => Subject::Value(self.poison(span)),
                }
            }
            Subject::Place(place, _) => {
                let mut place = place.clone();
                place.projections.push(Projection::Field(index));
                Subject::Place(place, ty)
            }
        }
    }

    /// A reference to a subject.
    pub(super) fn subject_ref(&mut self, subject: &Subject, mutable: bool, span: Span) -> ExprId {
        let (place, ty) = match subject {
            Subject::Place(place, ty) => (self.copy_place(place), ty.clone()),
            Subject::Value(value) => {
                let copy = self.copy_stable(*value);
                let ty = self.ty_of(copy);
                let temp = self.push_temp(ty.clone(), false, span);
                self.assign(temp, copy);
                (Place::local(temp), ty)
            }
        };
        let to = Box::new(ty);
        self.push_expr(ExprKind::Borrow(place), ITy::Ref { to, mutable }, span)
    }
}

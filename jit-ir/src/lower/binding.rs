//! What names mean: variables, and what exists only while lowering.

use std::collections::HashMap;

use super::state::Lowering;
use crate::expr::{BinaryOp, ExprId, ExprKind, Place, Projection};
use crate::func::LocalId;
use crate::hir::Ident;

/// What a name means.
#[derive(Clone, Copy, Debug)]
pub(super) enum Binding {
    /// A variable.
    Local(LocalId),
    /// A stable expression, which each use copies: a constant, a reference to a place that stays the same, a closure, an iterator.
    Alias(ExprId),
}

/// The names of a scope, each with the hygiene of the name.
pub(super) type Scope = HashMap<String, (Binding, u32)>;

impl Lowering<'_> {
    pub(super) fn bind(&mut self, ident: &Ident, local: LocalId) {
        self.bind_as(ident, Binding::Local(local));
    }

    pub(super) fn bind_as(&mut self, ident: &Ident, binding: Binding) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(ident.name.clone(), (binding, ident.hygiene));
        }
    }

    /// The variable that a name means. `None`, too, if the innermost variable of this spelling comes from another macro, which makes it
    /// another name for rustc.
    pub(super) fn lookup(&self, ident: &Ident) -> Option<LocalId> {
        match self.lookup_binding(ident)? {
            Binding::Local(local) => Some(local),
            Binding::Alias(_) => None,
        }
    }

    /// What a name means, as [`Lowering::lookup`].
    pub(super) fn lookup_binding(&self, ident: &Ident) -> Option<Binding> {
        let (binding, hygiene) = self.spelled(ident)?;
        (*hygiene == ident.hygiene).then_some(*binding)
    }

    /// The innermost binding of this spelling, and its hygiene.
    pub(super) fn spelled(&self, ident: &Ident) -> Option<&(Binding, u32)> {
        (self.scopes.iter().rev()).find_map(|scope| scope.get(&ident.name))
    }

    pub(super) fn in_scope<R>(&mut self, run: impl FnOnce(&mut Self) -> R) -> R {
        self.scopes.push(Scope::new());
        let result = run(self);
        self.scopes.pop();
        result
    }

    /// Whether a second evaluation, or a later one, gives the same value and does not trap: constants, variables that never change, and
    /// references to places that stay the same.
    pub(super) fn is_stable(&self, expr: ExprId) -> bool {
        match &self.exprs[expr].kind {
            ExprKind::Const(_)
            | ExprKind::Named(_)
            | ExprKind::DebugAssertions
            | ExprKind::Table(_)
            | ExprKind::Zeroed => true,
            ExprKind::Load(place) => {
                place.projections.is_empty() && !self.locals[place.local].mutable
            }
            // The length of a slice does not change unless the variable does.
            ExprKind::Len(place) => {
                place.projections.is_empty() && !self.locals[place.local].mutable
            }
            ExprKind::Borrow(place) => self.stays(place),
            ExprKind::SubSlice {
                base,
                start,
                end,
                site: None,
            } => {
                self.stays_as_slice(base)
                    && start.is_none_or(|start| self.is_stable(start))
                    && end.is_none_or(|end| self.is_stable(end))
            }
            ExprKind::Tuple(elems) => elems.iter().all(|elem| self.is_stable(*elem)),
            // Arithmetic on indices.
            ExprKind::Binary {
                op: BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul,
                lhs,
                rhs,
                site: None,
            } => self.is_stable(*lhs) && self.is_stable(*rhs),
            _ => false,
        }
    }

    /// Whether a place is the same memory each time, and getting there does not trap. What is stored there may change.
    fn stays(&self, place: &Place) -> bool {
        let steps_stay = place.projections.iter().all(|step| match step {
            Projection::Index { index, site } => site.is_none() && self.is_stable(*index),
            Projection::Field(_) | Projection::Deref => true,
        });
        steps_stay && self.can_stay(place)
    }

    /// Whether the slice or array at a place is the same memory each time. A slice is a pointer, which is read there.
    fn stays_as_slice(&self, place: &Place) -> bool {
        let ty = self.place_ty(place);
        if !matches!(self.infer.shallow(&ty), super::infer::ITy::Slice { .. }) {
            return self.stays(place);
        }
        let is_part = |step: &Projection| matches!(step, Projection::Field(_));
        place.projections.iter().all(is_part) && !self.locals[place.local].mutable
    }

    /// A second copy of a stable expression.
    pub(super) fn copy_stable(&mut self, expr: ExprId) -> ExprId {
        let kind = match self.exprs[expr].kind.clone() {
            ExprKind::Borrow(place) => ExprKind::Borrow(self.copy_place(&place)),
            ExprKind::SubSlice {
                base,
                start,
                end,
                site,
            } => ExprKind::SubSlice {
                base: self.copy_place(&base),
                start: start.map(|start| self.copy_stable(start)),
                end: end.map(|end| self.copy_stable(end)),
                site,
            },
            ExprKind::Tuple(elems) => {
                ExprKind::Tuple((elems.iter()).map(|elem| self.copy_stable(*elem)).collect())
            }
            ExprKind::Binary { op, lhs, rhs, site } => ExprKind::Binary {
                op,
                lhs: self.copy_stable(lhs),
                rhs: self.copy_stable(rhs),
                site,
            },
            kind => kind,
        };
        let copy = self.push_expr(kind, self.ty_of(expr), self.span_of(expr));
        self.copy_literal(expr, copy);
        copy
    }
}

/// What of a scope the value of a constant may name: other constants.
pub(super) fn only_constants(scope: &Scope, lowering: &Lowering<'_>) -> Scope {
    let is_constant = |binding: &Binding| match binding {
        Binding::Local(local) => lowering.constants.contains(local),
        Binding::Alias(_) => true,
    };
    (scope.iter())
        .filter(|(_, (binding, _))| is_constant(binding))
        .map(|(name, binding)| (name.clone(), *binding))
        .collect()
}

//! What `let` and parameters bind: names for values and for places.

use super::binding::Binding;
use super::infer::ITy;
use super::pat_bind::is_rest;
use super::state::Lowering;
use crate::expr::{ExprId, ExprKind};
use crate::func::LocalId;
use crate::hir;

impl Lowering<'_> {
    /// Binds the names of a pattern, which rustc has found to match, to the parts of a value.
    pub(super) fn bind_let(&mut self, pat: &hir::Pat, value: ExprId) {
        match pat {
            hir::Pat::Paren(inner) => self.bind_let(&inner.pat, value),
            hir::Pat::Wild(_) => self.drop_value(value),
            hir::Pat::Ident(pat) if pat.by_ref.is_none() && pat.subpat.is_none() => {
                self.bind_named(&pat.ident, pat.mutability, value);
            }
            hir::Pat::Refused(refusal) => {
                self.diags.refuse(refusal);
            }
            hir::Pat::Tuple(tuple) if !tuple.elems.iter().any(is_rest) => {
                let ty = self.ty_of(value);
                if let ITy::Var(_) = self.infer.shallow(&ty) {
                    let elems = tuple.elems.iter().map(|_| self.infer.fresh()).collect();
                    self.expect_ty(&ITy::Tuple(elems), &ty, tuple.span);
                }
                if let ExprKind::Tuple(elems) = self.exprs[value].kind.clone()
                    && elems.len() == tuple.elems.len()
                    && matches!(self.infer.shallow(&ty), ITy::Tuple(_))
                {
                    self.discard(value);
                    // A name that is bound first is not seen by the elements after it, which are lowered already; but a place that is
                    // bound must be looked at before anything else happens.
                    for (pat, elem) in tuple.elems.iter().zip(elems) {
                        self.bind_let(pat, elem);
                    }
                    return;
                }
                self.bind_whole(pat, value);
            }
            _ => self.bind_whole(pat, value),
        }
    }

    fn bind_whole(&mut self, pat: &hir::Pat, value: ExprId) {
        let subject = self.subject_of(value);
        self.bind_irrefutable(pat, &subject);
    }

    /// A name for a value. What stays the same and is read where it is used needs no variable.
    fn bind_named(&mut self, ident: &hir::Ident, mutable: bool, value: ExprId) {
        let ty = self.ty_of(value);
        match self.infer.shallow(&ty) {
            ITy::Iter(_) => return self.bind_name(ident, mutable, value),
            ITy::Closure(_) | ITy::Fn(_) | ITy::View(_) => {
                return self.bind_as(ident, Binding::Alias(value));
            }
            _ => {}
        }
        if !mutable {
            if let Some(local) = self.renamed_slice(value) {
                return self.bind(ident, local);
            }
            let value = self.settle_borrow(value);
            let is_alias = matches!(
                &self.exprs[value].kind,
                ExprKind::Borrow(_)
                    | ExprKind::SubSlice {
                        start: None,
                        end: None,
                        ..
                    }
            );
            if is_alias && self.is_stable(value) {
                return self.bind_as(ident, Binding::Alias(value));
            }
            self.bind_value(ident, false, value);
            return;
        }
        self.bind_value(ident, mutable, value);
    }

    /// `let b = a;` of a slice: a second name for it, no second slice.
    fn renamed_slice(&mut self, value: ExprId) -> Option<LocalId> {
        let ExprKind::Load(place) = &self.exprs[value].kind else {
            return None;
        };
        let local = place.local;
        let ty = self.ty_of(value);
        let is_slice = matches!(self.infer.shallow(&ty), ITy::Slice { .. } | ITy::Ref { .. });
        let renamed = place.projections.is_empty() && is_slice && !self.locals[local].mutable;
        renamed.then(|| {
            self.discard(value);
            local
        })
    }
}

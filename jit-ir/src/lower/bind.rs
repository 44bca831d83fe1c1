//! Binding patterns to lowered values, and looking through references.

use super::binding::Binding;
use super::diag::Code;
use super::infer::{ITy, Unknown};
use super::state::Lowering;
use super::types::field_index;
use crate::expr::{ExprId, ExprKind, Place, Projection};
use crate::hir::{self, Span};

impl Lowering<'_> {
    /// Binds the names of a pattern to parts of a value. A name that does not change and whose value stays the same becomes another name
    /// for it, without a variable of its own.
    pub(super) fn bind_pat(&mut self, pat: &hir::Pat, value: ExprId) {
        match pat {
            hir::Pat::Wild(_) => self.drop_value(value),
            hir::Pat::Paren(inner) => self.bind_pat(&inner.pat, value),
            hir::Pat::Type(typed) => {
                let value = match self.lower_ty(&typed.ty) {
                    Some(ty) => self.coerce(value, &ty),
                    None => value,
                };
                self.bind_pat(&typed.pat, value);
            }
            hir::Pat::Ident(pat) if pat.by_ref.is_none() && pat.subpat.is_none() => {
                self.bind_name(&pat.ident, pat.mutability, value);
            }
            hir::Pat::Reference(pat) => {
                let value = self.deref_expr(value, pat.and_token);
                self.bind_pat(&pat.pat, value);
            }
            hir::Pat::Tuple(pat)
                if !pat
                    .elems
                    .iter()
                    .any(|elem| matches!(elem, hir::Pat::Rest(_))) =>
            {
                self.bind_parts(pat, value);
            }
            other => {
                let subject = self.subject_of(value);
                self.bind_irrefutable(other, &subject);
            }
        }
    }

    fn bind_parts(&mut self, pat: &hir::PatTuple, value: ExprId) {
        if let ExprKind::Tuple(elems) = self.exprs[value].kind.clone()
            && elems.len() == pat.elems.len()
            && matches!(self.infer.shallow(&self.ty_of(value)), ITy::Tuple(_))
        {
            self.discard(value);
            for (pat, elem) in pat.elems.iter().zip(elems) {
                self.bind_pat(pat, elem);
            }
            return;
        }
        let ty = self.ty_of(value);
        match self.infer.shallow(&ty) {
            ITy::Ref { to, mutable } => {
                let place = self.pointee(value);
                for (index, pat) in pat.elems.iter().enumerate() {
                    let Some((field, ty)) = self.tuple_part(&to, index, pat.span()) else {
                        self.bind_names_of(pat);
                        continue;
                    };
                    let mut part = self.copy_place(&place);
                    part.projections.push(Projection::Field(field));
                    let ty = ITy::Ref {
                        to: Box::new(ty),
                        mutable,
                    };
                    let part = self.push_expr(ExprKind::Borrow(part), ty, pat.span());
                    self.bind_pat(pat, part);
                }
            }
            ITy::Var(_) if self.diags.is_empty() => {
                let elems = pat.elems.iter().map(|_| self.infer.fresh()).collect();
                self.expect_ty(&ty, &ITy::Tuple(elems), pat.span);
                self.bind_parts_of(pat, value);
            }
            _ => self.bind_parts_of(pat, value),
        }
    }

    /// The parts of a value that is no tuple expression.
    fn bind_parts_of(&mut self, pat: &hir::PatTuple, value: ExprId) {
        let ty = self.ty_of(value);
        let value = self.evaluate_place(value);
        for (index, pat) in pat.elems.iter().enumerate() {
            let Some((field, ty)) = self.tuple_part(&ty, index, pat.span()) else {
                self.bind_names_of(pat);
                continue;
            };
            let mut part = value.clone();
            part.projections.push(Projection::Field(field));
            let part = self.push_expr(ExprKind::Load(part), ty, pat.span());
            self.bind_pat(pat, part);
        }
    }

    /// Keeps a value in a variable that does not change.
    pub(super) fn evaluate_place(&mut self, value: ExprId) -> Place {
        if let Some(local) = self.loaded_local(value)
            && !self.locals[local].mutable
        {
            return Place::local(local);
        }
        let temp = self.push_temp(self.ty_of(value), false, self.span_of(value));
        self.assign(temp, value);
        Place::local(temp)
    }

    /// The number and type of an element of a tuple.
    pub(super) fn tuple_part(&mut self, ty: &ITy, index: usize, span: Span) -> Option<(u32, ITy)> {
        match self.infer.shallow(ty) {
            ITy::Tuple(elems) if index < elems.len() => Some((index as u32, elems[index].clone())),
            ITy::Struct(info) => field_index(&info, &index.to_string()),
            base @ ITy::Unknown(_) => {
                let part = Unknown::Field(base, index.to_string());
                Some((index as u32, self.infer.unknown(part)))
            }
            other if self.is_reported(&other) => Some((index as u32, ITy::REPORTED)),
            other => {
                let shown = self.show(&other);
                self.diags.report(
                    Code::Mismatch,
                    span,
                    format!("`{shown}` has no element {index}"),
                    "take a tuple apart",
                );
                None
            }
        }
    }

    /// A name for a value.
    pub(super) fn bind_name(&mut self, ident: &hir::Ident, mutable: bool, value: ExprId) {
        let ty = self.ty_of(value);
        match self.infer.shallow(&ty) {
            ITy::Closure(_) | ITy::Fn(_) | ITy::View(_) => {
                return self.bind_as(ident, Binding::Alias(value));
            }
            ITy::Iter(id) => {
                let id = if mutable { self.materialize(id) } else { id };
                let value = self.placeholder(ITy::Iter(id), ident.span());
                return self.bind_as(ident, Binding::Alias(value));
            }
            _ => {}
        }
        if !mutable {
            if let Some(local) = self.loaded_local(value)
                && (self.accumulators.contains(&local)
                    || !self.locals[local].mutable && self.locals[local].name.starts_with('$'))
            {
                return self.bind(ident, local);
            }
            let aliased = match &self.exprs[value].kind {
                ExprKind::Borrow(_) | ExprKind::SubSlice { .. } => true,
                ExprKind::Load(_) => matches!(self.infer.shallow(&ty), ITy::Slice { .. }),
                // Indices, so that what they index stays in sight.
                ExprKind::Binary { .. } => true,
                _ => false,
            };
            if aliased && self.is_stable(value) {
                return self.bind_as(ident, Binding::Alias(value));
            }
        }
        self.bind_value(ident, mutable, value);
    }

    /// `*value`.
    pub(super) fn deref_expr(&mut self, value: ExprId, span: Span) -> ExprId {
        let ty = self.ty_of(value);
        match self.infer.shallow(&ty) {
            ITy::Ref { to, .. } => {
                let place = self.pointee(value);
                if let Some(held) = self.held_value(&place) {
                    return held;
                }
                let span = self.span_of(value);
                self.push_expr(ExprKind::Load(place), *to, span)
            }
            other if self.is_reported(&other) => value,
            other => {
                let shown = self.show(&other);
                self.diags.report(
                    Code::Mismatch,
                    span,
                    format!("`{shown}` cannot be dereferenced"),
                    "dereference references to numbers",
                );
                self.poison(span)
            }
        }
    }

    /// `&value` of something that is no place.
    pub(super) fn hold(&mut self, value: ExprId) -> ExprId {
        let (ty, span) = (self.ty_of(value), self.span_of(value));
        if let ITy::View(_) = self.infer.shallow(&ty) {
            return value;
        }
        let temp = self.push_temp(ty.clone(), false, span);
        if self.is_stable(value) {
            let copy = self.copy_stable(value);
            self.held.insert(temp, copy);
        }
        self.assign(temp, value);
        let ty = ITy::Ref {
            to: Box::new(ty),
            mutable: false,
        };
        self.push_expr(ExprKind::Borrow(Place::local(temp)), ty, span)
    }

    /// The value of a place that [`Lowering::hold`] made, as it was given there.
    fn held_value(&mut self, place: &Place) -> Option<ExprId> {
        let mut value = *self.held.get(&place.local)?;
        for step in &place.projections {
            match (step, &self.exprs[value].kind) {
                (Projection::Field(field), ExprKind::Tuple(elems)) => {
                    value = *elems.get(*field as usize)?;
                }
                _ => return None,
            }
        }
        Some(self.copy_stable(value))
    }
}

//! Patterns of arrays and slices: `[first, .., last]`, `[x, rest @ ..]`.

use super::diag::Code;
use super::infer::{ITy, Len};
use super::pat_bind::is_rest;
use super::place::Base;
use super::state::Lowering;
use super::subject::{Mode, Subject};
use crate::expr::{BinaryOp, ExprId, ExprKind, Place, Projection};
use crate::hir::{self, Span};

/// An array or a slice that a pattern is compared with.
struct Sequence {
    place: Place,
    elem: ITy,
    /// The length of an array.
    len: Option<u64>,
    /// How its elements bind.
    mode: Mode,
}

impl Lowering<'_> {
    /// The pattern of a slice behind `&`, if the subject is a slice: that its elements bind as values.
    pub(super) fn slice_behind<'p>(
        &self,
        reference: &'p hir::PatReference,
        subject: &Subject,
    ) -> Option<&'p hir::PatSlice> {
        let mut pat = &*reference.pat;
        while let hir::Pat::Paren(inner) = pat {
            pat = &inner.pat;
        }
        match (pat, self.subject_ty(subject)) {
            (hir::Pat::Slice(slice), ITy::Slice { .. }) => Some(slice),
            _ => None,
        }
    }

    /// Whether the length is right, and each element matches.
    pub(super) fn test_slice_pattern(
        &mut self,
        slice: &hir::PatSlice,
        subject: &Subject,
        mode: Mode,
        by_value: bool,
    ) -> Option<ExprId> {
        let span = slice.span;
        let sequence = self.sequence(slice, subject, mode, by_value)?;
        let rest = slice.elems.iter().position(is_rest_of);
        let mut test = None;
        if sequence.len.is_none() {
            let n_elems = slice.elems.len() - usize::from(rest.is_some());
            // `[..]` matches every slice.
            if n_elems > 0 || rest.is_none() {
                let place = self.copy_place(&sequence.place);
                let len = self.push_expr(ExprKind::Len(place), ITy::USIZE, span);
                let wanted = self.integer(n_elems as u128, ITy::USIZE, span);
                let op = match rest {
                    Some(_) => BinaryOp::Ge,
                    None => BinaryOp::Eq,
                };
                test = Some(self.compare(op, len, wanted, span));
            }
        }
        for (at, pat) in slice.elems.iter().enumerate() {
            if Some(at) == rest {
                continue;
            }
            let part = self.element_of(&sequence, slice, at, rest)?;
            let inner = self.pattern_test(pat, &part, sequence.mode);
            test = self.both(test, inner, span);
        }
        test
    }

    /// Binds the names of a pattern that matches.
    pub(super) fn bind_slice_pattern(
        &mut self,
        slice: &hir::PatSlice,
        subject: &Subject,
        mode: Mode,
        by_value: bool,
    ) {
        let sequence = match self.subject_ty(subject) {
            ITy::Unknown(_) => None,
            _ => self.sequence(slice, subject, mode, by_value),
        };
        let Some(sequence) = sequence else {
            for pat in &slice.elems {
                self.bind_names_of(pat);
            }
            return;
        };
        let rest = slice.elems.iter().position(is_rest_of);
        for (at, pat) in slice.elems.iter().enumerate() {
            if Some(at) == rest {
                if let hir::Pat::Ident(name) = pat {
                    self.bind_rest(name, &sequence, slice, at);
                }
                continue;
            }
            match self.element_of(&sequence, slice, at, rest) {
                Some(part) => self.bind_pattern(pat, &part, sequence.mode),
                None => self.bind_names_of(pat),
            }
        }
    }

    /// What a pattern is compared with. `None`: only rustc knows its type, or it was reported.
    fn sequence(
        &mut self,
        slice: &hir::PatSlice,
        subject: &Subject,
        mode: Mode,
        by_value: bool,
    ) -> Option<Sequence> {
        let span = slice.span;
        let ty = self.subject_ty(subject);
        let (elem, len, mode) = match &ty {
            ITy::Slice { elem, .. } if by_value => (elem, None, Mode::Move),
            ITy::Slice { elem, mutable } => (elem, None, Mode::Ref { mutable: *mutable }),
            ITy::Array {
                elem,
                len: Len::Known(len),
            } => (elem, Some(*len), mode),
            // While the crate is built, a constant has no value.
            ITy::Array { elem, .. } => (elem, Some(slice.elems.len() as u64), mode),
            ty => {
                if !self.is_reported(ty) {
                    let shown = self.show(ty);
                    self.diags.report(
                        Code::Mismatch,
                        span,
                        format!("a value of type `{shown}` is no slice"),
                        "match on a slice or an array",
                    );
                }
                return None;
            }
        };
        let is_known = !matches!(&ty, ITy::Array { len, .. } if !matches!(len, Len::Known(_)));
        if let Some(len) = len
            && is_known
        {
            let has_rest = slice.elems.iter().any(is_rest_of);
            let n_elems = slice.elems.len() as u64 - u64::from(has_rest);
            if n_elems > len || (n_elems < len && !has_rest) {
                let shown = self.show(&ty);
                self.diags.report(
                    Code::Mismatch,
                    span,
                    format!("this pattern has another number of elements than `{shown}`"),
                    "name each element, or leave some out with `..`",
                );
                return None;
            }
        }
        let elem = (**elem).clone();
        let place = match subject {
            Subject::Place(place, _) => self.copy_place(place),
            Subject::Value(value) => {
                let value = self.copy_stable(*value);
                match self.exprs[value].kind.clone() {
                    ExprKind::Load(place) => place,
                    _ => self.base_place(Base::Value(value)).0,
                }
            }
        };
        Some(Sequence {
            place,
            elem,
            len,
            mode,
        })
    }

    /// The element that the pattern with this number is compared with.
    fn element_of(
        &mut self,
        sequence: &Sequence,
        slice: &hir::PatSlice,
        at: usize,
        rest: Option<usize>,
    ) -> Option<Subject> {
        let index = match rest {
            Some(rest) if at > rest => {
                self.position_from_end(sequence, (slice.elems.len() - at) as u64, slice.span)?
            }
            _ => self.integer(at as u128, ITy::USIZE, slice.span),
        };
        let mut place = self.copy_place(&sequence.place);
        let site = None;
        place.projections.push(Projection::Index { index, site });
        Some(Subject::Place(place, sequence.elem.clone()))
    }

    /// `len - back`, which is known not to be negative.
    fn position_from_end(&mut self, sequence: &Sequence, back: u64, span: Span) -> Option<ExprId> {
        if let Some(len) = sequence.len {
            let index = len.checked_sub(back)?;
            return Some(self.integer(u128::from(index), ITy::USIZE, span));
        }
        let place = self.copy_place(&sequence.place);
        let len = self.push_expr(ExprKind::Len(place), ITy::USIZE, span);
        let back = self.integer(u128::from(back), ITy::USIZE, span);
        Some(self.unchecked(BinaryOp::Sub, len, back, span))
    }

    /// `rest @ ..`.
    fn bind_rest(
        &mut self,
        name: &hir::PatIdent,
        sequence: &Sequence,
        slice: &hir::PatSlice,
        at: usize,
    ) {
        let span = name.ident.span();
        let mutable = match (&name.by_ref, sequence.mode) {
            (Some(_), _) => name.mutability,
            (None, Mode::Ref { mutable }) => mutable,
            // Elements of an array that move out of it are an array.
            (None, Mode::Move) => return self.bind_rest_array(name, sequence, slice, at),
        };
        let behind = (slice.elems.len() - at - 1) as u64;
        let start = match at {
            0 => None,
            _ => Some(self.integer(at as u128, ITy::USIZE, span)),
        };
        let end = match behind {
            0 => None,
            _ => self.position_from_end(sequence, behind, span),
        };
        let kind = ExprKind::SubSlice {
            base: self.copy_place(&sequence.place),
            start,
            end,
            site: None,
        };
        let elem = Box::new(sequence.elem.clone());
        let part = self.push_expr(kind, ITy::Slice { elem, mutable }, span);
        self.bind_value(&name.ident, name.by_ref.is_none() && name.mutability, part);
    }

    fn bind_rest_array(
        &mut self,
        name: &hir::PatIdent,
        sequence: &Sequence,
        slice: &hir::PatSlice,
        at: usize,
    ) {
        let span = name.ident.span();
        let behind = (slice.elems.len() - at - 1) as u64;
        let end = sequence.len.and_then(|len| len.checked_sub(behind));
        let Some(end) = end else {
            return self.bind_reported(&name.ident);
        };
        let elems: Vec<ExprId> = (at as u64..end)
            .map(|index| {
                let index = self.integer(u128::from(index), ITy::USIZE, span);
                let mut place = self.copy_place(&sequence.place);
                let site = None;
                place.projections.push(Projection::Index { index, site });
                self.push_expr(ExprKind::Load(place), sequence.elem.clone(), span)
            })
            .collect();
        let ty = ITy::Array {
            elem: Box::new(sequence.elem.clone()),
            len: Len::Known(elems.len() as u64),
        };
        let value = self.push_expr(ExprKind::Array(elems), ty, span);
        self.bind_value(&name.ident, name.mutability, value);
    }
}

/// Whether a pattern stands for any number of elements: `..`, `rest @ ..`.
fn is_rest_of(pat: &hir::Pat) -> bool {
    match pat {
        hir::Pat::Ident(name) => matches!(&name.subpat, Some((_, inner)) if is_rest(inner)),
        pat => is_rest(pat),
    }
}

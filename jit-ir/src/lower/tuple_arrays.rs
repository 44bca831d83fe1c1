//! Arrays of tuples where rustc lays the tuples out: `const C: [(f32, f32); 2] = [(0., 1.), (2., 3.)]`.
//!
//! A tuple is of one of two kinds: one that has no memory of its own, or a struct that is laid out as rustc has it. Elements of an array that
//! somebody named the type of are of the second kind, literals of the first.

use std::sync::Arc;

use super::infer::{ITy, Len};
use super::refs::is_tuple;
use super::state::Lowering;
use crate::expr::{ExprId, ExprKind, Projection};
use crate::hir::Span;

/// Arrays of variables that are longer are not taken apart.
const MAX_PARTS: u64 = 256;

impl Lowering<'_> {
    /// Whether two types differ in nothing but the kind of tuples in arrays or in themselves, as far as that shows.
    pub(super) fn has_other_tuples(&self, found: &ITy, wanted: &ITy) -> bool {
        match (self.infer.shallow(found), self.infer.shallow(wanted)) {
            (ITy::Tuple(_), ITy::Struct(info)) | (ITy::Struct(info), ITy::Tuple(_)) => {
                is_tuple(&info)
            }
            (ITy::Array { elem: found, .. }, ITy::Array { elem: wanted, .. }) => {
                self.has_other_tuples(&found, &wanted)
            }
            _ => false,
        }
    }

    /// An array with the tuples of another array type; `None` if it cannot be taken apart.
    pub(super) fn array_with_tuples(
        &mut self,
        value: ExprId,
        (found, wanted): (&ITy, &ITy),
        len: Len,
    ) -> Option<ExprId> {
        let span = self.span_of(value);
        let elems = match self.exprs[value].kind.clone() {
            ExprKind::Repeat(of) => {
                self.discard(value);
                let elem = Box::new(wanted.clone());
                let of = self.coerce(of, wanted);
                return Some(self.push_expr(ExprKind::Repeat(of), ITy::Array { elem, len }, span));
            }
            ExprKind::Array(elems) => {
                self.discard(value);
                elems
            }
            _ => match len {
                Len::Known(len) if len <= MAX_PARTS => self.loaded_elements(value, found, len),
                _ => return None,
            },
        };
        let mut lowered = Vec::new();
        for elem in elems {
            let elem = self.coerce(elem, wanted);
            lowered.push((self.limit_depth(elem), self.now()));
        }
        let elems = self.settle_all(lowered);
        let elem = Box::new(wanted.clone());
        Some(self.push_expr(ExprKind::Array(elems), ITy::Array { elem, len }, span))
    }

    /// The elements of an array, through a temporary.
    fn loaded_elements(&mut self, value: ExprId, elem: &ITy, len: u64) -> Vec<ExprId> {
        let span = self.span_of(value);
        let (place, _) = self.hold_value(value);
        (0..len)
            .map(|index| {
                let index = self.count(index, span);
                let mut part = self.copy_place(&place);
                let site = None;
                part.projections.push(Projection::Index { index, site });
                self.push_expr(ExprKind::Load(part), elem.clone(), span)
            })
            .collect()
    }

    /// A type that a part of a tuple is to have, with tuples of the kinds that were found. Notes what it says of their elements.
    pub(super) fn with_tuples_of(&mut self, wanted: ITy, found: &ITy, span: Span) -> ITy {
        match (wanted, self.infer.shallow(found)) {
            (ITy::Struct(info), ITy::Tuple(elems)) if is_tuple(&info) => {
                self.expect_fields(&Arc::clone(&info), &elems, span);
                found.clone()
            }
            (ITy::Array { elem, len }, ITy::Array { elem: found, .. }) => ITy::Array {
                elem: Box::new(self.with_tuples_of(*elem, &found, span)),
                len,
            },
            (wanted, _) => wanted,
        }
    }
}

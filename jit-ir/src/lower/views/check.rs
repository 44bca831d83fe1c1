//! Indices, and what panics if they are out of bounds.

use super::{View, ViewId};
use crate::expr::{BinaryOp, ExprId, ExprKind, Place, Projection};
use crate::func::{ArrayCheck, SiteKind};
use crate::hir::{self, Span};
use crate::lower::infer::{ITy, Len};
use crate::lower::place::Base;
use crate::lower::state::Lowering;

impl Lowering<'_> {
    /// `view[index]`.
    pub(in crate::lower) fn index_view(
        &mut self,
        id: ViewId,
        expr: &hir::ExprIndex,
    ) -> Option<Base> {
        let span = expr.span();
        let view = self.view(id);
        let (indices, check) = self.view_indices(&view, &expr.index)?;
        let mut outside = None;
        for (axis, index) in indices.iter().enumerate() {
            let beyond = self.is_beyond(&view, axis, *index, span);
            outside = Some(match outside {
                None => beyond,
                Some(others) => self.binary(BinaryOp::BitOr, others, beyond, span, span),
            });
        }
        let outside = outside?;
        let mut operands: Vec<_> = (indices.iter())
            .map(|index| self.copy_stable(*index))
            .collect();
        self.push_shape(&view, &mut operands);
        self.trap_if(outside, SiteKind::Array(check), operands, span);
        let place = self.view_element(&view, &indices, span);
        Some(Base::Place(place, view.elem))
    }

    /// The numbers of an index that is a value.
    pub(super) fn index_parts(&mut self, index: ExprId) -> (Vec<ExprId>, ArrayCheck) {
        let ty = self.ty_of(index);
        let span = self.span_of(index);
        match self.infer.shallow(&ty) {
            ITy::Tuple(elems) => {
                let (place, _) = self.hold_value(index);
                let parts = (0..elems.len() as u32)
                    .map(|field| self.index_part(&place, Projection::Field(field), span))
                    .collect();
                (parts, ArrayCheck::IndexTuple)
            }
            ITy::Array {
                len: Len::Known(len),
                ..
            } => {
                let (place, _) = self.hold_value(index);
                let parts = (0..len)
                    .map(|at| {
                        let index = self.count(at, span);
                        self.index_part(&place, Projection::Index { index, site: None }, span)
                    })
                    .collect();
                (parts, ArrayCheck::IndexArray)
            }
            _ => (vec![index], ArrayCheck::Index),
        }
    }

    fn index_part(&mut self, whole: &Place, step: Projection, span: Span) -> ExprId {
        let mut place = whole.clone();
        place.projections.push(step);
        self.push_expr(ExprKind::Load(place), ITy::USIZE, span)
    }

    /// Whether a stable index is out of bounds.
    fn is_beyond(&mut self, view: &View, axis: usize, index: ExprId, span: Span) -> ExprId {
        let (index, len) = (self.copy_stable(index), self.dim_of(view, axis));
        self.binary(BinaryOp::Ge, index, len, span, span)
    }

    fn push_shape(&mut self, view: &View, operands: &mut Vec<ExprId>) {
        for axis in 0..view.dims.len() {
            operands.push(self.dim_of(view, axis));
        }
    }

    /// The part of a view at an index of one dimension.
    pub(super) fn index_axis(
        &mut self,
        view: &View,
        axis: usize,
        index: ExprId,
        at: Span,
        span: Span,
    ) -> ExprId {
        self.expect_expr(index, &ITy::USIZE);
        let index = self.evaluate(index);
        let beyond = self.is_beyond(view, axis, index, span);
        let mut operands = vec![self.count(axis as u64, span), self.copy_stable(index)];
        self.push_shape(view, &mut operands);
        self.trap_if(beyond, SiteKind::Array(ArrayCheck::Axis), operands, at);
        let index = self.copy_stable(index);
        let part = self.at_index(view, axis, index, span);
        self.view_value(part, span)
    }

    /// Of the sites since there were `n_sites`, the last that is an index of an array is of a place that is stored to.
    pub(in crate::lower) fn note_stored(&mut self, n_sites: usize) {
        let site = (self.sites.iter_mut().skip(n_sites).rev())
            .find(|site| matches!(site.kind, SiteKind::Array(_)));
        if let Some(site) = site
            && let SiteKind::Array(check) = site.kind
        {
            site.kind = SiteKind::Array(check.to_mut());
        }
    }

    /// The number of sites so far, for [`Lowering::note_stored`].
    pub(in crate::lower) fn n_sites(&self) -> usize {
        self.sites.len()
    }
}

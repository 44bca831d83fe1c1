//! Arrays and views of ndarray: a slice of the elements' memory, an offset, and for each dimension a length and a stride.
//!
//! They exist only while lowering: an element is an element of the slice, a row is another view of it. What they consist of are
//! constants and variables that never change, so that everything about them can be evaluated again.

mod access;
mod check;
mod elements;
mod items;
mod memory;
mod methods;
mod param;
mod reduce;
mod slicing;
mod whole;
mod zip;

pub(super) use items::Items;
pub(super) use param::ViewParam;

use super::infer::ITy;
use super::state::Lowering;
use crate::expr::{BinaryOp, ExprId, ExprKind, Place, Projection};
use crate::func::LocalId;
use crate::hir::Span;

/// The number of a view among [`Lowering::views`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ViewId(usize);

/// An array, or a part of one.
#[derive(Clone, Debug)]
pub(super) struct View {
    /// The variable that holds the memory that the elements lie in.
    slice: LocalId,
    elem: ITy,
    mutable: bool,
    /// The number of the first element in it; `None` is 0.
    offset: Option<ExprId>,
    dims: Vec<Dim>,
}

/// A dimension.
#[derive(Clone, Copy, Debug)]
struct Dim {
    /// Stable, a `usize`.
    len: ExprId,
    /// Stable, a `usize` that wraps if it is negative, in elements; `None` is 1.
    stride: Option<ExprId>,
}

impl Lowering<'_> {
    fn push_view(&mut self, view: View) -> ViewId {
        self.views.push(view);
        ViewId(self.views.len() - 1)
    }

    fn view(&self, ViewId(number): ViewId) -> View {
        self.views[number].clone()
    }

    /// The expression that stands for a view.
    fn view_value(&mut self, view: View, span: Span) -> ExprId {
        let id = self.push_view(view);
        self.push_expr(ExprKind::Zeroed, ITy::View(id), span)
    }

    /// The length of a dimension.
    fn dim_of(&mut self, view: &View, axis: usize) -> ExprId {
        self.copy_stable(view.dims[axis].len)
    }

    /// `base + index * stride`, without overflow checks: the element is there.
    fn view_step(&mut self, base: Option<ExprId>, index: ExprId, dim: Dim, span: Span) -> ExprId {
        let distance = match dim.stride {
            None => index,
            Some(stride) => {
                let stride = self.copy_stable(stride);
                self.unchecked(BinaryOp::Mul, index, stride, span)
            }
        };
        match base {
            None => distance,
            Some(base) => self.unchecked(BinaryOp::Add, base, distance, span),
        }
    }

    /// The place of an element. The indices are in bounds.
    fn view_element(&mut self, view: &View, indices: &[ExprId], span: Span) -> Place {
        let mut at = view.offset.map(|offset| self.copy_stable(offset));
        for (index, dim) in indices.iter().zip(&view.dims) {
            at = Some(self.view_step(at, *index, *dim, span));
        }
        let index = match at {
            Some(at) => at,
            None => self.count(0, span),
        };
        Place {
            local: view.slice,
            projections: vec![Projection::Index { index, site: None }],
        }
    }

    /// The view at an index of a dimension, which is in bounds.
    fn at_index(&mut self, view: &View, axis: usize, index: ExprId, span: Span) -> View {
        let mut part = view.clone();
        let dim = part.dims.remove(axis);
        let base = part.offset.map(|offset| self.copy_stable(offset));
        let offset = self.view_step(base, index, dim, span);
        part.offset = Some(self.evaluate(offset));
        part
    }

    /// The number of elements.
    fn n_elements(&mut self, view: &View, span: Span) -> ExprId {
        let mut count = self.dim_of(view, 0);
        for axis in 1..view.dims.len() {
            let len = self.dim_of(view, axis);
            count = self.unchecked(BinaryOp::Mul, count, len, span);
        }
        count
    }
}

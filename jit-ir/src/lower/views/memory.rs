//! In what order ndarray visits the elements of an array where its documentation leaves it open: that of memory, if there are no gaps.
//!
//! # Source
//!
//! ndarray 0.17: `Dimension::is_contiguous`, `move_min_stride_axis_to_last`, `array_layout` and `Zip::for_each_core`. Closures may tell orders
//! apart, and so may sums of floats.

use super::{Dim, View};
use crate::expr::{BinaryOp, ExprId, ExprKind, Place};
use crate::hir::Span;
use crate::intrinsic::Intrinsic;
use crate::lower::infer::ITy;
use crate::lower::state::Lowering;

/// What is done with an element.
pub(super) type Visit<'b, L> = &'b mut dyn FnMut(&mut L, Place);

impl Lowering<'_> {
    /// Visits all elements as `map_inplace` and `fold` do.
    pub(super) fn in_memory_order(&mut self, view: &View, span: Span, visit: Visit<'_, Self>) {
        let mut all = |this: &mut Self, view: &View| {
            this.each_index(view, span, &mut |this, indices| {
                let indices = this.load_indices(indices, span);
                let place = this.view_element(view, &indices, span);
                visit(this, place);
            });
        };
        let Some(cond) = self.is_contiguous(view, span) else {
            return all(self, view);
        };
        let ((), gapless) = self.in_frame(|this| {
            let flat = this.flattened(view, span);
            all(this, &flat);
        });
        let ((), strided) = self.in_frame(|this| {
            let turned = this.least_stride_last(view, span);
            all(this, &turned);
        });
        self.emit_branch(cond, gapless, strided, span);
    }

    /// The elements of an array without gaps, as they lie in memory.
    pub(super) fn flattened(&mut self, view: &View, span: Span) -> View {
        let mut offset = view.offset.map(|offset| self.copy_stable(offset));
        for (axis, dim) in view.dims.iter().enumerate() {
            // A negative stride: the element at the lowest address is the last one of the dimension.
            let Some(stride) = dim.stride else { continue };
            let (len, one) = (self.dim_of(view, axis), self.count(1, span));
            let last = self.unchecked(BinaryOp::Sub, len, one, span);
            let stride_copy = self.copy_stable(stride);
            let back = self.unchecked(BinaryOp::Mul, last, stride_copy, span);
            let negative = self.is_negative(stride, span);
            let zero = self.count(0, span);
            let back = self.select(negative, back, zero, span);
            offset = Some(match offset {
                None => back,
                Some(offset) => self.unchecked(BinaryOp::Add, offset, back, span),
            });
        }
        let len = self.n_elements(view, span);
        View {
            slice: view.slice,
            elem: view.elem.clone(),
            mutable: view.mutable,
            offset: offset.map(|offset| self.evaluate(offset)),
            dims: vec![Dim {
                len: self.evaluate(len),
                stride: None,
            }],
        }
    }

    /// The same array with its dimensions in the order in which ndarray visits it if it has gaps.
    fn least_stride_last(&mut self, view: &View, span: Span) -> View {
        let mut turned = view.clone();
        let last = view.dims.len() - 1;
        if last == 0 {
            return turned;
        }
        if last == 1 {
            // dim[1] <= 1 || dim[0] > 1 && |stride[0]| < |stride[1]|
            let short = self.is_short(view, 1, span);
            let long = self.is_long(view, 0, span);
            let (a, b) = (self.magnitude(view, 0, span), self.magnitude(view, 1, span));
            let less = self.binary(BinaryOp::Lt, a, b, span, span);
            let turn = self.binary(BinaryOp::BitAnd, long, less, span, span);
            let turn = self.binary(BinaryOp::BitOr, short, turn, span, span);
            self.swap_dims_if(&mut turned, 0, 1, turn, span);
            return turned;
        }
        // The first of the least strides among the dimensions that are longer than 1.
        let most = self.push_expr(
            ExprKind::Named(crate::expr::NamedConst::Max),
            ITy::USIZE,
            span,
        );
        let mut least = self.evaluate(most);
        let mut at = self.count(last as u64, span);
        for axis in 0..=last {
            let long = self.is_long(view, axis, span);
            let (stride, than) = (self.magnitude(view, axis, span), self.copy_stable(least));
            let less = self.binary(BinaryOp::Lt, stride, than, span, span);
            let better = self.binary(BinaryOp::BitAnd, long, less, span, span);
            let better = self.evaluate(better);
            let stride = self.magnitude(view, axis, span);
            let cond = self.copy_stable(better);
            let value = self.select(cond, stride, least, span);
            least = self.evaluate(value);
            let number = self.count(axis as u64, span);
            let value = self.select(better, number, at, span);
            at = self.evaluate(value);
        }
        for axis in 0..last {
            let (which, number) = (self.copy_stable(at), self.count(axis as u64, span));
            let turn = self.binary(BinaryOp::Eq, which, number, span, span);
            self.swap_dims_if(&mut turned, axis, last, turn, span);
        }
        turned
    }

    fn swap_dims_if(&mut self, view: &mut View, a: usize, b: usize, cond: ExprId, span: Span) {
        let cond = self.evaluate(cond);
        let (first, second) = (view.dims[a], view.dims[b]);
        view.dims[a] = self.dim_if(cond, second, first, span);
        view.dims[b] = self.dim_if(cond, first, second, span);
    }

    fn dim_if(&mut self, cond: ExprId, then: Dim, otherwise: Dim, span: Span) -> Dim {
        let (a, b) = (self.copy_stable(then.len), self.copy_stable(otherwise.len));
        let len = self.select_stable(cond, a, b, span);
        let (a, b) = (self.stride_of(then, span), self.stride_of(otherwise, span));
        let stride = self.select_stable(cond, a, b, span);
        Dim {
            len,
            stride: Some(stride),
        }
    }

    /// Whether the elements lie in memory without gaps, in whichever order. `None`: they do.
    pub(super) fn is_contiguous(&mut self, view: &View, span: Span) -> Option<ExprId> {
        if let [dim] = view.dims.as_slice() {
            dim.stride?;
            let (stride, one) = (self.magnitude(view, 0, span), self.count(1, span));
            let unit = self.binary(BinaryOp::Eq, stride, one, span, span);
            let short = self.is_short(view, 0, span);
            return Some(self.binary(BinaryOp::BitOr, short, unit, span, span));
        }
        // Lengths and strides from the least stride to the greatest, by a sorting network.
        let mut dims: Vec<Dim> = (0..view.dims.len())
            .map(|axis| {
                let stride = self.magnitude(view, axis, span);
                Dim {
                    len: view.dims[axis].len,
                    stride: Some(self.evaluate(stride)),
                }
            })
            .collect();
        let network: &[(usize, usize)] = match dims.len() {
            2 => &[(0, 1)],
            3 => &[(0, 1), (1, 2), (0, 1)],
            _ => &[(0, 1), (2, 3), (0, 2), (1, 3), (1, 2)],
        };
        for &(a, b) in network {
            let (lhs, rhs) = (self.stride_of(dims[a], span), self.stride_of(dims[b], span));
            let greater = self.binary(BinaryOp::Gt, lhs, rhs, span, span);
            let greater = self.evaluate(greater);
            let (first, second) = (dims[a], dims[b]);
            dims[a] = self.dim_if(greater, second, first, span);
            dims[b] = self.dim_if(greater, first, second, span);
        }
        self.is_dense(&dims, span)
    }

    /// Whether these dimensions, the innermost first, have the strides of an array without gaps.
    fn is_dense(&mut self, dims: &[Dim], span: Span) -> Option<ExprId> {
        let (mut all, mut expected) = (None, self.count(1, span));
        for dim in dims {
            let (len, one) = (self.copy_stable(dim.len), self.count(1, span));
            let single = self.binary(BinaryOp::Eq, len, one, span, span);
            let stride = self.stride_of(*dim, span);
            let copy = self.copy_stable(expected);
            let fits = self.binary(BinaryOp::Eq, stride, copy, span, span);
            let fits = self.binary(BinaryOp::BitOr, single, fits, span, span);
            all = Some(match all {
                None => fits,
                Some(others) => self.binary(BinaryOp::BitAnd, others, fits, span, span),
            });
            let len = self.copy_stable(dim.len);
            let next = self.unchecked(BinaryOp::Mul, expected, len, span);
            expected = self.evaluate(next);
        }
        all
    }

    /// Whether an array is in the order of C, or of Fortran: ndarray's standard layout, or that of its transpose.
    pub(super) fn has_order(&mut self, dims: &[Dim], fortran: bool, span: Span) -> ExprId {
        let mut inner_first = dims.to_vec();
        if !fortran {
            inner_first.reverse();
        }
        let mut holds = match self.is_dense(&inner_first, span) {
            Some(dense) => dense,
            None => self.truth(true, span),
        };
        for dim in dims {
            let (len, zero) = (self.copy_stable(dim.len), self.count(0, span));
            let empty = self.binary(BinaryOp::Eq, len, zero, span, span);
            holds = self.binary(BinaryOp::BitOr, holds, empty, span, span);
        }
        self.evaluate(holds)
    }

    /// Whether `Zip` of parts with these dimensions runs over the first dimension fastest. `None`: it does not. `indexed`: it has indices, too.
    pub(super) fn prefers_fortran(
        &mut self,
        parts: &[Vec<Dim>],
        indexed: bool,
        span: Span,
    ) -> Option<ExprId> {
        let n_dims = parts.first()?.len();
        if n_dims < 2 {
            return None;
        }
        let (mut all_c, mut all_f) = (None, None);
        let mut tendency = None;
        for dims in parts {
            let c = self.has_order(dims, false, span);
            let f = self.has_order(dims, true, span);
            let (first, last) = (dims[0], dims[n_dims - 1]);
            // How many dimensions are longer than 1.
            let mut long = None;
            for dim in dims {
                let (len, one) = (self.copy_stable(dim.len), self.count(1, span));
                let more = self.binary(BinaryOp::Gt, len, one, span, span);
                let more = self.cast(more, ITy::USIZE, span);
                long = Some(match long {
                    None => more,
                    Some(others) => self.unchecked(BinaryOp::Add, others, more, span),
                });
            }
            let long = long?;
            let one = self.count(1, span);
            let flat = self.binary(BinaryOp::Le, long, one, span, span);
            let copy = self.copy_stable(c);
            let flat = self.binary(BinaryOp::BitAnd, copy, flat, span, span);
            let flat = self.evaluate(flat);
            // `c`: in C's order, `f`: in Fortran's and not in C's, or both if it is flat.
            let copy = self.copy_stable(c);
            let not_c = self.not(copy, span);
            let f = self.binary(BinaryOp::BitAnd, f, not_c, span, span);
            let f = self.evaluate(f);
            let score = |this: &mut Self, value: u64| this.count(value, span);
            let (prefers_f, prefers_c) = (self.is_unit(first, span), self.is_unit(last, span));
            // Wrapping: 2 for C, -2 for Fortran, 1 and -1 for those that only begin so.
            let (one, zero) = (score(self, 1), score(self, 0));
            let weak = self.select(prefers_c, one, zero, span);
            let minus = score(self, u64::MAX);
            let weak = self.select(prefers_f, minus, weak, span);
            let (copy, minus_two) = (self.copy_stable(f), score(self, u64::MAX - 1));
            let strong = self.select(copy, minus_two, weak, span);
            let (copy, two) = (self.copy_stable(c), score(self, 2));
            let strong = self.select(copy, two, strong, span);
            let (copy, zero) = (self.copy_stable(flat), score(self, 0));
            let value = self.select(copy, zero, strong, span);
            tendency = Some(match tendency {
                None => value,
                Some(others) => self.unchecked(BinaryOp::Add, others, value, span),
            });
            let f = self.binary(BinaryOp::BitOr, f, flat, span, span);
            all_c = self.both(all_c, Some(c), span);
            all_f = self.both(all_f, Some(f), span);
        }
        let backwards = self.is_negative(tendency?, span);
        if indexed {
            return Some(self.evaluate(backwards));
        }
        let either = self.binary(BinaryOp::BitOr, all_f?, backwards, span, span);
        let forwards = self.not(all_c?, span);
        let turned = self.binary(BinaryOp::BitAnd, forwards, either, span, span);
        Some(self.evaluate(turned))
    }

    /// Whether a dimension is longer than 1 and its elements are neighbours.
    fn is_unit(&mut self, dim: Dim, span: Span) -> ExprId {
        let (len, one) = (self.copy_stable(dim.len), self.count(1, span));
        let long = self.binary(BinaryOp::Gt, len, one, span, span);
        let (stride, one) = (self.stride_of(dim, span), self.count(1, span));
        let unit = self.binary(BinaryOp::Eq, stride, one, span, span);
        self.binary(BinaryOp::BitAnd, long, unit, span, span)
    }

    fn is_long(&mut self, view: &View, axis: usize, span: Span) -> ExprId {
        let (len, one) = (self.dim_of(view, axis), self.count(1, span));
        self.binary(BinaryOp::Gt, len, one, span, span)
    }

    fn is_short(&mut self, view: &View, axis: usize, span: Span) -> ExprId {
        let (len, one) = (self.dim_of(view, axis), self.count(1, span));
        self.binary(BinaryOp::Le, len, one, span, span)
    }

    /// The stride of a dimension.
    pub(super) fn stride_of(&mut self, dim: Dim, span: Span) -> ExprId {
        match dim.stride {
            Some(stride) => self.copy_stable(stride),
            None => self.count(1, span),
        }
    }

    /// The stride without its sign.
    fn magnitude(&mut self, view: &View, axis: usize, span: Span) -> ExprId {
        let Some(stride) = view.dims[axis].stride else {
            return self.count(1, span);
        };
        let (zero, copy) = (self.count(0, span), self.copy_stable(stride));
        let negated = self.unchecked(BinaryOp::Sub, zero, copy, span);
        let stride = self.copy_stable(stride);
        self.call(Intrinsic::Min, vec![stride, negated], ITy::USIZE, span)
    }

    /// Whether a number that wraps is negative.
    pub(super) fn is_negative(&mut self, number: ExprId, span: Span) -> ExprId {
        let number = self.evaluate(number);
        let number = self.copy_stable(number);
        let signed = self.cast(number, ITy::Scalar(crate::ty::ScalarTy::Isize), span);
        let zero = ExprKind::Const(crate::expr::ConstValue::Int(0));
        let zero = self.push_expr(zero, ITy::Scalar(crate::ty::ScalarTy::Isize), span);
        self.binary(BinaryOp::Lt, signed, zero, span, span)
    }

    pub(super) fn select(
        &mut self,
        cond: ExprId,
        then: ExprId,
        otherwise: ExprId,
        span: Span,
    ) -> ExprId {
        let ty = self.ty_of(then);
        let kind = ExprKind::Select {
            cond,
            then,
            otherwise,
        };
        self.push_expr(kind, ty, span)
    }

    /// The same of a stable condition, evaluated.
    pub(super) fn select_stable(
        &mut self,
        cond: ExprId,
        then: ExprId,
        otherwise: ExprId,
        span: Span,
    ) -> ExprId {
        let cond = self.copy_stable(cond);
        let value = self.select(cond, then, otherwise, span);
        self.evaluate(value)
    }
}

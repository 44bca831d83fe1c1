//! Iterators over arrays: what their items are.

use super::{Dim, View, ViewId};
use crate::expr::{BinaryOp, ExprId, ExprKind};
use crate::func::SiteKind;
use crate::hir::{self, Span};
use crate::lower::binding::Binding;
use crate::lower::expr::strip_groups;
use crate::lower::infer::ITy;
use crate::lower::state::Lowering;

/// The items of an iterator over an array: for each index of some of its dimensions, what is there.
#[derive(Clone, Debug)]
pub(in crate::lower) struct Items {
    view: ViewId,
    /// The dimensions that are iterated over, the last one fastest.
    outer: Vec<usize>,
    /// The dimensions of an item. An element has none.
    inner: Vec<usize>,
    /// Whether items come with their indices.
    indexed: bool,
}

/// Methods of arrays that make an iterator, beside `iter` and its like.
const ARRAY_SOURCES: &[&str] = &[
    "indexed_iter",
    "indexed_iter_mut",
    "rows",
    "rows_mut",
    "columns",
    "columns_mut",
    "lanes",
    "lanes_mut",
    "outer_iter",
    "outer_iter_mut",
    "axis_iter",
    "axis_iter_mut",
];

/// Methods of arrays that make a view.
const ARRAY_VIEWS: &[&str] = &[
    "row",
    "row_mut",
    "column",
    "column_mut",
    "index_axis",
    "index_axis_mut",
    "view",
    "view_mut",
    "reborrow",
    "t",
    "reversed_axes",
    "slice",
    "slice_mut",
];

impl Items {
    /// The number of dimensions that are iterated over.
    pub(in crate::lower) fn n_dims(&self) -> usize {
        self.outer.len()
    }
}

impl Lowering<'_> {
    /// Whether a method call makes an iterator of an array and has a name that std's iterators have not.
    pub(in crate::lower) fn is_array_source(&self, call: &hir::ExprMethodCall) -> bool {
        ARRAY_SOURCES.contains(&call.method.name.as_str()) && self.is_view(&call.receiver)
    }

    /// Whether an expression is an array or a view, by its syntax and the names in it.
    pub(in crate::lower) fn is_view(&self, expr: &hir::Expr) -> bool {
        match strip_groups(expr) {
            hir::Expr::Path(path) => {
                let binding = (path.path.get_ident()).and_then(|ident| self.lookup_binding(ident));
                match binding {
                    Some(Binding::Alias(value)) => {
                        matches!(self.infer.shallow(&self.ty_of(value)), ITy::View(_))
                    }
                    _ => false,
                }
            }
            hir::Expr::Reference(reference) => self.is_view(&reference.expr),
            hir::Expr::Unary(unary) => {
                matches!(unary.op, hir::UnOp::Deref(_)) && self.is_view(&unary.expr)
            }
            hir::Expr::MethodCall(call) => {
                ARRAY_VIEWS.contains(&call.method.name.as_str()) && self.is_view(&call.receiver)
            }
            _ => false,
        }
    }

    /// The items of a call for which [`Lowering::is_array_source`] holds. `None`: there are none, which is reported.
    pub(in crate::lower) fn array_source(&mut self, call: &hir::ExprMethodCall) -> Option<Items> {
        let base = self.lower_base(&call.receiver)?;
        let ITy::View(id) = self.base_ty(&base) else {
            return None;
        };
        let name = call.method.name.as_str();
        let plain = name.trim_end_matches("_mut");
        let id = self.with_mutability(id, name.ends_with("_mut"), call.method.span());
        let n_dims = self.view(id).dims.len();
        let (outer, inner): (Vec<_>, Vec<_>) = match (plain, call.args.as_slice()) {
            ("indexed_iter", []) => ((0..n_dims).collect(), Vec::new()),
            ("outer_iter", []) => (0..n_dims).partition(|axis| *axis == 0),
            ("axis_iter", [axis]) => {
                let axis = self.axis_number(&self.view(id), axis)?;
                (0..n_dims).partition(|other| *other == axis)
            }
            ("rows", []) => (0..n_dims).partition(|axis| axis + 1 != n_dims),
            ("columns", []) => (0..n_dims).partition(|axis| *axis != 0),
            ("lanes", [axis]) => {
                let axis = self.axis_number(&self.view(id), axis)?;
                (0..n_dims).partition(|other| *other != axis)
            }
            _ => {
                self.refuse_view_method(call);
                return None;
            }
        };
        if n_dims == 1 && plain != "indexed_iter" {
            self.refuse(
                call.method.span(),
                &format!("`{name}` of an array of one dimension"),
                "iterate over its elements: `a.iter()`",
            );
            return None;
        }
        Some(Items {
            view: id,
            outer,
            inner,
            indexed: plain == "indexed_iter",
        })
    }

    /// The elements of an array, as they are iterated over; `None`: as mutable as the array is.
    pub(in crate::lower) fn array_elements(
        &mut self,
        id: ViewId,
        mutable: Option<bool>,
        span: Span,
    ) -> Items {
        let id = match mutable {
            Some(mutable) => self.with_mutability(id, mutable, span),
            None => id,
        };
        Items {
            view: id,
            outer: (0..self.view(id).dims.len()).collect(),
            inner: Vec::new(),
            indexed: false,
        }
    }

    /// The same view, through which elements may be stored or not.
    pub(in crate::lower) fn with_mutability(
        &mut self,
        id: ViewId,
        mutable: bool,
        span: Span,
    ) -> ViewId {
        let mut view = self.view(id);
        if mutable && !view.mutable {
            self.refuse(
                span,
                "a mutable view of an array that is not `&mut`",
                "make the parameter `&mut Array2<T>`, or `ArrayViewMut2<T>`",
            );
        }
        if mutable == view.mutable {
            return id;
        }
        view.mutable = false;
        self.push_view(view)
    }

    /// The lengths of the dimensions that are iterated over.
    pub(in crate::lower) fn items_shape(&mut self, items: &Items) -> Vec<ExprId> {
        let view = self.view(items.view);
        (items.outer.iter())
            .map(|axis| self.dim_of(&view, *axis))
            .collect()
    }

    /// The dimensions that are iterated over.
    pub(super) fn items_dims(&self, items: &Items) -> Vec<Dim> {
        let view = self.view(items.view);
        items.outer.iter().map(|axis| view.dims[*axis]).collect()
    }

    /// How many items there are.
    pub(in crate::lower) fn items_len(&mut self, items: &Items, span: Span) -> ExprId {
        let mut count = None;
        for len in self.items_shape(items) {
            count = Some(match count {
                None => len,
                Some(count) => self.unchecked(BinaryOp::Mul, count, len, span),
            });
        }
        match count {
            Some(count) => count,
            None => self.count(1, span),
        }
    }

    /// The item at these indices, which are stable and in bounds.
    pub(in crate::lower) fn item_of_array(
        &mut self,
        items: &Items,
        indices: &[ExprId],
        span: Span,
    ) -> ExprId {
        let view = self.view(items.view);
        let mut offset = view.offset.map(|offset| self.copy_stable(offset));
        for (index, axis) in indices.iter().zip(&items.outer) {
            let index = self.copy_stable(*index);
            offset = Some(self.view_step(offset, index, view.dims[*axis], span));
        }
        let part = View {
            slice: view.slice,
            elem: view.elem.clone(),
            mutable: view.mutable,
            offset: offset.map(|offset| self.evaluate(offset)),
            dims: items.inner.iter().map(|axis| view.dims[*axis]).collect(),
        };
        let item = if items.inner.is_empty() {
            let place = self.view_element(&part, &[], span);
            self.borrow(place, part.elem, part.mutable, span)
        } else {
            self.view_value(part, span)
        };
        if !items.indexed {
            return item;
        }
        let numbers: Vec<_> = (indices.iter())
            .map(|index| self.copy_stable(*index))
            .collect();
        let index = self.index_value(numbers, span);
        let ty = ITy::Tuple(vec![ITy::USIZE, self.ty_of(item)]);
        self.push_expr(ExprKind::Tuple(vec![index, item]), ty, span)
    }

    /// An index as ndarray gives it to closures: a number, or a tuple.
    pub(super) fn index_value(&mut self, mut numbers: Vec<ExprId>, span: Span) -> ExprId {
        match numbers.len() {
            1 => numbers.remove(0),
            len => {
                let ty = ITy::Tuple(vec![ITy::USIZE; len]);
                self.push_expr(ExprKind::Tuple(numbers), ty, span)
            }
        }
    }

    /// The item of a number, stable and below their number.
    pub(in crate::lower) fn numbered_item_of_array(
        &mut self,
        items: &Items,
        number: ExprId,
        span: Span,
    ) -> ExprId {
        let mut rest = self.copy_stable(number);
        let mut indices = Vec::new();
        // No dimension is 0, since there is an item.
        for len in self.items_shape(items).into_iter().skip(1).rev() {
            let number = self.evaluate(rest);
            let index = self.divided(BinaryOp::Rem, number, len, span);
            indices.push(self.evaluate(index));
            rest = self.divided(BinaryOp::Div, number, len, span);
        }
        indices.push(self.evaluate(rest));
        indices.reverse();
        self.item_of_array(items, &indices, span)
    }

    /// `lhs / rhs` or the remainder, where `rhs` is not 0.
    pub(super) fn divided(&mut self, op: BinaryOp, lhs: ExprId, rhs: ExprId, span: Span) -> ExprId {
        let (lhs, rhs) = (self.copy_stable(lhs), self.copy_stable(rhs));
        let operands = vec![ITy::USIZE, ITy::USIZE];
        let site = Some(self.push_site(SiteKind::Binary(op), span, operands));
        self.push_expr(ExprKind::Binary { op, lhs, rhs, site }, ITy::USIZE, span)
    }

    /// Whether the dimensions that two iterators run over are the same; both have as many.
    pub(in crate::lower) fn have_same_shape(
        &mut self,
        a: &Items,
        b: &Items,
        span: Span,
    ) -> Option<ExprId> {
        let (a, b) = (self.items_shape(a), self.items_shape(b));
        self.are_equal(a, b, span)
    }

    /// Whether all of these numbers are equal. `None`: there are none.
    pub(super) fn are_equal(
        &mut self,
        a: Vec<ExprId>,
        b: Vec<ExprId>,
        span: Span,
    ) -> Option<ExprId> {
        let mut all = None;
        for (a, b) in a.into_iter().zip(b) {
            let equal = self.binary(BinaryOp::Eq, a, b, span, span);
            all = Some(match all {
                None => equal,
                Some(others) => self.binary(BinaryOp::BitAnd, others, equal, span, span),
            });
        }
        all
    }
}

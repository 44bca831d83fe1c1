//! Methods that give an element, or all of them as a slice, if they are there.

use super::View;
use crate::expr::{BinaryOp, ExprId, ExprKind, Place};
use crate::func::ArrayCheck;
use crate::hir;
use crate::lower::expr::strip_groups;
use crate::lower::infer::ITy;
use crate::lower::state::Lowering;

impl Lowering<'_> {
    /// `None`: it is another method.
    pub(super) fn view_access(
        &mut self,
        view: &View,
        call: &hir::ExprMethodCall,
    ) -> Option<ExprId> {
        let (span, at) = (call.span(), call.method.span());
        let name = call.method.name.as_str();
        let mutable = name.ends_with("_mut") && view.mutable;
        match (name.trim_end_matches("_mut"), call.args.as_slice()) {
            ("first" | "last", []) => {
                let count = self.n_elements(view, at);
                let zero = self.count(0, at);
                let some = self.binary(BinaryOp::Ne, count, zero, at, at);
                let indices: Vec<_> = (0..view.dims.len())
                    .map(|axis| {
                        if name.starts_with("first") {
                            return self.count(0, at);
                        }
                        let (len, one) = (self.dim_of(view, axis), self.count(1, at));
                        let last = self.unchecked(BinaryOp::Sub, len, one, at);
                        self.evaluate(last)
                    })
                    .collect();
                let element = self.element_of_view(view, &indices, mutable, at);
                Some(self.some_if(some, element, span))
            }
            ("get", [index]) => {
                let indices = self.checked_indices(view, index)?;
                let mut inside = None;
                for (axis, index) in indices.iter().enumerate() {
                    let (index, len) = (self.copy_stable(*index), self.dim_of(view, axis));
                    let below = self.binary(BinaryOp::Lt, index, len, at, at);
                    inside = Some(match inside {
                        None => below,
                        Some(others) => self.binary(BinaryOp::BitAnd, others, below, at, at),
                    });
                }
                let element = self.element_of_view(view, &indices, mutable, at);
                Some(self.some_if(inside?, element, span))
            }
            ("uget", [index]) => {
                let indices = self.checked_indices(view, index)?;
                Some(self.element_of_view(view, &indices, mutable, at))
            }
            ("is_standard_layout", []) => Some(self.has_order(&view.dims, false, at)),
            ("as_slice", []) => {
                let standard = self.has_order(&view.dims, false, at);
                let count = self.n_elements(view, at);
                let (start, end) = match view.offset {
                    None => (None, count),
                    Some(offset) => {
                        let (start, copy) = (self.copy_stable(offset), self.copy_stable(offset));
                        (Some(start), self.unchecked(BinaryOp::Add, copy, count, at))
                    }
                };
                let end = self.evaluate(end);
                let kind = ExprKind::SubSlice {
                    base: Place::local(view.slice),
                    start,
                    end: Some(end),
                    site: None,
                };
                let elem = Box::new(view.elem.clone());
                let slice = self.push_expr(kind, ITy::Slice { elem, mutable }, span);
                Some(self.some_if(standard, slice, span))
            }
            _ => None,
        }
    }

    /// `&view[indices]`, of stable indices.
    fn element_of_view(
        &mut self,
        view: &View,
        indices: &[ExprId],
        mutable: bool,
        at: hir::Span,
    ) -> ExprId {
        let indices: Vec<_> = (indices.iter())
            .map(|index| self.copy_stable(*index))
            .collect();
        let place = self.view_element(view, &indices, at);
        self.borrow(place, view.elem.clone(), mutable, at)
    }

    /// The numbers of an index, stable, one for each dimension. `None`: there are not as many, which is reported.
    fn checked_indices(&mut self, view: &View, index: &hir::Expr) -> Option<Vec<ExprId>> {
        Some(self.view_indices(view, index)?.0)
    }

    /// The same, with what panics if they are out of bounds.
    pub(super) fn view_indices(
        &mut self,
        view: &View,
        index: &hir::Expr,
    ) -> Option<(Vec<ExprId>, ArrayCheck)> {
        let (indices, check) = match strip_groups(index) {
            hir::Expr::Array(array) => (self.lower_operands(&array.elems), ArrayCheck::IndexArray),
            hir::Expr::Tuple(tuple) => (self.lower_operands(&tuple.elems), ArrayCheck::IndexTuple),
            index => {
                let index = self.lower_operand(index);
                self.index_parts(index)
            }
        };
        if indices.len() != view.dims.len() {
            self.refuse(
                index.span(),
                &format!(
                    "an index of {} numbers into an array of {} dimensions",
                    indices.len(),
                    view.dims.len()
                ),
                "write a number for each dimension",
            );
            return None;
        }
        let indices = (indices.into_iter())
            .map(|index| {
                self.expect_expr(index, &ITy::USIZE);
                self.evaluate(index)
            })
            .collect();
        Some((indices, check))
    }
}

//! Every element of an array, in the order of its indices.

use super::View;
use crate::expr::ExprId;
use crate::func::LocalId;
use crate::hir::Span;
use crate::lower::state::Lowering;
use crate::stmt::StmtKind;

impl Lowering<'_> {
    /// Loops over all indices, the last dimension innermost.
    pub(super) fn each_index(
        &mut self,
        view: &View,
        span: Span,
        body: &mut dyn FnMut(&mut Self, &[LocalId]),
    ) {
        self.each_index_below(view, span, &mut Vec::new(), body);
    }

    fn each_index_below(
        &mut self,
        view: &View,
        span: Span,
        outer: &mut Vec<LocalId>,
        body: &mut dyn FnMut(&mut Self, &[LocalId]),
    ) {
        if outer.len() == view.dims.len() {
            return body(self, outer);
        }
        let len = self.dim_of(view, outer.len());
        self.count_to(len, span, |this, index| {
            outer.push(index);
            this.each_index_below(view, span, outer, body);
            outer.pop();
        });
    }

    pub(super) fn load_indices(&mut self, indices: &[LocalId], span: Span) -> Vec<ExprId> {
        (indices.iter())
            .map(|index| self.load_local(*index, span))
            .collect()
    }

    /// Stores a stable value everywhere.
    pub(super) fn fill_view(&mut self, view: &View, value: ExprId, span: Span) {
        self.each_index(view, span, &mut |this, indices| {
            let indices = this.load_indices(indices, span);
            let place = this.view_element(view, &indices, span);
            let value = this.copy_stable(value);
            this.emit(StmtKind::Assign { place, value }, span);
        });
    }
}

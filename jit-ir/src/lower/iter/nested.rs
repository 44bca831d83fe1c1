//! Loops over the elements of arrays of several dimensions: a loop for each of them.

use super::{Iter, IterId};
use crate::expr::{BinaryOp, ExprId};
use crate::hir::Span;
use crate::lower::infer::ITy;
use crate::lower::iter::drive::{Body, Bounds};
use crate::lower::state::{Lowering, Value};
use crate::lower::views::Items;
use crate::stmt::{Block, Label};

/// A loop nest over the indices of one array.
struct Nest {
    id: IterId,
    /// The lengths of the dimensions.
    shape: Vec<ExprId>,
    /// Whether items are asked for by their number, too.
    numbered: bool,
    span: Span,
}

impl Lowering<'_> {
    /// Whether an indexed iterator is over an array of several dimensions, whose indices are cheaper than a number.
    pub(super) fn is_nested(&self, id: IterId) -> bool {
        self.is_indexed(id) && !self.arrays_in(id).is_empty()
    }

    /// The arrays of several dimensions that an indexed iterator keeps pace with, item by item.
    fn arrays_in(&self, id: IterId) -> Vec<Items> {
        match self.iter(id) {
            Iter::Array(items) if items.n_dims() > 1 => vec![items],
            Iter::Zip(a, b) => {
                let mut arrays = self.arrays_in(a);
                arrays.extend(self.arrays_in(b));
                arrays
            }
            Iter::Enumerate(of, _) | Iter::Copied(of) | Iter::Map(of, _) | Iter::Inspect(of, _) => {
                self.arrays_in(of)
            }
            _ => Vec::new(),
        }
    }

    /// Whether something beside those arrays is in it.
    fn is_numbered(&self, id: IterId) -> bool {
        match self.iter(id) {
            Iter::Array(items) => items.n_dims() < 2,
            Iter::Zip(a, b) => self.is_numbered(a) || self.is_numbered(b),
            Iter::Copied(of) | Iter::Map(of, _) | Iter::Inspect(of, _) => self.is_numbered(of),
            _ => true,
        }
    }

    /// Loops over a nested iterator. Where its parts have different shapes, it is one loop over numbers.
    pub(super) fn drive_nested(
        &mut self,
        id: IterId,
        exit: Label,
        whole: bool,
        span: Span,
        body: Body<'_, Self>,
    ) {
        let arrays = self.arrays_in(id);
        let Some((leader, others)) = arrays.split_first() else {
            return;
        };
        let nest = Nest {
            id,
            shape: self.items_shape(leader),
            numbered: self.is_numbered(id),
            span,
        };
        let (dims, mut all) = (leader.n_dims(), None);
        for other in others {
            let same = if other.n_dims() == dims {
                self.have_same_shape(leader, other, span)
            } else {
                Some(self.bool_const(false, span))
            };
            all = self.both(all, same, span);
        }
        if nest.numbered && self.is_zipped(id) {
            let len = self.iter_len(id, span);
            let whole = self.items_len(leader, span);
            let same = self.plain_compare(BinaryOp::Eq, len, whole);
            all = self.both(all, Some(same), span);
        }
        let Some(same) = all else {
            return self.lower_nest(&nest, None, &mut Vec::new(), body);
        };
        let ((), then) = self.in_frame(|this| {
            this.lower_nest(&nest, None, &mut Vec::new(), &mut *body);
        });
        let ((), otherwise) = self.in_frame(|this| {
            this.drive_numbers(id, false, exit, whole, span, body);
        });
        let kind = crate::stmt::StmtKind::If {
            cond: same,
            then: Block { stmts: then },
            otherwise: Block { stmts: otherwise },
        };
        self.emit(kind, span);
    }

    /// Whether another iterator may end before the array does.
    fn is_zipped(&self, id: IterId) -> bool {
        match self.iter(id) {
            Iter::Zip(..) => true,
            Iter::Enumerate(of, _) | Iter::Copied(of) | Iter::Map(of, _) | Iter::Inspect(of, _) => {
                self.is_zipped(of)
            }
            _ => false,
        }
    }

    /// The loops inside of those over `indices`. `before`: the number of the first item in them.
    fn lower_nest(
        &mut self,
        nest: &Nest,
        before: Option<ExprId>,
        indices: &mut Vec<ExprId>,
        body: Body<'_, Self>,
    ) {
        let span = nest.span;
        let Some(len) = nest.shape.get(indices.len()).copied() else {
            let number = match before {
                Some(number) => number,
                None => self.usize_const(0, span),
            };
            let item = self.nested_item(nest.id, number, indices, span);
            return body(self, item);
        };
        let end = self.copy_stable(len);
        let bounds = Bounds {
            start: self.usize_const(0, span),
            end,
            step: None,
            inclusive: false,
            ty: ITy::USIZE,
        };
        let label = self.new_label();
        self.counted(bounds, false, label, span, &mut |this, index| {
            let number = nest.numbered.then(|| {
                let index = this.copy_stable(index);
                let Some(before) = before else {
                    return index;
                };
                let before = this.copy_stable(before);
                let len = this.copy_stable(len);
                let before = this.mul(before, len);
                let before = this.evaluate(before);
                this.add(before, index)
            });
            indices.push(index);
            this.lower_nest(nest, number, indices, &mut *body);
            indices.pop();
        });
    }

    /// The item of these indices, or of this number.
    fn nested_item(&mut self, id: IterId, number: ExprId, indices: &[ExprId], span: Span) -> Value {
        match self.iter(id) {
            Iter::Array(items) if items.n_dims() == indices.len() => {
                Value::Expr(self.item_of_array(&items, indices, span))
            }
            Iter::Zip(a, b) => {
                let a = self.nested_item(a, number, indices, span);
                let then = self.now();
                let b = self.nested_item(b, number, indices, span);
                self.pair(a, then, b, span)
            }
            Iter::Enumerate(of, _) => {
                let number_of = self.copy_stable(number);
                let item = self.nested_item(of, number, indices, span);
                let then = self.now();
                self.pair(Value::Expr(number_of), then, item, span)
            }
            Iter::Copied(of) => {
                let item = self.nested_item(of, number, indices, span);
                self.copied(item, span)
            }
            Iter::Map(of, f) => {
                let item = self.nested_item(of, number, indices, span);
                self.apply(f, item, span)
            }
            Iter::Inspect(of, f) => {
                let item = self.nested_item(of, number, indices, span);
                self.inspect(f, item, span)
            }
            _ => self.item_at(id, number, span),
        }
    }
}

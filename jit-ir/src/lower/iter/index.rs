//! Indexed iterators: how many items there are, and which item has an index.

use super::{By, Iter, IterId, Parts, Range};
use crate::expr::{BinaryOp, ConstValue, ExprId, ExprKind, Place, Projection};
use crate::hir::Span;
use crate::intrinsic::{Intrinsic, SigTy};
use crate::lower::infer::{ITy, Len};
use crate::lower::state::{Lowering, Value};
use crate::ty::ScalarTy;

impl Lowering<'_> {
    /// Whether items are a function of their index, which can be computed in any order without anybody noticing, up to the order of what
    /// closures do.
    pub(super) fn is_indexed(&self, id: IterId) -> bool {
        match self.iter(id) {
            Iter::Range(range) => {
                range.start.is_some()
                    && !matches!(
                        self.infer.shallow(&range.ty),
                        ITy::Scalar(ScalarTy::I128 | ScalarTy::U128)
                    )
            }
            Iter::Elements { .. }
            | Iter::Parts { .. }
            | Iter::Array(_)
            | Iter::Part { .. }
            | Iter::Once(_)
            | Iter::Repeat(_)
            | Iter::RepeatWith(_)
            | Iter::Empty(_) => true,
            Iter::Zip(a, b) => self.is_indexed(a) && self.is_indexed(b),
            Iter::Enumerate(of, None)
            | Iter::Take(of, _, None)
            | Iter::Copied(of)
            | Iter::Map(of, _)
            | Iter::Inspect(of, _) => self.is_indexed(of),
            Iter::Rev(of) => self.is_indexed(of) && !self.is_endless(of),
            // What is skipped is computed all the same.
            Iter::Skip(of, _, None) | Iter::StepBy(of, _, None) => {
                self.is_indexed(of) && !self.has_closures(of)
            }
            _ => false,
        }
    }

    /// Whether computing an item runs code of the user's.
    pub(super) fn has_closures(&self, id: IterId) -> bool {
        match self.iter(id) {
            Iter::Zip(a, b) => self.has_closures(a) || self.has_closures(b),
            Iter::Enumerate(of, _)
            | Iter::Take(of, ..)
            | Iter::Copied(of)
            | Iter::Rev(of)
            | Iter::Skip(of, ..)
            | Iter::Part { of, .. }
            | Iter::StepBy(of, ..) => self.has_closures(of),
            Iter::Range(_)
            | Iter::Elements { .. }
            | Iter::Parts { .. }
            | Iter::Array(_)
            | Iter::Once(_)
            | Iter::Repeat(_)
            | Iter::Empty(_) => false,
            _ => true,
        }
    }

    /// Whether it never ends.
    pub(super) fn is_endless(&self, id: IterId) -> bool {
        match self.iter(id) {
            Iter::Range(range) => range.end.is_none(),
            Iter::Repeat(_) | Iter::RepeatWith(_) | Iter::Cycle { .. } => true,
            Iter::Zip(a, b) => self.is_endless(a) && self.is_endless(b),
            Iter::Enumerate(of, _)
            | Iter::Copied(of)
            | Iter::Map(of, _)
            | Iter::Inspect(of, _)
            | Iter::Skip(of, ..)
            | Iter::StepBy(of, ..) => self.is_endless(of),
            _ => false,
        }
    }

    /// How many items an indexed iterator has, as an expression that is evaluated once.
    pub(super) fn iter_len(&mut self, id: IterId, span: Span) -> ExprId {
        if self.is_endless(id) {
            let max = ExprKind::Named(crate::expr::NamedConst::Max);
            return self.push_expr(max, ITy::USIZE, span);
        }
        match self.iter(id) {
            Iter::Range(range) => self.range_len(&range, span),
            Iter::Elements { whole, .. } => self.slice_len(whole, span),
            Iter::Array(items) => self.items_len(&items, span),
            Iter::Parts {
                whole, size, kind, ..
            } => self.parts_len(whole, size, kind, self.iter_span(id)),
            Iter::Part { start, end, .. } => {
                let (start, end) = (self.copy_stable(start), self.copy_stable(end));
                self.sub(end, start)
            }
            Iter::Once(_) => self.usize_const(1, span),
            Iter::Zip(a, b) => {
                let endless = (self.is_endless(a), self.is_endless(b));
                match endless {
                    (true, _) => self.iter_len(b, span),
                    (_, true) => self.iter_len(a, span),
                    _ => {
                        let a = self.iter_len(a, span);
                        let b = self.iter_len(b, span);
                        self.min(a, b)
                    }
                }
            }
            Iter::Enumerate(of, _)
            | Iter::Copied(of)
            | Iter::Map(of, _)
            | Iter::Inspect(of, _)
            | Iter::Rev(of) => self.iter_len(of, span),
            Iter::Skip(of, count, _) => {
                let len = self.iter_len(of, span);
                let count = self.copy_stable(count);
                self.call(Intrinsic::SaturatingSub, vec![len, count], ITy::USIZE, span)
            }
            Iter::Take(of, count, _) => {
                let count = self.copy_stable(count);
                if self.is_endless(of) {
                    return count;
                }
                let len = self.iter_len(of, span);
                self.min(len, count)
            }
            Iter::StepBy(of, step, _) => {
                // The step is not 0.
                let len = self.iter_len(of, span);
                let len = self.evaluate(len);
                let step = self.copy_stable(step);
                self.div_up(len, step, self.iter_span(id))
            }
            _ => self.usize_const(0, span),
        }
    }

    /// The length of a slice, or of an array behind a reference.
    pub(super) fn slice_len(&mut self, whole: ExprId, span: Span) -> ExprId {
        let ty = self.ty_of(whole);
        if let ITy::Ref { to, .. } = self.infer.shallow(&ty)
            && let ITy::Array {
                len: Len::Known(len),
                ..
            } = self.infer.shallow(&to)
        {
            return self.usize_const(len, span);
        }
        match self.exprs[whole].kind.clone() {
            ExprKind::Load(place) | ExprKind::Borrow(place) => {
                let place = self.copy_place(&place);
                self.push_expr(ExprKind::Len(place), ITy::USIZE, span)
            }
            ExprKind::SubSlice {
                base, start, end, ..
            } => {
                // `start + size - start`, the length of a window, is `size`.
                if let (Some(start), Some(end)) = (start, end)
                    && let ExprKind::Binary {
                        op: BinaryOp::Add,
                        lhs,
                        rhs,
                        site: None,
                    } = self.exprs[end].kind
                    && self.is_same(lhs, start)
                {
                    return self.copy_stable(rhs);
                }
                let end = match end {
                    Some(end) => self.copy_stable(end),
                    None => {
                        let base = self.copy_place(&base);
                        self.push_expr(ExprKind::Len(base), ITy::USIZE, span)
                    }
                };
                match start {
                    Some(start) => {
                        let start = self.copy_stable(start);
                        self.sub(end, start)
                    }
                    None => end,
                }
            }
            _ => self.poison(span),
        }
    }

    /// Whether two stable expressions are written alike.
    fn is_same(&self, a: ExprId, b: ExprId) -> bool {
        match (&self.exprs[a].kind, &self.exprs[b].kind) {
            (
                ExprKind::Binary {
                    op,
                    lhs,
                    rhs,
                    site: None,
                },
                ExprKind::Binary {
                    op: other,
                    lhs: l,
                    rhs: r,
                    site: None,
                },
            ) => op == other && self.is_same(*lhs, *l) && self.is_same(*rhs, *r),
            (ExprKind::Load(a), ExprKind::Load(b)) | (ExprKind::Len(a), ExprKind::Len(b)) => {
                a.local == b.local && a.projections.is_empty() && b.projections.is_empty()
            }
            (ExprKind::Const(a), ExprKind::Const(b)) => a == b,
            _ => false,
        }
    }

    fn parts_len(&mut self, whole: ExprId, size: ExprId, kind: Parts, span: Span) -> ExprId {
        let len = self.slice_len(whole, span);
        let size = self.copy_stable(size);
        match kind {
            Parts::ChunksExact | Parts::RChunksExact => self.div(len, size, span),
            Parts::Chunks | Parts::RChunks => {
                let len = self.evaluate(len);
                self.div_up(len, size, span)
            }
            Parts::Windows => {
                // `(len + 1).saturating_sub(size)`: a length is less than the greatest `usize`.
                let one = self.usize_const(1, span);
                let len = self.add(len, one);
                self.call(Intrinsic::SaturatingSub, vec![len, size], ITY_USIZE, span)
            }
        }
    }

    fn range_len(&mut self, range: &Range, span: Span) -> ExprId {
        let (Some(start), Some(end)) = (range.start, range.end) else {
            return self.poison(span);
        };
        let is_usize = self.infer.shallow(&range.ty) == ITy::USIZE;
        if is_usize && self.const_usize(start) == Some(0) && !range.inclusive {
            return self.copy_stable(end);
        }
        let (a, b) = (self.copy_stable(start), self.copy_stable(end));
        let (a, b, ty) = match self.infer.shallow(&range.ty) == ITy::Char {
            true => {
                let (a, b) = (self.char_ordinal(a, span), self.char_ordinal(b, span));
                let (a, b) = (self.evaluate(a), self.evaluate(b));
                (a, b, ITy::Scalar(ScalarTy::U32))
            }
            false => (a, b, range.ty.clone()),
        };
        if is_usize && !range.inclusive {
            return self.call(Intrinsic::SaturatingSub, vec![b, a], ITY_USIZE, span);
        }
        let unsigned = self.infer.related(SigTy::UnsignedOfS, &ty, span);
        let distance = self.call(Intrinsic::AbsDiff, vec![b, a], unsigned, span);
        let mut len = self.cast(distance, ITY_USIZE, span);
        if range.inclusive {
            let one = self.usize_const(1, span);
            len = self.add(len, one);
        }
        let (a, b) = (self.copy_stable(start), self.copy_stable(end));
        let op = if range.inclusive {
            BinaryOp::Le
        } else {
            BinaryOp::Lt
        };
        let cond = self.plain_compare(op, a, b);
        let kind = ExprKind::Select {
            cond,
            then: len,
            otherwise: self.usize_const(0, span),
        };
        self.push_expr(kind, ITY_USIZE, span)
    }

    /// The item of an indexed iterator at an index below its length. `index` is stable, and copied.
    pub(super) fn item_at(&mut self, id: IterId, index: ExprId, span: Span) -> Value {
        match self.iter(id) {
            Iter::Range(range) => {
                let index = self.copy_stable(index);
                Value::Expr(self.range_item(&range, index, span))
            }
            Iter::Elements { whole, elem, by } => {
                let index = self.copy_stable(index);
                Value::Expr(self.item_of(whole, index, elem, by, span))
            }
            Iter::Array(items) => Value::Expr(self.numbered_item_of_array(&items, index, span)),
            Iter::Parts {
                whole,
                elem,
                mutable,
                size,
                kind,
            } => {
                let index = self.copy_stable(index);
                let (start, end) = self.part_bounds(whole, size, kind, index, span);
                Value::Expr(self.part_of_slice(whole, start, end, elem, mutable, span))
            }
            Iter::Part { of, start, .. } => {
                let (start, index) = (self.copy_stable(start), self.copy_stable(index));
                let index = self.add(start, index);
                self.item_at(of, index, span)
            }
            Iter::Once(value) | Iter::Repeat(value) => Value::Expr(self.copy_stable(value)),
            Iter::RepeatWith(f) => {
                let f = self.copy_stable(f);
                self.call_value(f, Vec::new(), span)
            }
            Iter::Zip(a, b) => {
                let a = self.item_at(a, index, span);
                let then = self.now();
                let b = self.item_at(b, index, span);
                self.pair(a, then, b, span)
            }
            Iter::Enumerate(of, _) => {
                let number = self.copy_stable(index);
                let item = self.item_at(of, index, span);
                let then = self.now();
                self.pair(Value::Expr(number), then, item, span)
            }
            Iter::Copied(of) => {
                let item = self.item_at(of, index, span);
                self.copied(item, span)
            }
            Iter::Map(of, f) => {
                let item = self.item_at(of, index, span);
                self.apply(f, item, span)
            }
            Iter::Inspect(of, f) => {
                let item = self.item_at(of, index, span);
                self.inspect(f, item, span)
            }
            Iter::Rev(of) => {
                let len = self.iter_len(of, span);
                let len = self.evaluate(len);
                let one = self.usize_const(1, span);
                let last = self.sub(len, one);
                let index = self.copy_stable(index);
                let index = self.sub(last, index);
                self.item_at(of, index, span)
            }
            Iter::Skip(of, count, _) => {
                let (count, index) = (self.copy_stable(count), self.copy_stable(index));
                let index = self.add(count, index);
                self.item_at(of, index, span)
            }
            Iter::Take(of, ..) => self.item_at(of, index, span),
            Iter::StepBy(of, step, _) => {
                let (step, index) = (self.copy_stable(step), self.copy_stable(index));
                let index = self.mul(index, step);
                self.item_at(of, index, span)
            }
            Iter::Empty(ty) => {
                let value = self.poison(span);
                self.expr_tys[value.index()] = ty;
                Value::Expr(value)
            }
            _ => Value::Expr(self.poison(span)),
        }
    }

    /// Behind the last character, std panics.
    pub(super) fn refuse_chars_without_end(&mut self, range: &Range) -> ExprId {
        self.refuse(
            range.span,
            "iteration over a range of `char` without an end",
            "write `..=char::MAX`",
        );
        self.poison(range.span)
    }

    fn range_item(&mut self, range: &Range, index: ExprId, span: Span) -> ExprId {
        let Some(start) = range.start else {
            return self.poison(span);
        };
        if self.infer.shallow(&range.ty) == ITy::Char {
            if range.end.is_none() {
                return self.refuse_chars_without_end(range);
            }
            let start = self.copy_stable(start);
            let first = self.char_ordinal(start, span);
            let offset = self.cast(index, ScalarTy::U32.into(), span);
            let number = self.add(first, offset);
            return self.char_at(number, span);
        }
        let is_usize = self.infer.shallow(&range.ty) == ITy::USIZE;
        let offset = if is_usize {
            index
        } else {
            self.cast(index, range.ty.clone(), span)
        };
        if self.const_usize(start) == Some(0) {
            return offset;
        }
        let start = self.copy_stable(start);
        self.add(start, offset)
    }

    /// An element: `&whole[index]`, or its value.
    pub(super) fn item_of(
        &mut self,
        whole: ExprId,
        index: ExprId,
        elem: ITy,
        by: By,
        span: Span,
    ) -> ExprId {
        let place = self.element_place(whole, index);
        let to = Box::new(elem.clone());
        match by {
            By::Value => self.push_expr(ExprKind::Load(place), elem, span),
            By::Ref => {
                let ty = ITy::Ref { to, mutable: false };
                self.push_expr(ExprKind::Borrow(place), ty, span)
            }
            By::Mut => {
                let ty = ITy::Ref { to, mutable: true };
                self.push_expr(ExprKind::Borrow(place), ty, span)
            }
        }
    }

    fn element_place(&mut self, whole: ExprId, index: ExprId) -> Place {
        let (mut place, index) = match self.exprs[whole].kind.clone() {
            ExprKind::SubSlice { base, start, .. } => {
                let index = match start {
                    Some(start) => {
                        let start = self.copy_stable(start);
                        self.add(start, index)
                    }
                    None => index,
                };
                (self.copy_place(&base), index)
            }
            _ => (self.place_of_whole(whole), index),
        };
        place
            .projections
            .push(Projection::Index { index, site: None });
        place
    }

    /// What a stable slice, or a reference to an array, is the elements of.
    fn place_of_whole(&mut self, whole: ExprId) -> Place {
        let mut place = match self.exprs[whole].kind.clone() {
            ExprKind::Borrow(place) => return self.copy_place(&place),
            ExprKind::Load(place) => self.copy_place(&place),
            _ => self.evaluate_place(whole),
        };
        // An array behind a pointer that is only known at run time.
        let ty = self.ty_of(whole);
        if let ITy::Ref { .. } = self.infer.shallow(&ty) {
            place.projections.push(Projection::Deref);
        }
        place
    }

    /// Where a part starts and ends.
    fn part_bounds(
        &mut self,
        whole: ExprId,
        size: ExprId,
        kind: Parts,
        index: ExprId,
        span: Span,
    ) -> (ExprId, ExprId) {
        let size_again = self.copy_stable(size);
        match kind {
            Parts::Windows => {
                let again = self.copy_stable(index);
                let end = self.add(again, size_again);
                (index, end)
            }
            Parts::ChunksExact | Parts::Chunks => {
                let start = self.mul(index, size_again);
                let again = self.copy_stable(start);
                let size = self.copy_stable(size);
                let mut end = self.add(again, size);
                if kind == Parts::Chunks {
                    let len = self.slice_len(whole, span);
                    end = self.min(end, len);
                    end = self.evaluate(end);
                }
                (start, end)
            }
            Parts::RChunks | Parts::RChunksExact => {
                let len = self.slice_len(whole, span);
                let from_end = self.mul(index, size_again);
                let end = self.sub(len, from_end);
                let end = self.evaluate(end);
                let again = self.copy_stable(end);
                let size = self.copy_stable(size);
                let start = if kind == Parts::RChunks {
                    self.call(Intrinsic::SaturatingSub, vec![again, size], ITY_USIZE, span)
                } else {
                    self.sub(again, size)
                };
                (self.evaluate(start), end)
            }
        }
    }

    /// `&whole[start..end]`, which is in bounds; of stable parts, it is stable.
    pub(super) fn part_of_slice(
        &mut self,
        whole: ExprId,
        start: ExprId,
        end: ExprId,
        elem: ITy,
        mutable: bool,
        span: Span,
    ) -> ExprId {
        let (base, start, end) = match self.exprs[whole].kind.clone() {
            ExprKind::SubSlice {
                base,
                start: Some(offset),
                ..
            } => {
                let a = self.copy_stable(offset);
                let b = self.copy_stable(offset);
                let base = self.copy_place(&base);
                (base, self.add(a, start), self.add(b, end))
            }
            ExprKind::SubSlice { base, .. } => (self.copy_place(&base), start, end),
            _ => (self.place_of_whole(whole), start, end),
        };
        let kind = ExprKind::SubSlice {
            base,
            start: Some(start),
            end: Some(end),
            site: None,
        };
        let elem = Box::new(elem);
        self.push_expr(kind, ITy::Slice { elem, mutable }, span)
    }

    /// `(a, b)`; `a` was lowered at `then`.
    pub(super) fn pair(&mut self, a: Value, then: usize, b: Value, span: Span) -> Value {
        match (a, b) {
            (Value::Expr(a), Value::Expr(b)) => {
                let a = self.settle(a, then);
                let ty = ITy::Tuple(vec![self.ty_of(a), self.ty_of(b)]);
                Value::Expr(self.push_expr(ExprKind::Tuple(vec![a, b]), ty, span))
            }
            (Value::Never, _) | (_, Value::Never) => Value::Never,
            _ => {
                self.refuse_unit(span);
                Value::Expr(self.poison(span))
            }
        }
    }

    /// The item of `copied` for an item.
    pub(super) fn copied(&mut self, item: Value, span: Span) -> Value {
        match item {
            Value::Expr(item) => Value::Expr(self.deref_expr(item, span)),
            other => other,
        }
    }

    /// `f(item)`.
    pub(super) fn apply(&mut self, f: ExprId, item: Value, span: Span) -> Value {
        let f = self.copy_stable(f);
        match item {
            Value::Expr(item) => self.call_value(f, vec![item], span),
            Value::Unit => {
                self.refuse_unit(span);
                Value::Unit
            }
            Value::Never => Value::Never,
        }
    }

    /// `f(&item); item`.
    pub(super) fn inspect(&mut self, f: ExprId, item: Value, span: Span) -> Value {
        let Value::Expr(item) = item else {
            return item;
        };
        let item = self.evaluate(item);
        let again = self.copy_stable(item);
        let held = self.hold(again);
        let f = self.copy_stable(f);
        if let Value::Expr(unused) = self.call_value(f, vec![held], span) {
            self.drop_value(unused);
        }
        Value::Expr(item)
    }

    // Arithmetic on indices, which never overflows, so that it has no site.

    pub(super) fn usize_const(&mut self, value: u64, span: Span) -> ExprId {
        let kind = ExprKind::Const(ConstValue::Int(u128::from(value)));
        self.push_expr(kind, ITY_USIZE, span)
    }

    /// The value of an integer constant.
    pub(super) fn const_usize(&self, expr: ExprId) -> Option<u128> {
        match self.exprs[expr].kind {
            ExprKind::Const(ConstValue::Int(value)) => Some(value),
            _ => None,
        }
    }

    fn plain(&mut self, op: BinaryOp, lhs: ExprId, rhs: ExprId) -> ExprId {
        let (ty, span) = (self.ty_of(lhs), self.span_of(lhs));
        let site = None;
        self.push_expr(ExprKind::Binary { op, lhs, rhs, site }, ty, span)
    }

    pub(super) fn add(&mut self, lhs: ExprId, rhs: ExprId) -> ExprId {
        match (self.const_usize(lhs), self.const_usize(rhs)) {
            (Some(0), _) => rhs,
            (_, Some(0)) => lhs,
            _ => self.plain(BinaryOp::Add, lhs, rhs),
        }
    }

    pub(super) fn sub(&mut self, lhs: ExprId, rhs: ExprId) -> ExprId {
        if self.const_usize(rhs) == Some(0) {
            return lhs;
        }
        self.plain(BinaryOp::Sub, lhs, rhs)
    }

    pub(super) fn mul(&mut self, lhs: ExprId, rhs: ExprId) -> ExprId {
        if self.const_usize(rhs) == Some(1) {
            return lhs;
        }
        self.plain(BinaryOp::Mul, lhs, rhs)
    }

    pub(in crate::lower) fn plain_compare(
        &mut self,
        op: BinaryOp,
        lhs: ExprId,
        rhs: ExprId,
    ) -> ExprId {
        let span = self.span_of(lhs);
        let site = None;
        self.push_expr(ExprKind::Binary { op, lhs, rhs, site }, ITy::BOOL, span)
    }

    fn min(&mut self, lhs: ExprId, rhs: ExprId) -> ExprId {
        let span = self.span_of(lhs);
        self.call(Intrinsic::Min, vec![lhs, rhs], ITY_USIZE, span)
    }

    /// `lhs / rhs`, where `rhs` is not 0.
    fn div(&mut self, lhs: ExprId, rhs: ExprId, span: Span) -> ExprId {
        let operands = vec![ITY_USIZE, ITY_USIZE];
        let kind = crate::func::SiteKind::Binary(BinaryOp::Div);
        let site = Some(self.push_site(kind, span, operands));
        let op = BinaryOp::Div;
        self.push_expr(ExprKind::Binary { op, lhs, rhs, site }, ITY_USIZE, span)
    }

    /// `lhs % rhs`, where `rhs` is not 0.
    pub(super) fn remainder(&mut self, lhs: ExprId, rhs: ExprId, span: Span) -> ExprId {
        let (lhs, rhs) = (self.copy_stable(lhs), self.copy_stable(rhs));
        let operands = vec![ITY_USIZE, ITY_USIZE];
        let kind = crate::func::SiteKind::Binary(BinaryOp::Rem);
        let site = Some(self.push_site(kind, span, operands));
        let op = BinaryOp::Rem;
        self.push_expr(ExprKind::Binary { op, lhs, rhs, site }, ITY_USIZE, span)
    }

    /// `lhs / rhs` rounded up, where `lhs` is stable and `rhs` is not 0.
    fn div_up(&mut self, lhs: ExprId, rhs: ExprId, span: Span) -> ExprId {
        // (lhs - (lhs != 0)) / rhs + (lhs != 0)
        let nonzero = |this: &mut Self| {
            let lhs = this.copy_stable(lhs);
            let zero = this.usize_const(0, span);
            let cond = this.plain_compare(BinaryOp::Ne, lhs, zero);
            this.cast(cond, ITY_USIZE, span)
        };
        let less = nonzero(self);
        let lhs_again = self.copy_stable(lhs);
        let reduced = self.sub(lhs_again, less);
        let quotient = self.div(reduced, rhs, span);
        let one = nonzero(self);
        self.add(quotient, one)
    }
}

const ITY_USIZE: ITy = ITy::USIZE;

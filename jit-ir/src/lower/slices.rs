//! Methods of slices and arrays that are no iterators.

use super::infer::ITy;
use super::place::Base;
use super::state::{Lowering, Value};
use crate::expr::{BinaryOp, ConstValue, ExprId, ExprKind, Place, Projection};
use crate::func::{LengthCheck, LocalId, SiteKind};
use crate::hir::{self, Span};
use crate::stmt::StmtKind;

/// The slice or array whose method is called.
#[derive(Clone)]
pub(super) struct Receiver {
    /// Its indices are stable, and it is in bounds.
    pub(super) place: Place,
    pub(super) elem: ITy,
    pub(super) span: Span,
}

impl Lowering<'_> {
    /// A method of a slice or an array. `None`: it is none of these.
    pub(super) fn slice_method(
        &mut self,
        call: &hir::ExprMethodCall,
        base: &mut Option<Base>,
    ) -> Option<Value> {
        let name = call.method.name.as_str();
        let mutates = match (name, call.args.len()) {
            ("len" | "is_empty" | "first" | "last" | "split_first" | "split_last", 0) => false,
            ("is_sorted", 0) => false,
            (
                "get" | "get_unchecked" | "split_at" | "contains" | "starts_with" | "ends_with",
                1,
            ) => false,
            ("as_slice" | "as_ref", 0) => false,
            ("try_into", 0) => {
                let ty = self.base_ty(base.as_ref()?);
                let ITy::Slice { elem, .. } = self.behind_refs(&ty) else {
                    return None;
                };
                let (place, _) = self.base_place(base.take()?);
                let place = self.fix_place(place, true, call.span());
                let array = self.infer.array_of(&elem);
                let value = self.array_from_slice(&place, *elem, array, call.method.span());
                return Some(Value::Expr(value));
            }
            ("first_mut" | "last_mut" | "split_first_mut" | "split_last_mut" | "reverse", 0) => {
                true
            }
            ("as_mut_slice" | "as_mut", 0) => true,
            ("get_mut" | "get_unchecked_mut" | "split_at_mut" | "fill" | "copy_from_slice", 1) => {
                true
            }
            ("swap", 2) => true,
            ("split_at_checked", 1) => false,
            ("split_at_mut_checked", 1) => true,
            ("clone_from_slice" | "swap_with_slice" | "rotate_left" | "rotate_right", 1) => true,
            ("copy_within", 2) if matches!(strip(&call.args[0]), hir::Expr::Range(_)) => true,
            ("fill_with" | "partition_point" | "binary_search_by", 1) => name == "fill_with",
            ("binary_search", 1) | ("binary_search_by_key", 2) => false,
            ("is_sorted_by" | "is_sorted_by_key", 1) => false,
            ("map", 1) => {
                let ty = self.base_ty(base.as_ref()?);
                let ITy::Array { elem, len } = self.behind_refs(&ty) else {
                    return None;
                };
                let (place, _) = self.base_place(base.take()?);
                let (f, span) = (&call.args[0], call.span());
                return Some(self.map_array(&place, &elem, len, f, span));
            }
            ("clone" | "to_owned", 0) => {
                let ty = self.base_ty(base.as_ref()?);
                if !matches!(self.behind_refs(&ty), ITy::Array { .. }) {
                    return None;
                }
                let (place, ty) = self.base_place(base.take()?);
                return Some(Value::Expr(self.push_expr(
                    ExprKind::Load(place),
                    ty,
                    call.span(),
                )));
            }
            _ => return None,
        };
        let span = call.span();
        let (place, ty) = self.base_place(base.take()?);
        let (ITy::Slice { elem, .. } | ITy::Array { elem, .. }) = self.infer.shallow(&ty) else {
            return None;
        };
        if name == "len" {
            let len = ExprKind::Len(place);
            return Some(Value::Expr(self.push_expr(len, ITy::USIZE, span)));
        }
        let place = self.fix_place(place, true, span);
        let receiver = Receiver {
            place,
            elem: *elem,
            span,
        };
        let args: Vec<ExprId> = match name {
            "contains" => {
                let value = self.lower_operand(&call.args[0]);
                vec![self.auto_deref(value)]
            }
            "copy_within" => {
                let hir::Expr::Range(range) = strip(&call.args[0]) else {
                    return None;
                };
                self.copy_within(&receiver, range, &call.args[1], call.method.span());
                return Some(Value::Unit);
            }
            "is_sorted_by" | "is_sorted_by_key" => {
                let whole = self.whole_slice(receiver.place, receiver.elem, false, span);
                let id = self.iterate_value(whole)?;
                return Some(Value::Expr(self.lower_is_sorted(id, call, true)?));
            }
            "fill_with" => {
                let f = self.lower_callable(&call.args[0]);
                self.fill_with(&receiver, f);
                return Some(Value::Unit);
            }
            "partition_point" | "binary_search" | "binary_search_by" | "binary_search_by_key" => {
                return self.search(&receiver, call);
            }
            "copy_from_slice" | "clone_from_slice" | "swap_with_slice" | "starts_with"
            | "ends_with" => {
                let value = self.lower_operand(&call.args[0]);
                let elem = Box::new(receiver.elem.clone());
                let mutable = name == "swap_with_slice";
                vec![self.coerce(value, &ITy::Slice { elem, mutable })]
            }
            "get" | "get_mut" if matches!(strip(&call.args[0]), hir::Expr::Range(_)) => {
                let hir::Expr::Range(range) = strip(&call.args[0]) else {
                    return None;
                };
                return Some(Value::Expr(self.get_range(&receiver, range, mutates)));
            }
            _ => call
                .args
                .iter()
                .map(|arg| self.lower_operand(arg))
                .collect(),
        };
        let at = call.method.span();
        Some(match (name, args.as_slice()) {
            ("is_empty", _) => {
                let (len, zero) = (self.len_of(&receiver.place, span), self.count(0, span));
                Value::Expr(self.binary(BinaryOp::Eq, len, zero, span, span))
            }
            ("as_slice" | "as_ref" | "as_mut_slice" | "as_mut", _) => {
                let whole = self.whole_slice(receiver.place, receiver.elem, mutates, span);
                Value::Expr(whole)
            }
            ("first" | "first_mut", _) => {
                let index = self.count(0, span);
                Value::Expr(self.element_if_any(&receiver, index, mutates))
            }
            ("last" | "last_mut", _) => {
                let index = self.last_index(&receiver);
                Value::Expr(self.element_if_any(&receiver, index, mutates))
            }
            ("split_first" | "split_first_mut", _) => {
                Value::Expr(self.split_end(&receiver, true, mutates))
            }
            ("split_last" | "split_last_mut", _) => {
                Value::Expr(self.split_end(&receiver, false, mutates))
            }
            ("get" | "get_mut", [index]) => {
                self.expect_expr(*index, &ITy::USIZE);
                let index = self.evaluate(*index);
                let copy = self.copy_stable(index);
                let len = self.len_of(&receiver.place, span);
                let is_there = self.binary(BinaryOp::Lt, copy, len, span, span);
                Value::Expr(self.element_if(&receiver, is_there, index, mutates))
            }
            ("get_unchecked" | "get_unchecked_mut", [index]) => {
                self.expect_expr(*index, &ITy::USIZE);
                self.unchecked = true;
                Value::Expr(self.borrow_element(&receiver, *index, mutates))
            }
            ("split_at" | "split_at_mut", [middle]) => {
                Value::Expr(self.split_at(&receiver, *middle, mutates, at))
            }
            ("contains", [wanted]) => {
                let elem = receiver.elem.clone();
                self.expect_expr(*wanted, &elem);
                Value::Expr(self.contains(&receiver, *wanted))
            }
            ("starts_with" | "ends_with", [part]) => {
                Value::Expr(self.has_part(&receiver, *part, name == "starts_with"))
            }
            ("fill", [value]) => {
                let elem = receiver.elem.clone();
                let value = self.coerce(*value, &elem);
                self.fill(&receiver, value);
                Value::Unit
            }
            ("copy_from_slice" | "clone_from_slice", [from]) => {
                let check = match name {
                    "copy_from_slice" => LengthCheck::CopyFromSlice,
                    _ => LengthCheck::CloneFromSlice,
                };
                self.copy_from(&receiver, *from, check, at);
                Value::Unit
            }
            ("swap_with_slice", [other]) => {
                self.swap_with(&receiver, *other, at);
                Value::Unit
            }
            ("rotate_left" | "rotate_right", [by]) => {
                self.rotate(&receiver, *by, name == "rotate_left", at);
                Value::Unit
            }
            ("split_at_checked" | "split_at_mut_checked", [middle]) => {
                Value::Expr(self.split_at_checked(&receiver, *middle, mutates))
            }
            ("is_sorted", _) => Value::Expr(self.is_sorted(&receiver)),
            ("reverse", _) => {
                self.reverse(&receiver);
                Value::Unit
            }
            ("swap", [first, second]) => {
                self.swap_elements(&receiver, *first, *second, at);
                Value::Unit
            }
            _ => return None,
        })
    }

    fn element(&mut self, receiver: &Receiver, index: ExprId) -> Place {
        let mut place = self.copy_place(&receiver.place);
        let site = None;
        place.projections.push(Projection::Index { index, site });
        place
    }

    pub(super) fn load_element(&mut self, receiver: &Receiver, index: ExprId) -> ExprId {
        let place = self.element(receiver, index);
        self.push_expr(ExprKind::Load(place), receiver.elem.clone(), receiver.span)
    }

    pub(super) fn store_element(&mut self, receiver: &Receiver, index: ExprId, value: ExprId) {
        let place = self.element(receiver, index);
        self.emit(StmtKind::Assign { place, value }, receiver.span);
    }

    pub(super) fn borrow_element(
        &mut self,
        receiver: &Receiver,
        index: ExprId,
        mutable: bool,
    ) -> ExprId {
        let place = self.element(receiver, index);
        let to = Box::new(receiver.elem.clone());
        self.push_expr(
            ExprKind::Borrow(place),
            ITy::Ref { to, mutable },
            receiver.span,
        )
    }

    /// `len - 1`, of what is not empty.
    pub(super) fn last_index(&mut self, receiver: &Receiver) -> ExprId {
        let len = self.len_of(&receiver.place, receiver.span);
        let one = self.count(1, receiver.span);
        self.unchecked(BinaryOp::Sub, len, one, receiver.span)
    }

    /// Arithmetic of `usize` that cannot overflow.
    pub(super) fn unchecked(
        &mut self,
        op: BinaryOp,
        lhs: ExprId,
        rhs: ExprId,
        span: Span,
    ) -> ExprId {
        let kind = ExprKind::Binary {
            op,
            lhs,
            rhs,
            site: None,
        };
        self.push_expr(kind, ITy::USIZE, span)
    }

    fn is_not_empty(&mut self, receiver: &Receiver) -> ExprId {
        let span = receiver.span;
        let (len, zero) = (self.len_of(&receiver.place, span), self.count(0, span));
        self.binary(BinaryOp::Ne, len, zero, span, span)
    }

    fn element_if_any(&mut self, receiver: &Receiver, index: ExprId, mutable: bool) -> ExprId {
        let is_there = self.is_not_empty(receiver);
        self.element_if(receiver, is_there, index, mutable)
    }

    /// `Some(&a[index])` if it is there.
    fn element_if(
        &mut self,
        receiver: &Receiver,
        is_there: ExprId,
        index: ExprId,
        mutable: bool,
    ) -> ExprId {
        let element = self.borrow_element(receiver, index, mutable);
        self.some_if(is_there, element, receiver.span)
    }

    /// `Some(value)` if the condition holds; the value is not looked at otherwise.
    pub(super) fn some_if(&mut self, cond: ExprId, value: ExprId, span: Span) -> ExprId {
        let cond = self.evaluate(cond);
        let ty = self.ty_of(value);
        let nothing = self.push_expr(ExprKind::Zeroed, ty.clone(), span);
        let kind = ExprKind::Select {
            cond: self.copy_stable(cond),
            then: value,
            otherwise: nothing,
        };
        let value = self.push_expr(kind, ty, span);
        self.option(cond, value, span)
    }

    /// A part of the receiver that is in bounds.
    pub(super) fn part(
        &mut self,
        receiver: &Receiver,
        (start, end): (Option<ExprId>, Option<ExprId>),
        mutable: bool,
    ) -> ExprId {
        let kind = ExprKind::SubSlice {
            base: self.copy_place(&receiver.place),
            start,
            end,
            site: None,
        };
        let elem = Box::new(receiver.elem.clone());
        self.push_expr(kind, ITy::Slice { elem, mutable }, receiver.span)
    }

    fn split_end(&mut self, receiver: &Receiver, first: bool, mutable: bool) -> ExprId {
        let span = receiver.span;
        let is_there = self.is_not_empty(receiver);
        let (element, rest) = if first {
            let index = self.count(0, span);
            let start = self.count(1, span);
            (
                self.borrow_element(receiver, index, mutable),
                self.part(receiver, (Some(start), None), mutable),
            )
        } else {
            let index = self.last_index(receiver);
            let end = self.last_index(receiver);
            (
                self.borrow_element(receiver, index, mutable),
                self.part(receiver, (None, Some(end)), mutable),
            )
        };
        let tys = vec![self.ty_of(element), self.ty_of(rest)];
        let pair = self.push_expr(ExprKind::Tuple(vec![element, rest]), ITy::Tuple(tys), span);
        self.some_if(is_there, pair, span)
    }

    /// `a.get(i..j)`.
    fn get_range(&mut self, receiver: &Receiver, range: &hir::ExprRange, mutable: bool) -> ExprId {
        let span = receiver.span;
        let bound = |this: &mut Self, bound: &Option<Box<hir::Expr>>| {
            let value = this.lower_operand(bound.as_deref()?);
            this.expect_expr(value, &ITy::USIZE);
            Some(this.evaluate(value))
        };
        let start = bound(self, &range.start);
        let end = bound(self, &range.end);
        let mut conditions = Vec::new();
        let end = match (end, range.limits) {
            (Some(last), hir::RangeLimits::Closed(_)) => {
                let max = ConstValue::Int(u128::from(u64::MAX));
                let max = self.push_expr(ExprKind::Const(max), ITy::USIZE, span);
                let copy = self.copy_stable(last);
                conditions.push(self.binary(BinaryOp::Ne, copy, max, span, span));
                let one = self.count(1, span);
                let end = self.unchecked(BinaryOp::Add, last, one, span);
                Some(self.evaluate(end))
            }
            (end, _) => end,
        };
        let len = self.len_of(&receiver.place, span);
        match (start, end) {
            (start, Some(end)) => {
                if let Some(start) = start {
                    let (start, end) = (self.copy_stable(start), self.copy_stable(end));
                    conditions.push(self.binary(BinaryOp::Le, start, end, span, span));
                }
                let end = self.copy_stable(end);
                conditions.push(self.binary(BinaryOp::Le, end, len, span, span));
            }
            (Some(start), None) => {
                let start = self.copy_stable(start);
                conditions.push(self.binary(BinaryOp::Le, start, len, span, span));
            }
            (None, None) => {}
        }
        let cond = conditions.into_iter().reduce(|lhs, rhs| {
            let or = false;
            self.push_expr(ExprKind::ShortCircuit { or, lhs, rhs }, ITy::BOOL, span)
        });
        let cond = match cond {
            Some(cond) => cond,
            None => self.truth(true, span),
        };
        let part = self.part(receiver, (start, end), mutable);
        self.some_if(cond, part, span)
    }

    /// Panics if the condition holds.
    pub(super) fn trap_if(
        &mut self,
        cond: ExprId,
        kind: SiteKind,
        operands: Vec<ExprId>,
        at: Span,
    ) {
        let tys = vec![ITy::USIZE; operands.len()];
        let site = self.push_site(kind, at, tys);
        let ((), stmts) = self.in_frame(|this| this.emit(StmtKind::Trap { site, operands }, at));
        self.emit_branch(cond, stmts, Vec::new(), at);
    }

    fn split_at_checked(&mut self, receiver: &Receiver, middle: ExprId, mutable: bool) -> ExprId {
        let span = receiver.span;
        self.expect_expr(middle, &ITy::USIZE);
        let middle = self.evaluate(middle);
        let (copy, len) = (self.copy_stable(middle), self.len_of(&receiver.place, span));
        let fits = self.binary(BinaryOp::Le, copy, len, span, span);
        let pair = self.halves(receiver, middle, mutable);
        self.some_if(fits, pair, span)
    }

    /// What is before a position and what is behind it.
    fn halves(&mut self, receiver: &Receiver, middle: ExprId, mutable: bool) -> ExprId {
        let span = receiver.span;
        let end = self.copy_stable(middle);
        let left = self.part(receiver, (None, Some(end)), mutable);
        let right = self.part(receiver, (Some(middle), None), mutable);
        let tys = vec![self.ty_of(left), self.ty_of(right)];
        self.push_expr(ExprKind::Tuple(vec![left, right]), ITy::Tuple(tys), span)
    }

    fn split_at(&mut self, receiver: &Receiver, middle: ExprId, mutable: bool, at: Span) -> ExprId {
        let span = receiver.span;
        self.expect_expr(middle, &ITy::USIZE);
        let middle = self.evaluate(middle);
        let (copy, len) = (self.copy_stable(middle), self.len_of(&receiver.place, span));
        let beyond = self.binary(BinaryOp::Gt, copy, len, span, span);
        let operands = vec![self.copy_stable(middle), self.len_of(&receiver.place, span)];
        self.trap_if(beyond, SiteKind::Length(LengthCheck::SplitAt), operands, at);
        self.halves(receiver, middle, mutable)
    }

    pub(super) fn each_element(
        &mut self,
        receiver: &Receiver,
        body: impl FnOnce(&mut Self, LocalId),
    ) {
        let len = self.len_of(&receiver.place, receiver.span);
        self.count_to(len, receiver.span, body);
    }

    fn fill(&mut self, receiver: &Receiver, value: ExprId) {
        let span = receiver.span;
        let value = self.settle_value(value);
        self.each_element(receiver, |this, index| {
            let index = this.load_local(index, span);
            let value = this.copy_stable(value);
            this.store_element(receiver, index, value);
        });
    }

    /// Evaluates now, so that it can be copied.
    fn settle_value(&mut self, value: ExprId) -> ExprId {
        self.evaluate(value)
    }

    /// Panics if the two have different lengths.
    pub(super) fn same_length(
        &mut self,
        receiver: &Receiver,
        other: &Receiver,
        check: LengthCheck,
        at: Span,
    ) {
        let span = receiver.span;
        let (left, right) = (
            self.len_of(&receiver.place, span),
            self.len_of(&other.place, span),
        );
        let differ = self.binary(BinaryOp::Ne, left, right, span, span);
        let operands = vec![
            self.len_of(&receiver.place, span),
            self.len_of(&other.place, span),
        ];
        self.trap_if(differ, SiteKind::Length(check), operands, at);
    }

    fn copy_from(&mut self, receiver: &Receiver, from: ExprId, check: LengthCheck, at: Span) {
        let span = receiver.span;
        let from = self.slice_receiver(from, receiver);
        self.same_length(receiver, &from, check, at);
        self.each_element(receiver, |this, index| {
            let source = this.load_local(index, span);
            let value = this.load_element(&from, source);
            let index = this.load_local(index, span);
            this.store_element(receiver, index, value);
        });
    }

    /// An argument that is a slice, with the elements of the receiver.
    pub(super) fn slice_receiver(&mut self, value: ExprId, like: &Receiver) -> Receiver {
        let (place, _) = self.base_place(Base::Value(value));
        let place = self.fix_place(place, true, like.span);
        Receiver {
            place,
            elem: like.elem.clone(),
            span: like.span,
        }
    }

    /// Swaps two elements that are there.
    pub(super) fn exchange(&mut self, receiver: &Receiver, first: ExprId, second: ExprId) {
        let (first, second) = (self.evaluate(first), self.evaluate(second));
        let (a, b) = (self.copy_stable(first), self.copy_stable(second));
        let left = self.load_element(receiver, a);
        let (left, _) = self.hold_value(left);
        let right = self.load_element(receiver, b);
        self.store_element(receiver, first, right);
        let left = self.push_expr(ExprKind::Load(left), receiver.elem.clone(), receiver.span);
        self.store_element(receiver, second, left);
    }

    fn swap_elements(&mut self, receiver: &Receiver, first: ExprId, second: ExprId, at: Span) {
        let span = receiver.span;
        let indices = [first, second].map(|index| {
            self.expect_expr(index, &ITy::USIZE);
            self.evaluate(index)
        });
        let mut operands: Vec<_> = indices
            .iter()
            .map(|index| self.copy_stable(*index))
            .collect();
        operands.push(self.len_of(&receiver.place, span));
        let [lhs, rhs] = indices.map(|index| {
            let (index, len) = (self.copy_stable(index), self.len_of(&receiver.place, span));
            self.binary(BinaryOp::Ge, index, len, span, span)
        });
        let or = true;
        let beyond = self.push_expr(ExprKind::ShortCircuit { or, lhs, rhs }, ITy::BOOL, span);
        self.trap_if(beyond, SiteKind::Length(LengthCheck::Swap), operands, at);
        self.exchange(receiver, indices[0], indices[1]);
    }

    fn contains(&mut self, receiver: &Receiver, wanted: ExprId) -> ExprId {
        let span = receiver.span;
        let wanted = self.settle_value(wanted);
        let found = self.push_temp(ITy::BOOL, true, span);
        let no = self.truth(false, span);
        self.assign(found, no);
        self.each_element(receiver, |this, index| {
            let index = this.load_local(index, span);
            let elem = this.load_element(receiver, index);
            let wanted = this.copy_stable(wanted);
            let equal = this.binary(BinaryOp::Eq, elem, wanted, span, span);
            let label = this.innermost_label();
            let ((), stmts) = this.in_frame(|this| {
                let yes = this.truth(true, span);
                this.assign(found, yes);
                this.emit(StmtKind::Break(label), span);
            });
            this.emit_branch(equal, stmts, Vec::new(), span);
        });
        self.load_local(found, span)
    }

    fn is_sorted(&mut self, receiver: &Receiver) -> ExprId {
        let span = receiver.span;
        let sorted = self.push_temp(ITy::BOOL, true, span);
        let yes = self.truth(true, span);
        self.assign(sorted, yes);
        let (start, len) = (self.count(1, span), self.len_of(&receiver.place, span));
        self.count_through(start, len, false, span, |this, index| {
            let before = this.load_local(index, span);
            let one = this.count(1, span);
            let before = this.unchecked(BinaryOp::Sub, before, one, span);
            let before = this.load_element(receiver, before);
            let here = this.load_local(index, span);
            let here = this.load_element(receiver, here);
            let fine = this.binary(BinaryOp::Le, before, here, span, span);
            let label = this.innermost_label();
            let ((), stmts) = this.in_frame(|this| {
                let no = this.truth(false, span);
                this.assign(sorted, no);
                this.emit(StmtKind::Break(label), span);
            });
            this.emit_branch(fine, Vec::new(), stmts, span);
        });
        self.load_local(sorted, span)
    }

    /// `starts_with` and `ends_with`.
    fn has_part(&mut self, receiver: &Receiver, part: ExprId, at_start: bool) -> ExprId {
        let span = receiver.span;
        let part = self.slice_receiver(part, receiver);
        let equal = self.push_temp(ITy::BOOL, true, span);
        let (n, len) = (
            self.len_of(&part.place, span),
            self.len_of(&receiver.place, span),
        );
        let fits = self.binary(BinaryOp::Le, n, len, span, span);
        self.assign(equal, fits);
        let cond = self.load_local(equal, span);
        let ((), stmts) = self.in_frame(|this| {
            let n = this.len_of(&part.place, span);
            let bounds = if at_start {
                (None, Some(n))
            } else {
                let len = this.len_of(&receiver.place, span);
                (Some(this.unchecked(BinaryOp::Sub, len, n, span)), None)
            };
            let here = this.part(receiver, bounds, false);
            let there = this.part(&part, (None, None), false);
            if let Some(same) = this.compare_parts(BinaryOp::Eq, here, there, span) {
                this.assign(equal, same);
            }
        });
        self.emit_branch(cond, stmts, Vec::new(), span);
        self.load_local(equal, span)
    }
}

fn strip(expr: &hir::Expr) -> &hir::Expr {
    super::expr::strip_groups(expr)
}

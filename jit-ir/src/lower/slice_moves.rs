//! Methods of slices that move elements: `reverse`, `rotate_left`, `copy_within`, `swap_with_slice`, `fill_with`.

use super::infer::ITy;
use super::slices::Receiver;
use super::state::{Lowering, Value};
use crate::expr::{BinaryOp, ConstValue, ExprId, ExprKind};
use crate::func::{LengthCheck, SiteKind};
use crate::hir::{self, Span};
use crate::stmt::StmtKind;

/// The binary logarithm of how many elements `reverse` takes from each end at once.
const BLOCK_BITS: u64 = 3;

impl Lowering<'_> {
    /// `reverse()`: several elements from each end at once, all loads before the stores. LLVM makes vectors of these, but not of a loop that exchanges two
    /// elements, as it cannot tell that the halves do not overlap.
    pub(super) fn reverse(&mut self, receiver: &Receiver) {
        let span = receiver.span;
        let (len, one) = (self.len_of(&receiver.place, span), self.count(1, span));
        let half = self.unchecked(BinaryOp::Shr, len, one, span);
        let is_scalar = matches!(
            self.infer.shallow(&receiver.elem),
            ITy::Scalar(_) | ITy::Param(_) | ITy::Char
        );
        let start = match is_scalar && !self.may_be_parallel() {
            true => self.reverse_blocks(receiver, half),
            false => self.count(0, span),
        };
        let (len, one) = (self.len_of(&receiver.place, span), self.count(1, span));
        let half = self.unchecked(BinaryOp::Shr, len, one, span);
        self.count_through(start, half, false, span, |this, index| {
            let first = this.load_local(index, span);
            let last = this.last_index(receiver);
            let index = this.load_local(index, span);
            let other = this.unchecked(BinaryOp::Sub, last, index, span);
            this.exchange(receiver, first, other);
        });
    }

    /// Whether loops of this function, or of the one that it may become a part of, may run in parallel. To prove that they may takes time for each two
    /// accesses, so that these had better be few.
    fn may_be_parallel(&self) -> bool {
        self.current.context.is_some_and(|context| {
            let root = context.instances.first();
            (root.into_iter().chain([context.instance()]))
                .any(|instance| instance.build.parallel.is_some())
        })
    }

    /// Reverses as much as blocks do of the `half` on each side, and gives the first index that is left.
    fn reverse_blocks(&mut self, receiver: &Receiver, half: ExprId) -> ExprId {
        let span = receiver.span;
        let bits = self.count(BLOCK_BITS, span);
        let blocks = self.unchecked(BinaryOp::Shr, half, bits, span);
        let blocks = self.evaluate(blocks);
        let end = self.copy_stable(blocks);
        self.count_to(end, span, |this, block| {
            let (block, bits) = (this.load_local(block, span), this.count(BLOCK_BITS, span));
            let first = this.unchecked(BinaryOp::Shl, block, bits, span);
            let first = this.evaluate(first);
            let (last, by) = (this.last_index(receiver), this.copy_stable(first));
            let last = this.unchecked(BinaryOp::Sub, last, by, span);
            let last = this.evaluate(last);
            // Side by side, as vectors are found among neighbours.
            let sides = [(BinaryOp::Add, first), (BinaryOp::Sub, last)].map(|(op, from)| {
                let index_at = |this: &mut Self, offset| {
                    let (from, offset) = (this.copy_stable(from), this.count(offset, span));
                    let index = this.unchecked(op, from, offset, span);
                    this.evaluate(index)
                };
                (0..1 << BLOCK_BITS)
                    .map(|offset| index_at(this, offset))
                    .collect::<Vec<_>>()
            });
            let [front, back] = sides.each_ref().map(|indices| {
                (indices.iter())
                    .map(|&index| {
                        let index = this.copy_stable(index);
                        let value = this.load_element(receiver, index);
                        this.hold_value(value).0
                    })
                    .collect::<Vec<_>>()
            });
            for (indices, held) in sides.into_iter().zip([back, front]) {
                for (index, place) in indices.into_iter().zip(held) {
                    let kind = ExprKind::Load(place);
                    let value = this.push_expr(kind, receiver.elem.clone(), span);
                    this.store_element(receiver, index, value);
                }
            }
        });
        let bits = self.count(BLOCK_BITS, span);
        self.unchecked(BinaryOp::Shl, blocks, bits, span)
    }

    /// `rotate_left` and `rotate_right`: both parts turned around, then the whole.
    pub(super) fn rotate(&mut self, receiver: &Receiver, by: ExprId, left: bool, at: Span) {
        let span = receiver.span;
        self.expect_expr(by, &ITy::USIZE);
        let by = self.evaluate(by);
        let (copy, len) = (self.copy_stable(by), self.len_of(&receiver.place, span));
        let beyond = self.binary(BinaryOp::Gt, copy, len, span, span);
        let operands = vec![self.copy_stable(by), self.len_of(&receiver.place, span)];
        let check = match left {
            true => LengthCheck::RotateLeft,
            false => LengthCheck::RotateRight,
        };
        self.trap_if(beyond, SiteKind::Length(check), operands, at);
        let middle = match left {
            true => by,
            false => {
                let len = self.len_of(&receiver.place, span);
                let middle = self.unchecked(BinaryOp::Sub, len, by, span);
                self.evaluate(middle)
            }
        };
        let end = self.copy_stable(middle);
        for bounds in [(None, Some(end)), (Some(middle), None)] {
            let part = self.part(receiver, bounds, true);
            let part = self.slice_receiver(part, receiver);
            self.reverse(&part);
        }
        self.reverse(receiver);
    }

    pub(super) fn swap_with(&mut self, receiver: &Receiver, other: ExprId, at: Span) {
        let span = receiver.span;
        let other = self.slice_receiver(other, receiver);
        self.same_length(receiver, &other, LengthCheck::SwapWithSlice, at);
        self.each_element(receiver, |this, index| {
            let (i, j) = (this.load_local(index, span), this.load_local(index, span));
            let left = this.load_element(receiver, i);
            let (left, _) = this.hold_value(left);
            let right = this.load_element(&other, j);
            let (i, j) = (this.load_local(index, span), this.load_local(index, span));
            this.store_element(receiver, i, right);
            let left = this.push_expr(ExprKind::Load(left), receiver.elem.clone(), span);
            this.store_element(&other, j, left);
        });
    }

    /// `fill_with(f)`: what `f` gives, element by element.
    pub(super) fn fill_with(&mut self, receiver: &Receiver, f: ExprId) {
        let span = receiver.span;
        self.each_element(receiver, |this, index| {
            let f = this.copy_stable(f);
            match this.call_value(f, Vec::new(), span) {
                Value::Expr(value) => {
                    let elem = receiver.elem.clone();
                    let value = this.coerce(value, &elem);
                    let index = this.load_local(index, span);
                    this.store_element(receiver, index, value);
                }
                Value::Unit => this.refuse_unit(span),
                Value::Never => {}
            }
        });
    }

    /// `copy_within(i..j, to)`: from the end where the two overlap that way.
    pub(super) fn copy_within(
        &mut self,
        receiver: &Receiver,
        range: &hir::ExprRange,
        to: &hir::Expr,
        at: Span,
    ) {
        let span = receiver.span;
        if let (hir::RangeLimits::Closed(_), Some(_)) = (&range.limits, &range.end) {
            self.refuse(
                range.span(),
                "`copy_within` of a closed range",
                "write the end that is not copied: `i..j + 1`",
            );
        }
        let mut bound = |bound: &Option<Box<hir::Expr>>| {
            let value = self.lower_operand(bound.as_deref()?);
            self.expect_expr(value, &ITy::USIZE);
            Some(self.evaluate(value))
        };
        let (start, end) = (bound(&range.start), bound(&range.end));
        let to = self.lower_operand(to);
        self.expect_expr(to, &ITy::USIZE);
        let to = self.evaluate(to);
        let start = match start {
            Some(start) => start,
            None => self.count(0, span),
        };
        let end = match end {
            Some(end) => end,
            None => {
                let len = self.len_of(&receiver.place, span);
                self.evaluate(len)
            }
        };
        // `start <= end && end <= len && to <= len - (end - start)`, each where those before it hold.
        let mut conditions = Vec::new();
        let (s, e) = (self.copy_stable(start), self.copy_stable(end));
        conditions.push(self.binary(BinaryOp::Gt, s, e, span, span));
        let (e, len) = (self.copy_stable(end), self.len_of(&receiver.place, span));
        conditions.push(self.binary(BinaryOp::Gt, e, len, span, span));
        let count = |this: &mut Self| {
            let (s, e) = (this.copy_stable(start), this.copy_stable(end));
            this.unchecked(BinaryOp::Sub, e, s, span)
        };
        let (n_elems, len) = (count(self), self.len_of(&receiver.place, span));
        let room = self.unchecked(BinaryOp::Sub, len, n_elems, span);
        let copy = self.copy_stable(to);
        conditions.push(self.binary(BinaryOp::Gt, copy, room, span, span));
        let wrong = conditions.into_iter().reduce(|lhs, rhs| {
            let or = true;
            self.push_expr(ExprKind::ShortCircuit { or, lhs, rhs }, ITy::BOOL, span)
        });
        if let Some(wrong) = wrong {
            let operands = vec![
                self.copy_stable(start),
                self.copy_stable(end),
                self.copy_stable(to),
                self.len_of(&receiver.place, span),
            ];
            self.trap_if(
                wrong,
                SiteKind::Length(LengthCheck::CopyWithin),
                operands,
                at,
            );
        }
        let (copy, s) = (self.copy_stable(to), self.copy_stable(start));
        let forward = self.binary(BinaryOp::Le, copy, s, span, span);
        let mut copies = |reversed: bool| {
            let ((), stmts) = self.in_frame(|this| {
                let (zero, n_elems) = (this.count(0, span), count(this));
                this.count_through(zero, n_elems, reversed, span, |this, index| {
                    let moved = |this: &mut Self, from: ExprId| {
                        let (from, index) = (this.copy_stable(from), this.load_local(index, span));
                        this.unchecked(BinaryOp::Add, from, index, span)
                    };
                    let (source, target) = (moved(this, start), moved(this, to));
                    let value = this.load_element(receiver, source);
                    this.store_element(receiver, target, value);
                });
            });
            stmts
        };
        let (then, otherwise) = (copies(false), copies(true));
        self.emit_branch(forward, then, otherwise, span);
    }

    /// `binary_search`, `binary_search_by`, `binary_search_by_key`, `partition_point`.
    ///
    /// # Source
    ///
    /// core's `binary_search_by` since Rust 1.82, whose probes decide which of several equal elements is found.
    pub(super) fn search(
        &mut self,
        receiver: &Receiver,
        call: &hir::ExprMethodCall,
    ) -> Option<Value> {
        let span = receiver.span;
        let name = call.method.name.as_str();
        let wanted = match name {
            "binary_search" | "binary_search_by_key" => {
                let wanted = self.lower_operand(&call.args[0]);
                let wanted = self.auto_deref(wanted);
                Some(self.evaluate(wanted))
            }
            _ => None,
        };
        let f = match name {
            "binary_search" => None,
            _ => Some(self.lower_callable(call.args.last()?)),
        };
        // How the element compares with what is looked for.
        let probe = |this: &mut Self, index: ExprId| -> ExprId {
            let found = match f {
                None => Value::Expr(this.load_element(receiver, index)),
                Some(f) => {
                    let f = this.copy_stable(f);
                    let elem = this.borrow_element(receiver, index, false);
                    this.call_value(f, vec![elem], span)
                }
            };
            let Value::Expr(found) = found else {
                return this.poison(span);
            };
            match wanted {
                Some(wanted) => {
                    let found = this.auto_deref(found);
                    let wanted = this.copy_stable(wanted);
                    let ty = this.ty_of(found);
                    this.expect_expr(wanted, &ty);
                    this.order("cmp", found, wanted, span)
                }
                None if name == "partition_point" => {
                    this.expect_expr(found, &ITy::BOOL);
                    let kind = ExprKind::Select {
                        cond: found,
                        then: this.ordering(-1, span),
                        otherwise: this.ordering(1, span),
                    };
                    this.push_expr(kind, ITy::Ordering, span)
                }
                None => {
                    this.expect_expr(found, &ITy::Ordering);
                    found
                }
            }
        };
        let size = self.push_temp(ITy::USIZE, true, span);
        let base = self.push_temp(ITy::USIZE, true, span);
        let len = self.len_of(&receiver.place, span);
        self.assign(size, len);
        let zero = self.count(0, span);
        self.assign(base, zero);
        let label = self.new_label();
        let ((), stmts) = self.in_frame(|this| {
            let (n, one) = (this.load_local(size, span), this.count(1, span));
            let half = this.unchecked(BinaryOp::Shr, n, one, span);
            let half = this.evaluate(half);
            let (b, h) = (this.load_local(base, span), this.copy_stable(half));
            let middle = this.unchecked(BinaryOp::Add, b, h, span);
            let middle = this.evaluate(middle);
            let copy = this.copy_stable(middle);
            let order = probe(this, copy);
            let zero = this.ordering(0, span);
            let cond = this.plain_compare(BinaryOp::Gt, order, zero);
            let kind = ExprKind::Select {
                cond,
                then: this.load_local(base, span),
                otherwise: this.copy_stable(middle),
            };
            let next = this.push_expr(kind, ITy::USIZE, span);
            this.assign(base, next);
            let n = this.load_local(size, span);
            let rest = this.unchecked(BinaryOp::Sub, n, half, span);
            this.assign(size, rest);
        });
        let (n, one) = (self.load_local(size, span), self.count(1, span));
        let cond = self.binary(BinaryOp::Gt, n, one, span, span);
        let body = crate::stmt::Block { stmts };
        self.emit(StmtKind::While { label, cond, body }, span);
        // The last probe, of what is not empty.
        let found = self.push_temp(ITy::BOOL, true, span);
        let no = ConstValue::Bool(false);
        let no = self.push_expr(ExprKind::Const(no), ITy::BOOL, span);
        self.assign(found, no);
        let (n, zero) = (self.load_local(size, span), self.count(0, span));
        let any = self.binary(BinaryOp::Ne, n, zero, span, span);
        let ((), stmts) = self.in_frame(|this| {
            let index = this.load_local(base, span);
            let order = probe(this, index);
            let order = this.evaluate(order);
            let (copy, zero) = (this.copy_stable(order), this.ordering(0, span));
            let equal = this.plain_compare(BinaryOp::Eq, copy, zero);
            this.assign(found, equal);
            let zero = this.ordering(0, span);
            let less = this.plain_compare(BinaryOp::Lt, order, zero);
            let kind = ExprKind::Select {
                cond: less,
                then: this.count(1, span),
                otherwise: this.count(0, span),
            };
            let step = this.push_expr(kind, ITy::USIZE, span);
            let at = this.load_local(base, span);
            let at = this.unchecked(BinaryOp::Add, at, step, span);
            this.assign(base, at);
        });
        self.emit_branch(any, stmts, Vec::new(), span);
        let position = self.load_local(base, span);
        let position = self.evaluate(position);
        if name == "partition_point" {
            return Some(Value::Expr(position));
        }
        let tag = self.load_local(found, span);
        let again = self.copy_stable(position);
        let elems = vec![tag, position, again];
        let ty = ITy::Result(Box::new(ITy::USIZE), Box::new(ITy::USIZE));
        Some(Value::Expr(self.push_expr(
            ExprKind::Tuple(elems),
            ty,
            span,
        )))
    }
}

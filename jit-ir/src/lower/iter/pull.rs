//! Iterators whose items are asked for one at a time: their state is in variables.

use super::{Iter, IterId};
use crate::expr::{BinaryOp, ExprId};
use crate::hir::Span;
use crate::lower::diag::Code;
use crate::lower::state::{Lowering, Value};
use crate::stmt::{Block, StmtKind};

/// What happens if there is no item; control does not get past it.
type End<'b, L> = &'b mut dyn FnMut(&mut L);

impl Lowering<'_> {
    /// The same iterator with its state in variables: that of a variable that holds an iterator.
    pub(in crate::lower) fn materialize(&mut self, id: IterId) -> IterId {
        let span = self.iter_span(id);
        let iter = match self.iter(id) {
            Iter::Cursor { .. }
            | Iter::ByRef(_)
            | Iter::FromFn(_)
            | Iter::Successors { .. }
            | Iter::Peekable { .. }
            | Iter::Cycle { state: Some(_), .. }
            | Iter::Opaque(_) => return id,
            Iter::Runs { .. } => return self.materialize_runs(id),
            Iter::Cycle { of, state: None } => self.materialize_cycle(of, span),
            Iter::Part { of, start, end } => {
                let start = self.copy_stable(start);
                let end = self.copy_stable(end);
                Iter::Cursor {
                    of,
                    front: self.new_counter(start),
                    back: self.new_counter(end),
                }
            }
            _ if self.is_indexed(id) => {
                let back = self.iter_len(id, span);
                let back = self.new_counter(back);
                let front = self.usize_const(0, span);
                let front = self.new_counter(front);
                Iter::Cursor {
                    of: id,
                    front,
                    back,
                }
            }
            Iter::Zip(a, b) => Iter::Zip(self.materialize(a), self.materialize(b)),
            Iter::Chain(a, b, None) => {
                let (a, b) = (self.materialize(a), self.materialize(b));
                Iter::Chain(a, b, Some(self.new_flag(false, span)))
            }
            Iter::Enumerate(of, None) => {
                let of = self.materialize(of);
                let zero = self.usize_const(0, span);
                Iter::Enumerate(of, Some(self.new_counter(zero)))
            }
            Iter::TakeWhile(of, f, None) => {
                let of = self.materialize(of);
                Iter::TakeWhile(of, f, Some(self.new_flag(false, span)))
            }
            Iter::SkipWhile(of, f, None) => {
                let of = self.materialize(of);
                Iter::SkipWhile(of, f, Some(self.new_flag(false, span)))
            }
            Iter::Skip(of, count, None) => {
                let of = self.materialize(of);
                let rest = self.copy_stable(count);
                Iter::Skip(of, count, Some(self.new_counter(rest)))
            }
            Iter::Take(of, count, None) => {
                let of = self.materialize(of);
                let rest = self.copy_stable(count);
                Iter::Take(of, count, Some(self.new_counter(rest)))
            }
            Iter::StepBy(of, step, None) => {
                let of = self.materialize(of);
                let zero = self.usize_const(0, span);
                Iter::StepBy(of, step, Some(self.new_counter(zero)))
            }
            Iter::Map(of, f) => Iter::Map(self.materialize(of), f),
            Iter::Filter(of, f) => Iter::Filter(self.materialize(of), f),
            Iter::FilterMap(of, f) => Iter::FilterMap(self.materialize(of), f),
            Iter::Inspect(of, f) => Iter::Inspect(self.materialize(of), f),
            Iter::MapWhile(of, f) => Iter::MapWhile(self.materialize(of), f),
            Iter::Scan(of, state, f) => Iter::Scan(self.materialize(of), state, f),
            Iter::Copied(of) => Iter::Copied(self.materialize(of)),
            Iter::Rev(of) => Iter::Rev(self.materialize(of)),
            _ => return id,
        };
        self.new_iter(iter, span)
    }

    /// The next item; the body of `end` if there is none.
    pub(super) fn pull(&mut self, id: IterId, span: Span, end: End<'_, Self>) -> Value {
        self.pull_end(id, false, span, end)
    }

    /// The next item, or the last if `rev`.
    pub(super) fn pull_end(
        &mut self,
        id: IterId,
        rev: bool,
        span: Span,
        end: End<'_, Self>,
    ) -> Value {
        match self.iter(id) {
            Iter::Cursor { of, front, back } => {
                let (a, b) = (self.load_local(front, span), self.load_local(back, span));
                let more = self.plain_compare(BinaryOp::Lt, a, b);
                self.unless(more, span, end);
                let index = if rev {
                    self.step_counter(back, false, span);
                    let index = self.load_local(back, span);
                    self.evaluate(index)
                } else {
                    let index = self.load_local(front, span);
                    let index = self.evaluate(index);
                    self.step_counter(front, true, span);
                    index
                };
                self.item_at(of, index, span)
            }
            Iter::ByRef(of) => self.pull_end(of, rev, span, end),
            Iter::Rev(of) => self.pull_end(of, !rev, span, end),
            Iter::Map(of, f) => {
                let item = self.pull_end(of, rev, span, end);
                self.apply(f, item, span)
            }
            Iter::Inspect(of, f) => {
                let item = self.pull_end(of, rev, span, end);
                self.inspect(f, item, span)
            }
            Iter::Copied(of) => {
                let item = self.pull_end(of, rev, span, end);
                self.copied(item, span)
            }
            Iter::Scan(of, state, f) if !rev => {
                let item = self.pull(of, span, end);
                let item = self.scan(state, f, item, span);
                self.some_or(item, span, end)
            }
            Iter::MapWhile(of, f) if !rev => {
                let item = self.pull(of, span, end);
                let item = self.apply(f, item, span);
                self.some_or(item, span, end)
            }
            Iter::Filter(of, f) => self.pull_until(span, |this, found| {
                let item = this.pull_end(of, rev, span, end);
                let (item, cond) = this.test(f, item, span);
                this.emit_if_then(cond, span, |this| {
                    this.emit(StmtKind::Break(found), span);
                });
                item
            }),
            Iter::FilterMap(of, f) => self.pull_until(span, |this, found| {
                let item = this.pull_end(of, rev, span, end);
                let item = this.apply(f, item, span);
                let Value::Expr(item) = item else { return item };
                let item = this.stable(item);
                let Some((flag, payload)) = this.option_parts(item) else {
                    return Value::Expr(this.poison(span));
                };
                let (flag, payload) = (this.evaluate(flag), this.evaluate(payload));
                this.emit_if_then(flag, span, |this| {
                    this.emit(StmtKind::Break(found), span);
                });
                Value::Expr(payload)
            }),
            Iter::SkipWhile(of, f, Some(begun)) if !rev => self.pull_until(span, |this, found| {
                let item = this.pull(of, span, end);
                let item = this.stable_item(item);
                let cond = this.load_local(begun, span);
                this.emit_if_then(cond, span, |this| {
                    this.emit(StmtKind::Break(found), span);
                });
                let again = this.copy_item(item);
                let (_, cond) = this.test(f, again, span);
                this.unless(cond, span, |this| {
                    this.set_flag(begun, true, span);
                    this.emit(StmtKind::Break(found), span);
                });
                item
            }),
            Iter::TakeWhile(of, f, Some(done)) if !rev => {
                let cond = self.load_local(done, span);
                self.emit_if_then(cond, span, &mut *end);
                let item = self.pull(of, span, &mut *end);
                let (item, cond) = self.test(f, item, span);
                self.unless(cond, span, |this| {
                    this.set_flag(done, true, span);
                    end(this);
                });
                item
            }
            Iter::Enumerate(of, Some(number)) if !rev => {
                let item = self.pull(of, span, end);
                let item = self.stable_item(item);
                let index = self.load_local(number, span);
                let index = self.evaluate(index);
                self.step_counter(number, true, span);
                let then = self.now();
                self.pair(Value::Expr(index), then, item, span)
            }
            Iter::Take(of, _, Some(rest)) if !rev => {
                let more = self.is_nonzero(rest, span);
                self.unless(more, span, &mut *end);
                self.step_counter(rest, false, span);
                self.pull(of, span, end)
            }
            Iter::Skip(of, _, Some(rest)) if !rev => {
                self.skip_items(of, rest, span, &mut *end);
                self.pull(of, span, end)
            }
            Iter::StepBy(of, step, Some(rest)) if !rev => {
                self.skip_items(of, rest, span, &mut *end);
                let item = self.pull(of, span, end);
                let item = self.stable_item(item);
                let step = self.copy_stable(step);
                let one = self.usize_const(1, span);
                let left = self.sub(step, one);
                self.assign(rest, left);
                item
            }
            Iter::Zip(a, b) if !rev => {
                let first = self.pull(a, span, &mut *end);
                let first = self.stable_item(first);
                let then = self.now();
                let second = self.pull(b, span, end);
                self.pair(first, then, second, span)
            }
            Iter::Chain(a, b, Some(ended)) if !rev => self.pull_chain(a, b, ended, span, end),
            Iter::Peekable { of, known, next } if !rev => {
                self.look_ahead(of, known, &next, span);
                self.set_flag(known, false, span);
                let more = self.load_local(next.flag, span);
                self.unless(more, span, end);
                let item = self.read(&next.value, span);
                Value::Expr(self.stable(item))
            }
            Iter::Cycle {
                of,
                state: Some(start),
            } if !rev => self.pull_cycle(of, &start, span, end),
            Iter::Runs {
                whole,
                elem,
                f,
                kind,
                state: Some(state),
            } if !rev => self.pull_run((whole, elem), f, kind, state, span, end),
            Iter::FromFn(f) if !rev => {
                let f = self.copy_stable(f);
                let item = self.call_value(f, Vec::new(), span);
                self.some_or(item, span, end)
            }
            Iter::Successors { state, step } if !rev => {
                let more = self.load_local(state.flag, span);
                self.unless(more, span, end);
                let item = self.read(&state.value, span);
                let item = self.stable(item);
                let again = self.copy_stable(item);
                let held = self.hold(again);
                let step = self.copy_stable(step);
                let next = self.call_value(step, vec![held], span);
                if let Value::Expr(next) = next
                    && let Some((flag, value)) = self.option_parts(next)
                {
                    let flag = self.evaluate(flag);
                    let again = self.copy_stable(flag);
                    self.assign(state.flag, again);
                    self.emit_if_then(flag, span, |this| this.store(&state.value, value));
                }
                Value::Expr(item)
            }
            Iter::Opaque(ty) => {
                let item = self.poison(span);
                self.expr_tys[item.index()] = ty;
                Value::Expr(item)
            }
            _ => {
                self.diags.report(
                    Code::Method,
                    span,
                    "items of this iterator cannot be asked for one at a time in `#[jit]`",
                    "write a `for` over it",
                );
                Value::Expr(self.poison(span))
            }
        }
    }

    /// `loop { body }`, which leaves the loop with the item that it gives.
    fn pull_until(
        &mut self,
        span: Span,
        body: impl FnOnce(&mut Self, crate::stmt::Label) -> Value,
    ) -> Value {
        let label = self.new_label();
        let (item, stmts) = self.in_frame(|this| {
            let item = body(this, label);
            this.stable_item(item)
        });
        let body = Block { stmts };
        self.emit(StmtKind::Forever { label, body }, span);
        self.copy_item(item)
    }

    /// Asks for `rest` items that nobody wants.
    fn skip_items(
        &mut self,
        of: IterId,
        rest: crate::func::LocalId,
        span: Span,
        end: End<'_, Self>,
    ) {
        let label = self.new_label();
        let cond = self.is_nonzero(rest, span);
        let ((), stmts) = self.in_frame(|this| {
            this.step_counter(rest, false, span);
            if let Value::Expr(item) = this.pull(of, span, end) {
                this.drop_value(item);
            }
        });
        let body = Block { stmts };
        self.emit(StmtKind::While { label, cond, body }, span);
    }

    /// The payload of an `Option`; `end` if it is `None`.
    fn some_or(&mut self, item: Value, span: Span, end: End<'_, Self>) -> Value {
        let Value::Expr(item) = item else {
            return item;
        };
        let Some((flag, payload)) = self.option_parts(item) else {
            return Value::Expr(self.poison(span));
        };
        self.unless(flag, span, end);
        Value::Expr(payload)
    }

    fn pull_chain(
        &mut self,
        a: IterId,
        b: IterId,
        ended: crate::func::LocalId,
        span: Span,
        end: End<'_, Self>,
    ) -> Value {
        // 'got: { if !ended { 'over: { slot = a.next() or break 'over; break 'got } ended = true } slot = b.next() or end }
        let (got, over) = (self.new_label(), self.new_label());
        let mut slot = None;
        let ((), stmts) = self.in_frame(|this| {
            let cond = this.load_local(ended, span);
            this.unless(cond, span, |this| {
                let ((), first) = this.in_frame(|this| {
                    let item = this.pull(a, span, &mut |this| {
                        this.emit(StmtKind::Break(over), span);
                    });
                    if let Value::Expr(item) = item {
                        let ty = this.ty_of(item);
                        let to = this.push_temp(ty, true, span);
                        this.assign(to, item);
                        slot = Some(to);
                    }
                    this.emit(StmtKind::Break(got), span);
                });
                let body = Block { stmts: first };
                this.emit(StmtKind::Labeled { label: over, body }, span);
                this.set_flag(ended, true, span);
            });
            let item = this.pull(b, span, end);
            if let (Value::Expr(item), Some(slot)) = (item, slot) {
                let ty = this.local_tys[slot.index()].clone();
                this.expect_expr(item, &ty);
                this.assign(slot, item);
            }
        });
        let body = Block { stmts };
        self.emit(StmtKind::Labeled { label: got, body }, span);
        match slot {
            Some(slot) => {
                let item: ExprId = self.load_local(slot, span);
                Value::Expr(self.evaluate(item))
            }
            None => Value::Unit,
        }
    }
}

//! Loops over iterators.

use super::{Iter, IterId, Range};
use crate::expr::{BinaryOp, ExprId, ExprKind, Place};
use crate::hir::Span;
use crate::lower::infer::ITy;
use crate::lower::state::{Lowering, Value};
use crate::stmt::{Block, Label, Loop, LoopHints, LoopRequest, StmtKind};

/// What is done with each item.
pub(super) type Body<'b, L> = &'b mut dyn FnMut(&mut L, Value);

/// The bounds of a loop.
pub(super) struct Bounds {
    pub(super) start: ExprId,
    pub(super) end: ExprId,
    pub(super) step: Option<ExprId>,
    pub(super) inclusive: bool,
    pub(super) ty: ITy,
}

impl Lowering<'_> {
    /// Runs over all of an iterator as std's `fold` does, which most consumers are made of: unlike `next`, it asks no part of a `zip` for an
    /// item that nobody wants.
    pub(super) fn run_all(
        &mut self,
        id: IterId,
        rev: bool,
        span: Span,
        body: &mut dyn FnMut(&mut Self, Value, Label),
    ) {
        let outer = std::mem::replace(&mut self.folding, true);
        self.run_as_before(id, rev, span, body);
        self.folding = outer;
    }

    /// Runs over an iterator, from the back if `rev`. The body is told the label that leaves the loop.
    pub(super) fn run(
        &mut self,
        id: IterId,
        rev: bool,
        span: Span,
        body: &mut dyn FnMut(&mut Self, Value, Label),
    ) {
        let outer = std::mem::replace(&mut self.folding, false);
        self.run_as_before(id, rev, span, body);
        self.folding = outer;
    }

    fn run_as_before(
        &mut self,
        id: IterId,
        rev: bool,
        span: Span,
        body: &mut dyn FnMut(&mut Self, Value, Label),
    ) {
        if let Some(asked) = self.asked_by(id) {
            let ((), stmts) = self.in_frame(|this| this.run_loops(id, rev, span, body));
            self.emit_requested(stmts, Some(asked));
            return;
        }
        self.run_loops(id, rev, span, body);
    }

    /// The word that asks for the loop over this to run in parallel.
    pub(super) fn asked_by(&self, id: IterId) -> Option<(&'static str, Span)> {
        if let Some((_, name)) = self.asking.iter().find(|(asking, _)| *asking == id) {
            return Some(("par", *name));
        }
        match self.iter(id) {
            Iter::Zip(a, b) => self.asked_by(a).or_else(|| self.asked_by(b)),
            Iter::Part { of, .. }
            | Iter::Cursor { of, .. }
            | Iter::ByRef(of)
            | Iter::Enumerate(of, _)
            | Iter::Map(of, _)
            | Iter::Filter(of, _)
            | Iter::FilterMap(of, _)
            | Iter::Inspect(of, _)
            | Iter::TakeWhile(of, ..)
            | Iter::SkipWhile(of, ..)
            | Iter::MapWhile(of, _)
            | Iter::Scan(of, ..)
            | Iter::FlatMap(of, _)
            | Iter::Flatten(of)
            | Iter::Copied(of)
            | Iter::Rev(of)
            | Iter::Skip(of, ..)
            | Iter::Take(of, ..)
            | Iter::StepBy(of, ..)
            | Iter::Peekable { of, .. }
            | Iter::Cycle { of, .. } => self.asked_by(of),
            // Each of both has loops of its own.
            Iter::Chain(..) => None,
            _ => None,
        }
    }

    fn run_loops(
        &mut self,
        id: IterId,
        rev: bool,
        span: Span,
        body: &mut dyn FnMut(&mut Self, Value, Label),
    ) {
        let exit = self.new_label();
        if self.is_one_loop(id) {
            self.drive(id, rev, exit, true, span, &mut |this, item| {
                body(this, item, exit);
            });
            return;
        }
        let ((), stmts) = self.in_frame(|this| {
            this.drive(id, rev, exit, false, span, &mut |this, item| {
                body(this, item, exit);
            });
        });
        let body = Block { stmts };
        self.emit(StmtKind::Labeled { label: exit, body }, span);
    }

    /// Whether the iterator becomes one loop with nothing after the body in it, and nothing after the loop.
    pub(super) fn is_one_loop(&self, id: IterId) -> bool {
        if self.is_nested(id) {
            return false;
        }
        if let Iter::Zip(a, b) = self.iter(id)
            && self.is_indexed(id)
        {
            return !self.ends_late(a, b);
        }
        if self.is_indexed(id) && (self.folding || !self.contains_zip(id)) {
            return true;
        }
        match self.iter(id) {
            Iter::Chain(..)
            | Iter::FlatMap(..)
            | Iter::Flatten(_)
            | Iter::Take(..)
            | Iter::Cycle { state: None, .. } => false,
            Iter::Zip(a, _) => self.is_one_loop(a),
            Iter::Enumerate(of, _)
            | Iter::Map(of, _)
            | Iter::Filter(of, _)
            | Iter::FilterMap(of, _)
            | Iter::Inspect(of, _)
            | Iter::TakeWhile(of, ..)
            | Iter::SkipWhile(of, ..)
            | Iter::MapWhile(of, _)
            | Iter::Scan(of, ..)
            | Iter::Copied(of)
            | Iter::Rev(of)
            | Iter::Skip(of, ..)
            | Iter::StepBy(of, ..) => self.is_one_loop(of),
            _ => true,
        }
    }

    /// Whether a `zip` of these asks the first for an item that nobody gets.
    fn ends_late(&self, a: IterId, b: IterId) -> bool {
        !self.folding && !self.is_endless(a) && !self.is_endless(b) && self.has_closures(a)
    }

    /// Whether a `zip` with closures in its first part is inside: its end is noticed one item late.
    fn contains_zip(&self, id: IterId) -> bool {
        match self.iter(id) {
            Iter::Zip(a, _) => self.has_closures(a),
            Iter::Enumerate(of, _)
            | Iter::Copied(of)
            | Iter::Map(of, _)
            | Iter::Inspect(of, _)
            | Iter::Rev(of)
            | Iter::Take(of, ..) => self.contains_zip(of),
            _ => false,
        }
    }

    /// Emits the loops over an iterator. `exit` is the label of something around them; if `whole`, it is free, and becomes the label of the
    /// only loop.
    pub(super) fn drive(
        &mut self,
        id: IterId,
        rev: bool,
        exit: Label,
        whole: bool,
        span: Span,
        body: Body<'_, Self>,
    ) {
        match self.iter(id) {
            Iter::Range(range) => self.drive_range(&range, None, rev, exit, whole, span, body),
            Iter::StepBy(of, step, None) if self.is_indexed(id) => {
                if let Iter::Range(range) = self.iter(of) {
                    let step = self.copy_stable(step);
                    return self.drive_range(&range, Some(step), rev, exit, whole, span, body);
                }
                let end = self.iter_len(of, span);
                let bounds = Bounds {
                    start: self.usize_const(0, span),
                    end,
                    step: Some(self.copy_stable(step)),
                    inclusive: false,
                    ty: ITy::USIZE,
                };
                let label = self.label_of(exit, whole);
                self.counted(bounds, rev, label, span, &mut |this, index| {
                    let item = this.item_at(of, index, span);
                    body(this, item);
                });
            }
            Iter::Rev(of) => self.drive(of, !rev, exit, whole, span, body),
            Iter::Map(of, f) => self.drive(of, rev, exit, whole, span, &mut |this, item| {
                let item = this.apply(f, item, span);
                body(this, item);
            }),
            Iter::Inspect(of, f) => self.drive(of, rev, exit, whole, span, &mut |this, item| {
                let item = this.inspect(f, item, span);
                body(this, item);
            }),
            Iter::Copied(of) => self.drive(of, rev, exit, whole, span, &mut |this, item| {
                let item = this.copied(item, span);
                body(this, item);
            }),
            Iter::Filter(of, f) => self.drive(of, rev, exit, whole, span, &mut |this, item| {
                let (item, cond) = this.test(f, item, span);
                this.emit_if_then(cond, span, |this| body(this, item));
            }),
            Iter::FilterMap(of, f) => self.drive(of, rev, exit, whole, span, &mut |this, item| {
                let item = this.apply(f, item, span);
                let Value::Expr(item) = item else { return };
                if let Some((flag, payload)) = this.option_parts(item) {
                    this.emit_if_then(flag, span, |this| body(this, Value::Expr(payload)));
                }
            }),
            Iter::MapWhile(of, f) => self.drive(of, rev, exit, whole, span, &mut |this, item| {
                let item = this.apply(f, item, span);
                this.while_some(item, exit, span, body);
            }),
            Iter::Scan(of, state, f) => {
                self.drive(of, rev, exit, whole, span, &mut |this, item| {
                    let item = this.scan(state, f, item, span);
                    this.while_some(item, exit, span, body);
                });
            }
            Iter::TakeWhile(of, f, done) => {
                let mut around = |this: &mut Self| {
                    this.drive(of, rev, exit, whole, span, &mut |this, item| {
                        let (item, cond) = this.test(f, item, span);
                        this.unless(cond, span, |this| {
                            if let Some(done) = done {
                                this.set_flag(done, true, span);
                            }
                            this.emit(StmtKind::Break(exit), span);
                        });
                        body(this, item);
                    });
                };
                match done {
                    None => around(self),
                    Some(done) => {
                        let cond = self.load_local(done, span);
                        self.unless(cond, span, around);
                    }
                }
            }
            Iter::SkipWhile(of, f, begun) => {
                let begun = begun.unwrap_or_else(|| self.new_flag(false, span));
                self.drive(of, rev, exit, whole, span, &mut |this, item| {
                    let item = this.stable_item(item);
                    let cond = this.load_local(begun, span);
                    this.unless(cond, span, |this| {
                        let item = this.copy_item(item);
                        let (_, cond) = this.test(f, item, span);
                        this.unless(cond, span, |this| this.set_flag(begun, true, span));
                    });
                    let cond = this.load_local(begun, span);
                    this.emit_if_then(cond, span, |this| body(this, item));
                });
            }
            Iter::Chain(a, b, ended) => {
                let each = |this: &mut Self, of: IterId, body: Body<'_, Self>| {
                    this.run_as_before(of, rev, span, &mut |this, item, _| body(this, item));
                };
                if rev {
                    each(self, b, &mut *body);
                    each(self, a, body);
                } else {
                    match ended {
                        None => each(self, a, &mut *body),
                        Some(ended) => {
                            let cond = self.load_local(ended, span);
                            self.unless(cond, span, |this| each(this, a, &mut *body));
                        }
                    }
                    each(self, b, body);
                }
            }
            Iter::FlatMap(of, f) => self.drive(of, rev, exit, false, span, &mut |this, item| {
                let inner = this.apply(f, item, span);
                this.drive_inner(inner, rev, span, body);
            }),
            Iter::Flatten(of) => self.drive(of, rev, exit, false, span, &mut |this, item| {
                this.drive_inner(item, rev, span, body);
            }),
            Iter::Zip(a, b) if self.is_indexed(id) => {
                self.drive_indexed(id, rev, exit, whole, span, body);
                if !rev && self.ends_late(a, b) {
                    self.late_end(a, b, span);
                }
            }
            Iter::Zip(a, b) => {
                let b = self.materialize(b);
                self.drive(a, rev, exit, whole, span, &mut |this, first| {
                    let first = this.stable_item(first);
                    let then = this.now();
                    let second = this.pull(b, span, &mut |this| {
                        this.emit(StmtKind::Break(exit), span);
                    });
                    let item = this.pair(first, then, second, span);
                    body(this, item);
                });
            }
            Iter::Enumerate(of, number) if number.is_some() || !self.is_indexed(of) => {
                let number = number.unwrap_or_else(|| self.zero_counter(span));
                self.drive(of, rev, exit, whole, span, &mut |this, item| {
                    let item = this.stable_item(item);
                    let index = this.load_local(number, span);
                    let index = this.evaluate(index);
                    this.step_counter(number, true, span);
                    let then = this.now();
                    let item = this.pair(Value::Expr(index), then, item, span);
                    body(this, item);
                });
            }
            Iter::Take(of, count, rest) if rest.is_some() || !self.is_indexed(of) => {
                let rest = rest.unwrap_or_else(|| {
                    let count = self.copy_stable(count);
                    self.new_counter(count)
                });
                let cond = self.is_nonzero(rest, span);
                self.emit_if_then(cond, span, |this| {
                    this.drive(of, rev, exit, false, span, &mut |this, item| {
                        let item = this.stable_item(item);
                        this.step_counter(rest, false, span);
                        body(this, item);
                        let cond = this.is_nonzero(rest, span);
                        this.unless(cond, span, |this| {
                            this.emit(StmtKind::Break(exit), span);
                        });
                    });
                });
            }
            Iter::Skip(of, count, rest) if !self.is_indexed(id) => {
                let rest = rest.unwrap_or_else(|| {
                    let count = self.copy_stable(count);
                    self.new_counter(count)
                });
                self.drive(of, rev, exit, whole, span, &mut |this, item| {
                    let item = this.stable_item(item);
                    let cond = this.is_nonzero(rest, span);
                    this.either(
                        cond,
                        span,
                        |this| this.step_counter(rest, false, span),
                        |this| body(this, item),
                    );
                });
            }
            Iter::StepBy(of, step, rest) if !self.is_indexed(id) => {
                let rest = rest.unwrap_or_else(|| self.zero_counter(span));
                self.drive(of, rev, exit, whole, span, &mut |this, item| {
                    let item = this.stable_item(item);
                    let cond = this.is_nonzero(rest, span);
                    this.either(
                        cond,
                        span,
                        |this| this.step_counter(rest, false, span),
                        |this| {
                            let step = this.copy_stable(step);
                            let one = this.usize_const(1, span);
                            let left = this.sub(step, one);
                            this.assign(rest, left);
                            body(this, item);
                        },
                    );
                });
            }
            Iter::Cursor { of, front, back } => {
                let start = self.load_local(front, span);
                let end = self.load_local(back, span);
                let bounds = Bounds {
                    start,
                    end,
                    step: None,
                    inclusive: false,
                    ty: ITy::USIZE,
                };
                let label = self.label_of(exit, whole);
                self.counted(bounds, rev, label, span, &mut |this, index| {
                    let item = this.item_at(of, index, span);
                    body(this, item);
                });
            }
            Iter::Part { of, start, end } => {
                let bounds = Bounds {
                    start: self.copy_stable(start),
                    end: self.copy_stable(end),
                    step: None,
                    inclusive: false,
                    ty: ITy::USIZE,
                };
                let label = self.label_of(exit, whole);
                self.counted(bounds, rev, label, span, &mut |this, index| {
                    let item = this.item_at(of, index, span);
                    body(this, item);
                });
            }
            Iter::Cycle { of, state: None } => self.drive_cycle(of, span, body),
            Iter::Runs { state: None, .. } => {
                let id = self.materialize_runs(id);
                self.drive(id, rev, exit, whole, span, body);
            }
            Iter::ByRef(_)
            | Iter::FromFn(_)
            | Iter::Successors { .. }
            | Iter::Peekable { .. }
            | Iter::Cycle { .. }
            | Iter::Runs { .. } => {
                let label = self.label_of(exit, whole);
                let ((), stmts) = self.in_frame(|this| {
                    let item = this.pull_end(id, rev, span, &mut |this| {
                        this.emit(StmtKind::Break(label), span);
                    });
                    body(this, item);
                });
                let body = Block { stmts };
                self.emit(StmtKind::Forever { label, body }, span);
            }
            Iter::Opaque(ty) => {
                let zero = self.usize_const(0, span);
                let bounds = Bounds {
                    start: zero,
                    end: self.usize_const(0, span),
                    step: None,
                    inclusive: false,
                    ty: ITy::USIZE,
                };
                let label = self.label_of(exit, whole);
                self.counted(bounds, rev, label, span, &mut |this, _| {
                    let item = this.poison(span);
                    this.expr_tys[item.index()] = ty.clone();
                    body(this, Value::Expr(item));
                });
            }
            _ => self.drive_indexed(id, rev, exit, whole, span, body),
        }
    }

    fn label_of(&mut self, exit: Label, whole: bool) -> Label {
        if whole { exit } else { self.new_label() }
    }

    /// One loop over the indices, or one for each dimension.
    fn drive_indexed(
        &mut self,
        id: IterId,
        rev: bool,
        exit: Label,
        whole: bool,
        span: Span,
        body: Body<'_, Self>,
    ) {
        if !rev && self.is_nested(id) {
            return self.drive_nested(id, exit, whole, span, body);
        }
        self.drive_numbers(id, rev, exit, whole, span, body);
    }

    /// One loop over the indices.
    pub(super) fn drive_numbers(
        &mut self,
        id: IterId,
        rev: bool,
        exit: Label,
        whole: bool,
        span: Span,
        body: Body<'_, Self>,
    ) {
        let end = self.iter_len(id, span);
        let bounds = Bounds {
            start: self.usize_const(0, span),
            end,
            step: None,
            inclusive: false,
            ty: ITy::USIZE,
        };
        let label = self.label_of(exit, whole);
        self.counted(bounds, rev, label, span, &mut |this, index| {
            let item = this.item_at(id, index, span);
            body(this, item);
        });
    }

    /// A counted loop; `body` gets the induction variable.
    pub(super) fn counted(
        &mut self,
        bounds: Bounds,
        rev: bool,
        label: Label,
        span: Span,
        body: &mut dyn FnMut(&mut Self, ExprId),
    ) {
        let var = self.push_temp(bounds.ty.clone(), false, span);
        let step = match bounds.step {
            Some(step) => step,
            None => self.usize_const(1, span),
        };
        let ((), stmts) = self.in_frame(|this| {
            let index = this.load_local(var, span);
            body(this, index);
        });
        let statement = Loop {
            label,
            var,
            start: bounds.start,
            end: bounds.end,
            step,
            inclusive: bounds.inclusive,
            reversed: rev,
            request: LoopRequest::Auto,
            hints: LoopHints::default(),
            body: Block { stmts },
        };
        self.emit(StmtKind::For(statement), span);
    }

    #[allow(clippy::too_many_arguments)]
    fn drive_range(
        &mut self,
        range: &Range,
        step: Option<ExprId>,
        rev: bool,
        exit: Label,
        whole: bool,
        span: Span,
        body: Body<'_, Self>,
    ) {
        let Some(start) = range.start else {
            self.refuse(
                range.span,
                "iteration over a range without a start",
                "write `0..`",
            );
            return;
        };
        if range.end.is_none() && self.infer.shallow(&range.ty) == ITy::Char {
            self.refuse_chars_without_end(range);
            return;
        }
        let start = self.copy_stable(start);
        // Without an end, it runs up to the greatest number, which is further than anybody counts.
        let (end, inclusive) = match range.end {
            Some(end) => (self.copy_stable(end), range.inclusive),
            None => {
                let max = ExprKind::Named(crate::expr::NamedConst::Max);
                (self.push_expr(max, range.ty.clone(), span), true)
            }
        };
        let (start, end, (ty, of_chars)) =
            self.range_bounds(start, end, range.ty.clone(), range.span);
        let bounds = Bounds {
            start,
            end,
            step,
            inclusive,
            ty,
        };
        let label = self.label_of(exit, whole);
        self.counted(bounds, rev, label, span, &mut |this, number| {
            let item = match of_chars {
                true => this.char_at(number, span),
                false => number,
            };
            body(this, Value::Expr(item));
        });
    }

    /// The loop over an item that is iterated over itself.
    fn drive_inner(&mut self, inner: Value, rev: bool, span: Span, body: Body<'_, Self>) {
        let Value::Expr(inner) = inner else {
            return;
        };
        let ty = self.ty_of(inner);
        if let ITy::Option(_) = self.infer.shallow(&ty) {
            if let Some((flag, payload)) = self.option_parts(inner) {
                self.emit_if_then(flag, span, |this| body(this, Value::Expr(payload)));
            }
            return;
        }
        if let Some(inner) = self.iterate_value(inner) {
            self.run_as_before(inner, rev, span, &mut |this, item, _| body(this, item));
        }
    }

    /// `zip` asks its first part for an item before it finds that the second has ended. Somebody may notice if closures are run for it.
    fn late_end(&mut self, a: IterId, b: IterId, span: Span) {
        let len = self.iter_len(b, span);
        let len = self.evaluate(len);
        let whole = self.iter_len(a, span);
        let (dead, stmts) = self.in_frame(|this| {
            if let Value::Expr(item) = this.item_at(a, len, span) {
                this.drop_value(item);
            }
            this.now() == 0
        });
        if dead {
            return;
        }
        let len = self.copy_stable(len);
        let cond = self.plain_compare(BinaryOp::Lt, len, whole);
        self.emit_if_then(cond, span, |this| this.emit_all(stmts));
    }

    // Parts of bodies.

    /// The item, and whether `f(&item)`.
    pub(super) fn test(&mut self, f: ExprId, item: Value, span: Span) -> (Value, ExprId) {
        let item = self.stable_item(item);
        let Value::Expr(value) = item else {
            return (item, self.bool_const(false, span));
        };
        let again = self.copy_stable(value);
        let held = self.hold(again);
        let cond = self.ask_closure(f, vec![held], span);
        (item, cond)
    }

    /// The `bool` that a closure returns.
    pub(super) fn ask_closure(&mut self, f: ExprId, args: Vec<ExprId>, span: Span) -> ExprId {
        let f = self.copy_stable(f);
        match self.call_value(f, args, span) {
            Value::Expr(cond) => {
                self.expect_expr(cond, &ITy::BOOL);
                cond
            }
            Value::Unit => {
                self.refuse_unit(span);
                self.poison(span)
            }
            Value::Never => self.bool_const(false, span),
        }
    }

    /// The body for the payload of an `Option`; `None` leaves the loop.
    fn while_some(&mut self, item: Value, exit: Label, span: Span, body: Body<'_, Self>) {
        let Value::Expr(item) = item else { return };
        if let Some((flag, payload)) = self.option_parts(item) {
            self.unless(flag, span, |this| this.emit(StmtKind::Break(exit), span));
            body(self, Value::Expr(payload));
        }
    }

    /// `f(&mut state, item)`.
    pub(super) fn scan(
        &mut self,
        state: crate::func::LocalId,
        f: ExprId,
        item: Value,
        span: Span,
    ) -> Value {
        let Value::Expr(item) = item else {
            return item;
        };
        let ty = ITy::Ref {
            to: Box::new(self.local_tys[state.index()].clone()),
            mutable: true,
        };
        let state = self.push_expr(ExprKind::Borrow(Place::local(state)), ty, span);
        let f = self.copy_stable(f);
        let value = self.call_value(f, vec![state, item], span);
        match value {
            Value::Expr(value) => {
                let time = self.now();
                Value::Expr(self.settle(value, time))
            }
            other => other,
        }
    }

    /// The item in a form that can be copied, evaluated now.
    pub(super) fn stable_item(&mut self, item: Value) -> Value {
        match item {
            Value::Expr(item) => Value::Expr(self.stable(item)),
            other => other,
        }
    }

    /// Evaluates what is not stable, element by element.
    pub(super) fn stable(&mut self, value: ExprId) -> ExprId {
        if let ExprKind::Tuple(elems) = self.exprs[value].kind.clone() {
            let (ty, span) = (self.ty_of(value), self.span_of(value));
            self.discard(value);
            let elems = elems.into_iter().map(|elem| self.stable(elem)).collect();
            return self.push_expr(ExprKind::Tuple(elems), ty, span);
        }
        self.evaluate(value)
    }

    pub(super) fn copy_item(&mut self, item: Value) -> Value {
        match item {
            Value::Expr(item) => Value::Expr(self.copy_stable(item)),
            other => other,
        }
    }

    /// Emits `if !cond { .. }`.
    pub(super) fn unless(&mut self, cond: ExprId, span: Span, otherwise: impl FnOnce(&mut Self)) {
        self.either(cond, span, |_| {}, otherwise);
    }

    /// Emits `if cond { .. } else { .. }`.
    pub(super) fn either(
        &mut self,
        cond: ExprId,
        span: Span,
        then: impl FnOnce(&mut Self),
        otherwise: impl FnOnce(&mut Self),
    ) {
        let ((), then) = self.in_frame(then);
        let ((), otherwise) = self.in_frame(otherwise);
        self.emit(
            StmtKind::If {
                cond,
                then: Block { stmts: then },
                otherwise: Block { stmts: otherwise },
            },
            span,
        );
    }

    fn zero_counter(&mut self, span: Span) -> crate::func::LocalId {
        let zero = self.usize_const(0, span);
        self.new_counter(zero)
    }

    pub(super) fn is_nonzero(&mut self, counter: crate::func::LocalId, span: Span) -> ExprId {
        let value = self.load_local(counter, span);
        let zero = self.usize_const(0, span);
        self.plain_compare(BinaryOp::Ne, value, zero)
    }
}

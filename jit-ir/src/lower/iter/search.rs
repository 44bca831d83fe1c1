//! Methods that stop at an item: searches, tests, `next`.

use super::slot::OptionSlot;
use super::{Iter, IterId};
use crate::expr::{BinaryOp, ExprId};
use crate::hir::{self, Span};
use crate::lower::infer::ITy;
use crate::lower::state::{Lowering, Value};
use crate::stmt::{Block, StmtKind};

/// What is kept of an item, and whether to keep it.
type Choose<'c, L> = &'c mut dyn FnMut(&mut L, Value) -> (Value, Option<ExprId>);

impl Lowering<'_> {
    /// `None`: the method is none of these.
    pub(super) fn lower_search(&mut self, id: IterId, call: &hir::ExprMethodCall) -> Option<Value> {
        let span = call.method.span();
        let name = call.method.name.as_str();
        // These leave the iterator where they stopped, if somebody can go on with it.
        let id = match self.iter(id) {
            Iter::Cursor { .. } if name != "last" => self.new_iter(Iter::ByRef(id), span),
            _ if self.has_state(id) && name != "last" => self.new_iter(Iter::ByRef(id), span),
            _ => id,
        };
        let value = match (name, call.args.as_slice()) {
            ("all" | "any", [f]) => {
                let f = self.lower_callable(f);
                self.lower_all_any(id, f, name == "all", span)
            }
            ("position" | "rposition", [f]) => {
                let f = self.lower_callable(f);
                self.lower_position(id, f, name == "rposition", span)
            }
            ("find" | "rfind", [f]) => {
                let f = self.lower_callable(f);
                self.lower_first(id, name == "rfind", span, &mut |this, item| {
                    let (item, cond) = this.test(f, item, span);
                    (item, Some(cond))
                })
            }
            ("find_map", [f]) => {
                let f = self.lower_callable(f);
                self.lower_first(id, false, span, &mut |this, item| {
                    let item = this.apply(f, item, span);
                    let Value::Expr(item) = item else {
                        return (item, None);
                    };
                    match this.option_parts(item) {
                        Some((flag, payload)) => (Value::Expr(payload), Some(flag)),
                        None => (Value::Expr(this.poison(span)), None),
                    }
                })
            }
            ("next" | "next_back", []) => self.lower_next(id, name == "next_back", span),
            ("nth_back", [count]) => {
                let rev = self.new_iter(Iter::Rev(id), span);
                let rev = match self.iter(id) {
                    Iter::ByRef(_) => self.new_iter(Iter::ByRef(rev), span),
                    _ => rev,
                };
                self.lower_nth_of(rev, count, span)
            }
            ("nth", [count]) => self.lower_nth_of(id, count, span),
            ("last", []) => self.lower_last_item(id, span),
            _ => return None,
        };
        Some(Value::Expr(value))
    }

    /// Whether the iterator has state in variables.
    fn has_state(&self, id: IterId) -> bool {
        match self.iter(id) {
            Iter::Cursor { .. }
            | Iter::Successors { .. }
            | Iter::FromFn(_)
            | Iter::Peekable { .. } => true,
            Iter::Cycle { state, .. } => state.is_some(),
            Iter::Runs { state, .. } => state.is_some(),
            Iter::Zip(a, b) => self.has_state(a) && self.has_state(b),
            Iter::Chain(_, _, state) => state.is_some(),
            Iter::Enumerate(_, state)
            | Iter::TakeWhile(_, _, state)
            | Iter::SkipWhile(_, _, state)
            | Iter::Skip(_, _, state)
            | Iter::Take(_, _, state)
            | Iter::StepBy(_, _, state) => state.is_some(),
            Iter::Map(of, _)
            | Iter::Filter(of, _)
            | Iter::FilterMap(of, _)
            | Iter::Inspect(of, _)
            | Iter::MapWhile(of, _)
            | Iter::Scan(of, ..)
            | Iter::Copied(of)
            | Iter::Rev(of) => self.has_state(of),
            _ => false,
        }
    }

    fn lower_all_any(&mut self, id: IterId, f: ExprId, all: bool, span: Span) -> ExprId {
        let result = self.new_flag(all, span);
        self.run(id, false, span, &mut |this, item, exit| {
            let Value::Expr(item) = item else {
                return this.refuse_unit(span);
            };
            let cond = this.ask_closure(f, vec![item], span);
            let decide = |this: &mut Self| {
                this.set_flag(result, !all, span);
                this.emit(StmtKind::Break(exit), span);
            };
            if all {
                this.unless(cond, span, decide);
            } else {
                this.emit_if_then(cond, span, decide);
            }
        });
        self.load_local(result, span)
    }

    fn lower_position(&mut self, id: IterId, f: ExprId, rev: bool, span: Span) -> ExprId {
        let found = self.new_flag(false, span);
        let start = if rev && self.is_indexed(id) {
            self.iter_len(id, span)
        } else {
            self.usize_const(0, span)
        };
        let index = self.new_counter(start);
        self.run(id, rev, span, &mut |this, item, exit| {
            let Value::Expr(item) = item else {
                return this.refuse_unit(span);
            };
            if rev {
                this.step_counter(index, false, span);
            }
            let cond = this.ask_closure(f, vec![item], span);
            this.emit_if_then(cond, span, |this| {
                this.set_flag(found, true, span);
                this.emit(StmtKind::Break(exit), span);
            });
            if !rev {
                this.step_counter(index, true, span);
            }
        });
        let found = self.load_local(found, span);
        let index = self.load_local(index, span);
        self.option(found, index, span)
    }

    /// The first item that is chosen: `choose` gives what is kept, and whether to keep it. The loop ends with it.
    fn lower_first(
        &mut self,
        id: IterId,
        rev: bool,
        span: Span,
        choose: Choose<'_, Self>,
    ) -> ExprId {
        let mark = self.now();
        let mut kept: Option<OptionSlot> = None;
        let mut before = Vec::new();
        self.run(id, rev, span, &mut |this, item, exit| {
            let (item, cond) = choose(this, item);
            let Value::Expr(item) = item else {
                return;
            };
            if kept.is_none() {
                let ty = this.ty_of(item);
                let (slot, stmts) = this.in_frame(|this| this.new_option_slot_of_refs(&ty, span));
                kept = Some(slot);
                before = stmts;
            }
            let Some(slot) = kept.clone() else { return };
            let keep = |this: &mut Self| {
                this.store_some(&slot, item);
                this.emit(StmtKind::Break(exit), span);
            };
            match cond {
                Some(cond) => this.emit_if_then(cond, span, keep),
                None => keep(this),
            }
        });
        let Some(slot) = kept else {
            return self.poison(span);
        };
        self.insert_all(mark, before);
        self.read_option(&slot, span)
    }

    /// `it.next()`.
    fn lower_next(&mut self, id: IterId, rev: bool, span: Span) -> ExprId {
        if let Iter::ByRef(of) = self.iter(id)
            && let Iter::Cursor { of, front, back } = self.iter(of)
        {
            // The item is named by its index, so that nothing is copied. It is looked at only if there is one.
            let (a, b) = (self.load_local(front, span), self.load_local(back, span));
            let more = self.plain_compare(BinaryOp::Lt, a, b);
            let more = self.evaluate(more);
            let step = |this: &mut Self, local, up| {
                let cond = this.copy_stable(more);
                this.emit_if_then(cond, span, |this| this.step_counter(local, up, span));
            };
            let index = if rev {
                step(self, back, false);
                let index = self.load_local(back, span);
                self.evaluate(index)
            } else {
                let index = self.load_local(front, span);
                let index = self.evaluate(index);
                step(self, front, true);
                index
            };
            let (item, stmts) = self.in_frame(|this| this.item_at(of, index, span));
            if let Value::Expr(item) = item
                && stmts.is_empty()
                && self.is_address(item)
            {
                return self.option(more, item, span);
            }
            let Value::Expr(item) = item else {
                return self.poison(span);
            };
            let ty = self.ty_of(item);
            let slot = self.new_option_slot_of_refs(&ty, span);
            let cond = self.copy_stable(more);
            self.emit_if_then(cond, span, |this| {
                this.emit_all(stmts);
                this.store_some(&slot, item);
            });
            return self.read_option(&slot, span);
        }
        if let Iter::ByRef(_) = self.iter(id) {
            let over = self.new_label();
            let mut kept = None;
            let mut before = Vec::new();
            let ((), stmts) = self.in_frame(|this| {
                let item = this.pull_end(id, rev, span, &mut |this| {
                    this.emit(StmtKind::Break(over), span);
                });
                if let Value::Expr(item) = item {
                    let ty = this.ty_of(item);
                    let (slot, stmts) =
                        this.in_frame(|this| this.new_option_slot_of_refs(&ty, span));
                    before = stmts;
                    this.store_some(&slot, item);
                    kept = Some(slot);
                }
            });
            self.emit_all(before);
            let body = Block { stmts };
            self.emit(StmtKind::Labeled { label: over, body }, span);
            return match kept {
                Some(slot) => self.read_option(&slot, span),
                None => self.poison(span),
            };
        }
        self.lower_first(id, rev, span, &mut |_, item| (item, None))
    }

    /// Whether evaluating it reads no memory, so that it may be evaluated in vain.
    fn is_address(&self, item: ExprId) -> bool {
        use crate::expr::ExprKind;
        match &self.exprs[item].kind {
            ExprKind::Tuple(elems) => elems.iter().all(|elem| self.is_address(*elem)),
            ExprKind::Borrow(_) | ExprKind::SubSlice { .. } => false,
            _ => self.is_stable(item),
        }
    }

    fn lower_nth_of(&mut self, id: IterId, count: &hir::Expr, span: Span) -> ExprId {
        let count = self.lower_operand(count);
        self.expect_expr(count, &ITy::USIZE);
        let rest = self.new_counter(count);
        if matches!(self.iter(id), Iter::ByRef(_)) {
            self.lower_nth(id, rest, span)
        } else {
            self.lower_first(id, false, span, &mut |this, item| {
                let item = this.stable_item(item);
                let last = this.is_nonzero(rest, span);
                let last = this.not(last, span);
                let last = this.evaluate(last);
                this.step_counter(rest, false, span);
                (item, Some(last))
            })
        }
    }

    /// `it.nth(n)` of an iterator with state.
    fn lower_nth(&mut self, id: IterId, rest: crate::func::LocalId, span: Span) -> ExprId {
        let zero = self.usize_const(0, span);
        let skipped = Iter::Skip(id, zero, Some(rest));
        let skipped = self.new_iter(skipped, span);
        let skipped = self.new_iter(Iter::ByRef(skipped), span);
        self.lower_next(skipped, false, span)
    }

    fn lower_last_item(&mut self, id: IterId, span: Span) -> ExprId {
        let mark = self.now();
        let mut kept: Option<OptionSlot> = None;
        let mut before = Vec::new();
        self.run_all(id, false, span, &mut |this, item, _| {
            let Value::Expr(item) = item else {
                return;
            };
            if kept.is_none() {
                let ty = this.ty_of(item);
                let (slot, stmts) = this.in_frame(|this| this.new_option_slot_of_refs(&ty, span));
                kept = Some(slot);
                before = stmts;
            }
            if let Some(slot) = kept.clone() {
                this.store_some(&slot, item);
            }
        });
        let Some(slot) = kept else {
            return self.poison(span);
        };
        self.insert_all(mark, before);
        self.read_option(&slot, span)
    }
}

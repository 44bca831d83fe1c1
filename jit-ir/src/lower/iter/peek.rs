//! `peekable`: an iterator whose next item can be looked at; and `cycle`.

use super::slot::{OptionSlot, Slot};
use super::state::Copies;
use super::{Iter, IterId};
use crate::expr::{ExprId, ExprKind, Place};
use crate::func::LocalId;
use crate::hir::{self, Span};
use crate::lower::infer::ITy;
use crate::lower::state::{Lowering, Value};
use crate::stmt::{Block, StmtKind};

impl Lowering<'_> {
    /// The type of the items.
    pub(in crate::lower) fn item_ty(&mut self, id: IterId, span: Span) -> ITy {
        let mut ty = ITy::REPORTED;
        self.in_vain(|this| {
            let over = this.new_label();
            let id = this.materialize(id);
            let item = this.pull(id, span, &mut |this| {
                this.emit(StmtKind::Break(over), span);
            });
            ty = match item {
                Value::Expr(item) => this.ty_of(item),
                Value::Unit => ITy::Unit,
                Value::Never => this.infer.fresh(),
            };
        });
        ty
    }

    pub(super) fn new_peekable(&mut self, id: IterId, span: Span) -> Iter {
        let ty = self.item_ty(id, span);
        let of = self.materialize(id);
        let known = self.new_flag(false, span);
        let next = self.new_option_slot_of_refs(&ty, span);
        if let Slot::Value(local) = next.value {
            // A variable that the user may assign.
            "next".clone_into(&mut self.locals[local].name);
        }
        Iter::Peekable { of, known, next }
    }

    /// `if !known { next = of.next(); known = true }`.
    pub(super) fn look_ahead(&mut self, of: IterId, known: LocalId, next: &OptionSlot, span: Span) {
        let cond = self.load_local(known, span);
        self.unless(cond, span, |this| {
            this.set_flag(next.flag, false, span);
            let over = this.new_label();
            let ((), stmts) = this.in_frame(|this| {
                let item = this.pull(of, span, &mut |this| {
                    this.emit(StmtKind::Break(over), span);
                });
                if let Value::Expr(item) = item {
                    this.store_some(next, item);
                }
            });
            let body = Block { stmts };
            this.emit(StmtKind::Labeled { label: over, body }, span);
            this.set_flag(known, true, span);
        });
    }

    /// `peek` and its like. `None`: the method is another one.
    pub(super) fn lower_peek(&mut self, id: IterId, call: &hir::ExprMethodCall) -> Option<ExprId> {
        let name = call.method.name.as_str();
        let n_args = match name {
            "peek" | "peek_mut" => 0,
            "next_if" | "next_if_eq" => 1,
            _ => return None,
        };
        let mut inner = id;
        while let Iter::ByRef(of) = self.iter(inner) {
            inner = of;
        }
        let Iter::Peekable { of, known, next } = self.iter(inner) else {
            return None;
        };
        if call.args.len() != n_args {
            return None;
        }
        let span = call.method.span();
        let wanted = match name {
            "next_if" => Some(self.lower_callable(&call.args[0])),
            "next_if_eq" => {
                let wanted = self.lower_operand(&call.args[0]);
                let wanted = self.auto_deref(wanted);
                Some(self.evaluate(wanted))
            }
            _ => None,
        };
        self.look_ahead(of, known, &next, span);
        if name == "peek_mut" {
            let Slot::Value(local) = next.value else {
                self.refuse(span, "`peek_mut` of a tuple", "peek, and take the item");
                return Some(self.poison(span));
            };
            let flag = self.load_local(next.flag, span);
            let flag = self.evaluate(flag);
            let to = Box::new(self.local_tys[local.index()].clone());
            let ty = ITy::Ref { to, mutable: true };
            let item = self.push_expr(ExprKind::Borrow(Place::local(local)), ty, span);
            return Some(self.option(flag, item, span));
        }
        let item = self.read(&next.value, span);
        let item = self.stable(item);
        let flag = self.load_local(next.flag, span);
        let flag = self.evaluate(flag);
        let Some(wanted) = wanted else {
            let held = self.hold(item);
            return Some(self.option(flag, held, span));
        };
        let taken = self.new_flag(false, span);
        let again = self.copy_stable(item);
        self.emit_if_then(flag, span, |this| {
            let cond = if name == "next_if" {
                let held = this.hold(again);
                this.ask_closure(wanted, vec![held], span)
            } else {
                let item = this.auto_deref(again);
                let ty = this.ty_of(item);
                this.expect_expr(wanted, &ty);
                this.compare_items(crate::expr::BinaryOp::Eq, item, wanted)
            };
            this.emit_if_then(cond, span, |this| {
                this.set_flag(taken, true, span);
                this.set_flag(known, false, span);
            });
        });
        let taken = self.load_local(taken, span);
        Some(self.option(taken, item, span))
    }

    // `cycle`.

    /// An endless repetition whose items are asked for: its iterator, and how that begins again.
    pub(super) fn materialize_cycle(&mut self, of: IterId, span: Span) -> Iter {
        let original = self.materialize(of);
        let mut copies = Copies::new();
        let of = self.copy_of(original, &mut copies);
        self.restore(&copies, span);
        Iter::Cycle {
            of,
            state: Some(copies),
        }
    }

    /// The next item of a repetition: the first again after the last, unless there is none.
    pub(super) fn pull_cycle(
        &mut self,
        of: IterId,
        start: &Copies,
        span: Span,
        end: &mut dyn FnMut(&mut Self),
    ) -> Value {
        let ty = self.item_ty(of, span);
        let slot = self.new_slot_of_refs(&ty, span);
        let (got, over) = (self.new_label(), self.new_label());
        let ((), stmts) = self.in_frame(|this| {
            let ((), first) = this.in_frame(|this| {
                let item = this.pull(of, span, &mut |this| {
                    this.emit(StmtKind::Break(over), span);
                });
                if let Value::Expr(item) = item {
                    this.store(&slot, item);
                }
                this.emit(StmtKind::Break(got), span);
            });
            let body = Block { stmts: first };
            this.emit(StmtKind::Labeled { label: over, body }, span);
            this.restore(start, span);
            if let Value::Expr(item) = this.pull(of, span, end) {
                this.store(&slot, item);
            }
        });
        let body = Block { stmts };
        self.emit(StmtKind::Labeled { label: got, body }, span);
        let item = self.read(&slot, span);
        Value::Expr(self.stable(item))
    }

    /// Loops over the items again and again; `exit` leaves them.
    pub(super) fn drive_cycle(
        &mut self,
        of: IterId,
        span: Span,
        body: &mut dyn FnMut(&mut Self, Value),
    ) {
        let any = self.new_flag(false, span);
        let label = self.new_label();
        let ((), stmts) = self.in_frame(|this| {
            this.run(of, false, span, &mut |this, item, _| {
                this.set_flag(any, true, span);
                body(this, item);
            });
            let cond = this.load_local(any, span);
            this.unless(cond, span, |this| {
                this.emit(StmtKind::Break(label), span);
            });
        });
        let body = Block { stmts };
        self.emit(StmtKind::Forever { label, body }, span);
    }

    /// Whether an iterator that has no state yet gives the same items when it is run over again.
    pub(super) fn begins_anew(&self, id: IterId) -> bool {
        match self.iter(id) {
            Iter::Zip(a, b) | Iter::Chain(a, b, None) => self.begins_anew(a) && self.begins_anew(b),
            Iter::Enumerate(of, None)
            | Iter::TakeWhile(of, _, None)
            | Iter::SkipWhile(of, _, None)
            | Iter::Skip(of, _, None)
            | Iter::Take(of, _, None)
            | Iter::StepBy(of, _, None)
            | Iter::Map(of, _)
            | Iter::Filter(of, _)
            | Iter::FilterMap(of, _)
            | Iter::Inspect(of, _)
            | Iter::MapWhile(of, _)
            | Iter::FlatMap(of, _)
            | Iter::Flatten(of)
            | Iter::Copied(of)
            | Iter::Rev(of) => self.begins_anew(of),
            Iter::Runs { state, .. } => state.is_none(),
            _ => self.is_indexed(id),
        }
    }
}

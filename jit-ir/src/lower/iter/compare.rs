//! Iterators that are compared item by item, and whether items are in order.

use super::IterId;
use super::slot::Slot;
use crate::expr::{BinaryOp, ExprId, ExprKind};
use crate::hir::{self, Span};
use crate::lower::infer::ITy;
use crate::lower::state::{Check, Lowering, OperatorClass, Value};
use crate::stmt::StmtKind;

impl Lowering<'_> {
    /// Compares two items, which may be tuples; both are stable.
    pub(in crate::lower) fn compare_items(&mut self, op: BinaryOp, a: ExprId, b: ExprId) -> ExprId {
        let span = self.span_of(a);
        match self.compare_parts(op, a, b, span) {
            Some(result) => result,
            None => {
                // Whatever else there is has operators of the user's.
                self.checks.push(Check::Operator {
                    op: OperatorClass::Compare,
                    ty: self.ty_of(a),
                    span,
                });
                self.plain_compare(op, a, b)
            }
        }
    }

    /// `a.cmp(b)`, `a.lt(b)` and their like. `None`: the method is another one.
    pub(super) fn lower_comparison(
        &mut self,
        id: IterId,
        call: &hir::ExprMethodCall,
    ) -> Option<ExprId> {
        let span = call.method.span();
        let name = call.method.name.as_str();
        let [other] = call.args.as_slice() else {
            return None;
        };
        if !matches!(
            name,
            "eq" | "ne" | "cmp" | "partial_cmp" | "lt" | "le" | "gt" | "ge"
        ) {
            return None;
        }
        let Some(other) = self.lower_iter(other) else {
            return Some(self.poison(span));
        };
        if let "eq" | "ne" = name {
            return Some(self.lower_eq(id, other, name == "eq", span));
        }
        let order = self.push_temp(ITy::Ordering, true, span);
        let equal = self.ordering(0, span);
        self.assign(order, equal);
        let ordered = self.new_flag(true, span);
        let other = self.materialize(other);
        // How it ended: a second one that ends first is less.
        let over = self.new_flag(false, span);
        self.run(id, false, span, &mut |this, first, exit| {
            let first = this.stable_item(first);
            let second = this.pull(other, span, &mut |this| {
                let greater = this.ordering(1, span);
                this.assign(order, greater);
                this.set_flag(over, true, span);
                this.emit(StmtKind::Break(exit), span);
            });
            let (Value::Expr(first), Value::Expr(second)) = (first, second) else {
                return;
            };
            let (first, second) = (this.auto_deref(first), this.auto_deref(second));
            let ty = this.ty_of(first);
            this.expect_expr(second, &ty);
            let result = match name {
                "cmp" => this.order("cmp", first, second, span),
                _ => {
                    let result = this.order("partial_cmp", first, second, span);
                    let Some((is_some, result)) = this.option_parts(result) else {
                        return;
                    };
                    let is_some = this.evaluate(is_some);
                    let again = this.copy_stable(is_some);
                    this.assign(ordered, again);
                    this.unless(is_some, span, |this| {
                        this.set_flag(over, true, span);
                        this.emit(StmtKind::Break(exit), span);
                    });
                    result
                }
            };
            let result = this.evaluate(result);
            let (again, zero) = (this.copy_stable(result), this.ordering(0, span));
            let differ = this.plain_compare(BinaryOp::Ne, again, zero);
            this.emit_if_then(differ, span, |this| {
                this.assign(order, result);
                this.set_flag(over, true, span);
                this.emit(StmtKind::Break(exit), span);
            });
        });
        let cond = self.load_local(over, span);
        self.unless(cond, span, |this| {
            let done = this.new_label();
            let ((), stmts) = this.in_frame(|this| {
                let item = this.pull(other, span, &mut |this| {
                    this.emit(StmtKind::Break(done), span);
                });
                if let Value::Expr(item) = item {
                    this.drop_value(item);
                }
                let less = this.ordering(-1, span);
                this.assign(order, less);
            });
            let body = crate::stmt::Block { stmts };
            this.emit(StmtKind::Labeled { label: done, body }, span);
        });
        let order = self.load_local(order, span);
        let order = self.evaluate(order);
        let ordered = self.load_local(ordered, span);
        let op = match name {
            "cmp" => return Some(order),
            "partial_cmp" => return Some(self.option(ordered, order, span)),
            "lt" => BinaryOp::Lt,
            "le" => BinaryOp::Le,
            "gt" => BinaryOp::Gt,
            _ => BinaryOp::Ge,
        };
        let zero = self.ordering(0, span);
        let holds = self.plain_compare(op, order, zero);
        let kind = ExprKind::ShortCircuit {
            or: false,
            lhs: ordered,
            rhs: holds,
        };
        Some(self.push_expr(kind, ITy::BOOL, span))
    }

    fn lower_eq(&mut self, a: IterId, b: IterId, eq: bool, span: Span) -> ExprId {
        let result = self.new_flag(true, span);
        let b = self.materialize(b);
        self.run(a, false, span, &mut |this, first, exit| {
            let first = this.stable_item(first);
            let mut differ = |this: &mut Self| {
                this.set_flag(result, false, span);
                this.emit(StmtKind::Break(exit), span);
            };
            let second = this.pull(b, span, &mut differ);
            let (Value::Expr(first), Value::Expr(second)) = (first, second) else {
                return;
            };
            let (first, second) = (this.auto_deref(first), this.auto_deref(second));
            let ty = this.ty_of(first);
            this.expect_expr(second, &ty);
            let (first, second) = (this.stable(first), this.stable(second));
            let same = this.compare_items(BinaryOp::Eq, first, second);
            this.unless(same, span, differ);
        });
        let cond = self.load_local(result, span);
        self.emit_if_then(cond, span, |this| {
            // Both have to end.
            let over = this.new_label();
            let ((), stmts) = this.in_frame(|this| {
                let item = this.pull(b, span, &mut |this| {
                    this.emit(StmtKind::Break(over), span);
                });
                if let Value::Expr(item) = item {
                    this.drop_value(item);
                }
                this.set_flag(result, false, span);
            });
            let body = crate::stmt::Block { stmts };
            this.emit(StmtKind::Labeled { label: over, body }, span);
        });
        let result = self.load_local(result, span);
        if eq {
            return result;
        }
        let kind = ExprKind::Unary {
            op: crate::expr::UnaryOp::Not,
            operand: result,
            site: None,
        };
        self.push_expr(kind, ITy::BOOL, span)
    }

    /// `is_sorted`, `is_sorted_by`, `is_sorted_by_key`; `by_item`: the closure takes items and no references to them.
    pub(in crate::lower) fn lower_is_sorted(
        &mut self,
        id: IterId,
        call: &hir::ExprMethodCall,
        by_item: bool,
    ) -> Option<ExprId> {
        let span = call.method.span();
        let (f, by_key) = match (call.method.name.as_str(), call.args.as_slice()) {
            ("is_sorted", []) => (None, false),
            ("is_sorted_by", [f]) => (Some(self.lower_callable(f)), false),
            ("is_sorted_by_key", [f]) => (Some(self.lower_callable(f)), true),
            _ => return None,
        };
        let result = self.new_flag(true, span);
        let begun = self.new_flag(false, span);
        let mark = self.now();
        let mut last: Option<Slot> = None;
        self.run(id, false, span, &mut |this, item, exit| {
            let item = match f {
                Some(f) if by_key => this.apply(f, item, span),
                _ => item,
            };
            let Value::Expr(item) = this.stable_item(item) else {
                return this.refuse_unit(span);
            };
            let slot = match last.clone() {
                Some(slot) => slot,
                None => {
                    let ty = this.ty_of(item);
                    let slot = this.new_slot_of_refs(&ty, span);
                    last = Some(slot.clone());
                    slot
                }
            };
            let cond = this.load_local(begun, span);
            let (again, kept) = (this.copy_stable(item), this.copy_stable(item));
            this.either(
                cond,
                span,
                |this| {
                    let before = this.read(&slot, span);
                    let before = this.stable(before);
                    let fine = match f {
                        Some(f) if !by_key => {
                            let mut args = vec![before, again];
                            if !by_item {
                                args = args.into_iter().map(|arg| this.hold(arg)).collect();
                            }
                            this.ask_closure(f, args, span)
                        }
                        _ => {
                            let (a, b) = (this.auto_deref(before), this.auto_deref(again));
                            this.compare_items(BinaryOp::Le, a, b)
                        }
                    };
                    this.unless(fine, span, |this| {
                        this.set_flag(result, false, span);
                        this.emit(StmtKind::Break(exit), span);
                    });
                },
                |this| this.set_flag(begun, true, span),
            );
            this.store(&slot, kept);
        });
        if let Some(slot) = last {
            let ((), clear) = self.in_frame(|this| this.clear(&slot, span));
            self.insert_all(mark, clear);
        }
        Some(self.load_local(result, span))
    }
}

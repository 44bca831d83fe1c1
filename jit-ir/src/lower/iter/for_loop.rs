//! `for` over anything but a range as it is written.

use super::IterId;
use crate::hir;
use crate::lower::infer::ITy;
use crate::lower::prange::prange_in;
use crate::lower::state::{Lowering, Target, Value};
use crate::stmt::{Block, Label, StmtKind};

impl Lowering<'_> {
    pub(in crate::lower) fn lower_for_each(&mut self, expr: &hir::ExprForLoop) -> Value {
        let id = if self.is_iter_expr(&expr.expr) {
            self.lower_iter(&expr.expr)
        } else {
            match self.lower_expr(&expr.expr) {
                Value::Expr(value) => self.iterate_value(value),
                Value::Unit | Value::Never => None,
            }
        };
        let Some(id) = id else {
            // Look at the body all the same, with the names bound to something.
            self.in_frame(|this| {
                this.in_scope(|this| {
                    this.bind_names_of(&expr.pat);
                    let target = this.loop_target(expr.label.as_ref());
                    this.in_target(target, |this| this.lower_block(&expr.body));
                });
            });
            return Value::Unit;
        };
        let outer = std::mem::replace(&mut self.folding, false);
        let ((), stmts) = self.in_frame(|this| this.run_for(id, expr));
        self.folding = outer;
        let asked = prange_in(&expr.expr).or_else(|| self.asked_by(id));
        self.emit_requested(stmts, asked);
        Value::Unit
    }

    fn run_for(&mut self, id: IterId, expr: &hir::ExprForLoop) {
        let span = expr.for_token;
        let exit = self.new_label();
        if self.is_one_loop(id) {
            self.drive(id, false, exit, true, span, &mut |this, item| {
                this.for_body(expr, item, exit, None);
            });
            return;
        }
        let ((), stmts) = self.in_frame(|this| {
            this.drive(id, false, exit, false, span, &mut |this, item| {
                let next = this.new_label();
                let (continued, stmts) =
                    this.in_frame(|this| this.for_body(expr, item, exit, Some(next)));
                if !continued {
                    return this.emit_all(stmts);
                }
                let body = Block { stmts };
                this.emit(StmtKind::Labeled { label: next, body }, span);
            });
        });
        let body = Block { stmts };
        self.emit(StmtKind::Labeled { label: exit, body }, span);
    }

    /// The body for an item; whether there is a `continue` in it.
    fn for_body(
        &mut self,
        expr: &hir::ExprForLoop,
        item: Value,
        exit: Label,
        next: Option<Label>,
    ) -> bool {
        let target = Target {
            label: exit,
            name: expr
                .label
                .as_ref()
                .map(|label| crate::lower::loops::label_name(&label.name)),
            is_loop: true,
            result: None,
            broken: false,
            next,
            continued: false,
            for_macros: true,
        };
        let ((), target) = self.in_target(target, |this| {
            this.in_scope(|this| {
                match item {
                    Value::Expr(item) => this.bind_pat(&expr.pat, item),
                    Value::Unit => {
                        if !matches!(*expr.pat, hir::Pat::Wild(_)) {
                            this.refuse_unit(expr.pat.span());
                        }
                    }
                    Value::Never => return,
                }
                this.lower_loop_body(&expr.body);
            });
        });
        target.is_some_and(|target| target.continued)
    }

    /// Lowers the arguments of a closure's call, which may be closures themselves.
    pub(in crate::lower) fn lower_arguments(
        &mut self,
        args: &[hir::Expr],
    ) -> Vec<crate::expr::ExprId> {
        let mut lowered = Vec::new();
        for arg in args {
            let value = match arg {
                hir::Expr::Closure(_) | hir::Expr::Reference(_) | hir::Expr::Path(_)
                    if self.is_callable(arg) =>
                {
                    self.lower_callable(arg)
                }
                _ => self.lower_operand(arg),
            };
            let value = self.limit_depth(value);
            lowered.push((value, self.now()));
        }
        self.settle_all(lowered)
    }

    /// Whether an argument is a closure or a name of one.
    pub(in crate::lower) fn is_callable(&self, expr: &hir::Expr) -> bool {
        match expr {
            hir::Expr::Closure(_) => true,
            hir::Expr::Reference(inner) => self.is_callable(&inner.expr),
            hir::Expr::Path(path) => self.closure_named(&path.path).is_some(),
            _ => false,
        }
    }

    /// Lowers the body of a closure that is given to something unknown, for the names in it.
    pub(in crate::lower) fn look_at_callable(&mut self, value: crate::expr::ExprId) {
        let ITy::Closure(id) = self.infer.shallow(&self.ty_of(value)) else {
            return;
        };
        let span = self.span_of(value);
        self.in_frame(|this| {
            let args = (0..this.closure_arity(id))
                .map(|_| this.poison(span))
                .collect();
            if let Value::Expr(value) = this.call_closure(id, args, span) {
                this.drop_value(value);
            }
        });
    }
}

//! Statements: stores, loops, labels and returns.

use std::collections::HashSet;

use super::types::is_scalar_with;
use super::{Rule, Verifier};
use crate::expr::{ConstValue, ExprId, ExprKind, Place};
use crate::func::LocalId;
use crate::span::Span;
use crate::stmt::{Block, Label, Loop, Stmt, StmtKind};
use crate::ty::{ScalarTy, Ty};

/// What the walk over the statements remembers.
#[derive(Default)]
struct Scope {
    /// Labels around this statement, and whether `continue` may name them.
    labels: Vec<(Label, bool)>,
    /// Labels seen so far.
    all_labels: HashSet<Label>,
    /// Variables of the loops around this statement.
    open_vars: Vec<LocalId>,
}

impl<'a> Verifier<'a> {
    pub(super) fn check_stmts(&mut self) {
        let func = self.func;
        let mut seen = vec![false; func.locals.len()];
        func.body.for_each_stmt(|stmt| {
            if let StmtKind::For(for_loop) = &stmt.kind {
                let index = for_loop.var.index();
                if std::mem::replace(&mut seen[index], true) {
                    self.error(Rule::Loops, stmt.span, "two loops share a variable");
                }
                if index < func.params.len() {
                    self.error(Rule::Loops, stmt.span, "a loop variable is a parameter");
                }
            }
        });
        self.check_block(&func.body, &mut Scope::default());
        if func.result != Ty::Unit && !diverges(&func.body) {
            let message = "the end is reached without a result";
            self.error(Rule::Returns, Span::UNKNOWN, message);
        }
    }

    fn check_block(&mut self, block: &Block, scope: &mut Scope) {
        for stmt in &block.stmts {
            self.check_stmt(stmt, scope);
        }
    }

    fn check_stmt(&mut self, stmt: &Stmt, scope: &mut Scope) {
        let span = stmt.span;
        stmt.kind
            .for_each_expr(|id| self.check_loop_var_reads(id, scope, span));
        match &stmt.kind {
            StmtKind::Assign { place, value } => {
                if let Some(ty) = self.check_store(place, span) {
                    self.expect_operand(*value, ty, "the assigned value", span);
                }
            }
            StmtKind::Eval(_) => {}
            StmtKind::If {
                cond,
                then,
                otherwise,
            } => {
                self.expect_operand(*cond, &Ty::BOOL, "a condition", span);
                self.check_block(then, scope);
                self.check_block(otherwise, scope);
            }
            StmtKind::For(for_loop) => {
                self.check_loop(for_loop, span);
                scope.open_vars.push(for_loop.var);
                self.check_labelled(for_loop.label, true, &for_loop.body, scope, span);
                scope.open_vars.pop();
            }
            StmtKind::While { label, cond, body } => {
                self.expect_operand(*cond, &Ty::BOOL, "a condition", span);
                self.check_labelled(*label, true, body, scope, span);
            }
            StmtKind::Forever { label, body } => {
                self.check_labelled(*label, true, body, scope, span);
            }
            StmtKind::Labeled { label, body } => {
                self.check_labelled(*label, false, body, scope, span);
            }
            StmtKind::Break(label) => {
                if !scope.labels.iter().any(|(around, _)| around == label) {
                    let message = format!("`break` of '{}, which is not around it", label.0);
                    self.error(Rule::Labels, span, message);
                }
            }
            StmtKind::Continue(label) => {
                if !scope.labels.contains(&(*label, true)) {
                    let message = format!("`continue` of '{}, no loop around it", label.0);
                    self.error(Rule::Labels, span, message);
                }
            }
            StmtKind::Return(value) => self.check_return(*value, span),
            StmtKind::Trap { .. } => {} // `check_sites`
            StmtKind::Call {
                function,
                args,
                result,
            } => {
                if let Some(place) = result {
                    self.check_store(place, span);
                }
                self.check_function_call(*function, args, result.as_ref(), span);
            }
            StmtKind::HostCall { host, args, result } => {
                if let Some(place) = result {
                    self.check_store(place, span);
                }
                self.check_host_call(*host, args, result.as_ref(), span);
            }
            StmtKind::Parallel(parallel) => {
                if let Some(place) = &parallel.result {
                    self.check_store(place, span);
                }
                self.check_parallel(parallel, span);
            }
        }
    }

    /// The body of what has a label.
    fn check_labelled(
        &mut self,
        label: Label,
        is_loop: bool,
        body: &Block,
        scope: &mut Scope,
        span: Span,
    ) {
        if !scope.all_labels.insert(label) {
            let message = format!("label '{} is used twice", label.0);
            self.error(Rule::Labels, span, message);
        }
        scope.labels.push((label, is_loop));
        self.check_block(body, scope);
        scope.labels.pop();
    }

    /// The type of a place that is stored to.
    fn check_store(&mut self, place: &Place, span: Span) -> Option<&'a Ty> {
        let ty = self.check_place(place, span)?;
        let local = &self.func.locals[place.local];
        let way = self.way(place);
        if way.behind {
            if !way.mutable {
                let message = "store through a slice or reference that is not `mut`";
                self.error(Rule::Stores, span, message);
            }
        } else if self.loop_vars[place.local.index()] {
            self.error(Rule::Loops, span, "a loop variable is assigned");
        } else if !local.mutable {
            let is_param = place.local.index() < self.func.params.len();
            if is_param {
                self.error(
                    Rule::Stores,
                    span,
                    "a parameter that is not `mut` is assigned",
                );
            } else if !place.projections.is_empty() {
                let message = "a part of a local that is not `mut` is assigned";
                self.error(Rule::Stores, span, message);
            }
        }
        Some(ty)
    }

    /// Invariants of [`Loop`].
    fn check_loop(&mut self, for_loop: &Loop, span: Span) {
        let func = self.func;
        let ty = &func.locals[for_loop.var].ty;
        if !is_scalar_with(ty, ScalarTy::is_int) {
            let message = format!("a loop variable has type `{}`", self.name_of(ty));
            self.error(Rule::Loops, span, message);
        }
        self.expect_operand(for_loop.start, ty, "the start of a range", span);
        self.expect_operand(for_loop.end, ty, "the end of a range", span);
        self.expect_operand(for_loop.step, &Ty::USIZE, "a step", span);
        if func.exprs[for_loop.step].kind == ExprKind::Const(ConstValue::Int(0)) {
            self.error(Rule::Loops, span, "a step is 0");
        }
    }

    /// Every loop variable that the tree below `root` reads is that of a loop around it.
    fn check_loop_var_reads(&mut self, root: ExprId, scope: &Scope, span: Span) {
        let func = self.func;
        let mut open = vec![root];
        // Trees visit each expression once; the bound is for what is no tree, which was reported.
        for _ in 0..=func.exprs.len() {
            let Some(id) = open.pop() else { return };
            let kind = &func.exprs[id].kind;
            kind.for_each_operand(|operand| open.push(operand));
            if let Some(place) = kind.place()
                && self.loop_vars[place.local.index()]
                && !scope.open_vars.contains(&place.local)
            {
                let message = "a loop variable is read outside of its loop";
                self.error(Rule::Loops, span, message);
            }
        }
    }

    fn check_return(&mut self, value: Option<ExprId>, span: Span) {
        let result = &self.func.result;
        match value {
            Some(value) => self.expect_operand(value, result, "the returned value", span),
            None if *result == Ty::Unit => {}
            None => self.error(Rule::Returns, span, "`return` without a value"),
        }
    }
}

/// Whether control cannot reach the end of the block, judged as rustc does: by structure alone.
fn diverges(block: &Block) -> bool {
    block.stmts.iter().any(|stmt| match &stmt.kind {
        StmtKind::Return(_)
        | StmtKind::Trap { .. }
        | StmtKind::Break(_)
        | StmtKind::Continue(_) => true,
        StmtKind::If {
            then, otherwise, ..
        } => diverges(then) && diverges(otherwise),
        StmtKind::Forever { label, body } => !breaks(body, *label),
        StmtKind::Labeled { label, body } => diverges(body) && !breaks(body, *label),
        StmtKind::Assign { .. }
        | StmtKind::Eval(_)
        | StmtKind::Call { .. }
        | StmtKind::HostCall { .. }
        | StmtKind::Parallel(_)
        | StmtKind::For(_)
        | StmtKind::While { .. } => false,
    })
}

/// Whether a `break` inside names the label.
fn breaks(block: &Block, label: Label) -> bool {
    let mut found = false;
    block.for_each_stmt(|stmt| found |= stmt.kind == StmtKind::Break(label));
    found
}

//! `match`, `if let`, `while let`, `let .. else`, `matches!`: a pattern becomes a condition on a [`Subject`], and the names that it binds.

use std::borrow::Cow;

use super::diag::Code;
use super::infer::ITy;
use super::state::{Lowering, Value};
use super::subject::{Mode, Subject};
use crate::expr::ExprId;
use crate::func::LocalId;
use crate::hir::{self, Span};
use crate::stmt::{Block, Label, StmtKind};

/// Where the values of several branches come together.
#[derive(Default)]
pub(super) struct Join {
    /// The variable that they are put into.
    temp: Option<(LocalId, ITy)>,
    /// Whether a branch ends without a value.
    unit: bool,
}

impl Lowering<'_> {
    /// The end of a branch: its value goes to where the others go.
    pub(super) fn join(&mut self, join: &mut Join, value: Value, span: Span) {
        match value {
            Value::Never => {}
            Value::Unit => {
                join.unit = true;
                if let Some((_, ty)) = &join.temp {
                    let ty = ty.clone();
                    self.expect_ty(&ITy::Unit, &ty, span);
                }
            }
            Value::Expr(value) => {
                if join.unit {
                    let ty = self.ty_of(value);
                    self.expect_ty(&ty, &ITy::Unit, self.span_of(value));
                    return;
                }
                let (temp, ty) = match &join.temp {
                    Some((temp, ty)) => (*temp, ty.clone()),
                    None => {
                        let ty = self.ty_of(value);
                        let temp = self.push_temp(ty.clone(), true, span);
                        self.note_held(temp, value);
                        join.temp = Some((temp, ty.clone()));
                        (temp, ty)
                    }
                };
                self.expect_of_branch(temp, &ty, value);
                self.expect_expr(value, &ty);
                self.assign(temp, value);
            }
        }
    }

    /// The value of all branches together.
    pub(super) fn joined(&mut self, join: &Join, span: Span) -> Value {
        match &join.temp {
            Some((temp, _)) => Value::Expr(self.load_local(*temp, span)),
            None if join.unit => Value::Unit,
            None => Value::Never,
        }
    }

    pub(super) fn lower_match(&mut self, expr: &hir::ExprMatch) -> Value {
        let span = expr.match_token;
        let Some(subject) = self.lower_subject(&expr.expr) else {
            // Dead code, or a match on `()`.
            let ((), _) = self.in_frame(|this| {
                for arm in &expr.arms {
                    this.in_scope(|this| {
                        this.bind_names_of(&arm.pat);
                        this.lower_expr(&arm.body);
                    });
                }
            });
            return Value::Never;
        };
        let leave = self.new_label();
        let mut join = Join::default();
        let ((), stmts) = self.in_frame(|this| {
            let arms = arms_of(expr);
            for (index, (pat, arm)) in arms.iter().enumerate() {
                // rustc has checked that the arms cover everything, so the last one needs no test.
                let is_last = index + 1 == arms.len() && arm.guard.is_none();
                this.lower_arm(&subject, pat, arm, is_last, leave, &mut join);
            }
        });
        let label = leave;
        let body = Block { stmts };
        self.emit(StmtKind::Labeled { label, body }, span);
        self.joined(&join, span)
    }

    fn lower_arm(
        &mut self,
        subject: &Subject,
        pat: &hir::Pat,
        arm: &hir::Arm,
        is_last: bool,
        leave: Label,
        join: &mut Join,
    ) {
        let span = pat.span();
        self.in_scope(|this| {
            let test = this.pattern_test(pat, subject, Mode::Move);
            let ((), stmts) = this.in_frame(|this| {
                this.bind_pattern(pat, subject, Mode::Move);
                let Some(guard) = &arm.guard else {
                    return this.lower_arm_body(arm, leave, join);
                };
                this.refuse_guarded_alternatives(pat);
                let cond = this.lower_condition(guard);
                let ((), stmts) = this.in_frame(|this| this.lower_arm_body(arm, leave, join));
                let then = Block { stmts };
                this.emit_when(cond, then, Block::default(), span);
            });
            match test {
                Some(cond) if !is_last => {
                    let then = Block { stmts };
                    this.emit_when(cond, then, Block::default(), span);
                }
                Some(cond) => {
                    this.discard(cond);
                    this.emit_all(stmts);
                }
                None => this.emit_all(stmts),
            }
        });
    }

    /// Rust tries the guard for each alternative that matches. [`arms_of`] makes arms of them, but for those that are left here.
    fn refuse_guarded_alternatives(&mut self, pat: &hir::Pat) {
        if let Some(or) = (pat.alternatives().into_iter()).find(|or| self.binds_names(or)) {
            self.diags.report(
                Code::Pattern,
                or.span,
                "several alternatives inside a pattern that bind names cannot be captured by `#[jit]` where the arm has a guard",
                "write an arm for each alternative",
            );
        }
    }

    fn binds_names(&self, or: &hir::PatOr) -> bool {
        let mut binds = false;
        for case in &or.cases {
            case.for_each_ident(&mut |ident| binds |= !self.is_constant_pattern(ident));
        }
        binds
    }

    /// The body of an arm, and the way out.
    fn lower_arm_body(&mut self, arm: &hir::Arm, leave: Label, join: &mut Join) {
        let span = arm.body.span();
        let value = self.lower_expr(&arm.body);
        let never = matches!(value, Value::Never);
        self.join(join, value, span);
        if !never {
            self.emit(StmtKind::Break(leave), span);
        }
    }

    /// `if` with `let` in its condition.
    pub(super) fn lower_if_let(&mut self, expr: &hir::ExprIf) -> Value {
        let span = expr.if_token;
        let (leave, otherwise) = (self.new_label(), self.new_label());
        let mut join = Join::default();
        let ((), stmts) = self.in_frame(|this| {
            let ((), stmts) = this.in_frame(|this| {
                this.in_scope(|this| {
                    this.lower_conjuncts(&expr.cond, otherwise);
                    let value = this.lower_block(&expr.then_branch);
                    let never = matches!(value, Value::Never);
                    this.join(&mut join, value, span);
                    if !never {
                        this.emit(StmtKind::Break(leave), span);
                    }
                });
            });
            let label = otherwise;
            let body = Block { stmts };
            this.emit(StmtKind::Labeled { label, body }, span);
            let value = match &expr.else_branch {
                Some(branch) => this.lower_expr(branch),
                None => Value::Unit,
            };
            this.join(&mut join, value, span);
        });
        let label = leave;
        let body = Block { stmts };
        self.emit(StmtKind::Labeled { label, body }, span);
        self.joined(&join, span)
    }

    /// Conditions joined by `&&`, some of them `let`: control goes on where all hold, with the names bound; else it leaves `label`.
    pub(super) fn lower_conjuncts(&mut self, cond: &hir::Expr, label: Label) {
        match cond {
            hir::Expr::Binary(binary)
                if matches!(binary.op, hir::BinOp::And(_)) && has_let(cond) =>
            {
                self.lower_conjuncts(&binary.left, label);
                self.lower_conjuncts(&binary.right, label);
            }
            hir::Expr::Let(cond) => {
                let span = cond.let_token;
                let Some(subject) = self.lower_subject(&cond.expr) else {
                    self.bind_names_of(&cond.pat);
                    return;
                };
                let test = self.pattern_test(&cond.pat, &subject, Mode::Move);
                if let Some(test) = test {
                    self.leave_unless(test, label, span);
                }
                self.bind_pattern(&cond.pat, &subject, Mode::Move);
            }
            hir::Expr::Paren(inner) if has_let(cond) => self.lower_conjuncts(&inner.expr, label),
            hir::Expr::Group(inner) => self.lower_conjuncts(&inner.expr, label),
            _ => {
                let test = self.lower_condition(cond);
                self.leave_unless(test, label, cond.span());
            }
        }
    }

    fn leave_unless(&mut self, cond: ExprId, label: Label, span: Span) {
        let ((), stmts) = self.in_frame(|this| this.emit(StmtKind::Break(label), span));
        self.emit_when(cond, Block::default(), Block { stmts }, span);
    }

    /// `let pat = value else { .. };`
    pub(super) fn lower_let_else(
        &mut self,
        pat: &hir::Pat,
        value: &hir::Expr,
        otherwise: &hir::Expr,
        span: Span,
    ) -> Value {
        let (pat, ty) = match pat {
            hir::Pat::Type(typed) => (&*typed.pat, self.lower_ty(&typed.ty)),
            pat => (pat, None),
        };
        let Some(subject) = self.lower_subject(value) else {
            self.bind_names_of(pat);
            return Value::Never;
        };
        if let Some(ty) = ty {
            let found = self.subject_ty(&subject);
            self.expect_ty(&found, &ty, pat.span());
        }
        if let Some(test) = self.pattern_test(pat, &subject, Mode::Move) {
            let (_, stmts) = self.in_frame(|this| this.lower_expr(otherwise));
            self.emit_when(test, Block::default(), Block { stmts }, span);
        }
        self.bind_pattern(pat, &subject, Mode::Move);
        Value::Unit
    }

    /// `matches!(expr, pat if guard)`.
    pub(super) fn lower_matches(
        &mut self,
        expr: &hir::Expr,
        pat: &hir::Pat,
        guard: Option<&hir::Expr>,
        span: Span,
    ) -> Value {
        let Some(subject) = self.lower_subject(expr) else {
            return Value::Never;
        };
        let test = self.pattern_test(pat, &subject, Mode::Move);
        let test = test.unwrap_or_else(|| self.truth(true, span));
        let Some(guard) = guard else {
            return Value::Expr(test);
        };
        let temp = self.push_temp(ITy::BOOL, true, span);
        let no = self.truth(false, span);
        self.assign(temp, no);
        let ((), stmts) = self.in_frame(|this| {
            this.in_scope(|this| {
                this.bind_pattern(pat, &subject, Mode::Move);
                let guard = this.lower_condition(guard);
                this.assign(temp, guard);
            });
        });
        let then = Block { stmts };
        self.emit_when(test, then, Block::default(), span);
        Value::Expr(self.load_local(temp, span))
    }
}

/// The arms of a `match`; one whose alternatives bind names becomes an arm for each, and so does one with a guard, also where its only alternatives
/// are inside of the pattern.
fn arms_of(expr: &hir::ExprMatch) -> Vec<(Cow<'_, hir::Pat>, &hir::Arm)> {
    let mut arms = Vec::new();
    for arm in &expr.arms {
        let mut pat = &arm.pat;
        while let hir::Pat::Paren(inner) = pat {
            pat = &inner.pat;
        }
        let mut binds = false;
        pat.for_each_ident(&mut |_| binds = true);
        let cases = match pat {
            hir::Pat::Or(or) if binds || arm.guard.is_some() => or.cases.iter().collect(),
            _ => vec![pat],
        };
        for case in cases {
            match case.alternatives().as_slice() {
                [or] if arm.guard.is_some() && binds => {
                    for chosen in &or.cases {
                        let mut pat = case.clone();
                        pat.choose(or.span, chosen);
                        arms.push((Cow::Owned(pat), arm));
                    }
                }
                _ => arms.push((Cow::Borrowed(case), arm)),
            }
        }
    }
    arms
}

/// Whether a condition has a `let` among its conjuncts.
pub(super) fn has_let(cond: &hir::Expr) -> bool {
    match cond {
        hir::Expr::Let(_) => true,
        hir::Expr::Binary(binary) if matches!(binary.op, hir::BinOp::And(_)) => {
            has_let(&binary.left) || has_let(&binary.right)
        }
        hir::Expr::Paren(inner) => has_let(&inner.expr),
        hir::Expr::Group(inner) => has_let(&inner.expr),
        _ => false,
    }
}

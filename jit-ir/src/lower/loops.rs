//! Loops, and what leaves them.

use crate::hir::{self, Span};

use super::diag::Code;
use super::infer::ITy;
use super::matching::has_let;
use super::pat::Pat;
use super::prange::prange_call;
use super::state::{Check, Lowering, Target, Value};
use crate::expr::{BinaryOp, ConstValue, ExprId, ExprKind};
use crate::func::SiteKind;
use crate::intrinsic::Intrinsic;
use crate::stmt::{Block, Loop, LoopHints, StmtKind};
use crate::ty::ScalarTy;

/// What a `for` runs over: a range, then steps and reversals.
struct Sequence {
    start: ExprId,
    end: ExprId,
    inclusive: bool,
    step: Option<ExprId>,
    reversed: bool,
    ty: ITy,
    /// Whether the numbers are those of characters.
    of_chars: bool,
}

impl Lowering<'_> {
    pub(super) fn lower_for(&mut self, expr: &hir::ExprForLoop) -> Value {
        let span = expr.for_token;
        if !is_sequence(&expr.expr) {
            return self.lower_for_each(expr);
        }
        let request = self.request_of(&expr.expr, span);
        // A pattern that goes with an iterator is no mistake of its own.
        let sequence = self.lower_sequence(&expr.expr);
        let pat = sequence.as_ref().and_then(|_| self.lower_pat(&expr.pat));
        let (Some((pat, written)), Some(sequence)) = (pat, sequence) else {
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
        if let Some(written) = &written {
            let ty = match sequence.of_chars {
                true => &ITy::Char,
                false => &sequence.ty,
            };
            self.expect_ty(ty, written, expr.pat.span());
        }
        let step = match sequence.step {
            Some(step) => step,
            None => {
                let one = ConstValue::Int(1);
                self.push_expr(ExprKind::Const(one), ITy::USIZE, span)
            }
        };
        let (name, name_span) = match &pat {
            Pat::Name { ident, .. } => (ident.to_string(), ident.span()),
            Pat::Wild(span) | Pat::Tuple(span) => ("_".to_owned(), *span),
        };
        if let Pat::Tuple(span) = &pat {
            self.refuse_pat(*span, "tuple patterns over a range", "name the number");
        }
        let var = self.push_local(name, sequence.ty.clone(), false, name_span);
        let target = self.loop_target(expr.label.as_ref());
        let label = target.label;
        let ((_, stmts), _) = self.in_target(target, |this| {
            this.in_frame(|this| {
                this.in_scope(|this| {
                    if let Pat::Name { ident, mutable } = &pat {
                        if *mutable || sequence.of_chars {
                            let mut value = this.load_local(var, ident.span());
                            if sequence.of_chars {
                                value = this.char_at(value, ident.span());
                            }
                            this.bind_value(ident, *mutable, value);
                        } else {
                            this.bind(ident, var);
                        }
                    }
                    this.lower_loop_body(&expr.body);
                });
            })
        });
        let statement = Loop {
            label,
            var,
            start: sequence.start,
            end: sequence.end,
            step,
            inclusive: sequence.inclusive,
            reversed: sequence.reversed,
            request,
            hints: LoopHints::default(),
            body: Block { stmts },
        };
        self.emit(StmtKind::For(statement), span);
        Value::Unit
    }

    pub(super) fn lower_loop_body(&mut self, body: &hir::Block) {
        let value = self.lower_block(body);
        if let Value::Expr(value) = value {
            let ty = self.ty_of(value);
            self.expect_ty(&ty, &ITy::Unit, self.span_of(value));
        }
    }

    pub(super) fn loop_target(&mut self, label: Option<&hir::Label>) -> Target {
        Target {
            label: self.new_label(),
            name: label.map(|label| label_name(&label.name)),
            is_loop: true,
            result: None,
            broken: false,
            next: None,
            continued: false,
            for_macros: true,
        }
    }

    /// A range with any `.rev()` and `.step_by(k)` behind it.
    fn lower_sequence(&mut self, expr: &hir::Expr) -> Option<Sequence> {
        match expr {
            hir::Expr::Paren(inner) => self.lower_sequence(&inner.expr),
            hir::Expr::Group(inner) => self.lower_sequence(&inner.expr),
            hir::Expr::Range(range) => self.lower_range(range),
            hir::Expr::Call(call) if prange_call(call).is_some() => {
                let (_, range) = prange_call(call)?;
                self.lower_sequence(range)
            }
            hir::Expr::MethodCall(call) => {
                let name = call.method.to_string();
                match (name.as_str(), call.args.len()) {
                    ("rev", 0) => {
                        let mut sequence = self.lower_sequence(&call.receiver)?;
                        sequence.reversed = !sequence.reversed;
                        Some(sequence)
                    }
                    ("step_by", 1) => {
                        let sequence = self.lower_sequence(&call.receiver)?;
                        self.lower_step_by(sequence, call)
                    }
                    ("into_iter" | "par", 0) => self.lower_sequence(&call.receiver),
                    _ => {
                        self.diags.report(
                            Code::Loop,
                            call.method.span(),
                            format!("`{name}` cannot be captured by `#[jit]` in a `for` loop"),
                            "loop over the indices: `for i in 0..a.len()`",
                        );
                        None
                    }
                }
            }
            hir::Expr::Path(path) if self.is_reported_variable(&path.path) => None,
            other => {
                self.diags.report(
                    Code::Loop,
                    other.span(),
                    "`for` over anything but a range cannot be captured by `#[jit]`",
                    "loop over the indices: `for i in 0..a.len()`",
                );
                None
            }
        }
    }

    fn lower_range(&mut self, range: &hir::ExprRange) -> Option<Sequence> {
        let (Some(start), Some(end)) = (&range.start, &range.end) else {
            self.diags.report(
                Code::Loop,
                range.limits.span(),
                "ranges without an end cannot be captured by `#[jit]`",
                "write both ends, or use `loop` with a counter",
            );
            return None;
        };
        let start_expr = self.lower_operand(start);
        let start_time = self.now();
        let end_expr = self.lower_operand(end);
        let ty = self.ty_of(start_expr);
        self.expect_expr(end_expr, &ty);
        let end_time = self.now();
        let settled = self.settle_all(vec![(start_expr, start_time), (end_expr, end_time)]);
        let (start, end, ty) = self.range_bounds(settled[0], settled[1], ty, range.limits.span());
        Some(Sequence {
            start,
            end,
            of_chars: ty.1,
            ty: ty.0,
            inclusive: matches!(range.limits, hir::RangeLimits::Closed(_)),
            step: None,
            reversed: false,
        })
    }

    /// The ends of a range as numbers that are counted, with their type, and whether they stand for characters.
    pub(super) fn range_bounds(
        &mut self,
        start: ExprId,
        end: ExprId,
        ty: ITy,
        span: Span,
    ) -> (ExprId, ExprId, (ITy, bool)) {
        if self.infer.shallow(&ty) == ITy::Char {
            let start = self.char_ordinal(start, span);
            let end = self.char_ordinal(end, span);
            return (start, end, (ScalarTy::U32.into(), true));
        }
        self.checks.push(Check::Integer {
            ty: ty.clone(),
            narrow: false,
            span,
        });
        (start, end, (ty, false))
    }

    fn lower_step_by(
        &mut self,
        mut sequence: Sequence,
        call: &hir::ExprMethodCall,
    ) -> Option<Sequence> {
        let span = call.method.span();
        if sequence.step.is_some() {
            self.diags.report(
                Code::Loop,
                span,
                "a second `step_by` cannot be captured by `#[jit]`",
                "multiply the steps",
            );
            return None;
        }
        let then = self.now();
        let step = self.lower_operand(&call.args[0]);
        let range = self.settle_all(vec![(sequence.start, then), (sequence.end, then)]);
        (sequence.start, sequence.end) = (range[0], range[1]);
        self.expect_expr(step, &ITy::USIZE);
        let nonzero =
            matches!(self.exprs[step].kind, ExprKind::Const(ConstValue::Int(value)) if value != 0);
        if nonzero && !sequence.reversed {
            sequence.step = Some(step);
            return Some(sequence);
        }
        sequence.start = self.evaluate(sequence.start);
        sequence.end = self.evaluate(sequence.end);
        let step = self.evaluate(step);
        if !nonzero {
            self.check_step(step, span);
        }
        if sequence.reversed {
            self.align_to_end(&mut sequence, step, span);
        }
        sequence.step = Some(self.copy_stable(step));
        Some(sequence)
    }

    /// `if step == 0 { panic }`, the panic being that of `step_by`.
    fn check_step(&mut self, step: ExprId, span: Span) {
        let step = self.copy_stable(step);
        let zero = self.integer(0, ITY_USIZE, span);
        let kind = ExprKind::Binary {
            op: BinaryOp::Eq,
            lhs: step,
            rhs: zero,
            site: None,
        };
        let cond = self.push_expr(kind, ITy::BOOL, span);
        let site = self.push_site(SiteKind::StepBy, span, Vec::new());
        let ((), stmts) = self.in_frame(|this| {
            this.emit(
                StmtKind::Trap {
                    site,
                    operands: Vec::new(),
                },
                span,
            )
        });
        self.emit(
            StmtKind::If {
                cond,
                then: Block { stmts },
                otherwise: Block::default(),
            },
            span,
        );
    }

    /// `(a..b).rev().step_by(k)` starts at the last value, so it is the reverse of `(s..b).step_by(k)` with
    /// `s = a + (last - a) % k`.
    fn align_to_end(&mut self, sequence: &mut Sequence, step: ExprId, span: Span) {
        self.checks.push(Check::Integer {
            ty: sequence.ty.clone(),
            narrow: true,
            span,
        });
        let ty = sequence.ty.clone();
        let start = self.evaluate(sequence.start);
        let end = self.evaluate(sequence.end);
        let mut last = self.copy_stable(end);
        if !sequence.inclusive {
            let one = self.integer(1, ty.clone(), span);
            last = self.call(Intrinsic::WrappingSub, vec![last, one], ty.clone(), span);
        }
        let first = self.copy_stable(start);
        let unsigned = self
            .infer
            .related(crate::intrinsic::SigTy::UnsignedOfS, &ty, span);
        let distance = self.call(Intrinsic::AbsDiff, vec![last, first], unsigned, span);
        let distance = self.cast(distance, ITy::USIZE, span);
        let step = self.copy_stable(step);
        // The step is not 0, so that this needs no check; `wrapping_rem` traps for 0 only.
        let kind = SiteKind::Intrinsic(Intrinsic::WrappingRem);
        let site = self.push_site(kind, span, vec![ITy::USIZE, ITy::USIZE]);
        let rest = ExprKind::Call {
            intrinsic: Intrinsic::WrappingRem,
            args: vec![distance, step],
            site: Some(site),
        };
        let rest = self.push_expr(rest, ITy::USIZE, span);
        let rest = self.cast(rest, ty.clone(), span);
        let first = self.copy_stable(start);
        let aligned = self.call(Intrinsic::WrappingAdd, vec![first, rest], ty.clone(), span);
        let (a, b) = (self.copy_stable(start), self.copy_stable(end));
        let op = if sequence.inclusive {
            BinaryOp::Le
        } else {
            BinaryOp::Lt
        };
        let kind = ExprKind::Binary {
            op,
            lhs: a,
            rhs: b,
            site: None,
        };
        let cond = self.push_expr(kind, ITy::BOOL, span);
        let otherwise = self.copy_stable(start);
        let kind = ExprKind::Select {
            cond,
            then: aligned,
            otherwise,
        };
        sequence.start = self.push_expr(kind, ty, span);
        sequence.end = self.copy_stable(end);
    }

    pub(super) fn call(
        &mut self,
        intrinsic: Intrinsic,
        args: Vec<ExprId>,
        ty: ITy,
        span: Span,
    ) -> ExprId {
        let kind = ExprKind::Call {
            intrinsic,
            args,
            site: None,
        };
        self.push_expr(kind, ty, span)
    }

    pub(super) fn cast(&mut self, operand: ExprId, ty: ITy, span: Span) -> ExprId {
        self.push_expr(ExprKind::Cast { operand }, ty, span)
    }

    pub(super) fn lower_while(&mut self, expr: &hir::ExprWhile) -> Value {
        let span = expr.while_token;
        let target = self.loop_target(expr.label.as_ref());
        let label = target.label;
        if has_let(&expr.cond) {
            let (((), stmts), _) = self.in_target(target, |this| {
                this.in_frame(|this| {
                    this.in_scope(|this| {
                        this.lower_conjuncts(&expr.cond, label);
                        this.lower_loop_body(&expr.body);
                    });
                })
            });
            let body = Block { stmts };
            self.emit(StmtKind::Forever { label, body }, span);
            return Value::Unit;
        }
        // The label is in scope of the condition, too.
        let ((cond, cond_stmts, body), _) = self.in_target(target, |this| {
            let (cond, cond_stmts) = this.in_frame(|this| this.lower_condition(&expr.cond));
            let ((), body) = this.in_frame(|this| this.lower_loop_body(&expr.body));
            (cond, cond_stmts, body)
        });
        if cond_stmts.is_empty() {
            let body = Block { stmts: body };
            self.emit(StmtKind::While { label, cond, body }, span);
            return Value::Unit;
        }
        let ((), stmts) = self.in_frame(|this| {
            this.emit_all(cond_stmts);
            let ((), leave) = this.in_frame(|this| this.emit(StmtKind::Break(label), span));
            this.emit(
                StmtKind::If {
                    cond,
                    then: Block::default(),
                    otherwise: Block { stmts: leave },
                },
                span,
            );
            this.emit_all(body);
        });
        let body = Block { stmts };
        self.emit(StmtKind::Forever { label, body }, span);
        Value::Unit
    }

    /// `loop`; `is_statement` if others follow.
    pub(super) fn lower_loop(&mut self, expr: &hir::ExprLoop, is_statement: bool) -> Value {
        let span = expr.loop_token;
        let mut target = self.loop_target(expr.label.as_ref());
        // A loop that nothing leaves has another type than one that a macro may leave.
        target.for_macros = is_statement;
        let label = target.label;
        let (((), stmts), target) = self.in_target(target, |this| {
            this.in_frame(|this| this.lower_loop_body(&expr.body))
        });
        let body = Block { stmts };
        self.emit(StmtKind::Forever { label, body }, span);
        match target {
            Some(Target {
                result: Some((temp, _)),
                ..
            }) => Value::Expr(self.load_local(temp, span)),
            Some(Target { broken: true, .. }) => Value::Unit,
            _ => Value::Never,
        }
    }

    pub(super) fn lower_break(&mut self, expr: &hir::ExprBreak) -> Value {
        let span = expr.break_token;
        let value = expr
            .expr
            .as_ref()
            .map(|value| (self.lower_expr(value), value.span()));
        let Some(index) = self.find_target(expr.label.as_ref(), span, false) else {
            return Value::Never;
        };
        let value = match value {
            Some((Value::Never, _)) => return Value::Never,
            Some((Value::Expr(value), _)) => Some(value),
            Some((Value::Unit, _)) | None => None,
        };
        if let Some(value) = value {
            let (temp, ty) = match self.targets[index].result.clone() {
                Some(result) => result,
                None => {
                    let ty = self.ty_of(value);
                    let temp = self.push_temp(ty.clone(), true, span);
                    self.targets[index].result = Some((temp, ty.clone()));
                    (temp, ty)
                }
            };
            self.expect_expr(value, &ty);
            self.assign(temp, value);
        }
        self.break_target(index, span);
        Value::Never
    }

    fn break_target(&mut self, index: usize, span: Span) {
        self.targets[index].broken = true;
        let label = self.targets[index].label;
        self.emit(StmtKind::Break(label), span);
    }

    /// `break` or `continue` of the innermost loop, without a value.
    pub(super) fn leave_loop(&mut self, again: bool, span: Span) {
        let Some(index) = self.find_target(None, span, again) else {
            return;
        };
        match again {
            true => self.continue_target(index, span),
            false => self.break_target(index, span),
        }
    }

    /// Notes that the innermost loop may be left.
    pub(super) fn note_broken(&mut self) {
        if let Some(target) = self.targets.iter_mut().rev().find(|it| it.is_loop) {
            target.broken = true;
        }
    }

    pub(super) fn lower_continue(&mut self, expr: &hir::ExprContinue) -> Value {
        let span = expr.continue_token;
        if let Some(index) = self.find_target(expr.label.as_ref(), span, true) {
            self.continue_target(index, span);
        }
        Value::Never
    }

    fn continue_target(&mut self, index: usize, span: Span) {
        let target = &mut self.targets[index];
        target.continued = true;
        let kind = match target.next {
            Some(block) => StmtKind::Break(block),
            None => StmtKind::Continue(target.label),
        };
        self.emit(kind, span);
    }

    /// The loop that an unlabelled `break` or `continue` means, or the target of this name.
    fn find_target(
        &mut self,
        label: Option<&hir::Lifetime>,
        span: Span,
        is_continue: bool,
    ) -> Option<usize> {
        let found = match label {
            None => self.targets.iter().rposition(|target| target.is_loop),
            Some(label) => {
                let name = label_name(label);
                self.targets.iter().rposition(|target| {
                    target.name.as_ref() == Some(&name) && (target.is_loop || !is_continue)
                })
            }
        };
        if found.is_none() {
            let (span, what) = match label {
                Some(label) => (
                    label.span(),
                    format!("no enclosing loop is called `{label}`"),
                ),
                None => (span, "this is not inside a loop".to_owned()),
            };
            self.diags
                .report(Code::Loop, span, what, "name an enclosing loop");
        }
        found
    }

    pub(super) fn lower_return(&mut self, expr: &hir::ExprReturn) -> Value {
        let span = expr.return_token;
        let value = match &expr.expr {
            None => Value::Unit,
            Some(value) => self.lower_expr(value),
        };
        self.return_value(value, span);
        Value::Never
    }

    /// Leaves the function with this value.
    pub(super) fn return_value(&mut self, value: Value, span: Span) {
        let result = self.current.result.clone();
        let value = match value {
            Value::Never => return,
            Value::Unit => {
                self.expect_ty(&ITy::Unit, &result, span);
                None
            }
            Value::Expr(value) => Some(self.coerce(value, &result)),
        };
        self.emit_return(value, span);
    }
}

/// A range with any `.rev()` and `.step_by(k)` behind it, which is one counted loop as it is written.
fn is_sequence(expr: &hir::Expr) -> bool {
    match expr {
        hir::Expr::Paren(inner) => is_sequence(&inner.expr),
        hir::Expr::Group(inner) => is_sequence(&inner.expr),
        hir::Expr::Range(range) => range.start.is_some() && range.end.is_some(),
        hir::Expr::Call(call) => prange_call(call).is_some_and(|(_, range)| is_sequence(range)),
        hir::Expr::MethodCall(call) => {
            let known = match call.method.name.as_str() {
                "rev" | "into_iter" | "par" => call.args.is_empty(),
                "step_by" => call.args.len() == 1 && !has_step(&call.receiver),
                _ => false,
            };
            known && is_sequence(&call.receiver)
        }
        _ => false,
    }
}

fn has_step(expr: &hir::Expr) -> bool {
    match expr {
        hir::Expr::Paren(inner) => has_step(&inner.expr),
        hir::Expr::Group(inner) => has_step(&inner.expr),
        hir::Expr::MethodCall(call) => call.method == "step_by" || has_step(&call.receiver),
        hir::Expr::Call(call) => prange_call(call).is_some_and(|(_, range)| has_step(range)),
        _ => false,
    }
}

/// A label and its hygiene.
pub(super) fn label_name(label: &hir::Lifetime) -> (String, u32) {
    (label.ident.to_string(), label.ident.hygiene)
}

const ITY_USIZE: ITy = ITy::Scalar(ScalarTy::Usize);

//! Loops that count become counted loops, of which everything else knows how often they run:
//!
//! ```text
//! while i < n { body; i += 1; }      →      for v in i..n { i = v; body; i += 1; }
//! ```
//!
//! The variable stays, and is right wherever the loop is left. What is needed: one statement of the body steps it by a constant, every
//! iteration gets there, and the bound does not change. Further conditions behind `&&` become a `break`. Where the step may wrap around,
//! so that the loop is not counted at all, that is asked before it.

use super::copy::{Copier, add_temporary, next_label};
use crate::analysis::affine::{Scope, range_of_ty};
use crate::analysis::effects::{Effects, exposed_locals, is_behind_pointer};
use crate::expr::{BinaryOp, ConstValue, Expr, ExprId, ExprKind, Place, UnaryOp};
use crate::func::{Function, LocalId};
use crate::span::Span;
use crate::stmt::{Block, Label, Loop, LoopHints, LoopRequest, Stmt, StmtKind};
use crate::ty::{ScalarTy, Ty};

#[cfg(test)]
mod tests;

/// Rewrites the loops of a function.
pub(super) fn run(func: &mut Function) {
    let mut any = false;
    func.body.for_each_stmt(|stmt| {
        any |= matches!(stmt.kind, StmtKind::While { .. } | StmtKind::Forever { .. });
    });
    if !any {
        return;
    }
    let next_label = next_label(func);
    let body = func.body.clone();
    let mut pass = Pass { next_label };
    func.body = pass.rewrite_block(func, body);
}

struct Pass {
    next_label: u32,
}

/// A loop that counts.
struct Counting {
    label: Label,
    local: LocalId,
    ty: ScalarTy,
    /// Compares the local, on the left, with the bound.
    op: BinaryOp,
    bound: ExprId,
    /// What else must hold, evaluated after that.
    rest: Option<ExprId>,
    /// What is added to the local each time.
    step: i128,
    /// Whether it traps instead of wrapping around.
    checked: bool,
    body: Block,
}

impl Pass {
    fn rewrite_block(&mut self, func: &mut Function, block: Block) -> Block {
        let mut stmts = Vec::with_capacity(block.stmts.len());
        for mut stmt in block.stmts {
            for inner in stmt.kind.blocks_mut() {
                *inner = self.rewrite_block(func, std::mem::take(inner));
            }
            let rewritten = Counting::of(func, &stmt).and_then(|loop_| {
                let copy = self.version(func, &loop_, &stmt)?;
                Some(loop_.count(func, stmt.span, copy))
            });
            stmts.push(rewritten.unwrap_or(stmt));
        }
        Block { stmts }
    }

    /// If the local may wrap around: the condition that it does not, and the loop as it was. `None` if nothing can be done, `Some(None)` if it
    /// never does.
    fn version(
        &mut self,
        func: &mut Function,
        loop_: &Counting,
        stmt: &Stmt,
    ) -> Option<Option<(ExprId, Stmt)>> {
        let Some((op, limit)) = loop_.limit(func)? else {
            return Some(None);
        };
        let mut copier = Copier::with_labels_from(self.next_label);
        let bound = copier.copy_expr(func, loop_.bound);
        let (lhs, rhs) = match limit {
            Some(limit) => (bound, push_int(func, limit, loop_.ty, stmt.span)),
            None => (load(func, loop_.local, loop_.ty, stmt.span), bound),
        };
        let cond = push_binary(func, op, lhs, rhs, Ty::BOOL, stmt.span);
        let copy = copier.copy_stmt(func, stmt);
        self.next_label = copier.next_label();
        Some(Some((cond, copy)))
    }
}

impl Counting {
    fn of(func: &Function, stmt: &Stmt) -> Option<Counting> {
        let (label, cond, negated, body) = match &stmt.kind {
            StmtKind::While { label, cond, body } => (*label, *cond, false, body.clone()),
            StmtKind::Forever { label, body } => {
                // `if cond { break }` first
                let (first, rest) = body.stmts.split_first()?;
                let StmtKind::If {
                    cond,
                    then,
                    otherwise,
                } = &first.kind
                else {
                    return None;
                };
                let breaks = |stmt: &Stmt| stmt.kind == StmtKind::Break(*label);
                if !(otherwise.stmts.is_empty()
                    && matches!(&then.stmts[..], [only] if breaks(only)))
                {
                    return None;
                }
                let stmts = rest.to_vec();
                (*label, *cond, true, Block { stmts })
            }
            _ => return None,
        };
        let effects = Effects::of_block(func, &body);
        let (cond, negated) = strip_not(func, cond, negated);
        let (first, rest) = match &func.exprs[cond].kind {
            ExprKind::ShortCircuit {
                or: false,
                lhs,
                rhs,
            } if !negated => (*lhs, Some(*rhs)),
            _ => (cond, None),
        };
        let (first, negated) = strip_not(func, first, negated);
        let ExprKind::Binary { op, lhs, rhs, .. } = func.exprs[first].kind else {
            return None;
        };
        let op = if negated { negate(op)? } else { op };
        let counts = |expr: ExprId| match &func.exprs[expr].kind {
            ExprKind::Load(place) if place.projections.is_empty() => effects
                .assigned
                .contains(&place.local)
                .then_some(place.local),
            _ => None,
        };
        let (local, op, bound) = match (counts(lhs), counts(rhs)) {
            (Some(local), None) => (local, op, rhs),
            (None, Some(local)) => (local, mirror(op)?, lhs),
            _ => return None,
        };
        let ty = func.locals[local].ty.as_scalar()?;
        range_of_ty(ty)?;
        let exposed = exposed_locals(func);
        if exposed.contains(&local)
            || local.index() < func.params.len() && !func.locals[local].mutable
        {
            return None;
        }
        let scope = Scope::new(func, effects);
        if !is_invariant(&scope, bound) {
            return None;
        }
        let (step, checked) = step_of(func, &body, local, label)?;
        Some(Counting {
            label,
            local,
            ty,
            op,
            bound,
            rest,
            step,
            checked,
            body,
        })
    }

    /// When the local never wraps around: `bound op limit`, or, without a limit, `local op bound`. `Some(None)`: always. `None`: the loop is
    /// none that can be counted.
    #[allow(clippy::type_complexity)]
    fn limit(&self, func: &Function) -> Option<Option<(BinaryOp, Option<i128>)>> {
        let range = range_of_ty(self.ty)?;
        let limit = match (self.op, self.step) {
            (BinaryOp::Lt, 1) | (BinaryOp::Gt, -1) => return Some(None),
            (BinaryOp::Lt, step @ 2..) => {
                (BinaryOp::Le, range.hi.checked_sub(step)?.checked_add(1)?)
            }
            (BinaryOp::Le, step @ 1..) => (BinaryOp::Le, range.hi.checked_sub(step)?),
            (BinaryOp::Ge, -1) => (BinaryOp::Ge, range.lo + 1),
            // Which way round it goes is not the bound's matter alone.
            (BinaryOp::Ne, 1) => return Some(Some((BinaryOp::Le, None))),
            (BinaryOp::Ne, -1) => return Some(Some((BinaryOp::Ge, None))),
            _ => return None,
        };
        if self.checked {
            return Some(None);
        }
        let mut scope = Scope::new(func, Effects::default());
        let known = (scope.value(self.bound)).filter(|exact| exact.needs.is_empty());
        let range = known.and_then(|exact| scope.symbols.range_of(&exact.poly));
        let never = range.is_some_and(|range| match limit.0 {
            BinaryOp::Le => range.hi <= limit.1,
            _ => range.lo >= limit.1,
        });
        Some((!never).then_some((limit.0, Some(limit.1))))
    }

    /// The counted loop, or both versions.
    fn count(self, func: &mut Function, span: Span, other: Option<(ExprId, Stmt)>) -> Stmt {
        let Counting {
            label,
            local,
            ty,
            op,
            bound,
            rest,
            step,
            body,
            ..
        } = self;
        // The condition keeps its own, though nothing evaluates it any more.
        let mut copier = Copier::with_labels_from(0);
        let bound = copier.copy_expr(func, bound);
        let rest = rest.map(|rest| copier.copy_expr(func, rest));
        let var = add_temporary(func, "count", Ty::Scalar(ty), false);
        let value = load(func, var, ty, span);
        let from = load(func, local, ty, span);
        let up = step > 0;
        let inclusive = matches!(op, BinaryOp::Le | BinaryOp::Ge);
        let (start, end) = if up { (from, bound) } else { (bound, from) };
        // Counting down to behind the bound, the local is one above the values of `bound..local`.
        let value = match up || inclusive {
            true => value,
            false => {
                let one = push_int(func, 1, ty, span);
                push_binary(func, BinaryOp::Add, value, one, Ty::Scalar(ty), span)
            }
        };
        let mut stmts = vec![Stmt {
            kind: StmtKind::Assign {
                place: Place::local(local),
                value,
            },
            span,
        }];
        if let Some(rest) = rest {
            let leave = Stmt {
                kind: StmtKind::Break(label),
                span,
            };
            let kind = StmtKind::If {
                cond: rest,
                then: Block::default(),
                otherwise: Block { stmts: vec![leave] },
            };
            stmts.push(Stmt { kind, span });
        }
        stmts.extend(body.stmts);
        let distance = ConstValue::Int(step.unsigned_abs());
        let step = push(func, ExprKind::Const(distance), Ty::USIZE, span);
        let counted = Stmt {
            kind: StmtKind::For(Loop {
                label,
                var,
                start,
                end,
                step,
                inclusive,
                reversed: !up,
                request: LoopRequest::Auto,
                hints: LoopHints::default(),
                body: Block { stmts },
            }),
            span,
        };
        let Some((cond, other)) = other else {
            return counted;
        };
        let kind = StmtKind::If {
            cond,
            then: Block {
                stmts: vec![counted],
            },
            otherwise: Block { stmts: vec![other] },
        };
        Stmt { kind, span }
    }
}

fn strip_not(func: &Function, mut cond: ExprId, mut negated: bool) -> (ExprId, bool) {
    while let ExprKind::Unary {
        op: UnaryOp::Not,
        operand,
        ..
    } = func.exprs[cond].kind
    {
        cond = operand;
        negated = !negated;
    }
    (cond, negated)
}

/// The comparison that is true where this one is false. Of integers: floats have NaN.
fn negate(op: BinaryOp) -> Option<BinaryOp> {
    Some(match op {
        BinaryOp::Lt => BinaryOp::Ge,
        BinaryOp::Le => BinaryOp::Gt,
        BinaryOp::Gt => BinaryOp::Le,
        BinaryOp::Ge => BinaryOp::Lt,
        BinaryOp::Eq => BinaryOp::Ne,
        _ => return None,
    })
}

/// The comparison with its operands exchanged.
fn mirror(op: BinaryOp) -> Option<BinaryOp> {
    Some(match op {
        BinaryOp::Lt => BinaryOp::Gt,
        BinaryOp::Le => BinaryOp::Ge,
        BinaryOp::Gt => BinaryOp::Lt,
        BinaryOp::Ge => BinaryOp::Le,
        BinaryOp::Ne => BinaryOp::Ne,
        _ => return None,
    })
}

/// Whether an expression has the same value, or traps in the same way, each time it is evaluated in the region.
fn is_invariant(scope: &Scope<'_>, expr: ExprId) -> bool {
    let Some(expr) = scope.func().exprs.get(expr) else {
        return false;
    };
    match &expr.kind {
        ExprKind::Const(_) => true,
        ExprKind::Load(place) | ExprKind::Len(place) => scope.is_stable(place),
        ExprKind::Unary { .. }
        | ExprKind::Binary { .. }
        | ExprKind::Cast { .. }
        | ExprKind::Call { .. } => {
            let mut all = true;
            expr.kind
                .for_each_operand(|operand| all = all && is_invariant(scope, operand));
            all
        }
        _ => false,
    }
}

/// By what a body steps a local in each iteration, and whether it traps when that overflows. `None` if it does anything else with it.
fn step_of(func: &Function, body: &Block, local: LocalId, label: Label) -> Option<(i128, bool)> {
    let assigns = |stmt: &Stmt| {
        (stmt.kind.place())
            .is_some_and(|place| place.local == local && !is_behind_pointer(func, place))
    };
    let mut count = 0;
    body.for_each_stmt(|stmt| count += usize::from(assigns(stmt)));
    let position = body.stmts.iter().position(assigns)?;
    if count != 1 {
        return None;
    }
    let before = Block {
        stmts: body.stmts[..position].to_vec(),
    };
    let mut skips = false;
    before.for_each_stmt(|stmt| skips |= stmt.kind == StmtKind::Continue(label));
    if skips {
        return None;
    }
    let StmtKind::Assign { place, value } = &body.stmts[position].kind else {
        return None;
    };
    if !place.projections.is_empty() {
        return None;
    }
    let ExprKind::Binary {
        op: op @ (BinaryOp::Add | BinaryOp::Sub),
        lhs,
        rhs,
        site,
    } = func.exprs[*value].kind
    else {
        return None;
    };
    let is_local = |expr: ExprId| matches!(&func.exprs[expr].kind, ExprKind::Load(place) if place.projections.is_empty() && place.local == local);
    let amount = match op {
        _ if is_local(lhs) => rhs,
        BinaryOp::Add if is_local(rhs) => lhs,
        _ => return None,
    };
    let ExprKind::Const(ConstValue::Int(amount)) = func.exprs[amount].kind else {
        return None;
    };
    // Not the bits of a negative number.
    let amount = i128::try_from(amount)
        .ok()
        .filter(|amount| (1..1 << 7).contains(amount))?;
    let step = if op == BinaryOp::Add { amount } else { -amount };
    Some((step, site.is_some()))
}

fn load(func: &mut Function, local: LocalId, ty: ScalarTy, span: Span) -> ExprId {
    let kind = ExprKind::Load(Place::local(local));
    push(func, kind, Ty::Scalar(ty), span)
}

/// An integer constant of a type that has it.
fn push_int(func: &mut Function, value: i128, ty: ScalarTy, span: Span) -> ExprId {
    let bits = crate::Scalar::from_bits(ty, value as u128).bits;
    push(
        func,
        ExprKind::Const(ConstValue::Int(bits)),
        Ty::Scalar(ty),
        span,
    )
}

fn push_binary(
    func: &mut Function,
    op: BinaryOp,
    lhs: ExprId,
    rhs: ExprId,
    ty: Ty,
    span: Span,
) -> ExprId {
    let site = None;
    push(func, ExprKind::Binary { op, lhs, rhs, site }, ty, span)
}

fn push(func: &mut Function, kind: ExprKind, ty: Ty, span: Span) -> ExprId {
    let id = func.exprs.push(Expr { kind, ty });
    func.expr_spans.resize(id.index(), Span::UNKNOWN);
    func.expr_spans.push(span);
    id
}

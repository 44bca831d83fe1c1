//! Conditional updates in loops, without the condition's branch:
//!
//! ```text
//! if x > t { sum += x; }      →      sum += if x > t { x } else { -0.0 };
//! ```
//!
//! Adding -0.0 changes nothing, to the bit, as does multiplying by 1. What is gained: the branch, which data often decide and the
//! processor then guesses wrong; and where reassociation is granted, LLVM takes the sum for a reduction and vectorizes it, which it does not
//! where a branch goes around the addition. A condition that is usually false was cheaper as a branch, so what is added must
//! be cheap, and the conditional value may not load what the condition has not loaded, unless vectors are in sight.

use crate::arena::Handle;
use crate::expr::{BinaryOp, ConstValue, Expr, ExprId, ExprKind, Place, Projection};
use crate::func::{Function, Local};
use crate::intrinsic::Intrinsic;
use crate::span::Span;
use crate::stmt::{Block, Stmt, StmtKind};
use crate::ty::{ScalarTy, Ty};

#[cfg(test)]
mod tests;

/// The most operations that are worth computing in vain.
const MOST_OPERATIONS: usize = 8;

/// Rewrites the updates of all loops of a function.
pub(crate) fn run(func: &mut Function) {
    let mut body = std::mem::take(&mut func.body);
    visit(func, &mut body, false);
    func.body = body;
}

fn visit(func: &mut Function, block: &mut Block, in_loop: bool) {
    let mut at = 0;
    while let Some(stmt) = block.stmts.get_mut(at) {
        let span = stmt.span;
        match &mut stmt.kind {
            StmtKind::For(counted) => visit(func, &mut counted.body, true),
            StmtKind::While { body, .. } | StmtKind::Forever { body, .. } => {
                visit(func, body, true);
            }
            StmtKind::Labeled { body, .. } => visit(func, body, in_loop),
            StmtKind::If {
                cond,
                then,
                otherwise,
            } => {
                visit(func, then, in_loop);
                visit(func, otherwise, in_loop);
                let cond = *cond;
                if in_loop && let Some(updates) = plan(func, cond, then, otherwise) {
                    let replacement = rewrite(func, cond, &updates, span);
                    let added = replacement.len();
                    block.stmts.splice(at..=at, replacement);
                    at += added;
                    continue;
                }
            }
            _ => {}
        }
        at += 1;
    }
}

/// `local = local op value`, if the condition is `when`.
struct Update {
    local: Handle<Local>,
    op: BinaryOp,
    /// The operator's expression.
    sum: ExprId,
    value: ExprId,
    /// The value stands to the left of the operator.
    swapped: bool,
    when: bool,
    scalar: ScalarTy,
}

/// The updates that both branches consist of, if they are worth it.
fn plan(func: &Function, cond: ExprId, then: &Block, otherwise: &Block) -> Option<Vec<Update>> {
    let mut updates = Vec::new();
    for (block, when) in [(then, true), (otherwise, false)] {
        for stmt in &block.stmts {
            updates.push(update_of(func, stmt, when)?);
        }
    }
    // Sums of integers are no problem for LLVM.
    if !updates.iter().any(|update| update.scalar.is_float()) {
        return None;
    }
    let mut loaded = Vec::new();
    collect_loads(func, cond, &mut loaded);
    let mut operations = 0;
    let is_cheap = updates
        .iter()
        .all(|update| is_cheap(func, update.value, &loaded, &mut operations));
    is_cheap.then_some(updates)
}

fn update_of(func: &Function, stmt: &Stmt, when: bool) -> Option<Update> {
    let StmtKind::Assign { place, value } = &stmt.kind else {
        return None;
    };
    let ExprKind::Binary { op, lhs, rhs, site } = func.exprs[*value].kind else {
        return None;
    };
    let scalar = func.exprs[*value].ty.as_scalar()?;
    if !place.projections.is_empty() || site.is_some() {
        return None;
    }
    let is_local = |operand: ExprId| matches!(&func.exprs[operand].kind, ExprKind::Load(from) if from == place);
    let swapped = !is_local(lhs);
    let operand = if swapped { lhs } else { rhs };
    if swapped && !(is_local(rhs) && matches!(op, BinaryOp::Add | BinaryOp::Mul)) {
        return None;
    }
    neutral(op, scalar)?;
    Some(Update {
        local: place.local,
        op,
        sum: *value,
        value: operand,
        swapped,
        when,
        scalar,
    })
}

/// The right operand that changes no left operand.
fn neutral(op: BinaryOp, scalar: ScalarTy) -> Option<ConstValue> {
    let float = |value: f64| match scalar {
        ScalarTy::F32 => ConstValue::F32((value as f32).to_bits()),
        _ => ConstValue::F64(value.to_bits()),
    };
    match (op, scalar.is_float()) {
        (BinaryOp::Add, true) => Some(float(-0.0)),
        (BinaryOp::Sub, true) => Some(float(0.0)),
        (BinaryOp::Mul, true) => Some(float(1.0)),
        (BinaryOp::Add | BinaryOp::Sub, false) if scalar.is_int() => Some(ConstValue::Int(0)),
        _ => None,
    }
}

/// The places that evaluating `expr` always loads from.
fn collect_loads<'f>(func: &'f Function, expr: ExprId, loaded: &mut Vec<&'f Place>) {
    let kind = &func.exprs[expr].kind;
    if let ExprKind::Load(place) = kind {
        loaded.push(place);
    }
    match kind {
        ExprKind::ShortCircuit { lhs, .. } => collect_loads(func, *lhs, loaded),
        ExprKind::Select { cond, .. } => collect_loads(func, *cond, loaded),
        kind => kind.for_each_operand(|operand| collect_loads(func, operand, loaded)),
    }
}

/// Whether a value may be computed in vain: it cannot trap where the condition has not, and takes few operations.
fn is_cheap(func: &Function, expr: ExprId, loaded: &[&Place], operations: &mut usize) -> bool {
    let Expr { kind, ty } = &func.exprs[expr];
    if ty.as_scalar().is_none() {
        return false;
    }
    match kind {
        ExprKind::Const(_) => return true,
        ExprKind::Load(place) => {
            let indexed = place.projections.iter().any(|projection| {
                matches!(projection, Projection::Index { .. } | Projection::Deref)
            });
            return !indexed
                || loaded.iter().any(|from| same_place(func, from, place))
                || (func.fastmath.reassoc && place.index_site().is_none());
        }
        ExprKind::Unary { .. } | ExprKind::Binary { .. } => *operations += 1,
        ExprKind::Cast { .. } => *operations += 2,
        ExprKind::Call { intrinsic, .. } => match intrinsic {
            Intrinsic::Abs | Intrinsic::Min | Intrinsic::Max | Intrinsic::MulAdd => {
                *operations += 1;
            }
            Intrinsic::Sqrt if func.fastmath.reassoc => *operations += 4,
            _ => return false,
        },
        _ => return false,
    }
    let mut all = kind.site().is_none() && *operations <= MOST_OPERATIONS;
    kind.for_each_operand(|operand| all = all && is_cheap(func, operand, loaded, operations));
    all
}

fn same_place(func: &Function, a: &Place, b: &Place) -> bool {
    let same_step = |steps: (&Projection, &Projection)| match steps {
        (Projection::Index { index: a, .. }, Projection::Index { index: b, .. }) => {
            same_expr(func, *a, *b)
        }
        (a, b) => a == b,
    };
    a.local == b.local
        && a.projections.len() == b.projections.len()
        && a.projections.iter().zip(&b.projections).all(same_step)
}

/// Whether two expressions have the same value where nothing is stored between them. Trap sites may differ.
pub(super) fn same_expr(func: &Function, a: ExprId, b: ExprId) -> bool {
    if func.exprs[a].ty != func.exprs[b].ty {
        return false;
    }
    match (&func.exprs[a].kind, &func.exprs[b].kind) {
        (ExprKind::Const(a), ExprKind::Const(b)) => a == b,
        (ExprKind::Load(a), ExprKind::Load(b)) | (ExprKind::Len(a), ExprKind::Len(b)) => {
            same_place(func, a, b)
        }
        (ExprKind::Cast { operand: a }, ExprKind::Cast { operand: b }) => same_expr(func, *a, *b),
        (
            ExprKind::Unary {
                op: op_a,
                operand: a,
                ..
            },
            ExprKind::Unary {
                op: op_b,
                operand: b,
                ..
            },
        ) => op_a == op_b && same_expr(func, *a, *b),
        (
            ExprKind::Binary {
                op: op_a,
                lhs: lhs_a,
                rhs: rhs_a,
                ..
            },
            ExprKind::Binary {
                op: op_b,
                lhs: lhs_b,
                rhs: rhs_b,
                ..
            },
        ) => op_a == op_b && same_expr(func, *lhs_a, *lhs_b) && same_expr(func, *rhs_a, *rhs_b),
        _ => false,
    }
}

/// The condition is kept in a variable, since the updates may change what it was computed from.
fn rewrite(func: &mut Function, cond: ExprId, updates: &[Update], span: Span) -> Vec<Stmt> {
    let bool_ty = Ty::Scalar(ScalarTy::Bool);
    let holds = func.locals.push(Local {
        name: "$holds".into(),
        ty: bool_ty.clone(),
        mutable: true,
        span,
    });
    let assign = |local, value| Stmt {
        kind: StmtKind::Assign {
            place: Place::local(local),
            value,
        },
        span,
    };
    let mut stmts = vec![assign(holds, cond)];
    for update in updates {
        let ty = Ty::Scalar(update.scalar);
        let push = |func: &mut Function, kind, ty: &Ty| {
            func.exprs.push(Expr {
                kind,
                ty: ty.clone(),
            })
        };
        let Some(neutral) = neutral(update.op, update.scalar) else {
            continue;
        };
        let neutral = push(func, ExprKind::Const(neutral), &ty);
        let cond = push(func, ExprKind::Load(Place::local(holds)), &bool_ty);
        let (then, otherwise) = if update.when {
            (update.value, neutral)
        } else {
            (neutral, update.value)
        };
        let chosen = push(
            func,
            ExprKind::Select {
                cond,
                then,
                otherwise,
            },
            &ty,
        );
        if let ExprKind::Binary { lhs, rhs, .. } = &mut func.exprs[update.sum].kind {
            *(if update.swapped { lhs } else { rhs }) = chosen;
        }
        stmts.push(assign(update.local, update.sum));
    }
    stmts
}

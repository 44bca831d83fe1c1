//! Which locals an iteration has for itself, and whether jamming is of use.

use std::collections::HashSet;

use super::is_scalar;
use crate::analysis::effects::Effects;
use crate::expr::{BinaryOp, ExprId, ExprKind};
use crate::func::{Function, LocalId};
use crate::stmt::{Block, Loop, Stmt, StmtKind};
use crate::ty::ScalarTy;

/// What jamming is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gain {
    /// Iterations that wait for the one before run side by side with others.
    Latency,
    /// Sums that LLVM computes in vectors share what they load.
    Sharing,
    /// All iterations update the same elements, which are loaded and stored once for several.
    Updates,
}

/// The locals of a loop.
pub(super) struct Scalars {
    /// Those that each iteration assigns before it reads them.
    pub(super) private: Vec<LocalId>,
    /// Whether a value gets out of an iteration of the inner loop: to the next one, or to what is behind the loop.
    pub(super) flows: bool,
}

/// Sorts the locals that the loop assigns. `None`: an iteration needs one from the iteration before.
pub(super) fn read(
    func: &Function,
    outer: &Loop,
    position: usize,
    effects: &Effects,
) -> Option<Scalars> {
    let stmts = &outer.body.stmts;
    let (behind, inner) = match &stmts.get(position)?.kind {
        StmtKind::For(inner) => (&stmts[position + 1..], inner),
        _ => return None,
    };
    if !stmts.iter().all(is_plain_stmt) {
        return None;
    }
    let mut assigned: Vec<LocalId> = effects.assigned.iter().copied().collect();
    assigned.sort_by_key(|local| local.index());
    let scalar = assigned.iter().all(|&local| is_scalar(func, local));
    if !scalar || is_pointed_to(func, &effects.assigned) {
        return None;
    }
    let carried = exposed(func, stmts);
    let mut private = Vec::new();
    let mut shared = HashSet::new();
    for local in assigned {
        match carried.contains(&local) {
            false => private.push(local),
            true if is_added_to(func, &outer.body, local) => {
                shared.insert(local);
            }
            true => return None,
        }
    }
    let in_inner = Effects::of_block(func, &inner.body).assigned;
    let goes_on = exposed(func, &inner.body.stmts);
    let leaves = exposed(func, behind);
    let flows = (in_inner.iter()).any(|local| {
        !shared.contains(local) && (goes_on.contains(local) || leaves.contains(local))
    });
    Some(Scalars { private, flows })
}

/// Whether the loops inside, or the loop itself if there is none, compute each value from that of the iteration before, in a way that only other
/// iterations of the loop around can make faster.
pub(super) fn is_worth_it(func: &Function, inner: &Loop) -> Option<Gain> {
    let mut gain = None;
    innermost(func, inner, &mut |waits| {
        gain = match (gain, waits) {
            (_, None) | (Some(None), _) => Some(None),
            (Some(Some(Gain::Sharing)), _) => Some(Some(Gain::Sharing)),
            (_, Some(waits)) => Some(Some(waits)),
        };
    });
    let gain = gain.flatten()?;
    // Without a loop inside there is one operand to share, and LLVM's vectors are as good.
    let nested = inner
        .body
        .stmts
        .iter()
        .any(|s| matches!(s.kind, StmtKind::For(_)));
    (gain == Gain::Latency || nested).then_some(gain)
}

fn innermost(func: &Function, for_loop: &Loop, see: &mut dyn FnMut(Option<Gain>)) {
    let mut inside = false;
    for stmt in &for_loop.body.stmts {
        if let StmtKind::For(inner) = &stmt.kind {
            inside = true;
            innermost(func, inner, see);
        }
    }
    if !inside {
        see(waits(func, for_loop));
    }
}

/// Whether each iteration of an innermost loop needs what the one before has computed.
fn waits(func: &Function, for_loop: &Loop) -> Option<Gain> {
    // LLVM takes short loops apart, and then finds vectors in the loop around.
    let constant = |id: ExprId| {
        let expr = func.exprs.get(id);
        expr.is_none_or(|expr| matches!(expr.kind, ExprKind::Const(_)))
    };
    if constant(for_loop.start) && constant(for_loop.end) {
        return None;
    }
    let assigned = Effects::of_block(func, &for_loop.body).assigned;
    let mut carried: Vec<LocalId> = exposed(func, &for_loop.body.stmts)
        .into_iter()
        .filter(|local| assigned.contains(local))
        .collect();
    carried.sort_by_key(|local| local.index());
    let mut gain = None;
    for local in carried {
        let ty = func.locals[local].ty.as_scalar()?;
        let free = match ty.is_float() {
            true => func.fastmath.reassoc,
            false => true,
        };
        match free && is_reduction(func, &for_loop.body, local) {
            false => return Some(Gain::Latency),
            true if ty.is_float() => gain = Some(Gain::Sharing),
            true => {}
        }
    }
    gain
}

/// Only what can be copied statement by statement.
fn is_plain_stmt(stmt: &Stmt) -> bool {
    let plain = matches!(
        stmt.kind,
        StmtKind::Assign { .. } | StmtKind::If { .. } | StmtKind::For(_)
    );
    let in_if = matches!(stmt.kind, StmtKind::If { .. });
    plain
        && stmt.kind.blocks().all(|block| {
            (block.stmts.iter()).all(|stmt| {
                is_plain_stmt(stmt) && !(in_if && matches!(stmt.kind, StmtKind::For(_)))
            })
        })
}

/// Whether something may read or write these locals by another name.
fn is_pointed_to(func: &Function, locals: &HashSet<LocalId>) -> bool {
    func.exprs.iter().any(|(_, expr)| match &expr.kind {
        ExprKind::Borrow(place) | ExprKind::SubSlice { base: place, .. } => {
            locals.contains(&place.local)
        }
        _ => false,
    })
}

/// The locals that statements may read before they have assigned them, induction variables of their own loops left out.
pub(in crate::transform) fn exposed(func: &Function, stmts: &[Stmt]) -> HashSet<LocalId> {
    let mut reads = HashSet::new();
    walk(func, stmts, &mut HashSet::new(), &mut reads);
    reads
}

fn walk(
    func: &Function,
    stmts: &[Stmt],
    assigned: &mut HashSet<LocalId>,
    reads: &mut HashSet<LocalId>,
) {
    for stmt in stmts {
        stmt.kind.for_each_expr(|expr| {
            for_each_local(func, expr, &mut |local| {
                if !assigned.contains(&local) {
                    reads.insert(local);
                }
            });
        });
        match &stmt.kind {
            StmtKind::Assign { place, .. } => {
                if place.projections.is_empty() {
                    assigned.insert(place.local);
                } else if !assigned.contains(&place.local) {
                    // A part of it, or what it points to.
                    reads.insert(place.local);
                }
            }
            StmtKind::If {
                then, otherwise, ..
            } => {
                let (mut first, mut second) = (assigned.clone(), assigned.clone());
                walk(func, &then.stmts, &mut first, reads);
                walk(func, &otherwise.stmts, &mut second, reads);
                assigned.extend(first.intersection(&second).copied().collect::<Vec<_>>());
            }
            StmtKind::For(for_loop) => {
                // It may run zero times.
                let mut inside = assigned.clone();
                inside.insert(for_loop.var);
                walk(func, &for_loop.body.stmts, &mut inside, reads);
            }
            _ => {
                for block in stmt.kind.blocks() {
                    walk(func, &block.stmts, &mut assigned.clone(), reads);
                }
            }
        }
    }
}

pub(super) fn for_each_local(func: &Function, id: ExprId, visit: &mut dyn FnMut(LocalId)) {
    let Some(expr) = func.exprs.get(id) else {
        return;
    };
    if let Some(place) = expr.kind.place() {
        visit(place.local);
    }
    expr.kind
        .for_each_operand(|operand| for_each_local(func, operand, visit));
}

fn mentions(func: &Function, id: ExprId, local: LocalId) -> usize {
    let mut count = 0;
    for_each_local(func, id, &mut |other| count += usize::from(other == local));
    count
}

/// The operation and the other operand of `local = local op operand`.
fn update_of(func: &Function, local: LocalId, value: ExprId) -> Option<(BinaryOp, ExprId)> {
    let ExprKind::Binary {
        op,
        lhs,
        rhs,
        site: None,
    } = &func.exprs.get(value)?.kind
    else {
        return None;
    };
    let is_local = |id: ExprId| {
        matches!(func.exprs.get(id).map(|expr| &expr.kind), Some(ExprKind::Load(place))
            if place.local == local && place.projections.is_empty())
    };
    match (is_local(*lhs), is_local(*rhs)) {
        (true, false) if *op == BinaryOp::Sub => Some((BinaryOp::Add, *rhs)),
        (_, true) if *op == BinaryOp::Sub => None,
        (true, false) => Some((*op, *rhs)),
        (false, true) => Some((*op, *lhs)),
        _ => None,
    }
}

/// The one operation that a block combines a local with, if that is all it does with it.
fn only_update(func: &Function, block: &Block, local: LocalId) -> Option<(BinaryOp, usize)> {
    let (mut updates, mut reads, mut fine) = (0, 0, true);
    let mut by = None;
    block.for_each_stmt(|stmt| {
        stmt.kind
            .for_each_expr(|expr| reads += mentions(func, expr, local));
        match &stmt.kind {
            StmtKind::Assign { place, value } if place.local == local => {
                updates += 1;
                match update_of(func, local, *value) {
                    Some((op, other)) if place.projections.is_empty() => {
                        fine &= mentions(func, other, local) == 0;
                        fine &= by.is_none_or(|by| by == op);
                        by = Some(op);
                    }
                    _ => fine = false,
                }
            }
            _ => fine &= stmt.kind.place().is_none_or(|place| place.local != local),
        }
    });
    let op = by.filter(|_| fine && reads == updates)?;
    Some((op, updates))
}

/// Whether a local is a sum (or the like) that LLVM computes in vectors where the order is free.
fn is_reduction(func: &Function, block: &Block, local: LocalId) -> bool {
    let op = only_update(func, block, local);
    matches!(
        op,
        Some((
            BinaryOp::Add | BinaryOp::Mul | BinaryOp::BitAnd | BinaryOp::BitOr | BinaryOp::BitXor,
            1
        ))
    )
}

/// Whether all that happens to an integer is that something is added (or the like), so that the order is free.
fn is_added_to(func: &Function, block: &Block, local: LocalId) -> bool {
    let ty = func.locals[local].ty.as_scalar();
    let exact = ty.is_some_and(|ty| ty.is_int() || ty == ScalarTy::Bool);
    let op = only_update(func, block, local).map(|(op, _)| op);
    let works = matches!(
        op,
        Some(BinaryOp::Add | BinaryOp::Mul | BinaryOp::BitAnd | BinaryOp::BitOr | BinaryOp::BitXor)
    );
    exact && works
}

//! Which loops update the same elements in each iteration of the loop around them.

use crate::analysis::affine::Scope;
use crate::analysis::effects::Effects;
use crate::analysis::poly::Poly;
use crate::expr::{ExprId, ExprKind, Place, Projection};
use crate::func::{Function, LocalId};
use crate::stmt::{Loop, Stmt, StmtKind};

/// Bodies of more expressions have enough to do for each element that they load.
const MAX_SIZE: usize = 24;

/// Whether what the inner loop stores does not depend on the outer variable, and is computed from what was there and from elements that do: `y[j] += a[i, j] * x[i]`.
pub(super) fn all_rows_update(
    func: &Function,
    outer: &Loop,
    inner: &Loop,
    effects: &Effects,
) -> bool {
    find(func, outer, inner, effects).unwrap_or(false)
}

fn find(func: &Function, outer: &Loop, inner: &Loop, effects: &Effects) -> Option<bool> {
    let (_, names) = outer.body.stmts.split_last()?;
    let mut scope = Scope::new(func, effects.clone());
    let (i, j) = (scope.var(outer)?, scope.var(inner)?);
    for stmt in names {
        scope.assign(stmt);
    }
    let none = Poly::default();
    let mut updates = 0;
    let mut varies = false;
    let mut size = 0;
    for stmt in &inner.body.stmts {
        let StmtKind::Assign { place, value } = &stmt.kind else {
            return None;
        };
        let mut loads = Vec::new();
        loaded(func, *value, &mut loads, &mut size);
        let mut again = false;
        let target = element(place);
        let at = match target {
            Some((_, index)) => Some(scope.poly(index)?.poly),
            None if place.projections.is_empty() => None,
            None => return None,
        };
        for (local, index) in loads {
            let index = scope.poly(index)?.poly;
            varies |= index.linear_in(i)?.0 != none;
            again |= target.is_some_and(|(to, _)| to == local) && Some(&index) == at.as_ref();
        }
        if let Some(at) = at {
            let along = at.linear_in(j)?.0 == Poly::constant(1);
            if !along || at.linear_in(i)?.0 != none || !again {
                return None;
            }
            updates += 1;
        }
        scope.assign(stmt);
    }
    Some(updates == 1 && varies && size <= MAX_SIZE && is_plain(inner))
}

fn is_plain(inner: &Loop) -> bool {
    let stays = |stmt: &Stmt| matches!(stmt.kind, StmtKind::Assign { .. });
    !inner.inclusive && !inner.reversed && inner.body.stmts.iter().all(stays)
}

/// An element of a slice.
fn element(place: &Place) -> Option<(LocalId, ExprId)> {
    match place.projections.as_slice() {
        &[Projection::Index { index, .. }] => Some((place.local, index)),
        _ => None,
    }
}

/// The elements that an expression loads.
fn loaded(func: &Function, id: ExprId, loads: &mut Vec<(LocalId, ExprId)>, size: &mut usize) {
    *size += 1;
    let Some(expr) = func.exprs.get(id) else {
        return;
    };
    if let ExprKind::Load(place) = &expr.kind {
        loads.extend(element(place));
    }
    expr.kind
        .for_each_operand(|operand| loaded(func, operand, loads, size));
}

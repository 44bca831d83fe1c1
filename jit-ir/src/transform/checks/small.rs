//! Indices that are no polynomials but below a number in any case: bytes, remainders, bits under a mask.

use crate::analysis::effects::exposed_locals;
use crate::expr::{BinaryOp, ConstValue, ExprId, ExprKind};
use crate::func::{Function, LocalId};
use crate::stmt::StmtKind;
use crate::ty::ScalarTy;

/// How deep expressions are read.
const MAX_DEPTH: usize = 16;
/// Indices that may be larger are not worth a condition.
const MOST: u128 = 1 << 16;

/// The greatest value that an integer expression may have, which is never negative, if that is a small number.
pub(super) fn greatest(func: &Function, id: ExprId) -> Option<i128> {
    let greatest = greatest_within(func, id, MAX_DEPTH)?;
    (greatest < MOST).then_some(greatest as i128)
}

fn greatest_within(func: &Function, id: ExprId, depth: usize) -> Option<u128> {
    let depth = depth.checked_sub(1)?;
    let expr = func.exprs.get(id)?;
    let ty = expr.ty.as_scalar()?;
    let of_type = of_type(ty);
    let read = match &expr.kind {
        ExprKind::Const(ConstValue::Int(value)) if ty.is_unsigned_int() => Some(*value),
        ExprKind::Const(ConstValue::Bool(value)) => Some(u128::from(*value)),
        // What fits stays what it is.
        ExprKind::Cast { operand } => {
            let greatest = greatest_within(func, *operand, depth)?;
            let sign = u32::from(ty.is_signed_int());
            let fits = ty.is_int() && greatest.checked_shr(ty.bits() - sign).unwrap_or(0) == 0;
            fits.then_some(greatest)
        }
        ExprKind::Binary { op, lhs, rhs, .. } if ty.is_unsigned_int() => {
            let constant = |id: ExprId| match func.exprs.get(id)?.kind {
                ExprKind::Const(ConstValue::Int(value)) => Some(value),
                _ => None,
            };
            match op {
                BinaryOp::BitAnd => constant(*rhs).or_else(|| constant(*lhs)),
                BinaryOp::Rem => constant(*rhs)?.checked_sub(1),
                BinaryOp::Shr => {
                    let distance = u32::try_from(constant(*rhs)?).ok()?;
                    let all = u128::MAX >> (128 - ty.bits());
                    (distance < ty.bits()).then(|| all >> distance)
                }
                _ => None,
            }
        }
        ExprKind::Load(place) if place.projections.is_empty() => of_local(func, place.local, depth),
        _ => None,
    };
    match (read, of_type) {
        (Some(read), Some(of_type)) => Some(read.min(of_type)),
        (read, of_type) => read.or(of_type),
    }
}

fn of_type(ty: ScalarTy) -> Option<u128> {
    match ty {
        ScalarTy::Bool => Some(1),
        ty if ty.is_unsigned_int() && ty.bits() <= 16 => Some(u128::MAX >> (128 - ty.bits())),
        _ => None,
    }
}

/// The greatest of all values that a local is given.
fn of_local(func: &Function, local: LocalId, depth: usize) -> Option<u128> {
    if func.params.contains(&local) || exposed_locals(func).contains(&local) {
        return None;
    }
    let mut values = Vec::new();
    let mut others = false;
    func.body.for_each_stmt(|stmt| match &stmt.kind {
        StmtKind::Assign { place, value } if place.local == local => {
            values.push(*value);
            others |= !place.projections.is_empty();
        }
        kind => {
            others |= kind.place().is_some_and(|place| place.local == local);
            others |= matches!(kind, StmtKind::For(for_loop) if for_loop.var == local);
        }
    });
    if others || values.is_empty() {
        return None;
    }
    let mut greatest = 0;
    for value in values {
        greatest = greatest.max(greatest_within(func, value, depth)?);
    }
    Some(greatest)
}

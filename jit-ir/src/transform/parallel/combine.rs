//! What combines the accumulators of two chunks, and what chunks start from.

use crate::analysis::parallel::{ReduceOp, Reduction, ReductionKind};
use crate::expr::{BinaryOp, ConstValue, ExprId, ExprKind, Place, SiteId};
use crate::func::Function;
use crate::span::Span;
use crate::stmt::{Block, LoopHints};
use crate::ty::{ScalarTy, Ty};

use super::super::edit::Edit;
use super::outline::{ArrayAccumulator, add_param, empty_function, result_of, return_of};

/// What chunks start from, for the accumulator and what is noted with it.
pub(super) fn identities_of(func: &Function, reduction: &Reduction) -> Option<Vec<ConstValue>> {
    let scalar = func.locals[reduction.local].ty.as_scalar()?;
    Some(match &reduction.kind {
        ReductionKind::Op(op) => vec![identity(func, *op, scalar)?],
        ReductionKind::Extremum { least, with, .. } => {
            let mut all = vec![extreme(func, scalar, *least)];
            for &local in with {
                all.push(zero(func.locals[local].ty.as_scalar()?));
            }
            all
        }
    })
}

/// What changes no value of this type, to the bit.
pub(super) fn identity(func: &Function, op: ReduceOp, scalar: ScalarTy) -> Option<ConstValue> {
    let float = |value: f64| match scalar {
        ScalarTy::F32 => ConstValue::F32((value as f32).to_bits()),
        _ => ConstValue::F64(value.to_bits()),
    };
    let ones = |scalar: ScalarTy| u128::MAX >> (128 - scalar.bits());
    Some(match (op, scalar) {
        (ReduceOp::Add, _) if scalar.is_float() => float(-0.0),
        (ReduceOp::Mul, _) if scalar.is_float() => float(1.0),
        // Beside it the other operand counts.
        (ReduceOp::Min | ReduceOp::Max, _) if scalar.is_float() && !func.fastmath.nnan => {
            float(f64::NAN)
        }
        (ReduceOp::Min | ReduceOp::Max, _) => extreme(func, scalar, op == ReduceOp::Min),
        (_, ScalarTy::F32 | ScalarTy::F64) => return None,
        (ReduceOp::And, ScalarTy::Bool) => ConstValue::Bool(true),
        (ReduceOp::Or | ReduceOp::Xor, ScalarTy::Bool) => ConstValue::Bool(false),
        (_, ScalarTy::Bool) => return None,
        (ReduceOp::Add | ReduceOp::Or | ReduceOp::Xor, _) => ConstValue::Int(0),
        (ReduceOp::Mul, _) => ConstValue::Int(1),
        (ReduceOp::And, _) => ConstValue::Int(ones(scalar)),
    })
}

/// The greatest or the least value of a type: no value compares beyond it.
fn extreme(func: &Function, scalar: ScalarTy, greatest: bool) -> ConstValue {
    let sign = if greatest { 1.0 } else { -1.0 };
    match scalar {
        ScalarTy::Bool => ConstValue::Bool(greatest),
        ScalarTy::F32 => {
            let value = if func.fastmath.ninf {
                f32::MAX
            } else {
                f32::INFINITY
            };
            ConstValue::F32((value * sign as f32).to_bits())
        }
        ScalarTy::F64 => {
            let value = if func.fastmath.ninf {
                f64::MAX
            } else {
                f64::INFINITY
            };
            ConstValue::F64((value * sign).to_bits())
        }
        _ => {
            let ones = u128::MAX >> (128 - scalar.bits());
            ConstValue::Int(match (scalar.is_signed_int(), greatest) {
                (false, true) => ones,
                (false, false) => 0,
                (true, true) => ones >> 1,
                (true, false) => 1 << (scalar.bits() - 1),
            })
        }
    }
}

fn zero(scalar: ScalarTy) -> ConstValue {
    match scalar {
        ScalarTy::Bool => ConstValue::Bool(false),
        ScalarTy::F32 => ConstValue::F32(0),
        ScalarTy::F64 => ConstValue::F64(0),
        _ => ConstValue::Int(0),
    }
}

/// `fn(left.., right..) -> accumulators`.
pub(super) fn combiner(
    source: &Function,
    name: &str,
    span: Span,
    reductions: &[Reduction],
    arrays: &[ArrayAccumulator],
    types: &[Ty],
) -> Option<Function> {
    let result = result_of(types);
    let mut func = empty_function(source, format!("{name}::combine"), result.clone());
    let mut sides = [Vec::new(), Vec::new()];
    for (side, (prefix, mutable)) in sides.iter_mut().zip([("$left", true), ("$right", false)]) {
        for (number, ty) in types.iter().enumerate() {
            let name = format!("{prefix}{number}");
            // Those of arrays come last, by reference.
            let array = (number + arrays.len()).checked_sub(types.len());
            let by_reference = array.map(|array| arrays[array].reference(source));
            let mutable = mutable && by_reference.is_none();
            let ty = by_reference.unwrap_or_else(|| ty.clone());
            side.push(add_param(&mut func, &name, ty, mutable));
        }
    }
    let mut stmts = Vec::new();
    let mut at = 0;
    for reduction in reductions {
        let (left, right) = (sides[0][at], sides[1][at]);
        let site = reduction.site.map(|site| {
            let site = source.sites[site].clone();
            func.sites.push(site)
        });
        let mut edit = Edit::with_labels(&mut func, span, 0);
        let (a, b) = (edit.load(left), edit.load(right));
        at += 1;
        match &reduction.kind {
            ReductionKind::Op(op) => {
                let value = combined(&mut edit, *op, a, b, site);
                stmts.push(edit.set(left, value));
            }
            ReductionKind::Extremum {
                least,
                strict,
                with,
            } => {
                let op = match (least, strict) {
                    (true, true) => BinaryOp::Lt,
                    (true, false) => BinaryOp::Le,
                    (false, true) => BinaryOp::Gt,
                    (false, false) => BinaryOp::Ge,
                };
                let cond = edit.binary(op, b, a);
                let mut then = Vec::new();
                let all = at - 1..at + with.len();
                for (&to, &from) in sides[0][all.clone()].iter().zip(&sides[1][all]) {
                    let value = edit.load(from);
                    then.push(edit.set(to, value));
                }
                stmts.push(edit.if_then(cond, then, Vec::new()));
                at += with.len();
            }
        }
    }
    let mut edit = Edit::with_labels(&mut func, span, 0);
    for array in arrays {
        let (left, right) = (sides[0][at], sides[1][at]);
        let sum = edit.temporary("sum", array.ty(source));
        let start = edit.load_place(Place::local(left).deref());
        stmts.push(edit.set(sum, start));
        let counter = edit.counter("element");
        let Ty::Array { len, .. } = array.ty(source) else {
            return None;
        };
        let element = |edit: &mut Edit<'_>, place: Place| {
            let index = edit.load(counter);
            place.index(index, None)
        };
        let to = element(&mut edit, Place::local(sum));
        let update = {
            let (own, other) = (
                element(&mut edit, Place::local(sum)),
                element(&mut edit, Place::local(right).deref()),
            );
            let (own, other) = (edit.load_place(own), edit.load_place(other));
            let value = combined(&mut edit, array.op, own, other, None);
            edit.assign(to, value)
        };
        let bounds = (edit.usize(0), edit.usize(len), 1);
        stmts.push(edit.for_loop(counter, bounds, LoopHints::default(), vec![update]));
        sides[0][at] = sum;
        at += 1;
    }
    stmts.extend(return_of(&mut edit, &sides[0], &result));
    func.body = Block { stmts };
    Some(func)
}

/// Two values as one.
pub(super) fn combined(
    edit: &mut Edit<'_>,
    op: ReduceOp,
    lhs: ExprId,
    rhs: ExprId,
    site: Option<SiteId>,
) -> ExprId {
    let op = match op {
        ReduceOp::Min => return edit.min(lhs, rhs),
        ReduceOp::Max => return edit.max(lhs, rhs),
        ReduceOp::Add => BinaryOp::Add,
        ReduceOp::Mul => BinaryOp::Mul,
        ReduceOp::And => BinaryOp::BitAnd,
        ReduceOp::Or => BinaryOp::BitOr,
        ReduceOp::Xor => BinaryOp::BitXor,
    };
    let ty = edit.ty(lhs).clone();
    edit.expr(ExprKind::Binary { op, lhs, rhs, site }, ty)
}

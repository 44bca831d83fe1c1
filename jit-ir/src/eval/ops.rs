//! Operators and conversions, on Rust's own types.

use super::value::{Native, Scalar, with_float, with_int, with_signed};
use crate::expr::{BinaryOp, UnaryOp};
use crate::ty::ScalarTy;

/// Why an operation has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoValue {
    /// It traps.
    Trap,
    /// The type does not have it; the verifier has excluded that.
    Missing,
}

/// `op operand`. With `checked`, overflow traps; else it wraps.
pub(crate) fn unary(op: UnaryOp, operand: Scalar, checked: bool) -> Result<Scalar, NoValue> {
    let bits = match op {
        UnaryOp::Not if operand.ty == ScalarTy::Bool => operand.bits ^ 1,
        UnaryOp::Not if operand.ty.is_int() => !operand.bits,
        UnaryOp::Not => return Err(NoValue::Missing),
        UnaryOp::Neg if operand.ty.is_float() => with_float!(operand.ty, T => {
            (-T::from_scalar_bits(operand.bits)).to_scalar_bits()
        }, else return Err(NoValue::Missing)),
        UnaryOp::Neg => with_signed!(operand.ty, T => {
            let value = T::from_scalar_bits(operand.bits);
            match value.checked_neg() {
                Some(result) => result.to_scalar_bits(),
                None if checked => return Err(NoValue::Trap),
                None => value.wrapping_neg().to_scalar_bits(),
            }
        }, else return Err(NoValue::Missing)),
    };
    Ok(Scalar::from_bits(operand.ty, bits))
}

/// `lhs op rhs`. With `checked`, overflow traps; else it wraps.
pub(crate) fn binary(
    op: BinaryOp,
    lhs: Scalar,
    rhs: Scalar,
    checked: bool,
) -> Result<Scalar, NoValue> {
    if op.is_comparison() {
        return Ok(Scalar::from_bits(
            ScalarTy::Bool,
            u128::from(compare(op, lhs, rhs)),
        ));
    }
    if op.is_shift() {
        return shift(op, lhs, rhs, checked);
    }
    match lhs.ty {
        ScalarTy::Bool => bitwise(op, lhs, rhs),
        ScalarTy::F32 | ScalarTy::F64 => float_binary(op, lhs, rhs),
        _ => int_binary(op, lhs, rhs, checked),
    }
}

fn compare(op: BinaryOp, lhs: Scalar, rhs: Scalar) -> bool {
    macro_rules! by {
        ($a:expr, $b:expr) => {{
            let (a, b) = ($a, $b);
            match op {
                BinaryOp::Eq => a == b,
                BinaryOp::Ne => a != b,
                BinaryOp::Lt => a < b,
                BinaryOp::Le => a <= b,
                BinaryOp::Gt => a > b,
                BinaryOp::Ge => a >= b,
                _ => false, // no comparison: the caller asks only for comparisons
            }
        }};
    }
    match lhs.ty {
        ScalarTy::F32 => by!(
            f32::from_scalar_bits(lhs.bits),
            f32::from_scalar_bits(rhs.bits)
        ),
        ScalarTy::F64 => by!(
            f64::from_scalar_bits(lhs.bits),
            f64::from_scalar_bits(rhs.bits)
        ),
        ty if ty.is_signed_int() => by!(lhs.extended() as i128, rhs.extended() as i128),
        _ => by!(lhs.bits, rhs.bits),
    }
}

fn shift(op: BinaryOp, lhs: Scalar, rhs: Scalar, checked: bool) -> Result<Scalar, NoValue> {
    // As unsigned, a negative distance is far beyond every width.
    if checked && rhs.extended() >= u128::from(lhs.ty.bits()) {
        return Err(NoValue::Trap);
    }
    let distance = rhs.bits as u32;
    let bits = with_int!(lhs.ty, T => {
        let value = T::from_scalar_bits(lhs.bits);
        let result = match op {
            BinaryOp::Shl => value.wrapping_shl(distance),
            _ => value.wrapping_shr(distance),
        };
        result.to_scalar_bits()
    }, else return Err(NoValue::Missing));
    Ok(Scalar::from_bits(lhs.ty, bits))
}

fn bitwise(op: BinaryOp, lhs: Scalar, rhs: Scalar) -> Result<Scalar, NoValue> {
    let bits = match op {
        BinaryOp::BitAnd => lhs.bits & rhs.bits,
        BinaryOp::BitOr => lhs.bits | rhs.bits,
        BinaryOp::BitXor => lhs.bits ^ rhs.bits,
        _ => return Err(NoValue::Missing),
    };
    Ok(Scalar::from_bits(lhs.ty, bits))
}

fn float_binary(op: BinaryOp, lhs: Scalar, rhs: Scalar) -> Result<Scalar, NoValue> {
    let bits = with_float!(lhs.ty, T => {
        let (a, b) = (T::from_scalar_bits(lhs.bits), T::from_scalar_bits(rhs.bits));
        let result = match op {
            BinaryOp::Add => a + b,
            BinaryOp::Sub => a - b,
            BinaryOp::Mul => a * b,
            BinaryOp::Div => a / b,
            BinaryOp::Rem => a % b,
            _ => return Err(NoValue::Missing),
        };
        result.to_scalar_bits()
    }, else return Err(NoValue::Missing));
    Ok(Scalar::from_bits(lhs.ty, bits))
}

fn int_binary(op: BinaryOp, lhs: Scalar, rhs: Scalar, checked: bool) -> Result<Scalar, NoValue> {
    let bits = with_int!(lhs.ty, T => {
        let (a, b) = (T::from_scalar_bits(lhs.bits), T::from_scalar_bits(rhs.bits));
        let (result, wrapped) = match op {
            BinaryOp::Add => (a.checked_add(b), a.wrapping_add(b)),
            BinaryOp::Sub => (a.checked_sub(b), a.wrapping_sub(b)),
            BinaryOp::Mul => (a.checked_mul(b), a.wrapping_mul(b)),
            // These trap in every profile.
            BinaryOp::Div => (Some(a.checked_div(b).ok_or(NoValue::Trap)?), 0),
            BinaryOp::Rem => (Some(a.checked_rem(b).ok_or(NoValue::Trap)?), 0),
            _ => return bitwise(op, lhs, rhs),
        };
        match result {
            Some(result) => result.to_scalar_bits(),
            None if checked => return Err(NoValue::Trap),
            None => wrapped.to_scalar_bits(),
        }
    }, else return Err(NoValue::Missing));
    Ok(Scalar::from_bits(lhs.ty, bits))
}

/// A float as `f64`, exactly.
fn widen(operand: Scalar) -> f64 {
    match operand.ty {
        ScalarTy::F32 => f64::from(f32::from_scalar_bits(operand.bits)),
        _ => f64::from_scalar_bits(operand.bits),
    }
}

/// `operand as to`.
pub(crate) fn cast(operand: Scalar, to: ScalarTy) -> Scalar {
    let from = operand.ty;
    let bits = if from.is_float() {
        let value = widen(operand);
        with_int!(to, T => (value as T).to_scalar_bits(), else match to {
            ScalarTy::F32 => (value as f32).to_scalar_bits(),
            _ => value.to_scalar_bits(),
        })
    } else {
        // Widened exactly, then converted once: the same value as a direct conversion.
        let wide = operand.extended();
        match to {
            ScalarTy::F32 if from.is_signed_int() => (wide as i128 as f32).to_scalar_bits(),
            ScalarTy::F64 if from.is_signed_int() => (wide as i128 as f64).to_scalar_bits(),
            ScalarTy::F32 => (wide as f32).to_scalar_bits(),
            ScalarTy::F64 => (wide as f64).to_scalar_bits(),
            _ => wide,
        }
    };
    Scalar::from_bits(to, bits)
}

/// `num_traits::NumCast::from(operand)`, version 0.2.
pub(super) fn num_cast(operand: Scalar, to: ScalarTy) -> Option<Scalar> {
    if to.is_float() {
        return Some(cast(operand, to));
    }
    let fits = if operand.ty.is_float() {
        let value = widen(operand);
        let whole = value.trunc();
        // Powers of two, hence exact; above the greatest integer there is no fraction to lose.
        let magnitude_bits = to.bits() - u32::from(to.is_signed_int());
        let end = 2.0f64.powi(magnitude_bits as i32);
        let start = if to.is_signed_int() { -end } else { 0.0 };
        whole >= start && whole < end
    } else {
        let wide = operand.extended();
        let is_negative = operand.ty.is_signed_int() && (wide as i128) < 0;
        let back = Scalar::from_bits(to, wide);
        let back_negative = to.is_signed_int() && (back.extended() as i128) < 0;
        back.extended() == wide && is_negative == back_negative
    };
    fits.then(|| cast(operand, to))
}

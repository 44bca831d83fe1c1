//! Numeric methods: std's own, called on the Rust type, after what would panic is sorted out.

use super::ops::NoValue;
use super::overflow;
use super::value::{Native, Scalar, Value, with_float, with_int, with_signed, with_unsigned};
use crate::intrinsic::{Class, Intrinsic};
use crate::ty::{ScalarTy, Ty};

/// The method of type `ty`, its receiver first in `args`. With `checked`, overflow traps; else it wraps.
pub(super) fn call(
    intrinsic: Intrinsic,
    ty: ScalarTy,
    args: &[Scalar],
    checked: bool,
) -> Result<Value, NoValue> {
    if args.len() != intrinsic.info().args.len() {
        return Err(NoValue::Missing);
    }
    if ty.is_float() {
        return float_method(intrinsic, ty, args);
    }
    if ty == ScalarTy::Bool {
        return bool_method(intrinsic, args);
    }
    // Those of one signedness or width of result first, so that each macro instance calls what all its types have.
    match (intrinsic, intrinsic.info().class) {
        (Intrinsic::Abs | Intrinsic::Signum, _) | (_, Class::SignedInt) => {
            signed_method(intrinsic, ty, args, checked)
        }
        (Intrinsic::Isqrt, _) if ty.is_signed_int() => signed_method(intrinsic, ty, args, checked),
        (Intrinsic::Isqrt, _) | (_, Class::UnsignedInt) => {
            unsigned_method(intrinsic, ty, args, checked)
        }
        _ => int_method(intrinsic, ty, args, checked),
    }
}

/// The result of a method that belongs to `ty`, as the table says that it is.
pub(super) fn result(intrinsic: Intrinsic, ty: ScalarTy, bits: u128) -> Result<Value, NoValue> {
    match intrinsic.info().result.resolve(ty) {
        Some(Ty::Scalar(scalar)) => Ok(Value::Scalar(Scalar::from_bits(scalar, bits))),
        _ => Err(NoValue::Missing),
    }
}

/// The `Option` that is the result of a method, as the IR has it.
pub(super) fn option<T: Native>(
    intrinsic: Intrinsic,
    ty: ScalarTy,
    value: Option<T>,
) -> Result<Value, NoValue> {
    let Some(Ty::Tuple(elems)) = intrinsic.info().result.resolve(ty) else {
        return Err(NoValue::Missing);
    };
    let Some(&Ty::Scalar(scalar)) = elems.last() else {
        return Err(NoValue::Missing);
    };
    let bits = value.map_or(0, Native::to_scalar_bits);
    let number = Scalar::from_bits(scalar, bits);
    Ok(Value::Tuple(vec![
        Value::from(value.is_some()),
        Value::Scalar(number),
    ]))
}

fn pair(first: Scalar, second: Scalar) -> Value {
    Value::Tuple(vec![Value::Scalar(first), Value::Scalar(second)])
}

fn bool_method(intrinsic: Intrinsic, args: &[Scalar]) -> Result<Value, NoValue> {
    let arg = |n: usize| bool::from_scalar_bits(args.get(n).map_or(0, |arg| arg.bits));
    let (x, y, z) = (arg(0), arg(1), arg(2));
    let bits = match intrinsic {
        Intrinsic::Min => x.min(y).to_scalar_bits(),
        Intrinsic::Max => x.max(y).to_scalar_bits(),
        Intrinsic::Clamp if y <= z => x.clamp(y, z).to_scalar_bits(),
        Intrinsic::Clamp => return Err(NoValue::Trap),
        Intrinsic::Cmp => (x.cmp(&y) as i8).to_scalar_bits(),
        Intrinsic::PartialCmp => {
            return option(intrinsic, ScalarTy::Bool, Some(x.cmp(&y) as i8));
        }
        _ => return Err(NoValue::Missing), // methods of numbers
    };
    result(intrinsic, ScalarTy::Bool, bits)
}

fn float_method(intrinsic: Intrinsic, ty: ScalarTy, args: &[Scalar]) -> Result<Value, NoValue> {
    let bits_of = |n: usize| args.get(n).map_or(0, |arg| arg.bits);
    with_float!(ty, T => {
        let x = T::from_scalar_bits(bits_of(0));
        let y = T::from_scalar_bits(bits_of(1));
        let z = T::from_scalar_bits(bits_of(2));
        let bits = match intrinsic {
            Intrinsic::Sqrt => x.sqrt().to_scalar_bits(),
            Intrinsic::MulAdd => x.mul_add(y, z).to_scalar_bits(),
            Intrinsic::Floor => x.floor().to_scalar_bits(),
            Intrinsic::Ceil => x.ceil().to_scalar_bits(),
            Intrinsic::Trunc => x.trunc().to_scalar_bits(),
            Intrinsic::Round => x.round().to_scalar_bits(),
            Intrinsic::RoundTiesEven => x.round_ties_even().to_scalar_bits(),
            Intrinsic::Fract => x.fract().to_scalar_bits(),
            Intrinsic::Copysign => x.copysign(y).to_scalar_bits(),
            Intrinsic::Recip => x.recip().to_scalar_bits(),
            Intrinsic::ToDegrees => x.to_degrees().to_scalar_bits(),
            Intrinsic::ToRadians => x.to_radians().to_scalar_bits(),
            Intrinsic::Cbrt => x.cbrt().to_scalar_bits(),
            Intrinsic::Hypot => x.hypot(y).to_scalar_bits(),
            Intrinsic::Powi => x.powi(i32::from_scalar_bits(bits_of(1))).to_scalar_bits(),
            Intrinsic::Powf => x.powf(y).to_scalar_bits(),
            Intrinsic::Exp => x.exp().to_scalar_bits(),
            Intrinsic::Exp2 => x.exp2().to_scalar_bits(),
            Intrinsic::ExpM1 => x.exp_m1().to_scalar_bits(),
            Intrinsic::Ln => x.ln().to_scalar_bits(),
            Intrinsic::Log => x.log(y).to_scalar_bits(),
            Intrinsic::Log2 => x.log2().to_scalar_bits(),
            Intrinsic::Log10 => x.log10().to_scalar_bits(),
            Intrinsic::Ln1p => x.ln_1p().to_scalar_bits(),
            Intrinsic::Sin => x.sin().to_scalar_bits(),
            Intrinsic::Cos => x.cos().to_scalar_bits(),
            Intrinsic::Tan => x.tan().to_scalar_bits(),
            Intrinsic::SinCos => {
                let (sin, cos) = x.sin_cos();
                let scalar = |value: T| Scalar { ty, bits: value.to_scalar_bits() };
                return Ok(pair(scalar(sin), scalar(cos)));
            }
            Intrinsic::Asin => x.asin().to_scalar_bits(),
            Intrinsic::Acos => x.acos().to_scalar_bits(),
            Intrinsic::Atan => x.atan().to_scalar_bits(),
            Intrinsic::Atan2 => x.atan2(y).to_scalar_bits(),
            Intrinsic::Sinh => x.sinh().to_scalar_bits(),
            Intrinsic::Cosh => x.cosh().to_scalar_bits(),
            Intrinsic::Tanh => x.tanh().to_scalar_bits(),
            Intrinsic::Asinh => x.asinh().to_scalar_bits(),
            Intrinsic::Acosh => x.acosh().to_scalar_bits(),
            Intrinsic::Atanh => x.atanh().to_scalar_bits(),
            Intrinsic::IsNan => x.is_nan().to_scalar_bits(),
            Intrinsic::IsInfinite => x.is_infinite().to_scalar_bits(),
            Intrinsic::IsFinite => x.is_finite().to_scalar_bits(),
            Intrinsic::IsNormal => x.is_normal().to_scalar_bits(),
            Intrinsic::IsSubnormal => x.is_subnormal().to_scalar_bits(),
            Intrinsic::IsSignPositive => x.is_sign_positive().to_scalar_bits(),
            Intrinsic::IsSignNegative => x.is_sign_negative().to_scalar_bits(),
            Intrinsic::ToBits | Intrinsic::FromBits => bits_of(0),
            Intrinsic::Abs => x.abs().to_scalar_bits(),
            Intrinsic::Signum => x.signum().to_scalar_bits(),
            Intrinsic::Min => x.min(y).to_scalar_bits(),
            Intrinsic::Max => x.max(y).to_scalar_bits(),
            // `clamp` panics unless `min <= max`, which is false for NaN.
            Intrinsic::Clamp if y <= z => x.clamp(y, z).to_scalar_bits(),
            Intrinsic::Clamp => return Err(NoValue::Trap),
            Intrinsic::DivEuclid => x.div_euclid(y).to_scalar_bits(),
            Intrinsic::RemEuclid => x.rem_euclid(y).to_scalar_bits(),
            Intrinsic::PartialCmp => {
                return option(intrinsic, ty, x.partial_cmp(&y).map(|order| order as i8));
            }
            Intrinsic::TotalCmp => (x.total_cmp(&y) as i8).to_scalar_bits(),
            Intrinsic::Midpoint => x.midpoint(y).to_scalar_bits(),
            Intrinsic::NextUp => x.next_up().to_scalar_bits(),
            Intrinsic::NextDown => x.next_down().to_scalar_bits(),
            #[allow(deprecated)]
            Intrinsic::AbsSub => x.abs_sub(y).to_scalar_bits(),
            _ => return Err(NoValue::Missing), // methods of integers
        };
        result(intrinsic, ty, bits)
    }, else Err(NoValue::Missing))
}

fn signed_method(
    intrinsic: Intrinsic,
    ty: ScalarTy,
    args: &[Scalar],
    checked: bool,
) -> Result<Value, NoValue> {
    let bits_of = |n: usize| args.get(n).map_or(0, |arg| arg.bits);
    with_signed!(ty, T => {
        let x = T::from_scalar_bits(bits_of(0));
        let bits = match intrinsic {
            Intrinsic::Abs => match x.checked_abs() {
                Some(abs) => abs.to_scalar_bits(),
                None if checked => return Err(NoValue::Trap),
                None => x.wrapping_abs().to_scalar_bits(),
            },
            Intrinsic::Signum => x.signum().to_scalar_bits(),
            Intrinsic::IsPositive => x.is_positive().to_scalar_bits(),
            Intrinsic::IsNegative => x.is_negative().to_scalar_bits(),
            Intrinsic::UnsignedAbs => x.unsigned_abs().to_scalar_bits(),
            Intrinsic::CastUnsigned => x.to_scalar_bits(),
            Intrinsic::Isqrt => x.checked_isqrt().ok_or(NoValue::Trap)?.to_scalar_bits(),
            _ => return overflow::signed_method(intrinsic, ty, args),
        };
        result(intrinsic, ty, bits)
    }, else Err(NoValue::Missing))
}

fn unsigned_method(
    intrinsic: Intrinsic,
    ty: ScalarTy,
    args: &[Scalar],
    checked: bool,
) -> Result<Value, NoValue> {
    let bits_of = |n: usize| args.get(n).map_or(0, |arg| arg.bits);
    with_unsigned!(ty, T => {
        let x = T::from_scalar_bits(bits_of(0));
        let y = T::from_scalar_bits(bits_of(1));
        let bits = match intrinsic {
            Intrinsic::IsPowerOfTwo => x.is_power_of_two().to_scalar_bits(),
            Intrinsic::NextPowerOfTwo => match x.checked_next_power_of_two() {
                Some(power) => power.to_scalar_bits(),
                None if checked => return Err(NoValue::Trap),
                None => 0,
            },
            Intrinsic::DivCeil if y == 0 => return Err(NoValue::Trap),
            Intrinsic::DivCeil => x.div_ceil(y).to_scalar_bits(),
            Intrinsic::CastSigned => x.to_scalar_bits(),
            Intrinsic::Isqrt => x.isqrt().to_scalar_bits(),
            // 0 is a multiple of 0, and nothing else is.
            Intrinsic::IsMultipleOf => x.checked_rem(y).map_or(x == 0, |rest| rest == 0).to_scalar_bits(),
            Intrinsic::NextMultipleOf => {
                x.checked_next_multiple_of(y).ok_or(NoValue::Trap)?.to_scalar_bits()
            }
            Intrinsic::WrappingNextMultipleOf => match x.checked_rem(y).ok_or(NoValue::Trap)? {
                0 => x.to_scalar_bits(),
                rest => x.wrapping_add(y - rest).to_scalar_bits(),
            },
            _ => return overflow::unsigned_method(intrinsic, ty, args),
        };
        result(intrinsic, ty, bits)
    }, else Err(NoValue::Missing))
}

/// Methods that all integers have.
fn int_method(
    intrinsic: Intrinsic,
    ty: ScalarTy,
    args: &[Scalar],
    checked: bool,
) -> Result<Value, NoValue> {
    let bits_of = |n: usize| args.get(n).map_or(0, |arg| arg.bits);
    with_int!(ty, T => {
        let x = T::from_scalar_bits(bits_of(0));
        let y = T::from_scalar_bits(bits_of(1));
        let z = T::from_scalar_bits(bits_of(2));
        let n = u32::from_scalar_bits(bits_of(1));
        let bits = match intrinsic {
            Intrinsic::Min => x.min(y).to_scalar_bits(),
            Intrinsic::Max => x.max(y).to_scalar_bits(),
            Intrinsic::Clamp if y <= z => x.clamp(y, z).to_scalar_bits(),
            Intrinsic::Clamp => return Err(NoValue::Trap),
            Intrinsic::DivEuclid => x.checked_div_euclid(y).ok_or(NoValue::Trap)?.to_scalar_bits(),
            Intrinsic::RemEuclid => x.checked_rem_euclid(y).ok_or(NoValue::Trap)?.to_scalar_bits(),
            Intrinsic::Pow => match x.checked_pow(n) {
                Some(power) => power.to_scalar_bits(),
                None if checked => return Err(NoValue::Trap),
                None => x.wrapping_pow(n).to_scalar_bits(),
            },
            Intrinsic::Ilog => x.checked_ilog(y).ok_or(NoValue::Trap)?.to_scalar_bits(),
            Intrinsic::Ilog2 => x.checked_ilog2().ok_or(NoValue::Trap)?.to_scalar_bits(),
            Intrinsic::Ilog10 => x.checked_ilog10().ok_or(NoValue::Trap)?.to_scalar_bits(),
            Intrinsic::AbsDiff => x.abs_diff(y).to_scalar_bits(),
            Intrinsic::CountOnes => x.count_ones().to_scalar_bits(),
            Intrinsic::CountZeros => x.count_zeros().to_scalar_bits(),
            Intrinsic::LeadingZeros => x.leading_zeros().to_scalar_bits(),
            Intrinsic::LeadingOnes => x.leading_ones().to_scalar_bits(),
            Intrinsic::TrailingZeros => x.trailing_zeros().to_scalar_bits(),
            Intrinsic::TrailingOnes => x.trailing_ones().to_scalar_bits(),
            Intrinsic::RotateLeft => x.rotate_left(n).to_scalar_bits(),
            Intrinsic::RotateRight => x.rotate_right(n).to_scalar_bits(),
            Intrinsic::SwapBytes => x.swap_bytes().to_scalar_bits(),
            Intrinsic::ReverseBits => x.reverse_bits().to_scalar_bits(),
            Intrinsic::Cmp => (x.cmp(&y) as i8).to_scalar_bits(),
            Intrinsic::PartialCmp => return option(intrinsic, ty, Some(x.cmp(&y) as i8)),
            Intrinsic::Midpoint => x.midpoint(y).to_scalar_bits(),
            Intrinsic::UnboundedShl => x.unbounded_shl(n).to_scalar_bits(),
            Intrinsic::UnboundedShr => x.unbounded_shr(n).to_scalar_bits(),
            Intrinsic::ToBe => x.to_be().to_scalar_bits(),
            Intrinsic::ToLe => x.to_le().to_scalar_bits(),
            Intrinsic::FromBe => T::from_be(x).to_scalar_bits(),
            Intrinsic::FromLe => T::from_le(x).to_scalar_bits(),
            _ => return overflow::int_method(intrinsic, ty, args),
        };
        result(intrinsic, ty, bits)
    }, else Err(NoValue::Missing))
}

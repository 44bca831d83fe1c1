//! The methods that say what happens on overflow: wrapping, saturating, overflowing, checked and strict ones. Those that std has only
//! since after our oldest Rust are put together from older ones.

use super::intrinsics::{option, result};
use super::ops::NoValue;
use super::value::{Native, Scalar, Value, with_int, with_signed, with_unsigned};
use crate::intrinsic::Intrinsic;
use crate::ty::ScalarTy;

/// What a method gives, before it is a value of the IR.
enum Answer<T> {
    Value(T),
    /// The result of an `overflowing` method.
    Flagged((T, bool)),
    /// The result of a `checked` method.
    Option(Option<T>),
    /// A value, or a trap.
    OrTrap(Option<T>),
}

use Answer::{Flagged, OrTrap};

fn value_of<T: Native>(
    intrinsic: Intrinsic,
    ty: ScalarTy,
    answer: Answer<T>,
) -> Result<Value, NoValue> {
    match answer {
        Answer::Value(value) => result(intrinsic, ty, value.to_scalar_bits()),
        Answer::OrTrap(value) => {
            let value = value.ok_or(NoValue::Trap)?;
            result(intrinsic, ty, value.to_scalar_bits())
        }
        Answer::Flagged((value, overflows)) => {
            let bits = value.to_scalar_bits();
            let value = Value::Scalar(Scalar::from_bits(ty, bits));
            Ok(Value::Tuple(vec![value, Value::from(overflows)]))
        }
        Answer::Option(value) => option(intrinsic, ty, value),
    }
}

/// A method that divides, which traps for 0.
fn nonzero<T: Native>(divisor: T, answer: impl FnOnce() -> Answer<T>) -> Answer<T> {
    match divisor.to_scalar_bits() {
        0 => OrTrap(None),
        _ => answer(),
    }
}

/// What std's `checked` method says of the result of the `overflowing` one.
fn unless_flagged<T>((value, overflows): (T, bool)) -> Option<T> {
    (!overflows).then_some(value)
}

/// Methods that all integers have.
pub(super) fn int_method(
    intrinsic: Intrinsic,
    ty: ScalarTy,
    args: &[Scalar],
) -> Result<Value, NoValue> {
    let bits_of = |n: usize| args.get(n).map_or(0, |arg| arg.bits);
    with_int!(ty, T => {
        let x = T::from_scalar_bits(bits_of(0));
        let y = T::from_scalar_bits(bits_of(1));
        let n = u32::from_scalar_bits(bits_of(1));
        let answer = match intrinsic {
            Intrinsic::WrappingAdd => Answer::Value(x.wrapping_add(y)),
            Intrinsic::SaturatingAdd => Answer::Value(x.saturating_add(y)),
            Intrinsic::OverflowingAdd => Flagged(x.overflowing_add(y)),
            Intrinsic::CheckedAdd => Answer::Option(x.checked_add(y)),
            Intrinsic::StrictAdd => OrTrap(x.checked_add(y)),
            Intrinsic::WrappingSub => Answer::Value(x.wrapping_sub(y)),
            Intrinsic::SaturatingSub => Answer::Value(x.saturating_sub(y)),
            Intrinsic::OverflowingSub => Flagged(x.overflowing_sub(y)),
            Intrinsic::CheckedSub => Answer::Option(x.checked_sub(y)),
            Intrinsic::StrictSub => OrTrap(x.checked_sub(y)),
            Intrinsic::WrappingMul => Answer::Value(x.wrapping_mul(y)),
            Intrinsic::SaturatingMul => Answer::Value(x.saturating_mul(y)),
            Intrinsic::OverflowingMul => Flagged(x.overflowing_mul(y)),
            Intrinsic::CheckedMul => Answer::Option(x.checked_mul(y)),
            Intrinsic::StrictMul => OrTrap(x.checked_mul(y)),
            Intrinsic::WrappingDiv => nonzero(y, || Answer::Value(x.wrapping_div(y))),
            Intrinsic::OverflowingDiv => nonzero(y, || Flagged(x.overflowing_div(y))),
            Intrinsic::CheckedDiv => Answer::Option(x.checked_div(y)),
            Intrinsic::StrictDiv => OrTrap(x.checked_div(y)),
            Intrinsic::SaturatingDiv => nonzero(y, || Answer::Value(x.saturating_div(y))),
            Intrinsic::WrappingRem => nonzero(y, || Answer::Value(x.wrapping_rem(y))),
            Intrinsic::OverflowingRem => nonzero(y, || Flagged(x.overflowing_rem(y))),
            Intrinsic::CheckedRem => Answer::Option(x.checked_rem(y)),
            Intrinsic::StrictRem => OrTrap(x.checked_rem(y)),
            Intrinsic::WrappingDivEuclid => nonzero(y, || Answer::Value(x.wrapping_div_euclid(y))),
            Intrinsic::OverflowingDivEuclid => nonzero(y, || Flagged(x.overflowing_div_euclid(y))),
            Intrinsic::CheckedDivEuclid => Answer::Option(x.checked_div_euclid(y)),
            Intrinsic::StrictDivEuclid => OrTrap(x.checked_div_euclid(y)),
            Intrinsic::WrappingRemEuclid => nonzero(y, || Answer::Value(x.wrapping_rem_euclid(y))),
            Intrinsic::OverflowingRemEuclid => nonzero(y, || Flagged(x.overflowing_rem_euclid(y))),
            Intrinsic::CheckedRemEuclid => Answer::Option(x.checked_rem_euclid(y)),
            Intrinsic::StrictRemEuclid => OrTrap(x.checked_rem_euclid(y)),
            Intrinsic::WrappingNeg => Answer::Value(x.wrapping_neg()),
            Intrinsic::OverflowingNeg => Flagged(x.overflowing_neg()),
            Intrinsic::CheckedNeg => Answer::Option(x.checked_neg()),
            Intrinsic::StrictNeg => OrTrap(x.checked_neg()),
            Intrinsic::WrappingPow => Answer::Value(x.wrapping_pow(n)),
            Intrinsic::SaturatingPow => Answer::Value(x.saturating_pow(n)),
            Intrinsic::OverflowingPow => Flagged(x.overflowing_pow(n)),
            Intrinsic::CheckedPow => Answer::Option(x.checked_pow(n)),
            Intrinsic::StrictPow => OrTrap(x.checked_pow(n)),
            Intrinsic::WrappingShl => Answer::Value(x.wrapping_shl(n)),
            Intrinsic::OverflowingShl => Flagged(x.overflowing_shl(n)),
            Intrinsic::CheckedShl => Answer::Option(x.checked_shl(n)),
            Intrinsic::StrictShl => OrTrap(x.checked_shl(n)),
            Intrinsic::WrappingShr => Answer::Value(x.wrapping_shr(n)),
            Intrinsic::OverflowingShr => Flagged(x.overflowing_shr(n)),
            Intrinsic::CheckedShr => Answer::Option(x.checked_shr(n)),
            Intrinsic::StrictShr => OrTrap(x.checked_shr(n)),
            Intrinsic::CheckedIlog => return option(intrinsic, ty, x.checked_ilog(y)),
            Intrinsic::CheckedIlog2 => return option(intrinsic, ty, x.checked_ilog2()),
            Intrinsic::CheckedIlog10 => return option(intrinsic, ty, x.checked_ilog10()),
            _ => return Err(NoValue::Missing),
        };
        value_of(intrinsic, ty, answer)
    }, else Err(NoValue::Missing))
}

/// Methods of signed integers.
pub(super) fn signed_method(
    intrinsic: Intrinsic,
    ty: ScalarTy,
    args: &[Scalar],
) -> Result<Value, NoValue> {
    let bits_of = |n: usize| args.get(n).map_or(0, |arg| arg.bits);
    with_signed!(ty, T => {
        let x = T::from_scalar_bits(bits_of(0));
        let y = T::from_scalar_bits(bits_of(1)).cast_unsigned();
        let answer = match intrinsic {
            Intrinsic::WrappingAbs => Answer::Value(x.wrapping_abs()),
            Intrinsic::SaturatingAbs => Answer::Value(x.saturating_abs()),
            Intrinsic::SaturatingNeg => Answer::Value(x.saturating_neg()),
            Intrinsic::OverflowingAbs => Flagged(x.overflowing_abs()),
            Intrinsic::CheckedAbs => Answer::Option(x.checked_abs()),
            Intrinsic::StrictAbs => OrTrap(x.checked_abs()),
            Intrinsic::CheckedIsqrt => Answer::Option(x.checked_isqrt()),
            Intrinsic::WrappingAddUnsigned => Answer::Value(x.wrapping_add_unsigned(y)),
            Intrinsic::SaturatingAddUnsigned => Answer::Value(x.saturating_add_unsigned(y)),
            Intrinsic::OverflowingAddUnsigned => Flagged(x.overflowing_add_unsigned(y)),
            Intrinsic::CheckedAddUnsigned => Answer::Option(x.checked_add_unsigned(y)),
            Intrinsic::StrictAddUnsigned => OrTrap(x.checked_add_unsigned(y)),
            Intrinsic::WrappingSubUnsigned => Answer::Value(x.wrapping_sub_unsigned(y)),
            Intrinsic::SaturatingSubUnsigned => Answer::Value(x.saturating_sub_unsigned(y)),
            Intrinsic::OverflowingSubUnsigned => Flagged(x.overflowing_sub_unsigned(y)),
            Intrinsic::CheckedSubUnsigned => Answer::Option(x.checked_sub_unsigned(y)),
            Intrinsic::StrictSubUnsigned => OrTrap(x.checked_sub_unsigned(y)),
            _ => return Err(NoValue::Missing),
        };
        value_of(intrinsic, ty, answer)
    }, else Err(NoValue::Missing))
}

/// The halves of `x * y + z + w`, the low one first, of numbers of this many bits: it has room in twice as many.
fn wide_product(bits: u32, [x, y, z, w]: [u128; 4]) -> (u128, u128) {
    if bits <= 64 {
        let product = x * y + z + w;
        return (product & (u128::MAX >> (128 - bits)), product >> bits);
    }
    // As by hand, with digits of 64 bits.
    let (low, high) = (|n: u128| n & u128::from(u64::MAX), |n: u128| n >> 64);
    let first = low(x) * low(y) + low(z) + low(w);
    let second = low(x) * high(y) + high(first) + high(z);
    let third = high(x) * low(y) + low(second) + high(w);
    let fourth = high(x) * high(y) + high(second) + high(third);
    (low(first) | low(third) << 64, fourth)
}

/// Methods of unsigned integers.
pub(super) fn unsigned_method(
    intrinsic: Intrinsic,
    ty: ScalarTy,
    args: &[Scalar],
) -> Result<Value, NoValue> {
    let bits_of = |n: usize| args.get(n).map_or(0, |arg| arg.bits);
    with_unsigned!(ty, T => {
        let x = T::from_scalar_bits(bits_of(0));
        let y = T::from_scalar_bits(bits_of(1));
        let s = y.cast_signed();
        let carry = T::from(bool::from_scalar_bits(bits_of(2)));
        let (difference, overflows) = x.overflowing_sub(y);
        let less_signed = (difference, overflows ^ (s < 0));
        let answer = match intrinsic {
            Intrinsic::CarryingMul | Intrinsic::CarryingMulAdd => {
                let (low, high) = wide_product(ty.bits(), [0, 1, 2, 3].map(bits_of));
                let half = |bits| Value::Scalar(Scalar::from_bits(ty, bits));
                return Ok(Value::Tuple(vec![half(low), half(high)]));
            }
            Intrinsic::WrappingAddSigned => Answer::Value(x.wrapping_add_signed(s)),
            Intrinsic::SaturatingAddSigned => Answer::Value(x.saturating_add_signed(s)),
            Intrinsic::OverflowingAddSigned => Flagged(x.overflowing_add_signed(s)),
            Intrinsic::CheckedAddSigned => Answer::Option(x.checked_add_signed(s)),
            Intrinsic::StrictAddSigned => OrTrap(x.checked_add_signed(s)),
            Intrinsic::WrappingSubSigned => Answer::Value(less_signed.0),
            Intrinsic::SaturatingSubSigned => Answer::Value(match less_signed {
(difference, false) => difference,
(_, true) if s < 0 => T::MAX,
(_, true) => 0,
}),
            Intrinsic::OverflowingSubSigned => Flagged(less_signed),
            Intrinsic::CheckedSubSigned => Answer::Option(unless_flagged(less_signed)),
            Intrinsic::StrictSubSigned => OrTrap(unless_flagged(less_signed)),
            Intrinsic::CarryingAdd => {
let (sum, first) = x.overflowing_add(y);
let (sum, second) = sum.overflowing_add(carry);
Flagged((sum, first | second))
}
            Intrinsic::BorrowingSub => {
let (difference, first) = x.overflowing_sub(y);
let (difference, second) = difference.overflowing_sub(carry);
Flagged((difference, first | second))
}
            // The difference has room if its sign is that of the comparison.
            Intrinsic::CheckedSignedDiff => {
let difference = x.wrapping_sub(y);
Answer::Option(((x >= y) == (difference.cast_signed() >= 0)).then_some(difference))
}
            Intrinsic::CheckedNextPowerOfTwo => Answer::Option(x.checked_next_power_of_two()),
            Intrinsic::CheckedNextMultipleOf => Answer::Option(x.checked_next_multiple_of(y)),
            _ => return Err(NoValue::Missing),
        };
        value_of(intrinsic, ty, answer)
    }, else Err(NoValue::Missing))
}

#[cfg(test)]
mod tests;

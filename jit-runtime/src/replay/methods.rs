//! Methods of numbers that panic.

use std::hint::black_box;

use hotloop_ir::{BinaryOp, Intrinsic, ScalarTy, SiteKind};

use super::{Arg, TrapInfo};

/// A scalar's value from an operand.
trait FromArg {
    fn from_arg(arg: Arg) -> Self;
}

macro_rules! from_arg {
    ($($ty:ty)*) => { $(impl FromArg for $ty {
        #[inline]
        fn from_arg(arg: Arg) -> Self { arg.bits as $ty }
    })* };
}
from_arg!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);

impl FromArg for f32 {
    fn from_arg(arg: Arg) -> Self {
        f32::from_bits(arg.bits as u32)
    }
}

impl FromArg for f64 {
    fn from_arg(arg: Arg) -> Self {
        f64::from_bits(arg.bits as u64)
    }
}

#[inline]
fn operand<T: FromArg>(trap: &TrapInfo, index: usize) -> T {
    T::from_arg(trap.arg(index))
}

/// Calls `$f!(type)` for the type of the operand.
macro_rules! for_ty {
    ($ty:expr, signed $signed:ident, unsigned $unsigned:ident, float $float:ident) => {
        match $ty {
            ScalarTy::I8 => $signed!(i8),
            ScalarTy::I16 => $signed!(i16),
            ScalarTy::I32 => $signed!(i32),
            ScalarTy::I64 => $signed!(i64),
            ScalarTy::I128 => $signed!(i128),
            ScalarTy::Isize => $signed!(isize),
            ScalarTy::U8 => $unsigned!(u8),
            ScalarTy::U16 => $unsigned!(u16),
            ScalarTy::U32 => $unsigned!(u32),
            ScalarTy::U64 => $unsigned!(u64),
            ScalarTy::U128 => $unsigned!(u128),
            ScalarTy::Usize => $unsigned!(usize),
            ScalarTy::F32 => $float!(f32),
            ScalarTy::F64 => $float!(f64),
            ScalarTy::Bool => {}
        }
    };
}

macro_rules! nothing {
    ($ty:ty) => {{}};
}

/// Calls the method of std that panics in every profile; it says itself where.
#[track_caller]
pub(super) fn replay_method(intrinsic: Intrinsic, trap: &TrapInfo) {
    let ty = trap.arg(0).ty;
    let by_zero = trap.arg(1).bits == 0;
    macro_rules! unary {
        ($ty:ty, $method:ident) => {{
            black_box(operand::<$ty>(trap, 0).$method());
        }};
    }
    macro_rules! binary {
        ($ty:ty, $method:ident) => {{
            black_box(operand::<$ty>(trap, 0).$method(operand::<$ty>(trap, 1)));
        }};
    }
    macro_rules! clamp {
        ($ty:ty) => {{
            let value = operand::<$ty>(trap, 0);
            black_box(value.clamp(operand(trap, 1), operand(trap, 2)));
        }};
    }
    macro_rules! int {
        ($ty:ty) => {
            match intrinsic {
                Intrinsic::Clamp => clamp!($ty),
                Intrinsic::DivEuclid => binary!($ty, div_euclid),
                Intrinsic::RemEuclid => binary!($ty, rem_euclid),
                Intrinsic::Isqrt => unary!($ty, isqrt),
                Intrinsic::Ilog => binary!($ty, ilog),
                Intrinsic::Ilog2 => unary!($ty, ilog2),
                Intrinsic::Ilog10 => unary!($ty, ilog10),
                Intrinsic::WrappingDiv => binary!($ty, wrapping_div),
                Intrinsic::WrappingRem => binary!($ty, wrapping_rem),
                Intrinsic::WrappingDivEuclid => binary!($ty, wrapping_div_euclid),
                Intrinsic::WrappingRemEuclid => binary!($ty, wrapping_rem_euclid),
                Intrinsic::SaturatingDiv => binary!($ty, saturating_div),
                Intrinsic::OverflowingDiv => binary!($ty, overflowing_div),
                Intrinsic::OverflowingRem => binary!($ty, overflowing_rem),
                Intrinsic::OverflowingDivEuclid => binary!($ty, overflowing_div_euclid),
                Intrinsic::OverflowingRemEuclid => binary!($ty, overflowing_rem_euclid),
                _ => replay_strict(intrinsic, trap),
            }
        };
    }
    macro_rules! signed {
        ($ty:ty) => {
            match intrinsic {
                // A division by zero panics inside of `overflowing_div`.
                Intrinsic::StrictDiv if by_zero => binary!($ty, overflowing_div),
                Intrinsic::StrictRem if by_zero => binary!($ty, overflowing_rem),
                Intrinsic::StrictDivEuclid if by_zero => binary!($ty, overflowing_div_euclid),
                Intrinsic::StrictRemEuclid if by_zero => binary!($ty, overflowing_rem_euclid),
                _ => int!($ty),
            }
        };
    }
    macro_rules! unsigned {
        ($ty:ty) => {
            match intrinsic {
                Intrinsic::DivCeil => binary!($ty, div_ceil),
                _ => int!($ty),
            }
        };
    }
    macro_rules! float {
        ($ty:ty) => {
            if intrinsic == Intrinsic::Clamp {
                clamp!($ty)
            }
        };
    }
    for_ty!(ty, signed signed, unsigned unsigned, float float);
}

/// The methods that panic on overflow in every profile. They are younger than the oldest Rust that hotloop supports, so that these are their
/// texts.
#[track_caller]
fn replay_strict(intrinsic: Intrinsic, trap: &TrapInfo) {
    let op = match intrinsic {
        Intrinsic::StrictAdd | Intrinsic::StrictAddSigned | Intrinsic::StrictAddUnsigned => {
            BinaryOp::Add
        }
        Intrinsic::StrictSub | Intrinsic::StrictSubSigned | Intrinsic::StrictSubUnsigned => {
            BinaryOp::Sub
        }
        Intrinsic::StrictMul | Intrinsic::StrictPow => BinaryOp::Mul,
        Intrinsic::StrictDiv | Intrinsic::StrictDivEuclid => BinaryOp::Div,
        Intrinsic::StrictRem | Intrinsic::StrictRemEuclid => BinaryOp::Rem,
        Intrinsic::StrictShl => BinaryOp::Shl,
        Intrinsic::StrictShr => BinaryOp::Shr,
        Intrinsic::StrictNeg | Intrinsic::StrictAbs => {
            std::panic::panic_any("attempt to negate with overflow")
        }
        _ => return,
    };
    super::binary(op, trap.arg(1));
}

// The methods below panic inside of std if *the crate that calls them* checks overflow, because they are compiled in it. So these
// functions are, too: `inline` is not for speed.

/// `x.abs()`.
#[track_caller]
#[inline]
pub fn replay_abs(trap: &TrapInfo) {
    macro_rules! abs {
        ($ty:ty) => {{
            black_box(operand::<$ty>(trap, 0).abs());
        }};
    }
    for_ty!(trap.arg(0).ty, signed abs, unsigned nothing, float nothing);
}

/// `x.abs()` of num-traits, which is not std's.
#[track_caller]
#[inline]
pub fn replay_generic_abs(trap: &TrapInfo) {
    macro_rules! abs {
        ($ty:ty) => {{
            black_box(num_traits::Signed::abs(&operand::<$ty>(trap, 0)));
        }};
    }
    for_ty!(trap.arg(0).ty, signed abs, unsigned nothing, float nothing);
}

/// `x.div_euclid(&y)` of num-traits, which is not std's.
#[track_caller]
#[inline]
pub fn replay_generic_div_euclid(trap: &TrapInfo) {
    macro_rules! div {
        ($ty:ty) => {{
            let (x, y) = (operand::<$ty>(trap, 0), operand::<$ty>(trap, 1));
            black_box(num_traits::Euclid::div_euclid(&x, &y));
        }};
    }
    for_ty!(trap.arg(0).ty, signed div, unsigned div, float nothing);
}

/// `x.rem_euclid(&y)` of num-traits, which is not std's.
#[track_caller]
#[inline]
pub fn replay_generic_rem_euclid(trap: &TrapInfo) {
    macro_rules! rem {
        ($ty:ty) => {{
            let (x, y) = (operand::<$ty>(trap, 0), operand::<$ty>(trap, 1));
            black_box(num_traits::Euclid::rem_euclid(&x, &y));
        }};
    }
    for_ty!(trap.arg(0).ty, signed rem, unsigned rem, float nothing);
}

/// `x.pow(n)`.
#[track_caller]
#[inline]
pub fn replay_pow(trap: &TrapInfo) {
    macro_rules! pow {
        ($ty:ty) => {{
            black_box(operand::<$ty>(trap, 0).pow(operand(trap, 1)));
        }};
    }
    for_ty!(trap.arg(0).ty, signed pow, unsigned pow, float nothing);
}

/// `x.next_power_of_two()`.
#[track_caller]
#[inline]
pub fn replay_next_power_of_two(trap: &TrapInfo) {
    macro_rules! next {
        ($ty:ty) => {{
            black_box(operand::<$ty>(trap, 0).next_power_of_two());
        }};
    }
    for_ty!(trap.arg(0).ty, signed nothing, unsigned next, float nothing);
}

/// `x.next_multiple_of(y)`.
#[track_caller]
#[inline]
pub fn replay_next_multiple_of(trap: &TrapInfo) {
    macro_rules! next {
        ($ty:ty) => {{
            black_box(operand::<$ty>(trap, 0).next_multiple_of(operand(trap, 1)));
        }};
    }
    for_ty!(trap.arg(0).ty, signed nothing, unsigned next, float nothing);
}

/// `x.neg()`, which panics at another place than `-x`.
#[track_caller]
#[inline]
pub fn replay_neg(trap: &TrapInfo) {
    macro_rules! neg {
        ($ty:ty) => {{
            black_box(std::ops::Neg::neg(operand::<$ty>(trap, 0)));
        }};
    }
    for_ty!(trap.arg(0).ty, signed neg, unsigned nothing, float nothing);
}

/// Two numbers, as an iterator of a type that no other crate knows: what rustc instantiates for it is compiled where the function below is.
#[derive(Debug)]
struct Two<T>(Option<T>, Option<T>);

impl<T> Iterator for Two<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.0.take().or_else(|| self.1.take())
    }
}

/// `iter.sum()` and `iter.product()`, which panic at a place inside of std. Other methods of these names do not.
#[track_caller]
#[inline]
pub fn replay_sum(trap: &TrapInfo) {
    macro_rules! sum {
        ($ty:ty) => {{
            let two = Two(Some(operand::<$ty>(trap, 0)), Some(operand::<$ty>(trap, 1)));
            match trap.kind {
                SiteKind::Binary(BinaryOp::Add) => {
                    black_box(two.sum::<$ty>());
                }
                SiteKind::Binary(BinaryOp::Mul) => {
                    black_box(two.product::<$ty>());
                }
                _ => super::replay(trap),
            }
        }};
    }
    for_ty!(trap.arg(0).ty, signed sum, unsigned sum, float nothing);
}

//! Every operator and method of every integer type, in the overflow mode of the crate that this is compiled in.

use hotloop::jit;
use proptest::prelude::*;

use crate::harness::{any_bits, config};

macro_rules! integers {
    ($($module:ident $ty:ident $same:ident;)*) => { $(
        mod $module {
            use super::*;

            #[jit]
            fn operator(op: u32, a: $ty, b: $ty) -> $ty {
                if op == 0 { a + b } else if op == 1 { a - b } else if op == 2 { a * b }
                else if op == 3 { a / b } else if op == 4 { a % b } else if op == 5 { a & b }
                else if op == 6 { a | b } else if op == 7 { a ^ b } else { !a }
            }

            #[jit]
            fn compound(op: u32, a: $ty, b: $ty) -> $ty {
                let mut x = a;
                if op == 0 { x += b } else if op == 1 { x -= b } else if op == 2 { x *= b }
                else if op == 3 { x /= b } else if op == 4 { x %= b } else if op == 5 { x &= b }
                else if op == 6 { x |= b } else { x ^= b }
                x
            }

            #[jit]
            fn compare(a: $ty, b: $ty) -> (bool, bool, bool, bool, bool, bool) {
                (a == b, a != b, a < b, a <= b, a > b, a >= b)
            }

            #[jit]
            fn shift(op: u32, a: $ty, by: i32) -> $ty {
                let mut x = a;
                if op == 0 { a << by } else if op == 1 { a >> by } else if op == 2 { x <<= by; x }
                else if op == 3 { x >>= by; x } else if op == 4 { a << (by as u8) } else { a >> (by as i128) }
            }

            #[jit]
            fn shift_by_itself(a: $ty, b: $ty) -> ($ty, $ty) {
                (a << (b & 7), a >> (b & 7))
            }

            #[jit]
            fn bits(a: $ty) -> (u32, u32, u32, u32, u32, u32, $ty, $ty) {
                (a.count_ones(), a.count_zeros(), a.leading_zeros(), a.leading_ones(), a.trailing_zeros(),
                 a.trailing_ones(), a.swap_bytes(), a.reverse_bits())
            }

            #[jit]
            fn wrapping(a: $ty, b: $ty, n: u32) -> ($ty, $ty, $ty, $ty, $ty, $ty, $ty, $ty) {
                (a.wrapping_add(b), a.wrapping_sub(b), a.wrapping_mul(b), a.wrapping_neg(), a.wrapping_shl(n),
                 a.wrapping_shr(n), a.rotate_left(n), a.rotate_right(n))
            }

            #[jit]
            fn other(a: $ty, b: $ty, n: u32) -> ($ty, $ty, $ty, $ty, $ty, $ty) {
                (a.saturating_add(b), a.saturating_sub(b), a.saturating_mul(b), a.min(b), a.max(b), a.wrapping_pow(n))
            }

            #[jit]
            fn overflowing(a: $ty, b: $ty) -> ($ty, bool, $ty, bool, $ty, bool) {
                let (sum, s) = a.overflowing_add(b);
                let (difference, d) = a.overflowing_sub(b);
                let product = a.overflowing_mul(b);
                (sum, s, difference, d, product.0, product.1)
            }

            #[jit]
            fn checked(op: u32, a: $ty, b: $ty, n: u32) -> $ty {
                if op == 0 { a.div_euclid(b) } else if op == 1 { a.rem_euclid(b) } else if op == 2 { a.pow(n) }
                else if op == 3 { a.isqrt() } else if op == 4 { a.wrapping_div(b) } else if op == 5 { a.wrapping_rem(b) }
                else if op == 6 { a.clamp(b, 7) } else { a.clamp(-(b as i128) as $ty, b) }
            }

            #[jit]
            fn logarithm(op: u32, a: $ty, b: $ty) -> u32 {
                if op == 0 { a.ilog2() } else if op == 1 { a.ilog10() } else { a.ilog(b) }
            }

            #[jit]
            fn constants() -> ($ty, $ty, u32) {
                (<$ty>::MIN, $ty::MAX, $ty::BITS)
            }

            proptest! {
                #![proptest_config(config())]
                #[test]
                fn agrees(a in any_bits(), b in any_bits(), op in 0..9u32, n in 0..9u32, by in -3..140i32) {
                    let (a, b) = (a as $ty, b as $ty);
                    agree!(operator(op, a, b));
                    agree!(compound(op.min(7), a, b));
                    agree!(compare(a, b));
                    agree!(shift(op.min(5), a, by));
                    agree!(shift_by_itself(a, b));
                    agree!(bits(a));
                    agree!(wrapping(a, b, by as u32));
                    agree!(other(a, b, n));
                    agree!(overflowing(a, b));
                    agree!(checked(op.min(7), a, b, n));
                    agree!(logarithm(op.min(2), a, b));
                    agree!(constants());
                }
            }

            integers!(@ $same $ty);
        }
    )* };
    (@ signed $ty:ident) => {
        #[jit]
        fn signs(op: u32, a: $ty, b: $ty) -> $ty {
            if op == 0 { -a } else if op == 1 { a.abs() } else if op == 2 { a.signum() } else if op == 3 { a.wrapping_abs() }
            else if op == 4 { a.unsigned_abs() as $ty } else if op == 5 { a.abs_diff(b) as $ty }
            else if op == 6 { a.is_negative() as $ty } else { a.is_positive() as $ty }
        }

        proptest! {
            #![proptest_config(config())]
            #[test]
            fn signs_agree(a in any_bits(), b in any_bits(), op in 0..8u32) {
                agree!(signs(op, a as $ty, b as $ty));
                agree!(signs(op, <$ty>::MIN, b as $ty));
            }
        }
    };
    (@ unsigned $ty:ident) => {
        #[jit]
        fn powers(op: u32, a: $ty, b: $ty) -> $ty {
            if op == 0 { a.next_power_of_two() } else if op == 1 { a.is_power_of_two() as $ty }
            else if op == 2 { a.div_ceil(b) } else if op == 3 { a.abs_diff(b) } else { a.cast_signed() as $ty }
        }

        proptest! {
            #![proptest_config(config())]
            #[test]
            fn powers_agree(a in any_bits(), b in any_bits(), op in 0..5u32) {
                agree!(powers(op, a as $ty, b as $ty));
            }
        }
    };
}

integers! {
    in_i8 i8 signed;
    in_i16 i16 signed;
    in_i32 i32 signed;
    in_i64 i64 signed;
    in_i128 i128 signed;
    in_isize isize signed;
    in_u8 u8 unsigned;
    in_u16 u16 unsigned;
    in_u32 u32 unsigned;
    in_u64 u64 unsigned;
    in_u128 u128 unsigned;
    in_usize usize unsigned;
}

#[jit]
fn truth(a: bool, b: bool) -> (bool, bool, bool, bool, bool, bool, bool, bool) {
    let mut c = a;
    c ^= b;
    (a & b, a | b, a ^ b, !a, a && b, a || b, a == b, c)
}

#[test]
fn bool_operators() {
    for a in [false, true] {
        for b in [false, true] {
            agree!(truth(a, b));
        }
    }
}

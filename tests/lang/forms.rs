//! The forms of integer arithmetic: checked, wrapping, saturating, overflowing, strict, in the overflow mode of the crate that this is compiled
//! in. The strict ones, and carrying arithmetic, need Rust 1.91.

use hotloop::jit;
use proptest::prelude::*;

use crate::harness::{any_bits, config};

macro_rules! forms {
    ($($module:ident $ty:ident $signed:ident $unsigned:ident $same:ident;)*) => { $(
        mod $module {
            use super::*;

            #[jit]
            fn checked(op: u32, a: $ty, b: $ty, n: u32) -> (bool, $ty) {
                let found = if op == 0 { a.checked_add(b) } else if op == 1 { a.checked_sub(b) }
                    else if op == 2 { a.checked_mul(b) } else if op == 3 { a.checked_div(b) }
                    else if op == 4 { a.checked_rem(b) } else if op == 5 { a.checked_div_euclid(b) }
                    else if op == 6 { a.checked_rem_euclid(b) } else if op == 7 { a.checked_neg() }
                    else if op == 8 { a.checked_pow(n) } else if op == 9 { a.checked_shl(n) }
                    else { a.checked_shr(n) };
                (found.is_some(), found.unwrap_or(77))
            }

            #[jit]
            fn unwrapped(a: $ty, b: $ty) -> $ty {
                a.checked_add(b).unwrap()
            }

            #[jit]
            fn strict(op: u32, a: $ty, b: $ty, n: u32) -> $ty {
                if op == 0 { a.strict_add(b) } else if op == 1 { a.strict_sub(b) } else if op == 2 { a.strict_mul(b) }
                else if op == 3 { a.strict_div(b) } else if op == 4 { a.strict_rem(b) }
                else if op == 5 { a.strict_div_euclid(b) } else if op == 6 { a.strict_rem_euclid(b) }
                else if op == 7 { a.strict_neg() } else if op == 8 { a.strict_pow(n) }
                else if op == 9 { a.strict_shl(n) } else { a.strict_shr(n) }
            }

            #[jit]
            fn divided(op: u32, a: $ty, b: $ty) -> ($ty, bool) {
                if op == 0 { a.overflowing_div(b) } else if op == 1 { a.overflowing_rem(b) }
                else if op == 2 { a.overflowing_div_euclid(b) } else if op == 3 { a.overflowing_rem_euclid(b) }
                else if op == 4 { (a.wrapping_div_euclid(b), false) } else if op == 5 { (a.wrapping_rem_euclid(b), false) }
                else { (a.saturating_div(b), false) }
            }

            #[jit]
            fn whole(a: $ty, n: u32) -> ($ty, bool, $ty, bool, $ty, bool, $ty, bool, $ty, $ty, $ty) {
                let (shl, shl_over) = a.overflowing_shl(n);
                let (shr, shr_over) = a.overflowing_shr(n);
                let (pow, pow_over) = a.overflowing_pow(n % 9);
                let (neg, neg_over) = a.overflowing_neg();
                (shl, shl_over, shr, shr_over, pow, pow_over, neg, neg_over,
                 a.unbounded_shl(n), a.unbounded_shr(n), a.saturating_pow(n % 9))
            }

            #[jit]
            fn ends(a: $ty) -> ($ty, $ty, $ty, $ty, $ty) {
                (a.to_be(), a.to_le(), <$ty>::from_be(a), $ty::from_le(a), $ty::midpoint(a, 9))
            }

            #[jit]
            fn bytes(a: $ty) -> ($ty, u8, u8, u8) {
                let big = a.to_be_bytes();
                let little = a.to_le_bytes();
                let native = $ty::to_ne_bytes(a);
                let back = $ty::from_be_bytes(little) ^ $ty::from_le_bytes(big).wrapping_add($ty::from_ne_bytes(native));
                (back, big[0], little[0], native[0])
            }

            proptest! {
                #![proptest_config(config())]
                #[test]
                fn agrees(a in any_bits(), b in any_bits(), op in 0..11u32, n in 0..9u32, by in 0..140u32) {
                    let (a, b) = (a as $ty, b as $ty);
                    let n = if op == 8 { n } else { by };
                    agree!(checked(op, a, b, n));
                    agree!(strict(op, a, b, n));
                    agree!(unwrapped(a, b));
                    agree!(divided(op % 7, a, b));
                    agree!(whole(a, by));
                    agree!(ends(a));
                    agree!(bytes(a));
                    agree!(logarithms(a, b));
                }
            }

            #[jit]
            fn logarithms(a: $ty, b: $ty) -> (u32, u32, u32) {
                (a.checked_ilog(b).unwrap_or(1000), a.checked_ilog2().unwrap_or(1000), a.checked_ilog10().unwrap_or(1000))
            }

            forms!(@ $same $ty $signed $unsigned);
        }
    )* };
    (@ signed $ty:ident $signed:ident $unsigned:ident) => {
        #[jit]
        fn signs(op: u32, a: $ty, b: $unsigned) -> ($ty, bool) {
            if op == 0 { a.overflowing_add_unsigned(b) } else if op == 1 { a.overflowing_sub_unsigned(b) }
            else if op == 2 { (a.wrapping_add_unsigned(b), true) } else if op == 3 { (a.wrapping_sub_unsigned(b), true) }
            else if op == 4 { (a.saturating_add_unsigned(b), true) } else if op == 5 { (a.saturating_sub_unsigned(b), true) }
            else if op == 6 { (a.checked_add_unsigned(b).unwrap_or(3), true) }
            else if op == 7 { (a.checked_sub_unsigned(b).unwrap_or(3), true) }
            else if op == 8 { (a.strict_add_unsigned(b), true) } else if op == 9 { (a.strict_sub_unsigned(b), true) }
            else if op == 10 { a.overflowing_abs() } else if op == 11 { (a.saturating_abs(), true) }
            else if op == 12 { (a.saturating_neg(), true) } else if op == 13 { (a.strict_abs(), true) }
            else if op == 14 { (a.checked_abs().unwrap_or(5), true) }
            else if op == 15 { (a.checked_isqrt().unwrap_or(-5), true) }
            else { (a.wrapping_abs(), a.unsigned_abs() == a.cast_unsigned()) }
        }

        proptest! {
            #![proptest_config(config())]
            #[test]
            fn signs_agree(a in any_bits(), b in any_bits(), op in 0..17u32) {
                agree!(signs(op, a as $ty, b as $unsigned));
                agree!(signs(op, <$ty>::MIN, b as $unsigned));
            }
        }
    };
    (@ unsigned $ty:ident $signed:ident $unsigned:ident) => {
        #[jit]
        fn signs(op: u32, a: $ty, b: $signed) -> ($ty, bool) {
            if op == 0 { a.overflowing_add_signed(b) } else if op == 1 { a.overflowing_sub_signed(b) }
            else if op == 2 { (a.wrapping_add_signed(b), true) } else if op == 3 { (a.wrapping_sub_signed(b), true) }
            else if op == 4 { (a.saturating_add_signed(b), true) } else if op == 5 { (a.saturating_sub_signed(b), true) }
            else if op == 6 { (a.checked_add_signed(b).unwrap_or(3), true) }
            else if op == 7 { (a.checked_sub_signed(b).unwrap_or(3), true) }
            else if op == 8 { (a.strict_add_signed(b), true) } else { (a.strict_sub_signed(b), true) }
        }

        #[jit]
        fn multiples(op: u32, a: $ty, b: $ty) -> ($ty, bool) {
            if op == 0 { (a.next_multiple_of(b), true) }
            else if op == 1 { (a.checked_next_multiple_of(b).unwrap_or(3), true) }
            else if op == 2 { (1, a.is_multiple_of(b)) }
            else if op == 3 { (a.checked_next_power_of_two().unwrap_or(3), true) }
            else { (a.checked_signed_diff(b).unwrap_or(-3) as $ty, true) }
        }

        #[jit]
        fn carries(a: $ty, b: $ty, c: $ty, carry: bool) -> ($ty, bool, $ty, bool, $ty, $ty, $ty, $ty) {
            let (sum, s) = a.carrying_add(b, carry);
            let (difference, d) = a.borrowing_sub(b, carry);
            let (low, high) = a.carrying_mul(b, c);
            let product = a.carrying_mul_add(b, c, a);
            (sum, s, difference, d, low, high, product.0, product.1)
        }

        proptest! {
            #![proptest_config(config())]
            #[test]
            fn signs_agree(a in any_bits(), b in any_bits(), c in any_bits(), op in 0..10u32, carry in any::<bool>()) {
                agree!(signs(op, a as $ty, b as $signed));
                agree!(multiples(op % 5, a as $ty, b as $ty));
                agree!(multiples(0, a as $ty, b as $ty % 16));
                agree!(carries(a as $ty, b as $ty, c as $ty, carry));
            }
        }
    };
}

forms! {
    in_i8 i8 i8 u8 signed;
    in_i16 i16 i16 u16 signed;
    in_i32 i32 i32 u32 signed;
    in_i64 i64 i64 u64 signed;
    in_i128 i128 i128 u128 signed;
    in_isize isize isize usize signed;
    in_u8 u8 i8 u8 unsigned;
    in_u16 u16 i16 u16 unsigned;
    in_u32 u32 i32 u32 unsigned;
    in_u64 u64 i64 u64 unsigned;
    in_u128 u128 i128 u128 unsigned;
    in_usize usize isize usize unsigned;
}

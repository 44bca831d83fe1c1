//! `as` between all scalar types, and the lossless and the checked conversions.

use hotloop::jit;
use num_traits::{AsPrimitive, Float, FromPrimitive, NumCast, ToPrimitive};
use proptest::prelude::*;

use crate::harness::{any_bits, any_f32, any_f64, config};

macro_rules! casts {
    ($($module:ident $ty:ident $any:expr;)*) => { $(
        mod $module {
            use super::*;

            #[jit]
            fn to_signed(x: $ty) -> (i8, i16, i32, i64, i128, isize, f32) {
                (x as i8, x as i16, x as i32, x as i64, x as i128, x as isize, x as f32)
            }

            #[jit]
            fn to_unsigned(x: $ty) -> (u8, u16, u32, u64, u128, usize, f64) {
                (x as u8, x as u16, x as u32, x as u64, x as u128, x as usize, x as f64)
            }

            proptest! {
                #![proptest_config(config())]
                #[test]
                fn agrees(x in $any) {
                    agree!(to_signed(x));
                    agree!(to_unsigned(x));
                }
            }
        }
    )* };
}

casts! {
    from_i8 i8 any_bits().prop_map(|x| x as i8);
    from_i16 i16 any_bits().prop_map(|x| x as i16);
    from_i32 i32 any_bits().prop_map(|x| x as i32);
    from_i64 i64 any_bits().prop_map(|x| x as i64);
    from_i128 i128 any_bits();
    from_isize isize any_bits().prop_map(|x| x as isize);
    from_u8 u8 any_bits().prop_map(|x| x as u8);
    from_u16 u16 any_bits().prop_map(|x| x as u16);
    from_u32 u32 any_bits().prop_map(|x| x as u32);
    from_u64 u64 any_bits().prop_map(|x| x as u64);
    from_u128 u128 any_bits().prop_map(|x| x as u128);
    from_usize usize any_bits().prop_map(|x| x as usize);
    from_f32 f32 any_f32();
    from_f64 f64 any_f64();
}

/// Without `NumCast` in scope, whose `from` is another.
mod without_num_cast {
    use super::jit;

    #[jit]
    pub fn from_bool(x: bool) -> (u8, i32, i64, u128, usize) {
        (x as u8, x as i32, i64::from(x), x as u128, x as usize)
    }

    #[jit]
    pub fn lossless(a: u8, b: i32, c: f32) -> (f64, i64, u16, f64, f32) {
        (
            f64::from(b),
            i64::from(b),
            u16::from(a),
            f64::from(c),
            a.into(),
        )
    }
}
use without_num_cast::{from_bool, lossless};

/// Literals take the type that they are cast to, where rustc lets them.
#[jit]
fn of_literals(x: bool) -> (u64, f32, u8, i64, u64, u64, f64) {
    (
        3_000_000_000 as u64,
        0.1 as f32,
        (255) as u8,
        -1 as i64,
        (if x { 2_000_000_000 } else { 0 }) as u64,
        ({ 4_000_000_000 }) as u64,
        7 as f64,
    )
}

#[jit]
fn unwrapped(op: u32, x: f64, n: i64) -> f64 {
    if op == 0 {
        x.to_i32().unwrap() as f64
    } else if op == 1 {
        x.to_u8().expect("fits a byte") as f64
    } else if op == 2 {
        n.to_u16().unwrap_or(7) as f64
    } else if op == 3 {
        n.to_f32().unwrap() as f64
    } else if op == 4 {
        i8::from_f64(x).unwrap() as f64
    } else if op == 5 {
        <u64 as NumCast>::from(n).unwrap() as f64
    } else {
        let small: i16 = num_traits::cast(x).unwrap();
        small as f64
    }
}

#[jit]
fn generic<T: Float + FromPrimitive + AsPrimitive<i32>>(x: T, n: usize) -> (T, i32, T) {
    let half = T::from(0.5).unwrap();
    let count = T::from_usize(n).unwrap();
    (x * half + count, x.as_(), T::from_f64(0.1).unwrap())
}

proptest! {
    #![proptest_config(config())]
    #[test]
    fn conversions_agree(x in any_f64(), y in any_f32(), bits in any_bits(), op in 0..7u32, n in 0..1000usize) {
        agree!(lossless(bits as u8, bits as i32, y));
        agree!(unwrapped(op, x, bits as i64));
        agree!(generic::<f64>(x, n));
        agree!(generic::<f32>(y, n));
    }
}

#[test]
fn bools_and_literals() {
    for x in [false, true] {
        agree!(from_bool(x));
        agree!(of_literals(x));
    }
}

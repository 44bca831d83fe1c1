//! Conversions of std between numbers.

use hotloop::jit;
use proptest::prelude::*;

use crate::harness::{any_bits, config};

macro_rules! from_every {
    ($($module:ident $from:ident;)*) => { $(
        mod $module {
            use super::*;

            #[jit]
            fn fits(x: $from) -> (bool, bool, bool, bool, bool, bool, bool) {
                let to_byte: Result<u8, _> = x.try_into();
                (
                    i8::try_from(x).is_ok(),
                    to_byte.is_err(),
                    i32::try_from(x).is_ok(),
                    u64::try_from(x).ok().is_some(),
                    <i64 as TryFrom<$from>>::try_from(x).is_ok(),
                    u128::try_from(x).is_ok(),
                    isize::try_from(x).is_err(),
                )
            }

            #[jit]
            fn converted(x: $from) -> (i8, u16, usize, u32) {
                let small = if let Ok(small) = u32::try_from(x) { small } else { 12 };
                (
                    i8::try_from(x).unwrap_or(-7),
                    u16::try_from(x).unwrap_or_default(),
                    match usize::try_from(x) {
                        Ok(size) => size,
                        Err(_) => 99,
                    },
                    small,
                )
            }

            #[jit]
            fn unwrapped(op: u32, x: $from) -> u64 {
                if op == 0 {
                    u8::try_from(x).unwrap() as u64
                } else if op == 1 {
                    i16::try_from(x).expect("a short number") as u64
                } else {
                    let number: u64 = x.try_into().unwrap();
                    number
                }
            }

            proptest! {
                #![proptest_config(config())]
                #[test]
                fn conversions_agree(x in any_bits(), op in 0..3u32) {
                    agree!(fits(x as $from));
                    agree!(converted(x as $from));
                    agree!(unwrapped(op, x as $from));
                }
            }
        }
    )* };
}

from_every! {
    of_i16 i16;
    of_u8 u8;
    of_i64 i64;
    of_u64 u64;
    of_usize usize;
    of_i128 i128;
    of_u128 u128;
}

#[jit]
fn lossless(a: bool, b: u8, c: i32, x: f32) -> (i32, usize, f64, i128, u64, f64) {
    (
        i32::from(a),
        usize::from(b),
        f64::from(c),
        i128::from(c),
        b.into(),
        f64::from(x) + f64::from(b),
    )
}

#[jit]
fn float_bytes(x: f64, y: f32) -> (f64, f32, u8, u8) {
    let (big, little) = (x.to_be_bytes(), y.to_le_bytes());
    (
        f64::from_be_bytes(big),
        f32::from_be_bytes(little),
        big[0],
        x.to_ne_bytes()[7],
    )
}

#[test]
fn what_loses_nothing_agrees() {
    for (a, b, c, x) in [(false, 0, i32::MIN, 1.5), (true, 255, 7, f32::MIN_POSITIVE)] {
        agree!(lossless(a, b, c, x));
        agree!(float_bytes(f64::from(c) / 3.0, x));
    }
}

#[jit]
fn words(bytes: &[u8], out: &mut [u32]) -> u64 {
    for i in 0..out.len() {
        out[i] = u32::from_le_bytes(bytes[4 * i..4 * i + 4].try_into().unwrap());
    }
    let head: [u8; 8] = match bytes.get(..8) {
        Some(head) => head.try_into().unwrap_or_default(),
        None => [0; 8],
    };
    u64::from_be_bytes(head)
}

#[jit]
fn point(a: &[f64], n: usize) -> Result<[f64; 3], usize> {
    let Ok(first) = <[f64; 3]>::try_from(&a[..n]) else {
        return Err(n);
    };
    let same: [f64; 3] = a[..n].try_into().expect("three of them");
    let [x, y, z] = first;
    let last = <[f64; 3]>::try_from(a).map_err(|_| a.len())?;
    Ok([x + same[2], y, z + last[0]])
}

#[jit]
fn sum_of<T: num_traits::Num + Copy, const N: usize>(a: &[T]) -> T {
    let list: [T; N] = a.try_into().unwrap();
    let mut sum = T::zero();
    for x in list {
        sum = sum + x;
    }
    sum
}

#[test]
fn arrays_of_slices_agree() {
    let bytes: Vec<u8> = (0..20).map(|i| i * 13).collect();
    for n_bytes in [0, 3, 4, 7, 8, 12, 20] {
        for n_words in 0..5 {
            let (bytes, out) = (bytes[..n_bytes].to_vec(), vec![7; n_words]);
            agree!(words(&bytes, &mut out));
        }
    }
    let a = vec![1.5, -2.0, 0.25, 9.0];
    for len in 0..5 {
        let a = a[..len].to_vec();
        for n in 0..5 {
            agree!(point(&a, n));
        }
        crate::harness::compare(
            (),
            |()| sum_of::<f64, 3>(&a),
            |()| sum_of::plain::<f64, 3>(&a),
        );
    }
}

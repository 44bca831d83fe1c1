//! `for` over every kind of range, in every integer type, at the ends of the types, too.

use hotloop::jit;
use proptest::prelude::*;

use crate::harness::{any_bits, config};

macro_rules! ranges {
    ($($module:ident $ty:ident;)*) => { $(
        mod $module {
            use super::*;

            // Order and number of the values: a hash of them, cut off after 300.
            #[jit]
            fn visit(form: u32, a: $ty, b: $ty, step: usize) -> (u64, u32) {
                let mut hash = 0u64;
                let mut count = 0u32;
                if form == 0 {
                    for i in a..b {
                        if count == 300 { break; }
                        hash = hash.wrapping_mul(31).wrapping_add(i as u64);
                        count += 1;
                    }
                } else if form == 1 {
                    for i in a..=b {
                        if count == 300 { break; }
                        hash = hash.wrapping_mul(31).wrapping_add(i as u64);
                        count += 1;
                    }
                } else if form == 2 {
                    for i in (a..b).rev() {
                        if count == 300 { break; }
                        hash = hash.wrapping_mul(31).wrapping_add(i as u64);
                        count += 1;
                    }
                } else if form == 3 {
                    for i in (a..=b).rev() {
                        if count == 300 { break; }
                        hash = hash.wrapping_mul(31).wrapping_add(i as u64);
                        count += 1;
                    }
                } else if form == 4 {
                    for i in (a..b).step_by(step) {
                        if count == 300 { break; }
                        hash = hash.wrapping_mul(31).wrapping_add(i as u64);
                        count += 1;
                    }
                } else if form == 5 {
                    for i in (a..=b).step_by(step) {
                        if count == 300 { break; }
                        hash = hash.wrapping_mul(31).wrapping_add(i as u64);
                        count += 1;
                    }
                } else {
                    for _ in a..b {
                        if count == 300 { break; }
                        count += 1;
                    }
                }
                (hash, count)
            }

            proptest! {
                #![proptest_config(config())]
                #[test]
                fn agrees(a in any_bits(), b in any_bits(), near in 0..260i128, step in 0..9usize, form in 0..7u32) {
                    let a = a as $ty;
                    let near = a.saturating_add(near as $ty);
                    agree!(visit(form, a, near, step));
                    agree!(visit(form, $ty::MIN, $ty::MIN.saturating_add(3), step));
                    agree!(visit(form, $ty::MAX - 5, $ty::MAX, step));
                    agree!(visit(form, near, a, step));
                    agree!(visit(form, a, b as $ty, step));
                    agree!(visit(form, $ty::MIN, $ty::MAX, if step == 3 { usize::MAX } else { step }));
                }
            }

            ranges!(@ $ty);
        }
    )* };
    (@ i128) => {};
    (@ u128) => {};
    (@ $ty:ident) => {
        #[jit]
        fn from_the_end(a: $ty, b: $ty, step: usize, inclusive: bool) -> (u64, u32) {
            let mut hash = 0u64;
            let mut count = 0u32;
            if inclusive {
                for i in (a..=b).rev().step_by(step) {
                    if count == 300 { break; }
                    hash = hash.wrapping_mul(31).wrapping_add(i as u64);
                    count += 1;
                }
            } else {
                for i in (a..b).rev().step_by(step) {
                    if count == 300 { break; }
                    hash = hash.wrapping_mul(31).wrapping_add(i as u64);
                    count += 1;
                }
            }
            (hash, count)
        }

        proptest! {
            #![proptest_config(config())]
            #[test]
            fn from_the_end_agrees(a in any_bits(), b in any_bits(), near in 0..260i128, step in 0..9usize, inclusive: bool) {
                let a = a as $ty;
                agree!(from_the_end(a, a.saturating_add(near as $ty), step, inclusive));
                agree!(from_the_end(a, b as $ty, step, inclusive));
                agree!(from_the_end($ty::MIN, $ty::MAX, step, inclusive));
                agree!(from_the_end($ty::MIN, $ty::MAX, usize::MAX, inclusive));
            }
        }
    };
}

ranges! {
    over_i8 i8;
    over_i16 i16;
    over_i32 i32;
    over_i64 i64;
    over_i128 i128;
    over_isize isize;
    over_u8 u8;
    over_u16 u16;
    over_u32 u32;
    over_u64 u64;
    over_u128 u128;
    over_usize usize;
}

/// `rev` after `step_by` is for ranges that know their length.
macro_rules! reversed_steps {
    ($($module:ident $ty:ident;)*) => { $(
        mod $module {
            use super::*;

            #[jit]
            fn visit(a: $ty, b: $ty, step: usize) -> (u64, u32) {
                let mut hash = 0u64;
                let mut count = 0u32;
                for i in (a..b).step_by(step).rev() {
                    if count == 300 { break; }
                    hash = hash.wrapping_mul(31).wrapping_add(i as u64);
                    count += 1;
                }
                (hash, count)
            }

            proptest! {
                #![proptest_config(config())]
                #[test]
                fn agrees(a in any_bits(), b in any_bits(), near in 0..260i128, step in 0..9usize) {
                    let a = a as $ty;
                    agree!(visit(a, a.saturating_add(near as $ty), step));
                    agree!(visit(a, b as $ty, step));
                    agree!(visit($ty::MIN, $ty::MAX, if step == 3 { usize::MAX } else { step }));
                }
            }
        }
    )* };
}

reversed_steps! {
    reversed_i8 i8;
    reversed_i32 i32;
    reversed_u16 u16;
    reversed_usize usize;
}

#[jit]
fn bounds_once(n: usize, a: &mut [usize]) -> usize {
    let mut end = n;
    let mut count = 0;
    for i in 0..end {
        end = 0;
        let mut i = i;
        i += 1;
        if i < a.len() {
            a[i] = i;
        }
        count += 1;
    }
    for mut k in end..3 {
        k *= 2;
        count += k;
    }
    count
}

#[jit]
fn range_with_statements(n: usize) -> usize {
    let mut m = n;
    let mut count = 0;
    for i in (m..{
        m += 20;
        m
    })
        .step_by({
            m += 1;
            3
        })
    {
        count += i;
    }
    count * 1000 + m
}

proptest! {
    #![proptest_config(config())]
    #[test]
    fn bounds_are_evaluated_once(n in 0..100usize, a in prop::collection::vec(0..9usize, 0..50)) {
        agree!(bounds_once(n, &mut a));
        agree!(range_with_statements(n));
    }
}

//! Comparisons and operators by the names of their traits' methods, and `Ordering`.

use std::cmp::Ordering;
use std::ops::{Add, BitXor, Div, Mul, Neg, Not, Rem, Sub};

use hotloop::jit;
use proptest::prelude::*;

use crate::harness::{any_bits, any_f64, config};

#[jit]
fn floats(a: f64, b: f64) -> (bool, bool, bool, bool, bool, bool, i32, i32) {
    let total = a.total_cmp(&b);
    let partial = match a.partial_cmp(&b) {
        Some(Ordering::Less) => 1,
        Some(Ordering::Equal) => 2,
        Some(Ordering::Greater) => 3,
        None => 4,
    };
    (
        a.lt(&b),
        a.ge(&b),
        a.eq(&b),
        PartialOrd::gt(&a, &b),
        f64::total_cmp(&b, &a) == Ordering::Less,
        a.partial_cmp(&b).is_none(),
        total as i32,
        partial,
    )
}

#[jit]
fn neighbours(a: f64, b: f64) -> (f64, f64, f64, f64, f64, f64) {
    (
        a.next_up(),
        a.next_down(),
        a.midpoint(b),
        f64::midpoint(b, a),
        f64::max(a, b),
        a.abs_sub(b),
    )
}

#[jit]
fn singles(a: f32, b: f32) -> (f32, f32, f32, i8) {
    (
        a.next_up(),
        f32::next_down(a),
        a.midpoint(b),
        a.total_cmp(&b) as i8,
    )
}

#[jit]
fn integers(a: i64, b: i64) -> (i32, i64, i64, bool, bool) {
    let order = a.cmp(&b);
    let sign = match order {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    };
    (
        sign,
        std::cmp::min(a, b),
        Ord::max(a, b),
        order == Ordering::Greater,
        Ord::cmp(&b, &a) != order,
    )
}

#[jit]
fn operators(op: u32, a: i32, b: i32) -> i32 {
    match op {
        0 => a.add(b),
        1 => a.sub(b),
        2 => a.mul(b),
        3 => a.div(b),
        4 => a.rem(b),
        5 => a.neg(),
        6 => a.not(),
        7 => i32::neg(a),
        8 => a.bitxor(b),
        9 => Add::add(a, b),
        10 => i32::mul(a, b),
        11 => std::ops::Neg::neg(a),
        12 => i32::wrapping_add(a, b),
        _ => i32::max(a, b),
    }
}

proptest! {
    #![proptest_config(config())]
    #[test]
    fn orders_agree(a in any_f64(), b in any_f64(), x in any_bits(), y in any_bits(), op in 0..14u32) {
        agree!(floats(a, b));
        agree!(floats(a, a));
        agree!(neighbours(a, b));
        agree!(singles(a as f32, b as f32));
        agree!(integers(x as i64, y as i64));
        agree!(operators(op, x as i32, y as i32));
        agree!(operators(op, i32::MIN, -1));
        agree!(operators(op, i32::MIN, 0));
    }
}

#[jit]
fn chained(a: i32, b: i32, x: f64, y: f64) -> (bool, bool, i32) {
    let first = a.cmp(&b).then(x.total_cmp(&y));
    let second = x
        .partial_cmp(&y)
        .unwrap_or(Ordering::Equal)
        .then_with(|| (a + 1).cmp(&b).reverse());
    let third = match second {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    };
    (first.is_lt(), first == second, third)
}

#[test]
fn chains_agree() {
    for (a, b) in [(1, 2), (2, 2), (3, 2), (i32::MAX, 1)] {
        for (x, y) in [(0.0, -0.0), (1.0, 2.0), (2.0, 1.0), (f64::NAN, 1.0)] {
            agree!(chained(a, b, x, y));
        }
    }
}

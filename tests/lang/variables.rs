//! `let`, shadowing, deferred initialization, assignment, and the order of evaluation.

use hotloop::jit;
use proptest::prelude::*;

use crate::harness::{any_bits, any_f64, config, vec_i64};

#[jit]
fn shadowing(x: i64) -> i64 {
    let y = x & 0xff;
    let y = y * 3;
    let x = {
        let y = y + 1;
        y ^ x
    };
    let mut y = y;
    if x > 5 {
        let y = 100;
        let _z = y;
    }
    y += 1;
    x ^ y
}

#[jit]
fn deferred(x: i64) -> i64 {
    let a;
    let b: i64;
    if x > 0 {
        a = x & 7;
        b = 1;
    } else {
        b = 2;
        a = 3;
    }
    let c;
    loop {
        if a >= 0 {
            c = a + b;
            break;
        }
    }
    c
}

#[jit]
fn parameters(mut x: f64, mut n: u32) -> f64 {
    while n > 0 {
        x = x * 0.5 + 1.0;
        n -= 1;
    }
    x
}

#[jit]
fn destructuring(x: f64, n: i64) -> (f64, i64) {
    let (s, c) = x.sin_cos();
    let (a, (b, _)) = (n ^ 1, (n & 2, n | 4));
    let (mut p, q): (i64, i64) = (a, b);
    (p, _) = (q, p);
    p ^= q;
    (s * c, p)
}

#[jit]
fn swaps(mut a: i64, mut b: i64) -> (i64, i64) {
    std::mem::swap(&mut a, &mut b);
    (a, b) = (b ^ 1, a);
    (a, b)
}

#[jit]
fn literals() -> (i32, u8, u64, f64, f32, i64) {
    let a = 1_000;
    let b = 0xffu8;
    let c = 0b1011_0000_u64;
    let d = 1.5e3;
    let e = 2f32;
    let f = -0o17i64;
    (a, b, c, d, e, f)
}

#[jit]
fn inferred_backwards(n: usize) -> u8 {
    let mut x = 1;
    let mut i = 0;
    while i < n {
        x ^= 3;
        i += 1;
    }
    let y: u8 = x;
    y
}

/// Operands are evaluated from left to right; what later operands store is not seen by earlier ones.
#[jit]
fn left_to_right(a: &mut [i64], mut i: usize) -> i64 {
    let first = i + {
        i += 1;
        i
    } * 100;
    let second =
        a[i] ^ {
            a[i] = 9;
            a[i]
        } ^ {
            i += 1;
            a[i]
        };
    let third = (
        i,
        {
            i += 5;
            i
        },
        i,
    );
    first as i64 ^ second ^ (third.0 + third.1 * 7 + third.2 * 11) as i64
}

/// `place op= value` of numbers evaluates the value first; `place = value`, too.
#[jit]
fn value_before_place(a: &mut [i64], mut i: usize) -> i64 {
    a[i] = {
        i += 1;
        a[i]
    };
    a[{
        i += 1;
        i
    }] ^= {
        i += 1;
        a[i]
    };
    a[i] ^= a[i - 1];
    i as i64
}

#[jit]
fn which_panic_first(a: &mut [i64], i: usize, j: usize, d: i64) {
    a[i] += a[j] / d;
}

#[jit]
fn which_panic_first_of_all(a: &[i64], i: usize, d: i64) -> i64 {
    a[i] / d + a[i + 1] % (d - 1)
}

proptest! {
    #![proptest_config(config())]
    #[test]
    fn scalars_agree(x in any_bits(), y in any_bits(), f in any_f64(), n in 0..40u32) {
        let (x, y) = (x as i64, y as i64);
        agree!(shadowing(x));
        agree!(deferred(x));
        agree!(parameters(f, n));
        agree!(destructuring(f, x));
        agree!(swaps(x, y));
        agree!(inferred_backwards(n as usize));
        agree!(literals());
    }

    #[test]
    fn order_agrees(a in vec_i64(), i in 0..12usize, j in 0..12usize, d in -1..3i64) {
        agree!(left_to_right(&mut a, i));
        agree!(value_before_place(&mut a, i));
        agree!(which_panic_first(&mut a, i, j, d));
        agree!(which_panic_first_of_all(&a, i, d));
    }
}

//! Calls of jitted functions, methods and host functions.

use hotloop::{JitType, jit};
use num_traits::{Float, Num};
use proptest::prelude::*;

use crate::harness::{any_f64, config, outcome, vec_f64};

mod other {
    use hotloop::jit;

    #[jit]
    pub fn square(x: f64) -> f64 {
        x * x
    }

    #[jit]
    pub fn sum(x: &[f64]) -> f64 {
        let mut acc = 0.0;
        for i in 0..x.len() {
            acc += x[i];
        }
        acc
    }

    #[jit]
    pub fn scale(x: &mut [f64], by: f64) {
        for i in 0..x.len() {
            x[i] *= by;
        }
    }

    #[jit]
    pub fn at(x: &[f64], i: usize) -> f64 {
        x[i]
    }

    pub(super) mod deeper {
        use hotloop::jit;

        #[jit]
        pub fn increment(x: u8) -> u8 {
            super::super::twice(x) + 1
        }
    }
}

use other::{scale, square};

#[jit]
fn twice(x: u8) -> u8 {
    x + x
}

#[jit]
fn norm(x: f64, y: f64) -> f64 {
    (square(x) + self::other::square(y)).sqrt()
}

#[jit]
fn normalize(x: &mut [f64], i: usize) -> f64 {
    let total = other::sum(x) + other::at(x, i);
    scale(x, 1.0 / total);
    total
}

#[jit]
fn chain(x: u8) -> u8 {
    other::deeper::increment(x) + twice(x)
}

#[test]
fn functions_of_other_modules() {
    proptest!(config(), |(x in any_f64(), y in any_f64(), v in vec_f64(), i in 0..6usize, n: u8)| {
        agree!(norm(x, y));
        agree!(normalize(&mut v, i));
        agree!(chain(n));
    });
}

#[jit]
fn fib(n: u32) -> u64 {
    if n < 2 {
        u64::from(n)
    } else {
        fib(n - 1) + fib(n - 2)
    }
}

#[jit]
fn ackermann(m: u64, n: u64) -> u64 {
    if m == 0 {
        n + 1
    } else if n == 0 {
        ackermann(m - 1, 1)
    } else {
        ackermann(m - 1, ackermann(m, n - 1))
    }
}

#[jit]
fn is_even(n: u32) -> bool {
    if n == 0 { true } else { is_odd(n - 1) }
}

#[jit]
fn is_odd(n: u32) -> bool {
    if n == 0 { false } else { is_even(n - 1) }
}

#[test]
fn recursion() {
    for n in 0..12 {
        agree!(fib(n));
        agree!(is_even(n));
        agree!(is_odd(n));
    }
    agree!(ackermann(2, 3));
    agree!(ackermann(3, 2));
}

#[jit]
fn axpy<T: Float>(a: T, x: T, y: T) -> T {
    a * x + y
}

#[jit]
fn horner<T: Float>(x: T, c: &[T]) -> T {
    let mut acc = T::zero();
    for i in 0..c.len() {
        acc = axpy(acc, x, c[i]);
    }
    acc
}

#[jit]
fn widest<T: Num + Copy, U: Num + Copy>(x: T, y: U) -> (U, T) {
    (y * y, x + x)
}

#[jit]
fn generic_into_generic(a: f32, b: f64, c: &[f64]) -> f64 {
    let (wide, narrow) = widest(a, b);
    let (more, _) = widest::<_, i64>(1.5f64, 3);
    horner(b, c) + wide + narrow as f64 + horner::<f64>(0.5, c) + more as f64
}

#[test]
fn generic_functions() {
    proptest!(config(), |(a: f32, b in any_f64(), c in vec_f64())| {
        agree!(generic_into_generic(a, b, &c));
        agree!(horner::<f64>(b, &c));
    });
}

#[jit]
fn min_max(a: f64, b: f64) -> (f64, f64) {
    if a < b { (a, b) } else { (b, a) }
}

#[jit]
fn swap_pair(pair: (f64, f64), flag: bool) -> (f64, f64) {
    let (a, b) = pair;
    if flag { (b, a) } else { pair }
}

#[jit]
fn nothing(x: &mut [f64]) {
    if x.len() > 0 {
        x[0] = -1.0;
    }
}

#[jit]
fn tuples(a: f64, b: f64, x: &mut [f64]) -> f64 {
    nothing(x);
    let (low, high) = swap_pair(min_max(a, b), a > 0.0);
    high - low
}

#[jit]
fn divide(a: i32, b: i32) -> Option<i32> {
    if b == 0 { None } else { Some(a / b) }
}

#[jit]
fn options(a: i32, b: i32) -> i32 {
    let first = match divide(a, b) {
        Some(x) => x,
        None => -1,
    };
    if let Some(x) = divide(b, a) {
        x + first
    } else {
        first
    }
}

#[test]
fn results_that_are_no_scalars() {
    proptest!(config(), |(a in any_f64(), b in any_f64(), x in vec_f64(), m in -3..3i32, n in -3..3i32)| {
        agree!(tuples(a, b, &mut x));
        agree!(options(m, n));
    });
}

#[jit]
fn order(x: &[i32], i: usize, j: usize) -> i32 {
    pick(x, i) + pick(x, j) * pick(x, i + 1)
}

#[jit]
fn pick(x: &[i32], i: usize) -> i32 {
    assert!(i != 3, "the third of {}", x.len());
    x[i] + 1
}

#[test]
fn panics_of_callees() {
    let x: Vec<i32> = vec![1, i32::MAX, 3, 4, 5];
    for i in 0..6 {
        for j in 0..6 {
            let (i, j): (usize, usize) = (i, j);
            crate::harness::compare(
                (x.clone(), i, j),
                |(x, i, j)| order(x, *i, *j),
                |(x, i, j)| order::plain(x, *i, *j),
            );
        }
    }
}

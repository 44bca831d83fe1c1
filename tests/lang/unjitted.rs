//! Calls of functions that are not jitted, which nobody named: host functions by themselves.

use hotloop::{JitFunction, jit};

fn scale(x: f64, n: u32) -> f64 {
    assert!(n < 5, "too many: {n}");
    x * f64::from(n) + 0.125
}

mod deep {
    pub mod er {
        pub fn constant() -> f64 {
            0.75
        }
        pub fn is_large(x: f64) -> bool {
            x > 100.0
        }
    }
    pub fn ern(x: f64) -> f64 {
        x - 1.0
    }
    /// Has the name of its module.
    pub mod cube {
        pub fn cube(x: f64) -> f64 {
            x * x * x
        }
    }
}
use deep::er::is_large as large;

#[jit]
fn free_functions(x: f64, n: u32) -> f64 {
    let mut sum = scale(x, n) + self::deep::er::constant();
    if large(sum) {
        sum = deep::ern(sum);
    }
    sum + deep::cube::cube(x)
}

/// Not jitted, generic.
fn larger<T: PartialOrd>(a: T, b: T) -> T {
    if a > b { a } else { b }
}

fn cast<U: From<u8>>(x: u8) -> U {
    U::from(x)
}

fn times<const N: usize, const UP: bool>(x: f32) -> f32 {
    if UP { x * N as f32 } else { x }
}

#[jit]
fn generic_functions(x: f64, n: u8) -> f64 {
    let small: f32 = times::<3, true>(n as f32) + times::<7, false>(1.0);
    larger(x, 2.0) + cast::<f64>(n) + f64::from(larger::<u8>(n, 3)) + f64::from(small)
}

#[jit]
fn of_a_parameter<T: num_traits::Float>(a: T, b: T) -> T {
    larger(a, b) + larger::<T>(a, T::one())
}

struct Rules;

impl Rules {
    fn limit(x: f64) -> f64 {
        x.clamp(-8.0, 8.0)
    }
    fn pick<T>(first: bool, a: T, b: T) -> T {
        if first { a } else { b }
    }
}

#[jit]
fn associated_functions(x: f64) -> f64 {
    Rules::limit(x) + Rules::pick::<f64>(x > 0.0, 1.0, x) + Rules::pick(x < 1.0, x, 2.0)
}

/// A function among the statements, an `unsafe` one, and one that returns nothing.
unsafe fn twice(x: f64) -> f64 {
    x * 2.0
}

fn note(_x: f64) {}

#[jit]
fn statements(x: f64) -> f64 {
    note(x);
    // SAFETY: nothing is asked of the caller.
    let y = unsafe { twice(x) };
    note(y);
    y
}

/// Panics come in Rust's order, and what was stored before stays.
#[jit]
fn stores_and_panics(out: &mut [f64], n: u32) {
    for i in 0..out.len() {
        out[i] = scale(i as f64, n + i as u32);
    }
}

/// Rust functions that compiled code cannot call.
fn words(n: usize) -> Vec<usize> {
    (0..n).collect()
}

#[jit]
fn wants_a_vec(n: usize) -> usize {
    let list = words(n);
    list.len()
}

#[test]
fn functions_that_are_not_jitted_are_called() {
    for x in [0.5, -3.0, 200.0, f64::NAN] {
        for n in 0..6 {
            agree!(free_functions(x, n));
        }
        agree!(generic_functions(x, 7));
        agree!(associated_functions(x));
        agree!(statements(x));
        agree!(of_a_parameter(x, 0.25));
        agree!(of_a_parameter(x as f32, 3.5));
    }
    agree!(stores_and_panics(&mut [0.0; 3], 1));
    agree!(stores_and_panics(&mut [0.0; 6], 2));
}

#[test]
fn what_cannot_pass_is_a_reason() {
    assert_eq!(wants_a_vec(3), 3);
    let declined = <wants_a_vec as JitFunction>::declined();
    let reason = format!("{declined:?}");
    assert!(reason.contains("`words` is not jitted"), "{reason}");
    assert!(reason.contains("Vec<usize>"), "{reason}");
}

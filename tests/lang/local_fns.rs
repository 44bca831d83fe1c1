//! Functions inside of functions that call themselves, directly or not.

use hotloop::{JitType, jit};

use crate::harness::Same;

#[derive(Clone, Copy, Debug, PartialEq, JitType)]
#[repr(C)]
struct Interval {
    low: f64,
    high: f64,
}

impl Same for Interval {
    fn same(&self, other: &Self) -> bool {
        self.low.same(&other.low) && self.high.same(&other.high)
    }
}

#[jit]
fn factorial(n: u32) -> u32 {
    fn times(n: u32) -> u32 {
        if n == 0 { 1 } else { n * times(n - 1) }
    }
    let first = times(n);
    first ^ times(n / 2)
}

#[jit]
fn parity(n: u32, step: i8) -> (bool, i8) {
    fn even(n: u32, x: i8) -> (bool, i8) {
        if n == 0 {
            (true, x)
        } else {
            odd(n - 1, x + STEP)
        }
    }
    fn odd(n: u32, x: i8) -> (bool, i8) {
        if n == 0 {
            return (false, x);
        }
        even(n - 1, x - 1)
    }
    const STEP: i8 = 3;
    let (is_even, x) = even(n, step);
    let (is_odd, y) = odd(n, x);
    (is_even != is_odd, y)
}

/// Quicksort, and how deep it went.
#[jit]
fn sorted(a: &mut [i32], pivots: &mut [i32]) -> usize {
    const SHORT: usize = 2;
    fn sort(a: &mut [i32], pivots: &mut [i32], depth: usize) -> usize {
        let n = a.len();
        if n < SHORT {
            return depth;
        }
        let pivot = a[n - 1];
        pivots[depth] = pivot;
        let mut k = 0;
        for i in 0..n - 1 {
            if a[i] < pivot {
                a.swap(i, k);
                k += 1;
            }
        }
        a.swap(k, n - 1);
        let (left, right) = a.split_at_mut(k);
        let first = sort(left, pivots, depth + 1);
        first.max(sort(&mut right[1..], pivots, depth + 1))
    }
    sort(a, pivots, 0)
}

/// Adaptive quadrature of `1 / x`, in a function that is inside of a function that is inside.
#[jit]
fn integral(of: Interval, tolerance: f64) -> Result<f64, u32> {
    fn start(of: Interval, tolerance: f64) -> Result<f64, u32> {
        fn simpson(of: Interval) -> f64 {
            let middle = (of.low + of.high) / 2.0;
            let f = |x: f64| 1.0 / x;
            (of.high - of.low) / 6.0 * (f(of.low) + 4.0 * f(middle) + f(of.high))
        }
        fn adapt(of: Interval, whole: f64, tolerance: f64, depth: u32) -> Result<f64, u32> {
            let middle = (of.low + of.high) / 2.0;
            let left = Interval { high: middle, ..of };
            let right = Interval { low: middle, ..of };
            let (a, b) = (simpson(left), simpson(right));
            if (a + b - whole).abs() < 15.0 * tolerance {
                return Ok(a + b);
            }
            if depth == 0 {
                return Err(depth);
            }
            let a = adapt(left, a, tolerance / 2.0, depth - 1)?;
            Ok(a + adapt(right, b, tolerance / 2.0, depth - 1)?)
        }
        adapt(of, simpson(of), tolerance, 12)
    }
    start(of, tolerance)
}

/// In a generic function, and called by a closure in an iterator.
#[jit]
fn powers<T: num_traits::Float>(x: &[T], n: i32) -> T {
    fn gcd(a: i32, b: i32) -> i32 {
        assert!(b >= 0, "negative: {b}");
        if b == 0 { a } else { gcd(b, a % b) }
    }
    let mut exponents = 0;
    x.iter().enumerate().fold(T::zero(), |sum, (i, &x)| {
        let n = gcd(n, i as i32 - 2);
        exponents += n;
        sum + x.powi(n + exponents)
    })
}

/// Shadowed: the inner one is meant.
#[jit]
fn shadowed(n: u64) -> u64 {
    fn step(n: u64) -> u64 {
        if n < 2 { n } else { step(n - 1) + step(n - 2) }
    }
    let outer = step(n);
    let inner = {
        fn step(n: u64) -> u64 {
            if n == 0 { 7 } else { 3 * step(n - 1) }
        }
        step(n)
    };
    outer + inner + step(3)
}

/// What each of them sees is what is around it, and not around its callers.
#[jit]
fn scopes(n: u32) -> u32 {
    const SIZE: u32 = 1;
    fn size() -> u32 {
        SIZE
    }
    fn count(n: u32) -> u32 {
        if n == 0 {
            size() * 100
        } else {
            SIZE + count(n - 1)
        }
    }
    let inner = {
        const SIZE: u32 = 20;
        fn sum(n: u32) -> u32 {
            if n == 0 {
                size() + SIZE
            } else {
                count(n) + sum(n - 1)
            }
        }
        sum(n)
    };
    inner * 1000 + count(n)
}

#[test]
fn functions_that_call_themselves_agree() {
    for n in [0, 1, 2, 5, 12, 13, 30] {
        agree!(factorial(n));
        agree!(shadowed(u64::from(n)));
        agree!(scopes(n));
    }
    for (n, step) in [(0, 1), (7, 0), (8, 5), (120, 0), (200, 100)] {
        agree!(parity(n, step));
    }
    for (low, tolerance) in [(1.0, 1e-6), (0.25, 1e-3), (-1.0, 1e-9), (f64::NAN, 1.0)] {
        let of = Interval { low, high: 3.0 };
        agree!(integral(of, tolerance));
    }
}

#[test]
fn slices_are_passed_on() {
    for n in 0..12 {
        let data: Vec<i32> = (0..n).map(|i| (i * 7919 + 13) % 17 - 8).collect();
        // With too little room the last panics, in the middle.
        for room in [16, 3] {
            agree!(sorted(&mut data, &mut vec![0; room]));
        }
    }
}

#[test]
fn generic_functions_have_them() {
    for n in [0, 4, 6, i32::MIN] {
        for len in [0, 1, 2, 3, 9] {
            let x: Vec<f64> = (0..len).map(|i| f64::from(i) * 0.5 - 0.75).collect();
            let y: Vec<f32> = x.iter().map(|x| *x as f32).collect();
            agree!(powers::<f64>(&x, n));
            agree!(powers::<f32>(&y, n));
        }
    }
}

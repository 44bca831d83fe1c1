//! `#[jit]` on an `impl`.

use hotloop::jit;
use num_traits::Float;

use crate::harness::outcome;

#[derive(Clone, Copy, Debug, PartialEq)]
struct Kernel<T>(T);

#[jit]
impl Kernel<f64> {
    /// Halves some numbers.
    fn halve(n: usize, x: &mut [f64]) {
        for i in 0..n {
            x[i] /= 2.0;
        }
    }

    #[track_caller]
    fn first(x: &[f64]) -> f64 {
        x[0]
    }
}

#[jit]
impl<T: Float> Kernel<T> {
    fn dot(x: &[T], y: &[T]) -> T {
        let mut sum = T::zero();
        for i in 0..x.len() {
            sum = sum + x[i] * y[i];
        }
        sum
    }

    fn largest<'a, U: PartialOrd + Copy>(x: &'a [U], least: T) -> (U, T)
    where
        U: 'a,
    {
        let mut largest = x[0];
        for i in 1..x.len() {
            if x[i] > largest {
                largest = x[i];
            }
        }
        (largest, least)
    }
}

#[test]
fn associated_functions_are_compiled() {
    let mut x = [1.0, 2.0];
    Kernel::halve(2, &mut x);
    assert_eq!(x, [0.5, 1.0]);
    assert_eq!(Kernel::dot(&[1.0_f32, 2.0], &[3.0, 4.0]), 11.0);
    assert_eq!(Kernel::dot(&[1.0_f64, 2.0], &[3.0, 5.0]), 13.0);
    assert_eq!(Kernel::largest(&[1, 7, 3], 2.5), (7, 2.5));
    // What is no scalar runs as rustc compiled it.
    assert_eq!(Kernel::largest(&["a", "c", "b"], 2.5), ("c", 2.5));
}

#[test]
fn panics_of_associated_functions_are_located() {
    let plain = hotloop::disabled(|| outcome(|| Kernel::halve(3, &mut [1.0])));
    assert_eq!(outcome(|| Kernel::halve(3, &mut [1.0])), plain);
    assert!(plain.is_err());
    let first = || outcome(|| Kernel::first(&[]));
    let jit = first();
    assert_eq!(jit, hotloop::disabled(first));
    assert!(jit.is_err_and(|panicked| panicked.location.contains("methods.rs")));
}

//! One pass over one or two arrays, one number out.

use hotloop::jit;

use super::single;
use crate::polybench::values;

#[jit]
fn sum_f64(x: &[f64]) -> f64 {
    x.iter().sum()
}

#[test]
fn sum_f64_agrees() {
    for n in [0, 1, 19] {
        let x = values(n, 1);
        agree!(sum_f64(&x));
    }
}

#[jit]
fn sum_f32(x: &[f32]) -> f32 {
    x.iter().copied().sum::<f32>()
}

#[test]
fn sum_f32_agrees() {
    for n in [0, 1, 19] {
        let x = single(n, 1);
        agree!(sum_f32(&x));
    }
}

#[jit]
fn dot_f64(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum()
}

#[test]
fn dot_f64_agrees() {
    // The shorter of the two decides.
    for (n, m) in [(0, 3), (17, 17), (20, 9)] {
        let (x, y) = (values(n, 1), values(m, 2));
        agree!(dot_f64(&x, &y));
    }
}

#[jit]
fn dot_f32(x: &[f32], y: &[f32]) -> f32 {
    x.iter()
        .zip(y.iter())
        .fold(0.0, |sum, (&x, &y)| sum + x * y)
}

#[test]
fn dot_f32_agrees() {
    let (x, y) = (single(17, 1), single(17, 2));
    agree!(dot_f32(&x, &y));
}

#[jit]
fn where_sum(x: &[f64], threshold: f64) -> f64 {
    x.iter().filter(|&&x| x > threshold).sum()
}

#[test]
fn where_sum_agrees() {
    let x = values(20, 1);
    agree!(where_sum(&x, 0.25));
    agree!(where_sum(&x, 2.0));
}

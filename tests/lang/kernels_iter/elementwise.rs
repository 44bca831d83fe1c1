//! One output element per input element, in order; `cumsum` alone carries a value along.

use hotloop::jit;

use super::{shares, single};
use crate::polybench::values;

#[jit]
fn axpy(a: f64, x: &[f64], y: &mut [f64]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y += a * x;
    }
}

#[test]
fn axpy_agrees() {
    let (x, y) = (values(19, 1), values(17, 2));
    agree!(axpy(1.25, &x, &mut y));
}

#[jit]
fn cact(input: &[f32], out: &mut [f32]) {
    out.iter_mut().zip(input).for_each(|(out, &x)| {
        let x = x.sin();
        let x = x * x.cos();
        let x = x + (-x.abs()).exp();
        let x = x / (1.0 + x.powi(2));
        let x = x.tanh() * (1.0 / (1.0 + (-x).exp()));
        *out = x - 0.5 * x.powi(3);
    });
}

#[test]
fn cact_agrees() {
    let (input, out) = (single(18, 1), single(18, 2));
    agree!(cact(&input, &mut out));
}

#[jit]
fn black_scholes(
    s: &[f64],
    x: &[f64],
    t: &[f64],
    r: f64,
    v: f64,
    call: &mut [f64],
    put: &mut [f64],
) {
    const COEFFICIENTS: [f64; 5] = [
        0.31938153,
        -0.356563782,
        1.781477937,
        -1.821255978,
        1.330274429,
    ];
    let inv_sqrt_2_pi = 0.3989422804014327;
    let normal = |d: f64| {
        let k = 1.0 / (1.0 + 0.2316419 * d.abs());
        let poly = COEFFICIENTS.iter().rev().fold(0.0, |sum, &b| k * (b + sum));
        let tail = inv_sqrt_2_pi * (-0.5 * d * d).exp() * poly;
        if d > 0.0 { 1.0 - tail } else { tail }
    };
    for ((((&s, &x), &t), call), put) in s.iter().zip(x).zip(t).zip(call).zip(put) {
        let spread = v * t.sqrt();
        let d1 = ((s / x).ln() + (r + 0.5 * v * v) * t) / spread;
        let (c1, c2) = (normal(d1), normal(d1 - spread));
        let strike = x * (-r * t).exp();
        *call = s * c1 - strike * c2;
        *put = strike * (1.0 - c2) - s * (1.0 - c1);
    }
}

#[test]
fn black_scholes_agrees() {
    let n = 18;
    let between = |seed, low: f64, high: f64| -> Vec<f64> {
        let at = |u: f64| low + (high - low) * u;
        shares(n, seed).into_iter().map(at).collect()
    };
    let (s, x, t) = (
        between(1, 5.0, 30.0),
        between(2, 1.0, 100.0),
        between(3, 0.25, 10.0),
    );
    let (call, put) = (vec![0.0; n], vec![0.0; n]);
    agree!(black_scholes(&s, &x, &t, 0.02, 0.3, &mut call, &mut put));
}

#[jit]
fn logistic(steps: usize, r: &[f64], out: &mut [f64]) {
    for (out, &r) in out.iter_mut().zip(r) {
        *out = (0..steps).fold(0.5, |x, _| r * x * (1.0 - x));
    }
}

#[test]
fn logistic_agrees() {
    let r: Vec<f64> = shares(15, 1).iter().map(|u| 2.8 + 0.7 * u).collect();
    let out = values(15, 2);
    agree!(logistic(50, &r, &mut out));
}

#[jit]
fn horner(c: &[f64], x: &[f64], out: &mut [f64]) {
    for (x, out) in x.iter().zip(out) {
        *out = c.iter().rev().fold(0.0, |y, c| y * x + c);
    }
}

#[test]
fn horner_agrees() {
    let (c, x, out) = (values(17, 1), values(20, 2), values(20, 3));
    agree!(horner(&c, &x, &mut out));
}

#[jit]
fn cumsum(x: &[f64], out: &mut [f64]) {
    let sums = x.iter().scan(0.0, |sum, &x| {
        *sum += x;
        Some(*sum)
    });
    for (out, sum) in out.iter_mut().zip(sums) {
        *out = sum;
    }
}

#[test]
fn cumsum_agrees() {
    let (x, out) = (values(19, 1), values(19, 2));
    agree!(cumsum(&x, &mut out));
}

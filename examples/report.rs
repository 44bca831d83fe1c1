//! What became of the loops of a few functions, and why: `cargo run --release --example report`; with `--json`, for programs.

use hotloop::jit;

/// Nothing stands in the way.
#[jit]
fn saxpy(a: f32, x: &[f32], y: &mut [f32]) {
    for i in 0..y.len() {
        y[i] += a * x[i];
    }
}

/// The sum is in order, one value after the other.
#[jit]
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..a.len() {
        sum += a[i] * b[i];
    }
    sum
}

/// The same, but for the order.
#[jit(fastmath, require(vectorized, no_checks))]
fn fast_dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..a.len() {
        sum += a[i] * b[i];
    }
    sum
}

/// Where the indices lead is known when they are read.
#[jit]
fn histogram(data: &[u8], counts: &mut [u32]) {
    for &value in data {
        counts[value as usize] += 1;
    }
}

/// Newton's method for each element, which prints what does not converge.
#[jit]
fn cube_roots(x: &[f64], roots: &mut [f64]) {
    for i in 0..x.len() {
        let mut root = x[i];
        for _ in 0..60 {
            root -= (root * root * root - x[i]) / (3.0 * root * root);
        }
        if root.is_nan() {
            println!("no root of {}", x[i]);
        }
        roots[i] = root;
    }
}

fn main() {
    let reports = [
        saxpy::report(),
        dot::report(),
        fast_dot::report(),
        histogram::report(),
        cube_roots::report(),
    ];
    let as_json = std::env::args().any(|argument| argument == "--json");
    for report in &reports {
        if as_json {
            println!("{}", report.to_json());
        } else {
            println!("{report}");
        }
    }
}

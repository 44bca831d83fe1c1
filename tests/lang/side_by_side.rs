//! Reductions whose outer loop is computed in vectors: each sum keeps its order, whatever the length and the number of terms.

use hotloop::jit;
use proptest::prelude::*;

use crate::harness::config;

#[jit]
fn filter(x: &[f64], taps: &[f64], out: &mut [f64]) {
    for i in 0..out.len() {
        let mut sum = 0.0;
        for k in 0..taps.len() {
            sum += taps[k] * x[i + k];
        }
        out[i] = sum;
    }
}

#[jit]
fn columns(n: usize, x: &[f32], out: &mut [f32]) {
    for j in 0..n {
        let mut sum = 0.0;
        let mut least = f32::MAX;
        for i in 0..n {
            let v = x[i * n + j];
            sum += v * v;
            least = least.min(v);
        }
        out[j] = sum.sqrt() - least;
    }
}

#[jit]
fn iterated(steps: usize, r: &[f64], out: &mut [f64]) {
    for i in 0..r.len() {
        let mut x = 0.5;
        for _ in 0..steps {
            x = r[i] * x * (1.0 - x);
        }
        out[i] = x;
    }
}

/// A sum that goes on, an element that is read again, and a range that grows: left as they are.
#[jit]
fn dependent(x: &[f64], y: &mut [f64]) -> f64 {
    let mut total = 0.0;
    for i in 0..y.len() {
        for k in 0..3 {
            total += x[i + k];
        }
        y[i] = total;
    }
    for i in 1..y.len() {
        let mut sum = y[i - 1];
        for k in 0..3 {
            sum = 0.5 * sum + x[i + k];
        }
        y[i] = sum;
    }
    for i in 0..y.len() {
        let mut sum = 0.0;
        for k in 0..i {
            sum += x[k];
        }
        y[i] += sum;
    }
    total
}

#[jit]
fn convolution(n: usize, image: &[f64], w: &[f64], out: &mut [f64]) {
    for i in 1..n - 1 {
        for j in 1..n - 1 {
            let mut sum = 0.25;
            for di in 0..3 {
                for dj in 0..3 {
                    sum += w[di * 3 + dj] * image[(i + di - 1) * n + j + dj - 1];
                }
            }
            out[i * n + j] = if sum > 0.0 { sum } else { 0.5 * sum };
        }
    }
}

fn numbers(len: usize) -> Vec<f64> {
    (0..len)
        .map(|i| ((i * 7919 + 13) % 1009) as f64 / 333.0 - 1.5)
        .collect()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn outer_loops_agree(n in 0usize..140, taps in 0usize..9, short in 0usize..3) {
        let x = numbers((n + taps).saturating_sub(short));
        agree!(filter(&x, &numbers(taps), &mut vec![0.25; n]));
        agree!(iterated(taps, &numbers(n), &mut vec![0.25; n]));
        agree!(dependent(&numbers(n + 3), &mut vec![0.25; n]));
        let side = n % 75 + 1;
        let image = numbers(side * side);
        let single: Vec<f32> = image.iter().map(|&v| v as f32).collect();
        agree!(columns(side, &single, &mut vec![0.25; side]));
        agree!(convolution(side, &image, &numbers(9), &mut vec![0.25; side * side]));
    }
}

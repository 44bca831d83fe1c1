//! Each point from its neighbours: sweeps over grids, and filters. Borders stay as they are.

use hotloop::jit;

use super::{bytes, single};
use crate::polybench::values;

#[jit]
fn jacobi2d(n: usize, steps: usize, a: &mut [f64], b: &mut [f64]) {
    let sweep = |from: &[f64], to: &mut [f64]| {
        let rows = from.windows(3 * n).step_by(n);
        for (out, rows) in to.chunks_exact_mut(n).skip(1).zip(rows) {
            let (above, rest) = rows.split_at(n);
            let (row, below) = rest.split_at(n);
            for j in 1..n - 1 {
                out[j] = 0.2 * (row[j] + row[j - 1] + row[j + 1] + above[j] + below[j]);
            }
        }
    };
    for _ in 0..steps / 2 {
        sweep(a, b);
        sweep(b, a);
    }
}

#[test]
fn jacobi2d_agrees() {
    let n = 13;
    let (a, b) = (values(n * n, 1), values(n * n, 2));
    agree!(jacobi2d(n, 4, &mut a, &mut b));
}

#[jit]
fn heat3d(n: usize, steps: usize, a: &mut [f64], b: &mut [f64]) {
    let sweep = |from: &[f64], to: &mut [f64]| {
        let second_difference =
            |p: usize, stride: usize| from[p + stride] - 2.0 * from[p] + from[p - stride];
        for i in 1..n - 1 {
            for j in 1..n - 1 {
                let start = (i * n + j) * n;
                for p in (start..start + n).skip(1).take(n - 2) {
                    to[p] = [n * n, n, 1]
                        .iter()
                        .fold(from[p], |t, &s| t + 0.125 * second_difference(p, s));
                }
            }
        }
    };
    for _ in 0..steps / 2 {
        sweep(a, b);
        sweep(b, a);
    }
}

#[test]
fn heat3d_agrees() {
    let n = 8;
    let (a, b) = (values(n * n * n, 1), values(n * n * n, 2));
    agree!(heat3d(n, 4, &mut a, &mut b));
}

#[jit]
fn seidel2d(n: usize, steps: usize, a: &mut [f64]) {
    for _ in 0..steps {
        for i in 1..n - 1 {
            for j in 1..n - 1 {
                let sum: f64 = (i - 1..=i + 1)
                    .map(|i| &a[i * n + j - 1..=i * n + j + 1])
                    .flat_map(|three| three.iter())
                    .sum();
                a[i * n + j] = sum / 9.0;
            }
        }
    }
}

#[test]
fn seidel2d_agrees() {
    let n = 13;
    let a = values(n * n, 1);
    agree!(seidel2d(n, 3, &mut a));
}

#[jit]
fn life(n: usize, steps: usize, a: &mut [u8], b: &mut [u8]) {
    let (mut a, mut b) = (a, b);
    for _ in 0..steps {
        for i in 1..n - 1 {
            for j in 1..n - 1 {
                let p = i * n + j;
                let three = |p: usize| a[p - 1..=p + 1].iter().sum::<u8>();
                let alive = three(p - n) + three(p) + three(p + n) - a[p];
                b[p] = match (alive, a[p]) {
                    (3, _) | (2, 1) => 1,
                    _ => 0,
                };
            }
        }
        std::mem::swap(&mut a, &mut b);
    }
}

#[test]
fn life_agrees() {
    let n = 15;
    let inside = |p: usize| (1..n - 1).contains(&(p / n)) && (1..n - 1).contains(&(p % n));
    let cells = bytes(n * n, 1, 3);
    let a: Vec<u8> = (0..n * n)
        .map(|p| u8::from(inside(p) && cells[p] == 0))
        .collect();
    let b = a.clone();
    agree!(life(n, 5, &mut a, &mut b));
}

#[jit]
fn blur(n: usize, image: &[f32], w: &[f32], tmp: &mut [f32], out: &mut [f32]) {
    let radius = w.len() / 2;
    for (line, tmp) in image.chunks_exact(n).zip(tmp.chunks_exact_mut(n)) {
        for (near, t) in line.windows(w.len()).zip(&mut tmp[radius..]) {
            *t = near.iter().zip(w).map(|(x, w)| x * w).sum();
        }
    }
    let rows = out.chunks_exact_mut(n).enumerate();
    for (i, line) in rows.skip(radius).take(n - 2 * radius) {
        for (j, out) in line[..n - radius].iter_mut().enumerate().skip(radius) {
            let column = tmp[(i - radius) * n + j..].iter().step_by(n);
            *out = column.zip(w).map(|(t, w)| t * w).sum();
        }
    }
}

#[test]
fn blur_agrees() {
    let n = 14;
    let (image, tmp, out) = (single(n * n, 1), single(n * n, 2), single(n * n, 3));
    for taps in [1, 5, 9] {
        let w = single(taps, 4);
        agree!(blur(n, &image, &w, &mut tmp, &mut out));
    }
    // `windows(0)` panics.
    let none: Vec<f32> = Vec::new();
    agree!(blur(n, &image, &none, &mut tmp, &mut out));
}

#[jit]
fn fir(x: &[f64], h: &[f64], y: &mut [f64]) {
    for (y, window) in y.iter_mut().zip(x.windows(h.len())) {
        *y = window.iter().zip(h).map(|(x, h)| x * h).sum();
    }
}

#[test]
fn fir_agrees() {
    for taps in [3, 16] {
        let (x, h, y) = (values(20 + taps - 1, 1), values(taps, 2), values(20, 3));
        agree!(fir(&x, &h, &mut y));
    }
}

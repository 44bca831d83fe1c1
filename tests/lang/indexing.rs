//! Slices: lengths, reads and writes, in bounds and out; what was stored before a panic stays stored.

use hotloop::jit;
use proptest::prelude::*;

use crate::harness::{any_f32, config, vec_f32, vec_f64, vec_i64};

#[jit]
fn axpy(a: f64, x: &[f64], y: &mut [f64]) {
    for i in 0..x.len() {
        y[i] += a * x[i];
    }
}

#[jit]
fn gather(x: &[f64], index: &[usize], out: &mut [f64]) -> usize {
    let mut k = 0;
    while k < index.len() {
        out[k] = x[index[k]];
        k += 1;
    }
    k
}

#[jit]
fn stencil(n: usize, a: &[f32], out: &mut [f32]) {
    for i in 1..n - 1 {
        for j in 1..n - 1 {
            out[i * n + j] = 0.25
                * (a[(i - 1) * n + j] + a[(i + 1) * n + j] + a[i * n + j - 1] + a[i * n + j + 1]);
        }
    }
}

#[jit]
fn prefix(x: &mut [i64]) {
    for i in 1..x.len() {
        x[i] = x[i].wrapping_add(x[i - 1]);
    }
}

#[jit]
fn reverse(x: &mut [i64]) {
    let n = x.len();
    let mut i = 0;
    while i < n / 2 {
        let t = x[i];
        x[i] = x[n - 1 - i];
        x[n - 1 - i] = t;
        i += 1;
    }
}

#[jit]
fn swap_elements(x: &mut [i64], y: &mut [i64], i: usize, j: usize) {
    std::mem::swap(&mut x[i], &mut y[j])
}

#[jit]
fn aliases(x: &[i64], y: &mut [i64]) -> usize {
    let z = x;
    let w = y;
    let mut n = 0;
    for i in 0..w.len() {
        if i < z.len() {
            w[i] = z[i];
            n += 1;
        }
    }
    n + x.len()
}

#[jit]
fn bytes(x: &[u8], flags: &mut [bool], counts: &mut [u16]) -> bool {
    let mut any = false;
    for i in 0..x.len() {
        flags[i] = x[i] > 100;
        any |= flags[i];
        counts[(x[i] & 15) as usize] += 1;
    }
    any
}

#[jit]
fn write_then_read(x: &mut [f32], v: f32) -> f32 {
    x[0] = v;
    x[1] = x[0] + 1.0;
    x[0] * x[1]
}

#[jit]
fn only_checks(x: &[i64], i: usize) {
    let _ = x[i];
    x[i + 1];
}

proptest! {
    #![proptest_config(config())]
    #[test]
    fn floats_agree(x in vec_f64(), y in vec_f64(), a in -2.0..2.0f64) {
        agree!(axpy(a, &x, &mut y));
    }

    #[test]
    fn gathers_agree(x in vec_f64(), index in prop::collection::vec(0..100usize, 0..40), out in vec_f64()) {
        agree!(gather(&x, &index, &mut out));
    }

    #[test]
    fn stencils_agree(n in 0..12usize, a in vec_f32(), out in vec_f32()) {
        agree!(stencil(n, &a, &mut out));
    }

    #[test]
    fn in_place_agrees(x in vec_i64(), i in 0..20usize, j in 0..20usize, y in vec_i64()) {
        agree!(prefix(&mut x));
        agree!(reverse(&mut x));
        agree!(swap_elements(&mut x, &mut y, i, j));
        agree!(aliases(&x, &mut y));
        agree!(only_checks(&x, i));
    }

    #[test]
    fn small_elements_agree(x in prop::collection::vec(any::<u8>(), 0..60), n in 0..70usize, m in 10..20usize, v in any_f32()) {
        agree!(bytes(&x, &mut vec![true; n], &mut vec![0u16; m]));
        agree!(write_then_read(&mut vec![0f32; n % 3], v));
    }
}

/// A length or an index at the end of `usize` must not wrap around the check.
#[test]
fn huge_indices() {
    for i in [usize::MAX, usize::MAX - 1, usize::MAX / 8, 1 << 61] {
        agree!(only_checks(&vec![1i64, 2, 3], i));
        agree!(swap_elements(&mut vec![1i64, 2, 3], &mut vec![4i64], 0, i));
    }
}

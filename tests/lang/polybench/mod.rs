//! The 30 kernels of PolyBench (Pouchet and Yuki), written from their definitions: dense linear algebra, stencils, dynamic
//! programming. Matrices are row-major in flat slices, their sides differ where the definition lets them, and every output is
//! compared with that of rustc's body.
//!
//! # Source
//! <https://sourceforge.net/projects/polybench/>

mod blas;
mod datamining;
mod medley;
mod solvers;
mod stencils;

/// Numbers between -1 and 1, the same ones for the same `seed`.
pub(crate) fn values(len: usize, seed: u64) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        // Knuth's MMIX generator; its high bits are the good ones.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 * (2.0 / (1u64 << 53) as f64) - 1.0
    };
    (0..len).map(|_| next()).collect()
}

/// Integers in `0..end`.
pub(crate) fn integers(len: usize, seed: u64, end: i32) -> Vec<i32> {
    let scale = |x: f64| ((x + 1.0) / 2.0 * f64::from(end)) as i32;
    values(len, seed).into_iter().map(scale).collect()
}

/// A symmetric matrix that is positive definite because its diagonal dominates, so that no factorization divides by zero.
pub(crate) fn definite_matrix(n: usize, seed: u64) -> Vec<f64> {
    let mut a = values(n * n, seed);
    for i in 0..n {
        a[i * n + i] = 2.0 * n as f64;
        for j in 0..i {
            a[i * n + j] = a[j * n + i];
        }
    }
    a
}

#[test]
fn the_data_is_varied() {
    let x = values(1000, 1);
    assert!(x.iter().all(|x| x.abs() <= 1.0));
    assert!(x.iter().any(|&x| x < -0.9) && x.iter().any(|&x| x > 0.9));
    assert_ne!(x, values(1000, 2));
    let k = integers(1000, 3, 4);
    assert!((0..4).all(|value| k.contains(&value)) && k.iter().all(|k| (0..4).contains(k)));
}

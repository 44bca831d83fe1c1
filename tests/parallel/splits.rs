//! Slices of which Rust says that they are apart: parts of one that were cut from each other.

use hotloop::jit;

use super::forms::{bits, in_pools, numbers, outcome, same};

/// The rows below a pivot's.
#[jit(parallel)]
fn below(a: &mut [f64], _: &mut [f64], _: &mut [f64], k: usize, n: usize) {
    let (top, rest) = a.split_at_mut((k + 1) * n);
    let pivot = &top[k * n..];
    for r in rest.chunks_exact_mut(n) {
        let f = r[k] / pivot[k];
        for (x, p) in r.iter_mut().zip(pivot) {
            *x -= f * p;
        }
    }
}

/// All of them, one after the other.
#[jit(parallel)]
fn elimination(a: &mut [f64], _: &mut [f64], _: &mut [f64], n: usize) {
    for k in 0..n {
        let (top, rest) = a.split_at_mut((k + 1) * n);
        let pivot = &top[k * n..];
        for r in rest.chunks_exact_mut(n) {
            let f = r[k] / pivot[k];
            for (x, p) in r.iter_mut().zip(pivot) {
                *x -= f * p;
            }
        }
    }
}

/// A position that is known only when it runs.
#[jit(parallel)]
fn halves(a: &mut [f64], at: &mut [f64], _: &mut [f64]) {
    let (low, high) = a.split_at_mut(at[0] as usize);
    for i in 0..low.len() {
        low[i] = (low[i] * 1.5).sqrt() + high[i] / 3.0;
    }
}

/// What is in the one part is as Rust has it, in order.
#[jit(parallel)]
fn running(a: &mut [f64], _: &mut [f64], _: &mut [f64], k: usize) {
    let (top, rest) = a.split_at_mut(k);
    for i in 1..rest.len() {
        rest[i] = rest[i - 1] * 0.5 + rest[i] + top[0];
    }
}

fn matrix(n: usize, more: usize) -> Vec<Vec<f64>> {
    let mut a = numbers(n * n + more);
    for k in 0..n {
        a[k * n + k] += 40.0;
    }
    vec![a, Vec::new(), Vec::new()]
}

#[test]
fn rows_below_a_pivot() {
    for (n, k) in [(1, 0), (7, 3), (600, 0), (600, 17), (600, 599)] {
        assert_eq!(same!(below(k, n) in matrix(n, 0)), None);
        assert_eq!(same!(below(k, n) in matrix(n, n - 1)), None);
    }
    assert!(same!(below(600, 600) in matrix(600, 0)).is_some());
    assert!(same!(below(3, 0) in matrix(600, 0)).is_some());
}

#[test]
fn all_pivots() {
    for n in [0, 1, 5, 64, 300] {
        assert_eq!(same!(elimination(n) in matrix(n, 0)), None);
    }
    let mut short = matrix(300, 0);
    short[0].truncate(299 * 300);
    assert!(same!(elimination(300) in short).is_some());
}

#[test]
fn positions_that_are_data() {
    for at in [0.0, 1.0, 99_999.0, 100_000.0] {
        assert_eq!(
            same!(halves() in vec![numbers(200_000), vec![at], Vec::new()]),
            None
        );
    }
    for at in [100_001.0, 200_001.0] {
        assert!(same!(halves() in vec![numbers(200_000), vec![at], Vec::new()]).is_some());
    }
}

#[test]
fn one_part_in_order() {
    let mut expected = numbers(100_000);
    let mut found = expected.clone();
    running::plain(&mut expected, &mut [], &mut [], 1000);
    running(&mut found, &mut [], &mut [], 1000);
    assert_eq!(bits(&found), bits(&expected));
    let ir = running::specializations()[0].ir().to_owned();
    assert!(!ir.contains("parallel fn#"), "{ir}");
}

//! Loops that are asked for by `prange` and `par`.

use hotloop::{Par, jit, prange};

use crate::harness::attack;

#[jit(parallel(min_len = 2))]
fn elements(a: &mut [u64]) {
    for x in a.iter_mut().par() {
        *x = x.wrapping_mul(3) ^ 1;
    }
}

#[jit(parallel(min_len = 2, chunk = 3, schedule = dynamic))]
fn numbered(x: &[u64], a: &mut [u64]) {
    for (i, (to, from)) in a.iter_mut().zip(x).enumerate().par() {
        *to = to.wrapping_mul(*from) + 1000 / (*from + i as u64 % 7);
    }
}

#[jit(parallel(min_len = 2))]
fn every_third_from_the_end(a: &mut [u64]) {
    for i in (0..a.len()).par().rev().step_by(3) {
        a[i] = i as u64;
    }
}

#[jit(parallel(min_len = 2))]
fn rows(w: usize, a: &mut [u64]) {
    for (i, row) in a.chunks_mut(w).par().enumerate() {
        for x in row {
            *x = x.wrapping_mul(5) + i as u64;
        }
    }
}

#[jit(parallel(min_len = 2))]
fn with_a_closure(x: &[u64], a: &mut [u64]) {
    a.iter_mut()
        .par()
        .zip(x)
        .for_each(|(to, from)| *to ^= from.rotate_left(3));
}

#[jit(parallel(min_len = 2))]
fn consumed(x: &[u64], f: &[f64]) -> (u64, u64, Option<u64>, usize, f64) {
    let all = x
        .iter()
        .par()
        .map(|x| x ^ 5)
        .fold(0_u64, |sum, x| sum.wrapping_add(x));
    let bits = x.iter().copied().par().fold(0, |bits, x| bits | x);
    let most = x.iter().par().map(|x| x ^ 9).max();
    let odd = x.iter().par().filter(|x| **x % 2 == 1).count();
    let least = f.iter().par().fold(f64::INFINITY, |least, x| least.min(*x));
    (all, bits, most, odd, least)
}

#[jit(parallel(min_len = 2))]
fn in_a_variable(a: &mut [u64]) {
    let mut elements = a.iter_mut().par();
    if let Some(first) = elements.next() {
        *first = 77;
    }
    for x in elements {
        *x += 1;
    }
}

/// Contained in its caller, which asks.
#[jit]
fn all_of(values: impl Iterator<Item = u64>) -> u64 {
    let mut all = 0;
    for x in values {
        all ^= x;
    }
    all
}

#[jit(parallel(min_len = 2))]
fn passed_on(x: &[u64]) -> u64 {
    all_of(x.iter().map(|x| x * 3).par())
}

#[jit(parallel(min_len = 2))]
fn sum_behind_a_reference(x: &[u64], sum: &mut u64) {
    for i in prange(0..x.len()) {
        *sum = sum.wrapping_add(x[i]);
    }
}

#[jit(parallel(min_len = 2))]
fn sums_in_a_tuple(x: &[u64]) -> (u64, u64) {
    let mut sums = (0_u64, 0_u64);
    for i in prange(0..x.len()) {
        sums.0 = sums.0.wrapping_add(x[i]);
        sums.1 |= x[i];
    }
    sums
}

#[jit(fastmath, parallel(min_len = 2))]
fn float_behind_a_reference(x: &[f64], sum: &mut f64) {
    for v in x.iter().par() {
        *sum += v;
    }
}

#[jit(parallel(min_len = 2))]
fn one_in_another(n: usize, m: usize, a: &mut [u64]) {
    for i in prange(0..n) {
        for j in prange(0..m) {
            a[i * m + j] = a[i * m + j].wrapping_mul(5) + (i * j) as u64;
        }
    }
}

/// Threads go to the outer loop; the inner one runs in each of its iterations, and the report says so.
#[test]
fn a_loop_in_a_parallel_one() {
    attack!(outer one_in_another(n: usize, m: usize, a: &mut [u64]));
    let report = one_in_another::report();
    let said = "runs in order, in each iteration of the parallel loop around it";
    let inner = report
        .loops()
        .find(|found| found.depth == 1)
        .expect("a loop inside");
    assert!(inner.notes.iter().any(|note| note == said), "{report}");
    assert!(report.to_string().contains(said) && report.to_json().contains(said));
}

#[test]
fn what_is_asked_for_is_what_it_was() {
    attack!(outer elements(a: &mut [u64]));
    attack!(outer numbered(x: &[u64], a: &mut [u64]));
    attack!(outer every_third_from_the_end(a: &mut [u64]));
    attack!(outer rows(w: usize, a: &mut [u64]));
    attack!(outer with_a_closure(x: &[u64], a: &mut [u64]));
    attack!(outer consumed(x: &[u64], f: &[f64]));
    attack!(outer in_a_variable(a: &mut [u64]));
    attack!(outer passed_on(x: &[u64]));
    attack!(outer sum_behind_a_reference(x: &[u64], sum: &mut u64));
    attack!(outer sums_in_a_tuple(x: &[u64]));
    assert_eq!(
        consumed::report()
            .loops()
            .filter(|found| found.depth == 0)
            .count(),
        5
    );
    let asked = |found: &hotloop::report::LoopReport| found.parallel.as_ref().unwrap().requested;
    assert!(
        consumed::report().loops().all(asked),
        "{}",
        consumed::report()
    );
}

/// Sums of halves are exact in any order.
#[test]
fn a_float_of_the_callers() {
    let x: Vec<f64> = (0..5000).map(|i| f64::from(i % 64) * 0.5).collect();
    let mut expected = 3.0;
    float_behind_a_reference::plain(&x, &mut expected);
    for pool in crate::harness::pools() {
        let mut found = 3.0;
        crate::harness::in_pool(pool, || float_behind_a_reference(&x, &mut found));
        assert_eq!(found, expected);
    }
    let report = float_behind_a_reference::report();
    let is_parallel = |found: &hotloop::report::LoopReport| {
        found
            .parallel
            .as_ref()
            .is_some_and(|it| it.is_parallel && it.requested)
    };
    assert!(report.loops().any(is_parallel), "{report}");
}

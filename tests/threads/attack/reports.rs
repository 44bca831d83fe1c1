//! Wrong results that were reported of parallel loops elsewhere, written anew. Each is right here; where a `prange` would be wrong, it is a compile error, which
//! `tests/ui/parallel` shows: the name of the file is said.

use hotloop::{jit, prange};

use crate::harness::attack;

/// A race for the elements of a short array. Asked for: `remainder_as_index.rs`.
#[jit(parallel(min_len = 2))]
fn indexed_accumulate(x: &[u64], y: &mut [u64]) {
    for i in 0..x.len() {
        y[i % 4] = y[i % 4].wrapping_add(x[i]);
    }
}

#[jit(parallel(min_len = 2))]
fn two_loops_with_different_bounds(n: usize, m: usize, a: &mut [u64], b: &mut [u64]) {
    for i in prange(0..n) {
        a[i] = i as u64;
    }
    for i in prange(0..m) {
        b[i] = b[i].wrapping_add(a[i]);
    }
}

/// Of floats, asked for: `sum_of_strict_floats.rs`.
#[jit(parallel(min_len = 2))]
fn reduction_under_a_condition(x: &[u64]) -> u64 {
    let mut sum = 0_u64;
    for i in prange(0..x.len()) {
        if x[i] % 3 == 1 {
            sum = sum.wrapping_add(x[i]);
        }
    }
    sum
}

/// Asked for: `sum_read_in_loop.rs`.
#[jit(parallel(min_len = 2))]
fn reduction_that_is_read(x: &[u64], y: &mut [u64]) -> u64 {
    let mut sum = 0_u64;
    for i in 0..y.len() {
        sum = sum.wrapping_add(x[i]);
        y[i] = sum ^ 1;
    }
    sum
}

#[jit(parallel(min_len = 2))]
fn two_paths_with_a_loop_each(c: bool, x: &[u64], y: &mut [u64]) -> u64 {
    let mut sum = 0_u64;
    if c {
        for i in prange(0..x.len()) {
            sum = sum.wrapping_add(x[i]);
        }
    } else {
        for i in prange(0..y.len()) {
            y[i] ^= 5;
        }
    }
    sum
}

/// Asked for: `used_behind_the_loop.rs`, `last_value.rs`.
#[jit(parallel(min_len = 2))]
fn variable_used_behind_the_loop(y: &mut [u64]) -> usize {
    let mut i = 7;
    for k in 0..y.len() {
        i = k;
        y[k] ^= i as u64;
    }
    i
}

/// Asked for: `stencil_in_place.rs`.
#[jit(parallel(min_len = 2))]
fn stencil_in_place(a: &mut [u64]) {
    for i in 1..a.len() - 1 {
        a[i] = (a[i - 1] ^ a[i + 1]).wrapping_add(a[i]);
    }
}

/// Asked for: `prefix_sum.rs`.
#[jit(parallel(min_len = 2))]
fn prefix_sum(a: &mut [u64]) {
    for i in 1..a.len() {
        a[i] = a[i].wrapping_add(a[i - 1]);
    }
}

/// Asked for: `reversed_in_place.rs`.
#[jit(parallel(min_len = 2))]
fn pair_by_index(a: &mut [u64]) {
    let n = a.len();
    for i in 0..n {
        a[i] = a[n - 1 - i];
    }
}

/// Asked for: `through_an_index.rs`.
#[jit(parallel(min_len = 2))]
fn writes_through_an_index(p: &[usize], x: &[u64], y: &mut [u64]) {
    for i in 0..p.len().min(x.len()) {
        y[p[i]] = x[i];
    }
}

#[test]
fn what_went_wrong_elsewhere() {
    attack!(outer indexed_accumulate(x: &[u64], y: &mut [u64]));
    attack!(outer two_loops_with_different_bounds(n: usize, m: usize, a: &mut [u64], b: &mut [u64]));
    attack!(outer reduction_under_a_condition(x: &[u64]));
    attack!(serial reduction_that_is_read(x: &[u64], y: &mut [u64]));
    attack!(outer two_paths_with_a_loop_each(c: bool, x: &[u64], y: &mut [u64]));
    attack!(serial variable_used_behind_the_loop(y: &mut [u64]));
    attack!(serial stencil_in_place(a: &mut [u64]));
    attack!(serial prefix_sum(a: &mut [u64]));
    attack!(serial pair_by_index(a: &mut [u64]));
    attack!(serial writes_through_an_index(p: &[usize], x: &[u64], y: &mut [u64]));
}

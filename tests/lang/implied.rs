//! Checks that follow from conditions: they are gone, and what panics still does.

use hotloop::jit;

use crate::harness::vec_f64;
use proptest::prelude::*;

#[jit(require(no_checks))]
fn heap_sort(x: &mut [f64]) {
    let n = x.len();
    for start in (0..n / 2).rev() {
        let value = x[start];
        let mut root = start;
        loop {
            let mut child = 2 * root + 1;
            if child >= n {
                break;
            }
            if child + 1 < n && x[child + 1] > x[child] {
                child += 1;
            }
            if x[child] <= value {
                break;
            }
            x[root] = x[child];
            root = child;
        }
        x[root] = value;
    }
    for end in (1..n).rev() {
        let value = x[end];
        x[end] = x[0];
        let mut root = 0;
        loop {
            let mut child = 2 * root + 1;
            if child >= end {
                break;
            }
            if child + 1 < end && x[child + 1] > x[child] {
                child += 1;
            }
            if x[child] <= value {
                break;
            }
            x[root] = x[child];
            root = child;
        }
        x[root] = value;
    }
}

#[jit(require(no_checks))]
fn insertion_sort(x: &mut [f64]) {
    for i in 1..x.len() {
        let v = x[i];
        let mut j = i;
        while j > 0 && x[j - 1] > v {
            x[j] = x[j - 1];
            j -= 1;
        }
        x[j] = v;
    }
}

#[jit(require(no_checks))]
fn lower_bound(x: &[f64], v: f64) -> usize {
    let (mut lo, mut hi) = (0, x.len());
    while lo < hi {
        let mid = lo + (hi - lo) / 2;
        if x[mid] < v {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    lo
}

#[jit(require(no_checks))]
fn common(a: &[f64], b: &[f64]) -> usize {
    let (mut i, mut j, mut count) = (0, 0, 0);
    while i < a.len() && j < b.len() {
        if a[i] < b[j] {
            i += 1;
        } else if b[j] < a[i] {
            j += 1;
        } else {
            i += 1;
            j += 1;
            count ^= 1;
        }
    }
    count
}

#[jit]
fn asserted(a: &[f64], b: &[f64], n: usize) -> f64 {
    assert_eq!(a.len(), b.len());
    assert!(n <= a.len(), "{n} of {}", a.len());
    let (mut i, mut sum) = (0, 0.0);
    while i < n {
        sum += a[i] * b[i];
        if sum > 50.0 {
            sum = -sum;
            i += 1;
        }
        i += 1;
    }
    sum
}

/// One off: the check stays, and panics.
#[jit]
fn one_off(x: &[f64], v: f64) -> usize {
    let (mut lo, mut hi) = (0, x.len());
    while lo <= hi {
        let mid = lo + (hi - lo) / 2;
        if x[mid] < v {
            lo = mid + 1;
        } else if mid == 0 {
            break;
        } else {
            hi = mid - 1;
        }
    }
    lo
}

#[test]
fn they_agree() {
    proptest!(ProptestConfig::with_cases(48), |(x in vec_f64(), y in vec_f64(), v in -50.0..50.0f64, n in 0..20usize)| {
        agree!(heap_sort(&mut x));
        agree!(insertion_sort(&mut x));
        agree!(lower_bound(&x, v));
        agree!(common(&x, &y));
        agree!(asserted(&x, &y, n));
        agree!(asserted(&x, &x, n));
        agree!(one_off(&x, v));
    });
}

#[test]
fn no_checks_are_left() {
    asserted(&[1.0], &[1.0], 1);
    let text = asserted::report().to_string();
    assert!(text.contains("none left"), "{text}");
    let text = one_off::report();
    assert!(text.to_string().contains("bounds at"), "{text}");
}

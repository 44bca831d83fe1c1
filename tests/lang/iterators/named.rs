//! Iterators in variables, which are asked for one item at a time.

use hotloop::jit;

use super::{floats, ints};

#[jit]
fn next(a: &[i32]) -> (i32, i32) {
    let mut it = a.iter();
    let first = it.next().copied().unwrap_or(-1);
    let mut s = 0;
    while let Some(x) = it.next() {
        s = (s * 3 + x) % 997;
    }
    (first, s)
}

#[jit]
fn goes_on(a: &[i32]) -> (i32, i32, i32) {
    let mut it = a.iter().copied();
    let first: i32 = it.by_ref().take(2).sum();
    let found = it.find(|x| *x > 3).unwrap_or(0);
    (first, found, it.sum())
}

#[jit]
fn both_ends(a: &[i32]) -> i32 {
    let mut it = a.iter();
    let mut s = 0;
    while let (Some(x), Some(y)) = (it.next(), it.next_back()) {
        s = (s * 3 + x * y) % 997;
    }
    s
}

#[jit]
fn filtered(a: &[i32]) -> (usize, i32) {
    let mut it = a.iter().filter(|x| **x > 0).map(|x| x * 2).enumerate();
    let (i, x) = it.next().unwrap_or((9, 9));
    let rest = it.map(|(i, x)| i as i32 * x).sum();
    (i + x as usize, rest)
}

#[jit]
fn remainder(a: &[f64]) -> f64 {
    let chunks = a.chunks_exact(4);
    let rest: f64 = chunks.remainder().iter().sum();
    let mut acc = [0.0; 4];
    for c in chunks {
        for (s, x) in acc.iter_mut().zip(c) {
            *s += x;
        }
    }
    acc.iter().sum::<f64>() + rest
}

#[jit]
fn differences(a: &[f64], out: &mut [f64]) -> usize {
    let mut it = a.iter().copied();
    let mut n = 0;
    if let Some(mut last) = it.next() {
        for (x, o) in it.zip(out.iter_mut()) {
            *o = x - last;
            last = x;
            n += 1;
        }
    }
    n
}

#[jit]
fn nth(a: &[i32]) -> (Option<i32>, Option<i32>, usize) {
    let mut it = a.iter().copied();
    let x = it.nth(1);
    let y = it.nth(0);
    (x, y, it.count())
}

#[jit]
fn counters(n: usize) -> (usize, usize) {
    let mut it = 0..n;
    let mut s = 0;
    while let Some(i) = it.next() {
        s += i;
        if i == 2 {
            break;
        }
    }
    (s, it.start)
}

#[test]
fn named_agree() {
    for (n, (a, b)) in ints().into_iter().zip(floats()).enumerate() {
        agree!(next(&a));
        agree!(goes_on(&a));
        agree!(both_ends(&a));
        agree!(filtered(&a));
        agree!(nth(&a));
        agree!(counters(n));
        agree!(remainder(&b));
        agree!(differences(&b, &mut b));
    }
}

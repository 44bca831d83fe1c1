//! Iterators made of iterators.

use hotloop::jit;

use super::{floats, ints};

#[jit]
fn zips(a: &[f64], b: &[f64], c: &mut [f64]) -> f64 {
    for (i, (x, y)) in a.iter().zip(b).enumerate() {
        if i < c.len() {
            c[i] = x * y + i as f64;
        }
    }
    for ((z, &x), y) in c.iter_mut().zip(a).zip(b.iter().rev()) {
        *z += x - *y;
    }
    a.iter().zip(b.iter().skip(1)).map(|(&x, y)| x * y).sum()
}

#[jit]
fn maps_and_filters(a: &[i32], k: i32) -> (i32, i32, usize, i32) {
    let even = a.iter().filter(|x| **x % 2 == 0).map(|x| x * k).sum();
    let some = a
        .iter()
        .filter_map(|&x| if x > k { Some(x - k) } else { None })
        .sum();
    let n = a
        .iter()
        .copied()
        .filter(|&x| x > 0)
        .filter(|x| x % 3 != 0)
        .count();
    let checked = a
        .iter()
        .filter_map(|x| x.checked_rem(k))
        .fold(0, |acc, x| acc * 2 % 997 + x);
    (even, some, n, checked)
}

#[jit]
fn reversed(a: &[f64]) -> f64 {
    let mut s = 0.0;
    for (i, x) in a.iter().enumerate().rev() {
        s = s * 0.5 + x * i as f64;
    }
    for (i, x) in a.iter().rev().enumerate() {
        s = s * 0.5 + x * i as f64;
    }
    for x in a.iter().filter(|x| **x > 0.0).rev() {
        s = s * 0.5 + x;
    }
    for (x, y) in a.iter().zip(a.iter().skip(1)).rev() {
        s = s * 0.5 + x * y;
    }
    for w in a.windows(2).rev() {
        s = s * 0.5 + w[0];
    }
    for x in a.iter().chain(&a[a.len() / 2..]).rev() {
        s = s * 0.5 + x;
    }
    s
}

#[jit]
fn skips_and_takes(a: &[i32], n: usize) -> i32 {
    let mut s = 0;
    for x in a.iter().skip(n).take(3) {
        s = s * 3 % 997 + x;
    }
    for x in a.iter().take(n).skip(1).rev() {
        s = s * 3 % 997 + x;
    }
    for x in a.iter().filter(|x| **x > 0).skip(n).take(2) {
        s = s * 3 % 997 + x;
    }
    for (i, x) in a.iter().map(|x| x + 1).skip(n).enumerate() {
        s = s * 3 % 997 + x * i as i32;
    }
    s
}

#[jit]
fn steps(a: &[i32], n: usize) -> i32 {
    let mut s = 0;
    for x in a.iter().step_by(n) {
        s = s * 3 % 997 + x;
    }
    for (i, x) in a.iter().enumerate().skip(1).step_by(n) {
        s = s * 3 % 997 + x + i as i32;
    }
    for x in a.iter().rev().step_by(n) {
        s = s * 3 % 997 + x;
    }
    for x in a.iter().step_by(n).rev() {
        s = s * 3 % 997 + x;
    }
    for x in a.iter().filter(|x| **x != 0).step_by(n) {
        s = s * 3 % 997 + x;
    }
    for i in (0..a.len()).step_by(n).map(|i| i * 2) {
        s = s * 3 % 997 + i as i32;
    }
    s
}

#[jit]
fn chains(a: &[i32], b: &[i32]) -> (i32, usize) {
    let mut s = 0;
    for (i, x) in a.iter().chain(b).enumerate() {
        if *x == 3 {
            continue;
        }
        if *x == 11 {
            break;
        }
        s = s * 3 % 997 + x * i as i32;
    }
    for x in a.iter().chain(b.iter()).skip(1).step_by(2) {
        s = s * 3 % 997 + x;
    }
    for i in (0..3).chain(7..9).chain([1, 4]) {
        s = s * 3 % 997 + i;
    }
    (s, a.iter().chain(b).count())
}

#[jit]
fn whiles(a: &[i32], k: i32) -> (i32, i32, i32, i32) {
    (
        a.iter().take_while(|x| **x != k).sum(),
        a.iter().skip_while(|&&x| x != k).copied().sum(),
        a.iter()
            .map_while(|&x| if x < k { Some(x * 2) } else { None })
            .sum(),
        a.iter().map_while(|x| k.checked_div(*x)).sum(),
    )
}

#[jit]
fn scans(a: &[f64], out: &mut [f64]) -> f64 {
    let prefix = a.iter().scan(0.0, |sum, &x| {
        *sum += x;
        Some(*sum)
    });
    for (o, s) in out.iter_mut().zip(prefix) {
        *o = s;
    }
    let until = a.iter().scan(1.0, |p, x| {
        *p *= x;
        if *p > 20.0 { None } else { Some(*p) }
    });
    until.sum()
}

#[jit]
fn flat(n: usize, a: &[i32]) -> (usize, i32, i32, f64) {
    let triangle = (0..n).flat_map(|i| (0..i).map(move |j| i * j)).sum();
    let mirrored = a
        .chunks(3)
        .flat_map(|c| c.iter().rev())
        .fold(0, |acc, x| (acc * 3 + x) % 997);
    let flattened = a.chunks(2).flatten().take(n).sum();
    let mut s = 0.0;
    for (i, j) in (0..n).flat_map(|i| (i..n).map(move |j| (i, j))) {
        s = s * 0.5 + (i * 10 + j) as f64;
    }
    (triangle, mirrored, flattened, s)
}

#[jit]
fn effects(a: &[i32]) -> (i32, i32, i32) {
    let mut calls = 0;
    let mut seen = 0;
    let s = a
        .iter()
        .map(|x| {
            calls += 1;
            x * 2
        })
        .inspect(|x| seen = (seen * 3 + x) % 997)
        .filter(|x| *x > 2)
        .take(2)
        .sum();
    (s, calls, seen)
}

#[jit]
fn zip_asks_the_first_first(a: &[i32], b: &[i32]) -> (i32, i32) {
    let mut calls = 0;
    let s = a
        .iter()
        .map(|x| {
            calls += 1;
            *x
        })
        .zip(b.iter())
        .map(|(x, y)| x * y)
        .sum();
    (s, calls)
}

#[jit]
fn zips_of_unknown_lengths(a: &[i32], b: &[i32]) -> i32 {
    let mut s = 0;
    for (x, y) in a
        .iter()
        .filter(|x| **x > 0)
        .zip(b.iter().filter(|y| **y % 2 == 0))
    {
        s = s * 3 % 997 + x * y;
    }
    for (x, y) in a.iter().zip(b.iter().skip_while(|y| **y < 3)) {
        s = s * 3 % 997 + x - y;
    }
    for (i, x) in (0..).zip(a.iter().chain(b)) {
        s = s * 3 % 997 + i * x;
    }
    s
}

#[jit]
fn by_value(a: &[f64]) -> (f64, f64) {
    let mut s = 0.0;
    for (i, x) in a.iter().copied().enumerate() {
        s += x * i as f64;
    }
    (s, a.iter().cloned().map(f64::abs).map(f64::sqrt).sum())
}

#[test]
fn zips_agree() {
    for (a, b) in floats().into_iter().zip(floats().into_iter().rev()) {
        agree!(zips(&a, &b, &mut a));
        agree!(zips(&b, &a, &mut a));
    }
    for (a, b) in ints().into_iter().zip(ints().into_iter().rev()) {
        agree!(zip_asks_the_first_first(&a, &b));
        agree!(zips_of_unknown_lengths(&a, &b));
    }
}

#[test]
fn maps_and_filters_agree() {
    for (a, b) in ints().into_iter().zip(floats()) {
        for k in [0, 2, -3, 100] {
            agree!(maps_and_filters(&a, k));
        }
        agree!(by_value(&b));
        agree!(effects(&a));
    }
}

#[test]
fn parts_agree() {
    for (a, b) in ints().into_iter().zip(floats()) {
        agree!(reversed(&b));
        for n in [0, 1, 2, 3, 70] {
            agree!(skips_and_takes(&a, n));
            agree!(steps(&a, n));
        }
    }
}

#[test]
fn chains_agree() {
    for (a, b) in ints().into_iter().zip(ints().into_iter().rev()) {
        agree!(chains(&a, &b));
        agree!(chains(&b, &a));
    }
}

#[test]
fn conditions_agree() {
    for (a, b) in ints().into_iter().zip(floats()) {
        for k in [-9, 5, 100] {
            agree!(whiles(&a, k));
        }
        agree!(scans(&b, &mut b));
        let short = vec![0.0; b.len() / 2];
        agree!(scans(&b, &mut short));
    }
}

#[test]
fn nested_iterators_agree() {
    for (n, a) in ints().into_iter().enumerate() {
        agree!(flat(n, &a));
    }
}

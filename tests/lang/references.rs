//! References: to variables, elements and fields, chosen at run time, and in parameters.

use hotloop::jit;

use crate::harness::compare;

#[jit]
fn through_a_name(a: &mut [f64], i: usize, j: usize) -> f64 {
    let r = &mut a[i];
    *r += 1.5;
    *r *= 2.0;
    let s = &a[j];
    let t = &s;
    *s + **t + -s
}

#[jit]
fn chosen(a: &[i64], b: i64, first: bool) -> i64 {
    let mut best = if first { &a[0] } else { &b };
    for i in 0..a.len() {
        if a[i] > *best {
            best = &a[i];
        }
    }
    best + 1
}

#[jit]
fn scale(x: &mut f64, by: &f64, n: &usize) {
    for _ in 0..*n {
        *x *= by;
        *x -= *by;
    }
}

#[jit]
fn swaps(a: &mut [u32], x: &mut u32) -> u32 {
    std::mem::swap(&mut a[0], x);
    let old = std::mem::replace(&mut a[1], *x);
    let taken = std::mem::take(x);
    old + taken * 10 + *x
}

#[jit]
fn ping_pong(a: &mut [f64], b: &mut [f64], steps: usize) -> f64 {
    let mut src = a;
    let mut dst = b;
    for _ in 0..steps {
        for i in 1..src.len() {
            dst[i] = src[i] + 0.5 * src[i - 1];
        }
        std::mem::swap(&mut src, &mut dst);
    }
    src[src.len() - 1]
}

#[jit]
fn chosen_buffers(a: &mut [f64], b: &mut [f64], n: usize) {
    for step in 0..n {
        let (src, dst) = if step % 2 == 0 {
            (&a[..], &mut b[..])
        } else {
            (&b[..], &mut a[..])
        };
        for i in 0..dst.len() {
            dst[i] = src[i] * 1.25 + i as f64;
        }
    }
}

#[jit]
fn deref_slice(a: &[f64], i: usize) -> f64 {
    let b = a;
    let c = &b;
    (*b)[i] + c[0] + c.len() as f64
}

#[jit]
fn nth_pair((a, b): (f64, f64), &n: &usize, [x, y]: [i32; 2]) -> (f64, i32) {
    (a * n as f64 - b, x - y)
}

#[test]
fn names_for_places() {
    for (i, j) in [(0, 1), (1, 1), (3, 0), (0, 7)] {
        compare(
            (vec![1.0, 2.0, -3.0],),
            |(a,)| through_a_name(a, i, j),
            |(a,)| through_a_name::plain(a, i, j),
        );
    }
    assert!(!through_a_name::specializations().is_empty());
}

#[test]
fn chosen_at_run_time() {
    agree!(chosen(&vec![3i64, 9, 4], 7, true));
    agree!(chosen(&vec![3i64, 2], 7, false));
}

#[test]
fn parameters() {
    compare(
        (1.5, 0.3, 7usize),
        |(x, by, n)| scale(x, by, n),
        |(x, by, n)| scale::plain(x, by, n),
    );
    compare(
        (vec![3u32, 4, 5], 8u32),
        |(a, x)| swaps(a, x),
        |(a, x)| swaps::plain(a, x),
    );
    compare(
        (),
        |()| nth_pair((2.0, 3.0), &4, [7, 9]),
        |()| nth_pair::plain((2.0, 3.0), &4, [7, 9]),
    );
    assert!(!scale::specializations().is_empty());
    assert!(!swaps::specializations().is_empty());
    assert!(!nth_pair::specializations().is_empty());
}

#[test]
fn buffers_that_take_turns() {
    for steps in [0, 1, 2, 5] {
        agree!(ping_pong(
            &mut vec![1.0, 2.0, 3.0],
            &mut vec![0.5, 0.25, 9.0],
            steps
        ));
        agree!(chosen_buffers(
            &mut vec![1.0, 2.0],
            &mut vec![0.5, 0.25],
            steps
        ));
    }
    agree!(deref_slice(&vec![1.0, 2.0], 1));
}

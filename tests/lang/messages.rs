//! Panics with arguments, `assert_eq!` and its like.

use hotloop::jit;

#[jit]
fn with_arguments(x: f64, n: i32) -> f64 {
    if n < 0 {
        panic!("n is {n}, x is {:.3} and {x:>10.2e} | {0:?}", x);
    }
    if n > 100 {
        unreachable!("{} and {}", n + 1, x > 0.0);
    }
    x / f64::from(n)
}

#[jit]
fn asserted(a: &[u8], i: usize) -> u8 {
    assert!(i < a.len(), "index {i} of {len}", len = a.len());
    assert_eq!(a[i] % 2, 0, "odd element {} at {i}", a[i]);
    assert_ne!(a[i], 8);
    a[i]
}

#[jit]
fn equal(x: f32, y: f32) -> f32 {
    assert_eq!(x, y);
    x + y
}

#[jit]
fn in_debug_only(x: i64, y: i64) -> i64 {
    debug_assert_eq!(x % 3, y % 3, "{x} against {y:#x}");
    debug_assert_ne!(x, y);
    x - y
}

#[jit]
fn with_width(x: i32, width: usize) -> i32 {
    assert!(x > 0, "{x:>width$}|{0:<1$}|{2:08.3}", x, width, 1.5);
    x
}

#[test]
fn messages_agree() {
    for n in [-3, 0, 7, 101] {
        for x in [1.25, -0.0, f64::NAN, 1e-7] {
            agree!(with_arguments(x, n));
        }
    }
    for i in 0..5 {
        agree!(asserted(&[2, 3, 8, 0], i));
    }
    for (x, y) in [(1.0, 1.0), (1.0, 2.5), (f32::NAN, f32::NAN), (0.0, -0.0)] {
        agree!(equal(x, y));
    }
    for (x, y) in [(1, 4), (1, 1), (2, 4), (-9, 0)] {
        agree!(in_debug_only(x, y));
    }
    agree!(with_width(-7, 9));
    agree!(with_width(7, 9));
}

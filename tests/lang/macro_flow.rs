//! Macros that leave the function or the loop that they stand in, by what their expansion has or by what is among their tokens.

use hotloop::{JitType, jit};

use crate::harness::compare;

macro_rules! cap {
    ($x:expr) => {
        if $x > 10.0 {
            return $x;
        }
    };
}

macro_rules! skip_negative {
    ($x:expr) => {
        if $x < 0.0 {
            continue;
        }
    };
}

macro_rules! stop_at {
    ($x:expr, $limit:expr) => {
        if $x > $limit {
            break;
        }
    };
}

macro_rules! need {
    ($x:expr) => {
        $x?;
    };
}

macro_rules! ensure {
    ($condition:expr, $error:expr) => {
        if !$condition {
            return Err($error);
        }
    };
}

macro_rules! either {
    ($condition:expr, $this:expr, $that:expr) => {
        if $condition { $this } else { $that }
    };
}

macro_rules! triple {
    ($when:expr, $n:expr) => {
        if $when {
            return (0.5, $n, true);
        }
    };
}

macro_rules! pick {
    ($a:ident, $k:expr) => {
        if $a[$k] > 100 {
            return $a[$k + 1];
        }
    };
}

#[jit]
fn returned(x: f64, a: &mut [f64]) -> f64 {
    cap!(x);
    for i in 0..a.len() {
        a[i] += 1.0;
        cap!(a[i] * x);
    }
    x + 1.0
}

#[jit]
fn loops(a: &[f64], limit: f64) -> (f64, usize) {
    let mut sum = 0.0;
    let mut seen = 0;
    for &x in a {
        skip_negative!(x);
        stop_at!(x, limit);
        sum += x;
        seen += 1;
    }
    for (i, x) in a.iter().enumerate().skip(1).filter(|(i, _)| i % 2 == 1) {
        stop_at!(*x, limit * 2.0);
        skip_negative!(x - 1.0);
        sum -= x * i as f64;
    }
    let mut i = 0;
    while i < a.len() {
        i += 1;
        skip_negative!(a[i - 1]);
        stop_at!(sum, limit * 4.0);
        sum *= 1.5;
    }
    'outer: for i in 0..a.len() {
        loop {
            stop_at!(a[i], sum);
            sum = sum / 2.0 + a[i];
            seen += 1;
            if seen > 40 || sum.is_nan() {
                break 'outer;
            }
        }
        sum += 1.0;
    }
    (sum, seen)
}

#[jit]
fn optional(a: &[f64], at: usize) -> Option<f64> {
    need!(a.get(at).copied());
    let mut sum = 0.0;
    for i in 0..=at {
        need!(a.get(2 * i));
        sum += a[i];
    }
    Some(sum)
}

#[jit]
fn fallible(a: &[i32], n: i32) -> Result<i32, u8> {
    ensure!(n > 0, 1);
    let mut product = 1;
    for &x in a {
        ensure!(x != 0, 2);
        product *= x % n;
    }
    Ok(product)
}

#[jit]
fn without_value(a: &mut [f64], limit: f64) -> Result<(), u8> {
    for i in 0..a.len() {
        let root = a[i].sqrt();
        a[i] = root;
        ensure!(root < limit, 7);
    }
    Ok(())
}

macro_rules! done {
    ($condition:expr) => {
        if $condition {
            return;
        }
    };
}

#[jit]
fn nothing(a: &mut [u32], limit: u32) {
    for i in 0..a.len() {
        done!(a[i] > limit);
        a[i] = a[i] * 3 + 1;
    }
    a[0] += 1;
}

#[jit]
fn several(x: f64, n: i64) -> (f64, i64, bool) {
    either!(x > 1.0, return (x, n, false), ());
    triple!(n > 3, 4);
    (x, n, n == 0)
}

/// Among the tokens, and in expressions.
#[jit]
fn in_expressions(a: &[f64], b: f64) -> Option<f64> {
    let mut sum = either!(b < 0.0, return None, a.get(1)? * b);
    for &x in a {
        sum += either!(x < 0.0, continue, x);
        let y = either!(sum > 100.0, break, sum.sqrt());
        sum = sum + 0.25 * y + either!(y.is_nan(), return Some(x), 1.0);
    }
    Some(sum)
}

/// A panic in the expansion, and one behind it.
#[jit]
fn panicking(a: &[u8], k: usize) -> u8 {
    let mut sum = 0;
    for i in 0..k {
        pick!(a, i);
        sum += a[i];
    }
    sum
}

/// Of results that are not made of numbers, what is among the tokens.
#[jit]
fn of_arrays(x: f64, a: &[f64]) -> [f64; 2] {
    either!(x > 2.0, return [x, x * 2.0], {});
    [a[0], x]
}

#[derive(Clone, Copy, Debug, JitType)]
struct Limits {
    least: f64,
    greatest: f64,
}

#[jit]
impl Limits {
    fn first(&self, a: &[f64]) -> Option<f64> {
        for &x in a {
            skip_negative!(x - self.least);
            stop_at!(x, self.greatest);
            return Some(x);
        }
        None
    }
}

#[jit]
fn of_methods(limits: &Limits, a: &[f64]) -> f64 {
    limits.first(a).unwrap_or(-1.0)
}

fn data() -> Vec<Vec<f64>> {
    vec![
        vec![],
        vec![1.0],
        vec![1.0, -2.0, 3.0, 0.25, 7.0, 20.0, 2.0],
        vec![-1.0, f64::NAN, 4.0, 9.0],
        vec![f64::INFINITY, 1.0],
        (0..30).map(|i| f64::from(i) * 1.75 - 9.0).collect(),
    ]
}

#[test]
fn what_an_expansion_returns_agrees() {
    for a in data() {
        for x in [0.5, -3.0, 11.0, 4.0, f64::NAN] {
            agree!(returned(x, &mut a.clone()));
            agree!(without_value(&mut a.clone(), x));
            for n in [0, 3, 4] {
                agree!(several(x, n));
            }
        }
        for at in [0, 1, 3, 40] {
            agree!(optional(&a, at));
        }
    }
    for a in [
        vec![],
        vec![1, 2, 3],
        vec![3, 0, 1],
        vec![i32::MAX; 3],
        vec![7; 40],
    ] {
        for n in [0, 5, 1000, i32::MAX] {
            agree!(fallible(&a, n));
        }
    }
    for a in [vec![], vec![1, 2, 3], vec![u32::MAX], vec![1; 9]] {
        for limit in [0, 2, u32::MAX] {
            agree!(nothing(&mut a.clone(), limit));
        }
    }
    for a in [
        vec![1, 2, 101, 7],
        vec![1, 2, 3, 101],
        vec![100, 100, 100, 0],
    ] {
        for k in 0..6 {
            agree!(panicking(&a, k));
        }
    }
}

#[test]
fn loops_are_left() {
    for a in data() {
        for limit in [0.0, 2.5, 10.0, f64::INFINITY, f64::NAN] {
            agree!(loops(&a, limit));
            let limits = Limits {
                least: 0.5,
                greatest: limit,
            };
            compare(
                (),
                |()| of_methods(&limits, &a),
                |()| of_methods::plain(&limits, &a),
            );
        }
    }
    assert!(
        !of_methods::specializations().is_empty(),
        "{:?}",
        of_methods::declined()
    );
}

#[test]
fn what_is_among_the_tokens_agrees() {
    for a in data() {
        for b in [0.0, 1.0, f64::NAN, -40.0] {
            agree!(in_expressions(&a, b));
        }
        for x in [1.0, 3.0] {
            agree!(of_arrays(x, &a));
        }
    }
}

//! Loops over one range that become one: results, what was stored, and panics are those of the loops one after the other.

use hotloop::jit;

use crate::harness::compare;

#[jit]
fn in_place(y: &mut [f64], a: &[f64], b: &[f64]) {
    for i in 0..a.len() {
        y[i] = a[i] * b[i];
    }
    for i in 0..a.len() {
        y[i] += b[i];
    }
}

#[jit]
fn statistics(a: &[f64]) -> (f64, f64, f64, f64) {
    let mut sum = 0.0;
    for i in 0..a.len() {
        sum += a[i];
    }
    let mean = sum / a.len() as f64;
    let mut squares = 0.0;
    for &x in a {
        squares += x * x;
    }
    let mut low = f64::INFINITY;
    for &x in a {
        low = low.min(x);
    }
    let mut high = f64::NEG_INFINITY;
    for &x in a.iter() {
        high = high.max(x);
    }
    (mean, squares, low, high)
}

/// The second loop needs what the first has not stored yet.
#[jit]
fn looks_ahead(t: &mut [i64], y: &mut [i64], a: &[i64]) {
    for i in 0..a.len() {
        t[i] = a[i] ^ 5;
    }
    for i in 0..a.len() {
        y[i] = t[a.len() - 1 - i];
    }
}

/// The first loop may panic in the middle, and the second must not have begun.
#[jit]
fn panics_between(t: &mut [i32], y: &[i32], a: &[i32], n: usize) -> i32 {
    let mut last = 0;
    for i in 0..n {
        t[i] = a[i] & 255;
    }
    for i in 0..n {
        t[i] ^= y[i] | 256;
        last |= t[i];
    }
    last
}

#[jit]
fn shifted_halves(x: &mut [f32], k: usize) {
    let (low, high) = x.split_at_mut(k);
    for i in 0..low.len() {
        low[i] = low[i] * 2.0;
    }
    for i in 0..low.len() {
        high[i] = low[i] + high[i];
    }
}

#[jit]
fn small_counters(t: &mut [u8; 256], y: &mut [u8; 256], a: &[u8; 256]) {
    for i in 0..=255u8 {
        t[i as usize] = a[i as usize] ^ i;
    }
    for i in 0..=255u8 {
        y[i as usize] = t[i as usize] & a[i as usize];
    }
}

#[jit]
fn again_and_again(u: &mut [f64], v: &mut [f64], steps: usize) {
    for _ in 0..steps {
        for i in 1..u.len() - 1 {
            v[i] = u[i - 1] + u[i + 1];
        }
        for i in 1..u.len() - 1 {
            u[i] = v[i] * 0.5;
        }
    }
}

#[jit]
fn local_array(a: &[f64]) -> f64 {
    let mut squares = [0.0; 64];
    let mut roots = [0.0; 64];
    for i in 0..64 {
        squares[i] = a[i] * a[i];
    }
    for i in 0..64 {
        roots[i] = squares[i] + a[i];
    }
    let mut sum = 0.0;
    for i in 0..64 {
        sum += roots[i];
    }
    sum
}

fn values(len: usize) -> Vec<f64> {
    let value = |i: usize| match i % 13 {
        5 => f64::NAN,
        7 => -0.0,
        x => x as f64 / 3.0 - 2.0,
    };
    (0..len).map(value).collect()
}

#[test]
fn lengths() {
    for len in [0, 1, 2, 7, 8, 31, 64, 65, 200] {
        let a = values(len);
        let b: Vec<f64> = a.iter().rev().copied().collect();
        // Shorter ones panic somewhere in the middle.
        for (t, y) in [
            (len, len),
            (len / 2, len),
            (len, len / 2),
            (len + 3, len + 1),
        ] {
            let (short, shorter) = (vec![1.0; t], vec![2.0; y]);
            agree!(in_place(&mut short, &a, &b));
            agree!(in_place(&mut shorter, &b, &a));
            let whole: Vec<i64> = (0..len as i64).collect();
            let (short, shorter) = (vec![1; t], vec![2; y]);
            agree!(looks_ahead(&mut short, &mut shorter, &whole));
        }
        compare(
            a.clone(),
            |a| bits(statistics(a)),
            |a| bits(statistics::plain(a)),
        );
        for k in [0, len / 2, len, len + 1] {
            let x: Vec<f32> = a.iter().map(|&x| x as f32).collect();
            agree!(shifted_halves(&mut x, k));
        }
        for steps in [0, 1, 5] {
            agree!(again_and_again(&mut a, &mut b, steps));
        }
        agree!(local_array(&a));
    }
}

fn bits((mean, squares, low, high): (f64, f64, f64, f64)) -> [u64; 4] {
    // A NaN is a NaN.
    [mean, squares, low, high].map(|x| if x.is_nan() { 1 } else { x.to_bits() })
}

#[test]
fn panics_keep_their_order() {
    let a: Vec<i32> = (0..100).map(|x| x * 7).collect();
    for n in [0, 1, 50, 99, 100, 101, usize::MAX] {
        for (t, y) in [(100, 100), (40, 100), (100, 40), (40, 30), (30, 40), (0, 0)] {
            let (short, shorter) = (vec![-1; t], vec![-2; y]);
            agree!(panics_between(&mut short, &shorter, &a, n));
        }
    }
}

#[test]
fn all_values_of_a_counter() {
    let a: [u8; 256] = std::array::from_fn(|i| (i * 37) as u8);
    compare(
        ([1; 256], [2; 256], a),
        |(t, y, a)| small_counters(t, y, a),
        |(t, y, a)| small_counters::plain(t, y, a),
    );
}

#[test]
fn the_report_says_so() {
    in_place(&mut [0.0], &[1.0], &[2.0]);
    let text = in_place::report().to_string();
    assert!(text.contains("fused with the loop at"), "{text}");
    assert!(text.contains("became part of the loop at"), "{text}");
    let text = statistics::report().to_string();
    assert!(text.contains("fused with the loop at"), "{text}");
    let text = looks_ahead::report().to_string();
    assert!(!text.contains("fused"), "{text}");
}

#[jit(require(vectorized, no_checks))]
fn required(y: &mut [f64], a: &[f64]) {
    for i in 0..a.len() {
        y[i] = a[i] * 2.0;
    }
    for i in 0..a.len() {
        y[i] = y[i] + a[i];
    }
}

#[test]
fn requirements_hold() {
    let (out, a) = (vec![0.0; 100], vec![1.5; 100]);
    agree!(required(&mut out, &a));
    required::compile().expect("as required");
}

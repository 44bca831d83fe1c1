//! Least and greatest values by `if`, and their places: to the bit, with NaN, zeros of both signs and equal values, at lengths around the blocks'.

use hotloop::jit;

use crate::harness::compare;

#[jit]
fn argmin(x: &[f64], first: f64) -> (f64, usize) {
    let mut least = first;
    let mut at = usize::MAX;
    for i in 0..x.len() {
        if x[i] < least {
            least = x[i];
            at = i;
        }
    }
    (least, at)
}

#[jit]
fn farthest(x: &[f32], y: &[f32], cx: f32, cy: f32) -> (usize, f32) {
    let (mut at, mut most) = (0, -1.0);
    for (i, (&x, &y)) in x.iter().zip(y).enumerate() {
        let (dx, dy) = (x - cx, y - cy);
        let d = dx * dx + dy * dy;
        if most < d {
            most = d;
            at = i;
        }
    }
    (at, most)
}

#[jit]
fn range(x: &[f64]) -> (f64, f64) {
    let mut low = f64::INFINITY;
    let mut high = f64::NEG_INFINITY;
    for &v in x {
        if v < low {
            low = v;
        }
        if v > high {
            high = v;
        }
    }
    (low, high)
}

#[jit]
fn greatest_integer(x: &[i32]) -> (i32, usize) {
    let (mut most, mut at) = (i32::MIN, 0);
    for i in 0..x.len() {
        if x[i] > most {
            most = x[i];
            at = i;
        }
    }
    (most, at)
}

/// Few different values, so that the least occurs often.
fn values(len: usize, seed: u64) -> Vec<f64> {
    let special = [0.0, -0.0, 1.5, -2.5, f64::NAN, 7.0, f64::INFINITY, -2.5];
    let mut state = seed;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) as usize
    };
    (0..len)
        .map(|_| match seed % 3 {
            0 => special[next() % special.len()],
            1 => special[next() % 3],
            _ => next() as f64,
        })
        .collect()
}

#[test]
fn lengths_and_values() {
    for len in [0, 1, 5, 255, 383, 384, 385, 512, 640, 1000, 2049] {
        for seed in 0..12 {
            let x = values(len, seed);
            for first in [f64::INFINITY, 0.0, -0.0, f64::NAN, -3.0] {
                compare(
                    x.clone(),
                    |x| bits(argmin(x, first)),
                    |x| bits(argmin::plain(x, first)),
                );
            }
            compare(
                x.clone(),
                |x| range_bits(range(x)),
                |x| range_bits(range::plain(x)),
            );
            let narrow: Vec<f32> = x.iter().map(|&x| x as f32).collect();
            compare(
                narrow.clone(),
                |x| farthest(x, x, 0.5, -1.0),
                |x| farthest::plain(x, x, 0.5, -1.0),
            );
            let whole: Vec<i32> = x.iter().map(|&x| x as i32).collect();
            compare(
                whole,
                |x| greatest_integer(x),
                |x| greatest_integer::plain(x),
            );
        }
    }
}

fn bits((least, at): (f64, usize)) -> (u64, usize) {
    (least.to_bits(), at)
}

fn range_bits((low, high): (f64, f64)) -> (u64, u64) {
    (low.to_bits(), high.to_bits())
}

#[test]
fn the_loops_are_found() {
    argmin(&[1.0], 2.0);
    range(&[1.0]);
    greatest_integer(&[1]);
    farthest(&[1.0], &[1.0], 0.0, 0.0);
    for report in [
        argmin::report(),
        range::report(),
        greatest_integer::report(),
        farthest::report(),
    ] {
        let text = report.to_string();
        assert!(text.contains("block of iterations"), "{text}");
    }
}

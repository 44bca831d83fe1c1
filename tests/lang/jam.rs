//! Outer loops whose iterations run side by side, and eliminations that are computed in blocks, at sizes that fill blocks, leave rows over, and are too
//! small: to the bit what rustc's body computes, panics and what was stored before them included.

use hotloop::jit;

use crate::harness::compare;
use crate::polybench::values;

const SIZES: [usize; 11] = [0, 1, 3, 4, 5, 9, 16, 31, 75, 104, 131];

/// Numbers with a heavy diagonal, so that nothing becomes infinite.
fn matrix(n: usize, ld: usize) -> Vec<f64> {
    let mut a = values(n * ld, 1);
    for i in 0..n.min(ld) {
        a[i * ld + i] = a[i * ld + i].abs() + 2.0 * n as f64;
    }
    a
}

macro_rules! in_place {
    ($($name:ident($n:ident, $ld:ident, $a:ident) $body:block)*) => { $(
        #[test]
        fn $name() {
            #[jit]
            fn strict($n: usize, $ld: usize, $a: &mut [f64]) $body
            #[jit(fastmath)]
            fn fast($n: usize, $ld: usize, $a: &mut [f64]) $body
            #[jit(parallel)]
            fn parallel($n: usize, $ld: usize, $a: &mut [f64]) $body

            for n in SIZES {
                // Rows that are longer, and rows that overlap.
                for ld in [n, n + 3, n.saturating_sub(2)] {
                    let full = matrix(n, n.max(ld).max(1) + 3);
                    compare(full.clone(), |a| strict(n, ld, a), |a| strict::plain(n, ld, a));
                    compare(full.clone(), |a| parallel(n, ld, a), |a| parallel::plain(n, ld, a));
                    // Too short: a panic in the middle, with everything before it stored.
                    for len in [n * n, n * n / 2, (n * n).saturating_sub(1)] {
                        let short = full[..len.min(full.len())].to_vec();
                        compare(short.clone(), |a| strict(n, ld, a), |a| strict::plain(n, ld, a));
                        compare(short, |a| parallel(n, ld, a), |a| parallel::plain(n, ld, a));
                    }
                }
                let (mut close, mut plain) = (matrix(n, n), matrix(n, n));
                fast(n, n, &mut close);
                strict::plain(n, n, &mut plain);
                for (fast, plain) in close.iter().zip(&plain) {
                    // Of at most `n` products, each and its sum rounded once, of numbers that are no larger than those of the diagonal.
                    let bound = 1e-12 * (1.0 + n as f64) * (1.0 + plain.abs());
                    assert!((fast - plain).abs() <= bound || plain.is_nan(), "{fast} {plain} of {n}");
                }
            }
        }
    )* };
}

in_place! {
    cholesky(n, ld, a) {
        for i in 0..n {
            for j in 0..i {
                let mut sum = a[i * ld + j];
                for k in 0..j {
                    sum -= a[i * ld + k] * a[j * ld + k];
                }
                a[i * ld + j] = sum / a[j * ld + j];
            }
            let mut sum = a[i * ld + i];
            for k in 0..i {
                sum -= a[i * ld + k] * a[i * ld + k];
            }
            a[i * ld + i] = sum.sqrt();
        }
    }
    lu(n, ld, a) {
        for k in 0..n {
            for i in k + 1..n {
                a[i * ld + k] /= a[k * ld + k];
                for j in k + 1..n {
                    a[i * ld + j] -= a[i * ld + k] * a[k * ld + j];
                }
            }
        }
    }
    lu_with_names(n, ld, a) {
        for k in 0..n {
            for i in k + 1..n {
                let row = i * ld;
                let factor = a[row + k] / a[k * ld + k];
                a[row + k] = factor;
                for j in k + 1..n {
                    a[row + j] -= factor * a[k * ld + j];
                }
            }
        }
    }
    rows_that_are_systems(n, ld, a) {
        for i in 1..n {
            for j in 0..n {
                let mut sum = a[i * ld + j];
                for k in 0..j {
                    sum -= 0.001 * a[i * ld + k] * (j + k) as f64;
                }
                a[i * ld + j] = sum * 0.5;
            }
        }
    }
    running_means(n, ld, a) {
        for i in 0..n {
            let mut mean = a[i * ld];
            for j in 0..n {
                mean = 0.75 * mean + 0.25 * a[i * ld + j];
                a[i * ld + j] = mean;
            }
        }
    }
    // The row above is used: no two rows at a time.
    rows_that_depend(n, ld, a) {
        for i in 1..n {
            let mut mean = 0.0;
            for j in 0..n {
                mean = 0.75 * mean + 0.25 * a[(i - 1) * ld + j];
                a[i * ld + j] = mean;
            }
        }
    }
}

#[test]
fn one_system_of_equations() {
    #[jit]
    fn forward(n: usize, l: &[f64], b: &[f64], x: &mut [f64]) {
        for i in 0..n {
            let mut sum = b[i];
            for j in 0..i {
                sum -= l[i * n + j] * x[j];
            }
            x[i] = sum / l[i * n + i];
        }
    }

    for n in SIZES {
        for len in [n, n.saturating_sub(1), n / 2] {
            compare(
                (matrix(n, n), values(n, 2), values(len, 3)),
                |(l, b, x)| forward(n, l, b, x),
                |(l, b, x)| forward::plain(n, l, b, x),
            );
        }
    }
}

#[test]
fn products_with_a_vector() {
    #[jit]
    fn product(a: &[f64], x: &[f64], y: &mut [f64]) {
        for i in 0..y.len() {
            let mut sum = 0.0;
            for j in 0..x.len() {
                sum += a[i * x.len() + j] * x[j];
            }
            y[i] = sum;
        }
    }

    for n in SIZES {
        for m in [0, 1, 7, 60] {
            for len in [n * m, (n * m).saturating_sub(1)] {
                compare(
                    (values(len, 1), values(m, 2), values(n, 3)),
                    |(a, x, y)| product(a, x, y),
                    |(a, x, y)| product::plain(a, x, y),
                );
            }
        }
    }
}

#[test]
fn streams_of_numbers() {
    #[jit]
    fn hits(streams: u64, each: usize) -> u64 {
        let mut hits = 0u64;
        for stream in 0..streams {
            let mut s = (stream + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            for _ in 0..each {
                s ^= s << 13;
                s ^= s >> 7;
                s ^= s << 17;
                if s >> 60 < 5 {
                    hits = hits.wrapping_add(1);
                }
            }
        }
        hits
    }

    for streams in [0, 1, 4, 7, 64] {
        for each in [0, 1, 100] {
            compare(
                (),
                |()| hits(streams, each),
                |()| hits::plain(streams, each),
            );
        }
    }
}

#[test]
fn reports_say_so() {
    #[jit]
    fn means(n: usize, m: usize, x: &[f64], y: &mut [f64]) {
        for i in 0..n {
            let mut mean = 0.0;
            for j in 0..m {
                mean = 0.75 * mean + 0.25 * x[i * m + j];
            }
            y[i] = mean;
        }
    }

    let report = means::report().to_string();
    assert!(report.contains("side by side, jammed"), "{report}");
}

/// Streams whose numbers are no `usize`.
#[jit]
fn streams(n: usize) -> f64 {
    let scale = 1.0 / (1u64 << 53) as f64;
    let mut hits = 0u64;
    for stream in 0..64u64 {
        let mut s = stream.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        for _ in 0..n {
            s ^= s << 13;
            s ^= s >> 7;
            s ^= s << 17;
            let x = (s >> 11) as f64 * scale;
            s ^= s << 13;
            s ^= s >> 7;
            s ^= s << 17;
            let y = (s >> 11) as f64 * scale;
            if x * x + y * y <= 1.0 {
                hits = hits.wrapping_add(1);
            }
        }
    }
    hits as f64
}

#[test]
fn outer_loops_over_other_integers() {
    for n in SIZES {
        assert_eq!(streams(n), streams::plain(n));
    }
    assert_eq!(streams::specializations().len(), 1);
}

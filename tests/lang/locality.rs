//! Transposed arrays in blocks, updates by several rows at a time, choices in lanes, images that are sampled: rustc's results and panics.

use hotloop::{JitType, jit};

use crate::harness::{Same, compare};
use crate::polybench::values;

const SIZES: [usize; 6] = [0, 1, 7, 47, 64, 75];

macro_rules! kernels {
    ($($(#[$attribute:meta])* $name:ident($n:ident, $m:ident, $x:ident, $y:ident) $body:block)*) => {$(
        #[test]
        fn $name() {
            $(#[$attribute])*
            #[jit]
            fn kernel($n: usize, $m: usize, $x: &[f64], $y: &mut [f64]) $body

            for n in SIZES {
                for m in SIZES {
                    for short in [0, 1] {
                        let len = (n * m).saturating_sub(short);
                        compare(
                            (values(len, 1), values(len, 2)),
                            |(x, y)| kernel(n, m, x, y),
                            |(x, y)| kernel::plain(n, m, x, y),
                        );
                        // Rows that overlap.
                        compare(
                            (values(len, 3), values(2 * len, 4)),
                            |(x, y)| kernel(n, n / 2, x, y),
                            |(x, y)| kernel::plain(n, n / 2, x, y),
                        );
                    }
                }
            }
        }
    )*};
}

kernels! {
    transposed(n, m, x, y) {
        for i in 0..n {
            for j in 0..m {
                y[j * n + i] = x[i * m + j];
            }
        }
    }
    rotated(n, m, x, y) {
        for i in 0..n {
            let row = i * m;
            for j in 0..m {
                let v = x[row + j];
                if v > 0.25 {
                    y[j * n + i] = 1.0 - v;
                }
            }
        }
    }
    // In place: the order matters.
    mirrored(n, m, x, y) {
        for i in 0..n {
            for j in 0..m {
                y[j * n + i] += y[i * m + j] * x[i];
            }
        }
    }
    products_with_the_transposed(n, m, x, y) {
        for i in 0..n {
            for j in 0..m {
                y[j] += x[i * m + j] * x[i];
            }
        }
    }
    // One farther in each row.
    convolved(n, m, x, y) {
        for i in 0..n {
            for j in 0..m {
                y[i + j] = y[i + j] * 0.5 + x[i] * x[j];
            }
        }
    }
    decided(n, m, x, y) {
        for i in 0..n {
            let mut sum = 0.0;
            let mut most = -1.0;
            for k in 0..m {
                let d = x[i] - x[k];
                if d > 0.5 && d < 1.5 {
                    sum += d;
                } else {
                    most *= 0.5;
                }
                if d > most || k == 3 {
                    most = d;
                }
            }
            y[i] = sum + most;
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, JitType)]
#[repr(C)]
struct Body {
    x: f64,
    y: f64,
    mass: f32,
}

impl Same for Body {
    fn same(&self, other: &Self) -> bool {
        self.x.same(&other.x) && self.y.same(&other.y) && self.mass.same(&other.mass)
    }
}

#[jit]
fn nearest(points: &[[f64; 3]], centres: &[[f64; 3]], label: &mut [u32]) {
    for i in 0..points.len() {
        let mut best = f64::INFINITY;
        let mut at = 0;
        for k in 0..centres.len() {
            let mut d = 0.0;
            for t in 0..3 {
                let e = points[i][t] - centres[k][t];
                d += e * e;
            }
            if d < best {
                best = d;
                at = k;
            }
        }
        label[i] = at as u32;
    }
}

#[jit]
fn attracted(bodies: &[Body], force: &mut [f64]) {
    for i in 0..force.len() {
        let mut sum = 0.0;
        for j in 0..bodies.len() {
            let (dx, dy) = (bodies[j].x - bodies[i].x, bodies[j].y - bodies[i].y);
            let r = dx * dx + dy * dy;
            if i != j && r < 9.0 {
                sum += dx / (r + 0.01);
            }
        }
        force[i] = sum;
    }
}

#[test]
fn points_and_bodies() {
    for n in [0, 1, 5, 8, 16, 33, 70] {
        for clusters in [0, 1, 4] {
            let points = |n: usize, seed| -> Vec<[f64; 3]> {
                let all = values(3 * n, seed);
                all.chunks_exact(3).map(|p| [p[0], p[1], p[2]]).collect()
            };
            let mut of_nothing = points(n, 1);
            if let Some(first) = of_nothing.first_mut() {
                first[1] = f64::NAN;
            }
            for points in [points(n, 1), of_nothing] {
                for len in [n, n.saturating_sub(1)] {
                    compare(
                        (points.clone(), points_of(clusters), vec![9_u32; len]),
                        |(p, c, label)| nearest(p, c, label),
                        |(p, c, label)| nearest::plain(p, c, label),
                    );
                }
            }
        }
        let all = values(2 * n, 7);
        let body = |p: &[f64]| Body {
            x: p[0],
            y: p[1],
            mass: 1.0,
        };
        let bodies: Vec<Body> = all.chunks_exact(2).map(body).collect();
        for len in [n, n + 1] {
            compare(
                (bodies.clone(), vec![0.0; len]),
                |(b, f)| attracted(b, f),
                |(b, f)| attracted::plain(b, f),
            );
        }
    }
}

fn points_of(n: usize) -> Vec<[f64; 3]> {
    let all = values(3 * n, 5);
    all.chunks_exact(3).map(|p| [p[0], p[1], p[2]]).collect()
}

#[jit]
fn sampled(source: &[f32], width: usize, height: usize, out: &mut [f32], columns: usize) {
    for y in 0..out.len() / columns {
        let y0 = y * (height - 1) / (out.len() / columns);
        for x in 0..columns {
            let fx = x as f32 * (width - 1) as f32 / columns as f32;
            let x0 = fx as usize;
            let t = fx - x0 as f32;
            let (a, b) = (source[y0 * width + x0], source[(y0 + 1) * width + x0 + 1]);
            out[y * columns + x] = a * (1.0 - t) + b * t;
        }
    }
}

#[test]
fn images_that_are_sampled() {
    let source: Vec<f32> = values(40 * 30, 3).iter().map(|&v| v as f32).collect();
    for columns in [1, 50, 97, 200, 600] {
        for rows in [0, 1, 3] {
            for (width, height) in [(40, 30), (40, 31), (41, 30), (2, 2), (0, 5), (1 << 40, 2)] {
                compare(
                    (source.clone(), vec![0.0_f32; rows * columns + 1]),
                    |(s, out)| sampled(s, width, height, out, columns),
                    |(s, out)| sampled::plain(s, width, height, out, columns),
                );
            }
        }
    }
}

#[test]
fn reports_say_so() {
    #[jit]
    fn transpose(n: usize, x: &[f64], y: &mut [f64]) {
        for i in 0..n {
            for j in 0..n {
                y[j * n + i] = x[i * n + j];
            }
        }
    }

    let n = 50;
    transpose(n, &values(n * n, 1), &mut vec![0.0; n * n]);
    let report = transpose::report().to_string();
    assert!(
        report.contains("in blocks of 64 by 8 iterations"),
        "{report}"
    );
    nearest(&points_of(20), &points_of(3), &mut [0; 20]);
    let report = nearest::report().to_string();
    assert!(report.contains("side by side in vectors"), "{report}");
}

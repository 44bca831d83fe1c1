//! Image processing and dynamic programming.

use hotloop::jit;

use super::{integers, values};

/// Deriche's recursive approximation of a Gaussian filter on an image of `w` rows and `h` columns, with smoothing `alpha`:
/// along the rows in both directions, then along the columns; `y1` and `y2` are images to work in.
#[jit]
fn deriche(
    w: usize,
    h: usize,
    alpha: f32,
    input: &[f32],
    output: &mut [f32],
    y1: &mut [f32],
    y2: &mut [f32],
) {
    let decay = (-alpha).exp();
    let k = (1.0 - decay) * (1.0 - decay) / (1.0 + 2.0 * alpha * decay - (2.0 * alpha).exp());
    let (a1, a5) = (k, k);
    let a2 = k * decay * (alpha - 1.0);
    let a6 = a2;
    let a3 = k * decay * (alpha + 1.0);
    let a7 = a3;
    let a4 = -k * (-2.0 * alpha).exp();
    let a8 = a4;
    let b1 = 2f32.powf(-alpha);
    let b2 = -(-2.0 * alpha).exp();
    let (c1, c2) = (1.0, 1.0);

    for i in 0..w {
        let (mut ym1, mut ym2, mut xm1) = (0.0, 0.0, 0.0);
        for j in 0..h {
            y1[i * h + j] = a1 * input[i * h + j] + a2 * xm1 + b1 * ym1 + b2 * ym2;
            xm1 = input[i * h + j];
            ym2 = ym1;
            ym1 = y1[i * h + j];
        }
    }
    for i in 0..w {
        let (mut yp1, mut yp2, mut xp1, mut xp2) = (0.0, 0.0, 0.0, 0.0);
        for j in (0..h).rev() {
            y2[i * h + j] = a3 * xp1 + a4 * xp2 + b1 * yp1 + b2 * yp2;
            xp2 = xp1;
            xp1 = input[i * h + j];
            yp2 = yp1;
            yp1 = y2[i * h + j];
        }
    }
    for i in 0..w {
        for j in 0..h {
            output[i * h + j] = c1 * (y1[i * h + j] + y2[i * h + j]);
        }
    }

    for j in 0..h {
        let (mut tm1, mut ym1, mut ym2) = (0.0, 0.0, 0.0);
        for i in 0..w {
            y1[i * h + j] = a5 * output[i * h + j] + a6 * tm1 + b1 * ym1 + b2 * ym2;
            tm1 = output[i * h + j];
            ym2 = ym1;
            ym1 = y1[i * h + j];
        }
    }
    for j in 0..h {
        let (mut tp1, mut tp2, mut yp1, mut yp2) = (0.0, 0.0, 0.0, 0.0);
        for i in (0..w).rev() {
            y2[i * h + j] = a7 * tp1 + a8 * tp2 + b1 * yp1 + b2 * yp2;
            tp2 = tp1;
            tp1 = output[i * h + j];
            yp2 = yp1;
            yp1 = y2[i * h + j];
        }
    }
    for i in 0..w {
        for j in 0..h {
            output[i * h + j] = c2 * (y1[i * h + j] + y2[i * h + j]);
        }
    }
}

#[test]
fn deriche_agrees() {
    let (w, h) = (13, 10);
    let image = |seed| -> Vec<f32> { values(w * h, seed).iter().map(|&x| x as f32).collect() };
    let (input, output, y1, y2) = (image(1), image(2), image(3), image(4));
    agree!(deriche(w, h, 0.25, &input, &mut output, &mut y1, &mut y2));
}

/// The lengths of the shortest paths between all pairs of `n` vertices, in place.
#[jit]
fn floyd_warshall(n: usize, path: &mut [i32]) {
    for k in 0..n {
        for i in 0..n {
            for j in 0..n {
                path[i * n + j] = if path[i * n + j] < path[i * n + k] + path[k * n + j] {
                    path[i * n + j]
                } else {
                    path[i * n + k] + path[k * n + j]
                };
            }
        }
    }
}

#[test]
fn floyd_warshall_agrees() {
    let n = 16;
    let mut path = integers(n * n, 1, 100);
    // Some pairs have no edge.
    for i in (0..n * n).step_by(7) {
        path[i] = 999;
    }
    agree!(floyd_warshall(n, &mut path));
}

/// Nussinov's algorithm: `table[i, j]` is the greatest number of pairs in `seq[i..=j]` folded onto itself, where bases 0 and 3 pair
/// with each other, and 1 and 2.
#[jit]
fn nussinov(seq: &[u8], table: &mut [i32]) {
    let n = seq.len();
    for i in (0..n).rev() {
        for j in i + 1..n {
            table[i * n + j] = table[i * n + j].max(table[i * n + j - 1]);
            if i + 1 < n {
                table[i * n + j] = table[i * n + j].max(table[(i + 1) * n + j]);
                let inner = table[(i + 1) * n + j - 1];
                if i < j - 1 {
                    let pairs = (seq[i] + seq[j] == 3) as i32;
                    table[i * n + j] = table[i * n + j].max(inner + pairs);
                } else {
                    table[i * n + j] = table[i * n + j].max(inner);
                }
            }
            for k in i + 1..j {
                let split = table[i * n + k] + table[(k + 1) * n + j];
                table[i * n + j] = table[i * n + j].max(split);
            }
        }
    }
}

#[test]
fn nussinov_agrees() {
    let n = 20;
    let seq: Vec<u8> = integers(n, 1, 4).iter().map(|&base| base as u8).collect();
    let table = vec![0i32; n * n];
    agree!(nussinov(&seq, &mut table));
}

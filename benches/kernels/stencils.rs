//! Each point from its neighbours: sweeps over grids, and filters. Borders stay as they are.

kernels! {
    /// Means of five points, from `a` to `b` and back, `steps` sweeps in all.
    fn jacobi2d(n: usize, steps: usize, a: &mut [f64], b: &mut [f64]) {
        for _ in 0..steps / 2 {
            for i in 1..n - 1 {
                for j in 1..n - 1 {
                    let p = i * n + j;
                    b[p] = 0.2 * (a[p] + a[p - 1] + a[p + 1] + a[p - n] + a[p + n]);
                }
            }
            for i in 1..n - 1 {
                for j in 1..n - 1 {
                    let p = i * n + j;
                    a[p] = 0.2 * (b[p] + b[p - 1] + b[p + 1] + b[p - n] + b[p + n]);
                }
            }
        }
    }

    /// The heat equation in a cube, from `a` to `b` and back, `steps` sweeps in all.
    fn heat3d(n: usize, steps: usize, a: &mut [f64], b: &mut [f64]) {
        let m = n * n;
        for _ in 0..steps / 2 {
            for i in 1..n - 1 {
                for j in 1..n - 1 {
                    for k in 1..n - 1 {
                        let p = i * m + j * n + k;
                        b[p] = a[p]
                            + 0.125 * (a[p + m] - 2.0 * a[p] + a[p - m])
                            + 0.125 * (a[p + n] - 2.0 * a[p] + a[p - n])
                            + 0.125 * (a[p + 1] - 2.0 * a[p] + a[p - 1]);
                    }
                }
            }
            for i in 1..n - 1 {
                for j in 1..n - 1 {
                    for k in 1..n - 1 {
                        let p = i * m + j * n + k;
                        a[p] = b[p]
                            + 0.125 * (b[p + m] - 2.0 * b[p] + b[p - m])
                            + 0.125 * (b[p + n] - 2.0 * b[p] + b[p - n])
                            + 0.125 * (b[p + 1] - 2.0 * b[p] + b[p - 1]);
                    }
                }
            }
        }
    }

    /// Means of nine points in place, so that each sweep reads what it has just written.
    fn seidel2d(n: usize, steps: usize, a: &mut [f64]) {
        for _ in 0..steps {
            for i in 1..n - 1 {
                for j in 1..n - 1 {
                    let p = i * n + j;
                    a[p] = (a[p - n - 1]
                        + a[p - n]
                        + a[p - n + 1]
                        + a[p - 1]
                        + a[p]
                        + a[p + 1]
                        + a[p + n - 1]
                        + a[p + n]
                        + a[p + n + 1])
                        / 9.0;
                }
            }
        }
    }

    /// Conway's game of life, from `a` to `b` and back, `steps` generations in all.
    fn life(n: usize, steps: usize, a: &mut [u8], b: &mut [u8]) {
        for _ in 0..steps / 2 {
            for i in 1..n - 1 {
                for j in 1..n - 1 {
                    let p = i * n + j;
                    let alive = a[p - n - 1] + a[p - n] + a[p - n + 1] + a[p - 1] + a[p + 1] + a[p + n - 1] + a[p + n] + a[p + n + 1];
                    b[p] = (alive == 3 || (alive == 2 && a[p] == 1)) as u8;
                }
            }
            for i in 1..n - 1 {
                for j in 1..n - 1 {
                    let p = i * n + j;
                    let alive = b[p - n - 1] + b[p - n] + b[p - n + 1] + b[p - 1] + b[p + 1] + b[p + n - 1] + b[p + n] + b[p + n + 1];
                    a[p] = (alive == 3 || (alive == 2 && b[p] == 1)) as u8;
                }
            }
        }
    }

    /// A separable blur with the taps `w`: rows into `tmp`, then columns into `out`.
    fn blur(n: usize, image: &[f32], w: &[f32], tmp: &mut [f32], out: &mut [f32]) {
        let radius = w.len() / 2;
        for i in 0..n {
            for j in radius..n - radius {
                let mut sum = 0.0;
                for k in 0..w.len() {
                    sum += w[k] * image[i * n + j - radius + k];
                }
                tmp[i * n + j] = sum;
            }
        }
        for i in radius..n - radius {
            for j in radius..n - radius {
                let mut sum = 0.0;
                for k in 0..w.len() {
                    sum += w[k] * tmp[(i - radius + k) * n + j];
                }
                out[i * n + j] = sum;
            }
        }
    }

    /// A finite impulse response filter with the taps `h`.
    fn fir(x: &[f64], h: &[f64], y: &mut [f64]) {
        for i in 0..y.len() {
            let mut sum = 0.0;
            for k in 0..h.len() {
                sum += h[k] * x[i + k];
            }
            y[i] = sum;
        }
    }
}

//! Sweeps over grids, each point from its neighbours.

use hotloop::jit;

use super::values;

/// Heat in the unit square by alternating directions: implicit along the columns into `v`, then along the rows into `u`, `steps`
/// times; `p` and `q` are the coefficients of the tridiagonal systems.
#[jit]
fn adi(steps: usize, n: usize, u: &mut [f64], v: &mut [f64], p: &mut [f64], q: &mut [f64]) {
    let dx = 1.0 / n as f64;
    let dy = 1.0 / n as f64;
    let dt = 1.0 / steps as f64;
    let (b1, b2) = (2.0, 1.0);
    let mul1 = b1 * dt / (dx * dx);
    let mul2 = b2 * dt / (dy * dy);
    let a = -mul1 / 2.0;
    let b = 1.0 + mul1;
    let c = a;
    let d = -mul2 / 2.0;
    let e = 1.0 + mul2;
    let f = d;

    for _ in 1..=steps {
        for i in 1..n - 1 {
            v[i] = 1.0;
            p[i * n] = 0.0;
            q[i * n] = v[i];
            for j in 1..n - 1 {
                p[i * n + j] = -c / (a * p[i * n + j - 1] + b);
                q[i * n + j] = (-d * u[j * n + i - 1] + (1.0 + 2.0 * d) * u[j * n + i]
                    - f * u[j * n + i + 1]
                    - a * q[i * n + j - 1])
                    / (a * p[i * n + j - 1] + b);
            }
            v[(n - 1) * n + i] = 1.0;
            for j in (1..=n - 2).rev() {
                v[j * n + i] = p[i * n + j] * v[(j + 1) * n + i] + q[i * n + j];
            }
        }
        for i in 1..n - 1 {
            u[i * n] = 1.0;
            p[i * n] = 0.0;
            q[i * n] = u[i * n];
            for j in 1..n - 1 {
                p[i * n + j] = -f / (d * p[i * n + j - 1] + e);
                q[i * n + j] = (-a * v[(i - 1) * n + j] + (1.0 + 2.0 * a) * v[i * n + j]
                    - c * v[(i + 1) * n + j]
                    - d * q[i * n + j - 1])
                    / (d * p[i * n + j - 1] + e);
            }
            u[i * n + n - 1] = 1.0;
            for j in (1..=n - 2).rev() {
                u[i * n + j] = p[i * n + j] * u[i * n + j + 1] + q[i * n + j];
            }
        }
    }
}

#[test]
fn adi_agrees() {
    let n = 12;
    let grid = |seed| values(n * n, seed);
    let (u, v, p, q) = (grid(1), grid(2), grid(3), grid(4));
    agree!(adi(5, n, &mut u, &mut v, &mut p, &mut q));
}

/// Maxwell's equations in the plane by finite differences in time: the fields `ex`, `ey` and `hz`, and the source `fict`, one
/// value for each of its steps.
#[jit]
fn fdtd_2d(nx: usize, ny: usize, ex: &mut [f64], ey: &mut [f64], hz: &mut [f64], fict: &[f64]) {
    for t in 0..fict.len() {
        for j in 0..ny {
            ey[j] = fict[t];
        }
        for i in 1..nx {
            for j in 0..ny {
                ey[i * ny + j] -= 0.5 * (hz[i * ny + j] - hz[(i - 1) * ny + j]);
            }
        }
        for i in 0..nx {
            for j in 1..ny {
                ex[i * ny + j] -= 0.5 * (hz[i * ny + j] - hz[i * ny + j - 1]);
            }
        }
        for i in 0..nx - 1 {
            for j in 0..ny - 1 {
                hz[i * ny + j] -= 0.7
                    * (ex[i * ny + j + 1] - ex[i * ny + j] + ey[(i + 1) * ny + j] - ey[i * ny + j]);
            }
        }
    }
}

#[test]
fn fdtd_2d_agrees() {
    let (nx, ny) = (11, 14);
    let field = |seed| values(nx * ny, seed);
    let (ex, ey, hz, fict) = (field(1), field(2), field(3), values(6, 4));
    agree!(fdtd_2d(nx, ny, &mut ex, &mut ey, &mut hz, &fict));
}

/// The heat equation in a cube, from `a` to `b` and back, `steps` times.
#[jit]
fn heat_3d(steps: usize, n: usize, a: &mut [f64], b: &mut [f64]) {
    let (row, plane) = (n, n * n);
    for _ in 0..steps {
        for i in 1..n - 1 {
            for j in 1..n - 1 {
                for k in 1..n - 1 {
                    let c = i * plane + j * row + k;
                    b[c] = 0.125 * (a[c + plane] - 2.0 * a[c] + a[c - plane])
                        + 0.125 * (a[c + row] - 2.0 * a[c] + a[c - row])
                        + 0.125 * (a[c + 1] - 2.0 * a[c] + a[c - 1])
                        + a[c];
                }
            }
        }
        for i in 1..n - 1 {
            for j in 1..n - 1 {
                for k in 1..n - 1 {
                    let c = i * plane + j * row + k;
                    a[c] = 0.125 * (b[c + plane] - 2.0 * b[c] + b[c - plane])
                        + 0.125 * (b[c + row] - 2.0 * b[c] + b[c - row])
                        + 0.125 * (b[c + 1] - 2.0 * b[c] + b[c - 1])
                        + b[c];
                }
            }
        }
    }
}

#[test]
fn heat_3d_agrees() {
    let n = 9;
    let (a, b) = (values(n * n * n, 1), values(n * n * n, 2));
    agree!(heat_3d(3, n, &mut a, &mut b));
}

/// Means of three points on a line, from `a` to `b` and back, `steps` times.
#[jit]
fn jacobi_1d(steps: usize, a: &mut [f64], b: &mut [f64]) {
    let n = a.len();
    for _ in 0..steps {
        for i in 1..n - 1 {
            b[i] = 0.33333 * (a[i - 1] + a[i] + a[i + 1]);
        }
        for i in 1..n - 1 {
            a[i] = 0.33333 * (b[i - 1] + b[i] + b[i + 1]);
        }
    }
}

#[test]
fn jacobi_1d_agrees() {
    for n in [8, 16, 19] {
        let (a, b) = (values(n, 1), values(n, 2));
        agree!(jacobi_1d(6, &mut a, &mut b));
    }
}

/// Means of five points in the plane, from `a` to `b` and back, `steps` times.
#[jit]
fn jacobi_2d(steps: usize, n: usize, a: &mut [f64], b: &mut [f64]) {
    for _ in 0..steps {
        for i in 1..n - 1 {
            for j in 1..n - 1 {
                b[i * n + j] = 0.2
                    * (a[i * n + j]
                        + a[i * n + j - 1]
                        + a[i * n + j + 1]
                        + a[(i + 1) * n + j]
                        + a[(i - 1) * n + j]);
            }
        }
        for i in 1..n - 1 {
            for j in 1..n - 1 {
                a[i * n + j] = 0.2
                    * (b[i * n + j]
                        + b[i * n + j - 1]
                        + b[i * n + j + 1]
                        + b[(i + 1) * n + j]
                        + b[(i - 1) * n + j]);
            }
        }
    }
}

#[test]
fn jacobi_2d_agrees() {
    let n = 15;
    let (a, b) = (values(n * n, 1), values(n * n, 2));
    agree!(jacobi_2d(4, n, &mut a, &mut b));
}

/// Means of nine points in place, so that each sweep reads what it has just written, `steps` times.
#[jit]
fn seidel_2d(steps: usize, n: usize, a: &mut [f64]) {
    for _ in 0..steps {
        for i in 1..=n - 2 {
            for j in 1..=n - 2 {
                a[i * n + j] = (a[(i - 1) * n + j - 1]
                    + a[(i - 1) * n + j]
                    + a[(i - 1) * n + j + 1]
                    + a[i * n + j - 1]
                    + a[i * n + j]
                    + a[i * n + j + 1]
                    + a[(i + 1) * n + j - 1]
                    + a[(i + 1) * n + j]
                    + a[(i + 1) * n + j + 1])
                    / 9.0;
            }
        }
    }
}

#[test]
fn seidel_2d_agrees() {
    let n = 14;
    let a = values(n * n, 1);
    agree!(seidel_2d(4, n, &mut a));
}

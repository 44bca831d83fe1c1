//! Factorizations and triangular systems.

use hotloop::jit;

use super::{definite_matrix, values};

/// The lower Cholesky factor of `a` in its place, row by row.
#[jit]
fn cholesky(n: usize, a: &mut [f64]) {
    for i in 0..n {
        for j in 0..i {
            for k in 0..j {
                a[i * n + j] -= a[i * n + k] * a[j * n + k];
            }
            a[i * n + j] /= a[j * n + j];
        }
        for k in 0..i {
            a[i * n + i] -= a[i * n + k] * a[i * n + k];
        }
        a[i * n + i] = a[i * n + i].sqrt();
    }
}

#[test]
fn cholesky_agrees() {
    for n in [8, 15, 20] {
        let a = definite_matrix(n, 1);
        agree!(cholesky(n, &mut a));
    }
}

/// Solves the Yule-Walker equations, whose matrix is Toeplitz and made of `r`, by Durbin's recursion; `z` is a vector to work in.
#[jit]
fn durbin(r: &[f64], y: &mut [f64], z: &mut [f64]) {
    let n = r.len();
    y[0] = -r[0];
    let mut beta = 1.0;
    let mut alpha = -r[0];
    for k in 1..n {
        beta *= 1.0 - alpha * alpha;
        let mut sum = 0.0;
        for i in 0..k {
            sum += r[k - i - 1] * y[i];
        }
        alpha = -(r[k] + sum) / beta;
        for i in 0..k {
            z[i] = y[i] + alpha * y[k - i - 1];
        }
        for i in 0..k {
            y[i] = z[i];
        }
        y[k] = alpha;
    }
}

#[test]
fn durbin_agrees() {
    let n = 18;
    let r: Vec<f64> = (0..n).map(|i| (n + 1 - i) as f64 / 100.0).collect();
    let (y, z) = (values(n, 2), values(n, 3));
    agree!(durbin(&r, &mut y, &mut z));
}

/// The QR factors of the `m × n` matrix `a` by the modified Gram-Schmidt process; `a` is used up.
#[jit]
fn gramschmidt(m: usize, n: usize, a: &mut [f64], r: &mut [f64], q: &mut [f64]) {
    for k in 0..n {
        let mut square = 0.0;
        for i in 0..m {
            square += a[i * n + k] * a[i * n + k];
        }
        r[k * n + k] = square.sqrt();
        for i in 0..m {
            q[i * n + k] = a[i * n + k] / r[k * n + k];
        }
        for j in k + 1..n {
            r[k * n + j] = 0.0;
            for i in 0..m {
                r[k * n + j] += q[i * n + k] * a[i * n + j];
            }
            for i in 0..m {
                a[i * n + j] -= q[i * n + k] * r[k * n + j];
            }
        }
    }
}

#[test]
fn gramschmidt_agrees() {
    let (m, n) = (14, 10);
    let (a, r, q) = (values(m * n, 1), values(n * n, 2), values(m * n, 3));
    agree!(gramschmidt(m, n, &mut a, &mut r, &mut q));
}

/// The LU factors of `a` in its place, row by row and without pivots.
#[jit]
fn lu(n: usize, a: &mut [f64]) {
    for i in 0..n {
        for j in 0..i {
            for k in 0..j {
                a[i * n + j] -= a[i * n + k] * a[k * n + j];
            }
            a[i * n + j] /= a[j * n + j];
        }
        for j in i..n {
            for k in 0..i {
                a[i * n + j] -= a[i * n + k] * a[k * n + j];
            }
        }
    }
}

#[test]
fn lu_agrees() {
    for n in [8, 15, 20] {
        let a = definite_matrix(n, 1);
        agree!(lu(n, &mut a));
    }
}

/// Solves `a x = b` by the LU factors of `a`, which are made in its place; `y` is the solution of the lower half.
#[jit]
fn ludcmp(n: usize, a: &mut [f64], b: &[f64], x: &mut [f64], y: &mut [f64]) {
    for i in 0..n {
        for j in 0..i {
            let mut w = a[i * n + j];
            for k in 0..j {
                w -= a[i * n + k] * a[k * n + j];
            }
            a[i * n + j] = w / a[j * n + j];
        }
        for j in i..n {
            let mut w = a[i * n + j];
            for k in 0..i {
                w -= a[i * n + k] * a[k * n + j];
            }
            a[i * n + j] = w;
        }
    }
    for i in 0..n {
        let mut w = b[i];
        for j in 0..i {
            w -= a[i * n + j] * y[j];
        }
        y[i] = w;
    }
    for i in (0..n).rev() {
        let mut w = y[i];
        for j in i + 1..n {
            w -= a[i * n + j] * x[j];
        }
        x[i] = w / a[i * n + i];
    }
}

#[test]
fn ludcmp_agrees() {
    let n = 16;
    let (a, b) = (definite_matrix(n, 1), values(n, 2));
    let (x, y) = (values(n, 3), values(n, 4));
    agree!(ludcmp(n, &mut a, &b, &mut x, &mut y));
}

/// Solves `l x = b` for a lower triangular `l`.
#[jit]
fn trisolv(n: usize, l: &[f64], x: &mut [f64], b: &[f64]) {
    for i in 0..n {
        x[i] = b[i];
        for j in 0..i {
            x[i] -= l[i * n + j] * x[j];
        }
        x[i] /= l[i * n + i];
    }
}

#[test]
fn trisolv_agrees() {
    let n = 19;
    let (l, x, b) = (definite_matrix(n, 1), values(n, 2), values(n, 3));
    agree!(trisolv(n, &l, &mut x, &b));
}

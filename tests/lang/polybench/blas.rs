//! Matrix products and their kin: the BLAS routines, and linear algebra built from them.

use hotloop::jit;

use super::values;

/// `c = alpha a b + beta c`.
#[jit]
fn gemm(
    ni: usize,
    nj: usize,
    nk: usize,
    alpha: f64,
    beta: f64,
    c: &mut [f64],
    a: &[f64],
    b: &[f64],
) {
    for i in 0..ni {
        for j in 0..nj {
            c[i * nj + j] *= beta;
        }
        for k in 0..nk {
            for j in 0..nj {
                c[i * nj + j] += alpha * a[i * nk + k] * b[k * nj + j];
            }
        }
    }
}

#[test]
fn gemm_agrees() {
    let (ni, nj, nk) = (11, 13, 9);
    let (c, a, b) = (values(ni * nj, 1), values(ni * nk, 2), values(nk * nj, 3));
    agree!(gemm(ni, nj, nk, 1.5, 1.2, &mut c, &a, &b));
}

/// `a += u1 v1ᵀ + u2 v2ᵀ`, `x += beta aᵀ y + z`, `w += alpha a x`.
#[jit]
fn gemver(
    alpha: f64,
    beta: f64,
    a: &mut [f64],
    u1: &[f64],
    v1: &[f64],
    u2: &[f64],
    v2: &[f64],
    w: &mut [f64],
    x: &mut [f64],
    y: &[f64],
    z: &[f64],
) {
    let n = x.len();
    for i in 0..n {
        for j in 0..n {
            a[i * n + j] += u1[i] * v1[j] + u2[i] * v2[j];
        }
    }
    for i in 0..n {
        for j in 0..n {
            x[i] += beta * a[j * n + i] * y[j];
        }
    }
    for i in 0..n {
        x[i] += z[i];
    }
    for i in 0..n {
        for j in 0..n {
            w[i] += alpha * a[i * n + j] * x[j];
        }
    }
}

#[test]
fn gemver_agrees() {
    let n = 13;
    let a = values(n * n, 1);
    let vector = |seed| values(n, seed);
    let (u1, v1, u2, v2) = (vector(2), vector(3), vector(4), vector(5));
    let (w, x, y, z) = (vec![0.0; n], vec![0.0; n], vector(6), vector(7));
    agree!(gemver(
        1.5, 1.2, &mut a, &u1, &v1, &u2, &v2, &mut w, &mut x, &y, &z
    ));
}

/// `y = alpha a x + beta b x`.
#[jit]
fn gesummv(
    n: usize,
    alpha: f64,
    beta: f64,
    a: &[f64],
    b: &[f64],
    tmp: &mut [f64],
    x: &[f64],
    y: &mut [f64],
) {
    for i in 0..n {
        tmp[i] = 0.0;
        y[i] = 0.0;
        for j in 0..n {
            tmp[i] += a[i * n + j] * x[j];
            y[i] += b[i * n + j] * x[j];
        }
        y[i] = alpha * tmp[i] + beta * y[i];
    }
}

#[test]
fn gesummv_agrees() {
    let n = 14;
    let (a, b, x) = (values(n * n, 1), values(n * n, 2), values(n, 3));
    let (tmp, y) = (values(n, 4), values(n, 5));
    agree!(gesummv(n, 1.5, 1.2, &a, &b, &mut tmp, &x, &mut y));
}

/// `c = alpha a b + beta c`, where `a` is symmetric and only its lower triangle is read.
#[jit]
fn symm(m: usize, n: usize, alpha: f64, beta: f64, c: &mut [f64], a: &[f64], b: &[f64]) {
    for i in 0..m {
        for j in 0..n {
            let mut sum = 0.0;
            for k in 0..i {
                c[k * n + j] += alpha * b[i * n + j] * a[i * m + k];
                sum += b[k * n + j] * a[i * m + k];
            }
            let own = alpha * b[i * n + j] * a[i * m + i];
            c[i * n + j] = beta * c[i * n + j] + own + alpha * sum;
        }
    }
}

#[test]
fn symm_agrees() {
    let (m, n) = (10, 13);
    let (c, a, b) = (values(m * n, 1), values(m * m, 2), values(m * n, 3));
    agree!(symm(m, n, 1.5, 1.2, &mut c, &a, &b));
}

/// The lower triangle of `c = alpha a aᵀ + beta c`.
#[jit]
fn syrk(n: usize, m: usize, alpha: f64, beta: f64, c: &mut [f64], a: &[f64]) {
    for i in 0..n {
        for j in 0..=i {
            c[i * n + j] *= beta;
        }
        for k in 0..m {
            for j in 0..=i {
                c[i * n + j] += alpha * a[i * m + k] * a[j * m + k];
            }
        }
    }
}

#[test]
fn syrk_agrees() {
    let (n, m) = (13, 10);
    let (c, a) = (values(n * n, 1), values(n * m, 2));
    agree!(syrk(n, m, 1.5, 1.2, &mut c, &a));
}

/// The lower triangle of `c = alpha (a bᵀ + b aᵀ) + beta c`.
#[jit]
fn syr2k(n: usize, m: usize, alpha: f64, beta: f64, c: &mut [f64], a: &[f64], b: &[f64]) {
    for i in 0..n {
        for j in 0..=i {
            c[i * n + j] *= beta;
        }
        for k in 0..m {
            for j in 0..=i {
                c[i * n + j] +=
                    a[j * m + k] * alpha * b[i * m + k] + b[j * m + k] * alpha * a[i * m + k];
            }
        }
    }
}

#[test]
fn syr2k_agrees() {
    let (n, m) = (12, 9);
    let (c, a, b) = (values(n * n, 1), values(n * m, 2), values(n * m, 3));
    agree!(syr2k(n, m, 1.5, 1.2, &mut c, &a, &b));
}

/// `b = alpha aᵀ b` in place, where `a` is lower triangular with ones on its diagonal.
#[jit]
fn trmm(m: usize, n: usize, alpha: f64, a: &[f64], b: &mut [f64]) {
    for i in 0..m {
        for j in 0..n {
            for k in i + 1..m {
                b[i * n + j] += a[k * m + i] * b[k * n + j];
            }
            b[i * n + j] *= alpha;
        }
    }
}

#[test]
fn trmm_agrees() {
    let (m, n) = (11, 14);
    let (a, b) = (values(m * m, 1), values(m * n, 2));
    agree!(trmm(m, n, 1.5, &a, &mut b));
}

/// `d = alpha a b c + beta d`, by way of `tmp = alpha a b`.
#[jit]
fn two_products(
    ni: usize,
    nj: usize,
    nk: usize,
    nl: usize,
    alpha: f64,
    beta: f64,
    tmp: &mut [f64],
    a: &[f64],
    b: &[f64],
    c: &[f64],
    d: &mut [f64],
) {
    for i in 0..ni {
        for j in 0..nj {
            tmp[i * nj + j] = 0.0;
            for k in 0..nk {
                tmp[i * nj + j] += alpha * a[i * nk + k] * b[k * nj + j];
            }
        }
    }
    for i in 0..ni {
        for l in 0..nl {
            d[i * nl + l] *= beta;
            for j in 0..nj {
                d[i * nl + l] += tmp[i * nj + j] * c[j * nl + l];
            }
        }
    }
}

#[test]
fn k2mm_agrees() {
    let (ni, nj, nk, nl) = (9, 11, 10, 12);
    let (a, b, c) = (values(ni * nk, 1), values(nk * nj, 2), values(nj * nl, 3));
    let (tmp, d) = (values(ni * nj, 4), values(ni * nl, 5));
    agree!(two_products(
        ni, nj, nk, nl, 1.5, 1.2, &mut tmp, &a, &b, &c, &mut d
    ));
}

/// `g = (a b) (c d)`, by way of `e = a b` and `f = c d`.
#[jit]
fn three_products(
    ni: usize,
    nj: usize,
    nk: usize,
    nl: usize,
    nm: usize,
    e: &mut [f64],
    a: &[f64],
    b: &[f64],
    f: &mut [f64],
    c: &[f64],
    d: &[f64],
    g: &mut [f64],
) {
    for i in 0..ni {
        for j in 0..nj {
            e[i * nj + j] = 0.0;
            for k in 0..nk {
                e[i * nj + j] += a[i * nk + k] * b[k * nj + j];
            }
        }
    }
    for j in 0..nj {
        for l in 0..nl {
            f[j * nl + l] = 0.0;
            for m in 0..nm {
                f[j * nl + l] += c[j * nm + m] * d[m * nl + l];
            }
        }
    }
    for i in 0..ni {
        for l in 0..nl {
            g[i * nl + l] = 0.0;
            for j in 0..nj {
                g[i * nl + l] += e[i * nj + j] * f[j * nl + l];
            }
        }
    }
}

#[test]
fn k3mm_agrees() {
    let (ni, nj, nk, nl, nm) = (8, 9, 10, 11, 12);
    let (a, b) = (values(ni * nk, 1), values(nk * nj, 2));
    let (c, d) = (values(nj * nm, 3), values(nm * nl, 4));
    let (e, f, g) = (values(ni * nj, 5), values(nj * nl, 6), values(ni * nl, 7));
    agree!(three_products(
        ni, nj, nk, nl, nm, &mut e, &a, &b, &mut f, &c, &d, &mut g
    ));
}

/// `y = aᵀ (a x)`, row by row.
#[jit]
fn atax(m: usize, n: usize, a: &[f64], x: &[f64], y: &mut [f64], tmp: &mut [f64]) {
    for j in 0..n {
        y[j] = 0.0;
    }
    for i in 0..m {
        tmp[i] = 0.0;
        for j in 0..n {
            tmp[i] += a[i * n + j] * x[j];
        }
        for j in 0..n {
            y[j] += a[i * n + j] * tmp[i];
        }
    }
}

#[test]
fn atax_agrees() {
    let (m, n) = (12, 15);
    let (a, x) = (values(m * n, 1), values(n, 2));
    let (y, tmp) = (values(n, 3), values(m, 4));
    agree!(atax(m, n, &a, &x, &mut y, &mut tmp));
}

/// The products `s = aᵀ r` and `q = a p` of the biconjugate gradient method.
#[jit]
fn bicg(m: usize, n: usize, a: &[f64], s: &mut [f64], q: &mut [f64], p: &[f64], r: &[f64]) {
    for j in 0..m {
        s[j] = 0.0;
    }
    for i in 0..n {
        q[i] = 0.0;
        for j in 0..m {
            s[j] += r[i] * a[i * m + j];
            q[i] += a[i * m + j] * p[j];
        }
    }
}

#[test]
fn bicg_agrees() {
    let (m, n) = (12, 15);
    let (a, p, r) = (values(n * m, 1), values(m, 2), values(n, 3));
    let (s, q) = (values(m, 4), values(n, 5));
    agree!(bicg(m, n, &a, &mut s, &mut q, &p, &r));
}

/// `x1 += a y1` and `x2 += aᵀ y2`.
#[jit]
fn mvt(n: usize, x1: &mut [f64], x2: &mut [f64], y1: &[f64], y2: &[f64], a: &[f64]) {
    for i in 0..n {
        for j in 0..n {
            x1[i] += a[i * n + j] * y1[j];
        }
    }
    for i in 0..n {
        for j in 0..n {
            x2[i] += a[j * n + i] * y2[j];
        }
    }
}

#[test]
fn mvt_agrees() {
    let n = 17;
    let (x1, x2, y1, y2) = (values(n, 1), values(n, 2), values(n, 3), values(n, 4));
    let a = values(n * n, 5);
    agree!(mvt(n, &mut x1, &mut x2, &y1, &y2, &a));
}

/// `a[r, q, p] = Σₛ a[r, q, s] c4[s, p]` in place, with a row `sum` to work in.
#[jit]
fn doitgen(nr: usize, nq: usize, np: usize, a: &mut [f64], c4: &[f64], sum: &mut [f64]) {
    for r in 0..nr {
        for q in 0..nq {
            let row = (r * nq + q) * np;
            for p in 0..np {
                sum[p] = 0.0;
                for s in 0..np {
                    sum[p] += a[row + s] * c4[s * np + p];
                }
            }
            for p in 0..np {
                a[row + p] = sum[p];
            }
        }
    }
}

#[test]
fn doitgen_agrees() {
    let (nr, nq, np) = (8, 9, 10);
    let (a, c4, sum) = (values(nr * nq * np, 1), values(np * np, 2), values(np, 3));
    agree!(doitgen(nr, nq, np, &mut a, &c4, &mut sum));
}

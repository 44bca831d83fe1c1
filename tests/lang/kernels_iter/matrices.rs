//! Dense `n × n` matrices, row-major in flat slices, and one sparse product.

use hotloop::jit;

use super::shares;
use crate::polybench::{definite_matrix, integers, values};

#[jit]
fn matmul(n: usize, a: &[f64], b: &[f64], c: &mut [f64]) {
    for (a_row, c_row) in a.chunks_exact(n).zip(c.chunks_exact_mut(n)) {
        for (j, c) in c_row.iter_mut().enumerate() {
            let b_column = b[j..].iter().step_by(n);
            *c = a_row.iter().zip(b_column).map(|(a, b)| a * b).sum();
        }
    }
}

#[test]
fn matmul_agrees() {
    let n = 11;
    let (a, b, c) = (values(n * n, 1), values(n * n, 2), values(n * n, 3));
    agree!(matmul(n, &a, &b, &mut c));
    agree!(matmul(0, &a, &b, &mut c));
}

#[jit]
fn matmul_ikj(n: usize, a: &[f64], b: &[f64], c: &mut [f64]) {
    for (a_row, c_row) in a.chunks_exact(n).zip(c.chunks_exact_mut(n)) {
        c_row.fill(0.0);
        for (&a, b_row) in a_row.iter().zip(b.chunks_exact(n)) {
            for (c, &b) in c_row.iter_mut().zip(b_row) {
                *c += a * b;
            }
        }
    }
}

#[test]
fn matmul_ikj_agrees() {
    let n = 11;
    let (a, b, c) = (values(n * n, 1), values(n * n, 2), values(n * n, 3));
    agree!(matmul_ikj(n, &a, &b, &mut c));
}

#[jit]
fn floyd(n: usize, d: &mut [f64], from_k: &mut [f64]) {
    for k in 0..n {
        from_k.copy_from_slice(&d[k * n..(k + 1) * n]);
        for row in d.chunks_exact_mut(n) {
            let to_k = row[k];
            row.iter_mut()
                .zip(from_k.iter())
                .for_each(|(d, from_k)| *d = d.min(to_k + from_k));
        }
    }
}

#[test]
fn floyd_agrees() {
    let n = 13;
    let (d, from_k) = (shares(n * n, 1), values(n, 2));
    agree!(floyd(n, &mut d, &mut from_k));
    // A row to work in that is too short panics in `copy_from_slice`.
    agree!(floyd(n + 1, &mut d, &mut from_k));
}

#[jit]
fn lu(n: usize, a: &mut [f64]) {
    for k in 0..n {
        let (done, below) = a.split_at_mut((k + 1) * n);
        let pivot_row = &done[k * n..];
        for row in below.chunks_exact_mut(n) {
            row[k] /= pivot_row[k];
            let (factor, rest) = (row[k], &mut row[k + 1..]);
            for (x, &p) in rest.iter_mut().zip(&pivot_row[k + 1..]) {
                *x -= factor * p;
            }
        }
    }
}

#[test]
fn lu_agrees() {
    let n = 14;
    let a = definite_matrix(n, 1);
    agree!(lu(n, &mut a));
}

#[jit]
fn cholesky(n: usize, a: &mut [f64]) {
    for i in 0..n {
        let (above, rest) = a.split_at_mut(i * n);
        let row = &mut rest[..n];
        for (j, other) in above.chunks_exact(n).enumerate() {
            let dot: f64 = row[..j].iter().zip(&other[..j]).map(|(a, b)| a * b).sum();
            row[j] = (row[j] - dot) / other[j];
        }
        let square: f64 = row[..i].iter().map(|x| x.powi(2)).sum();
        row[i] = (row[i] - square).sqrt();
    }
}

#[test]
fn cholesky_agrees() {
    let n = 14;
    let a = definite_matrix(n, 1);
    agree!(cholesky(n, &mut a));
}

#[jit]
fn correlation(n: usize, d: &[f64], w: &mut [f64], c: &mut [f64]) {
    for j in 0..n {
        let column = || d.iter().skip(j).step_by(n);
        let mean = column().sum::<f64>() / n as f64;
        let root = column().map(|x| (x - mean).powi(2)).sum::<f64>().sqrt();
        for (w, x) in w[j..].iter_mut().step_by(n).zip(column()) {
            *w = (x - mean) / root;
        }
    }
    for i in 0..n {
        c[i * n + i] = 1.0;
        for j in i + 1..n {
            let sum = w.chunks_exact(n).map(|row| row[i] * row[j]).sum();
            c[i * n + j] = sum;
            c[j * n + i] = sum;
        }
    }
}

#[test]
fn correlation_agrees() {
    let n = 12;
    let (d, w, c) = (values(n * n, 1), values(n * n, 2), values(n * n, 3));
    agree!(correlation(n, &d, &mut w, &mut c));
}

#[jit]
fn spmv(rows: &[i32], columns: &[i32], values: &[f64], x: &[f64], y: &mut [f64]) {
    for (y, row) in y.iter_mut().zip(rows.windows(2)) {
        let row = row[0] as usize..row[1] as usize;
        *y = values[row.clone()]
            .iter()
            .zip(&columns[row])
            .map(|(value, &column)| value * x[column as usize])
            .sum();
    }
}

#[test]
fn spmv_agrees() {
    let n = 16;
    let rows: Vec<i32> = (0..=n as i32).map(|i| i * (i + 1) / 4).collect();
    let n_values = rows[n] as usize;
    let columns = integers(n_values, 1, n as i32);
    let (elements, x, y) = (values(n_values, 2), values(n, 3), values(n, 4));
    agree!(spmv(&rows, &columns, &elements, &x, &mut y));
    // A row that ends before it starts.
    let mut bad = rows.clone();
    bad[5] = 1;
    agree!(spmv(&bad, &columns, &elements, &x, &mut y));
}

//! Dense `n × n` matrices, row-major in flat slices, and one sparse product.

kernels! {
    /// `c = a b`, one inner product per element.
    fn matmul(n: usize, a: &[f64], b: &[f64], c: &mut [f64]) {
        for i in 0..n {
            for j in 0..n {
                let mut sum = 0.0;
                for k in 0..n {
                    sum += a[i * n + k] * b[k * n + j];
                }
                c[i * n + j] = sum;
            }
        }
    }

    /// `c = a b`, row of `c` by row of `b`.
    fn matmul_ikj(n: usize, a: &[f64], b: &[f64], c: &mut [f64]) {
        for i in 0..n {
            for j in 0..n {
                c[i * n + j] = 0.0;
            }
            for k in 0..n {
                for j in 0..n {
                    c[i * n + j] += a[i * n + k] * b[k * n + j];
                }
            }
        }
    }

    /// The shortest paths between all pairs, in place (Floyd and Warshall).
    fn floyd(n: usize, d: &mut [f64]) {
        for k in 0..n {
            for i in 0..n {
                for j in 0..n {
                    d[i * n + j] = d[i * n + j].min(d[i * n + k] + d[k * n + j]);
                }
            }
        }
    }

    /// The LU factors of `a` in its place, without pivots.
    fn lu(n: usize, a: &mut [f64]) {
        for k in 0..n {
            for i in k + 1..n {
                a[i * n + k] /= a[k * n + k];
                for j in k + 1..n {
                    a[i * n + j] -= a[i * n + k] * a[k * n + j];
                }
            }
        }
    }

    /// The Cholesky factor of `a` in its lower triangle, row by row.
    fn cholesky(n: usize, a: &mut [f64]) {
        for i in 0..n {
            for j in 0..i {
                let mut sum = a[i * n + j];
                for k in 0..j {
                    sum -= a[i * n + k] * a[j * n + k];
                }
                a[i * n + j] = sum / a[j * n + j];
            }
            let mut sum = a[i * n + i];
            for k in 0..i {
                sum -= a[i * n + k] * a[i * n + k];
            }
            a[i * n + i] = sum.sqrt();
        }
    }

    /// The correlation matrix `c` of the columns of `d`; `w` receives the columns scaled to mean 0 and length 1.
    fn correlation(n: usize, d: &[f64], w: &mut [f64], c: &mut [f64]) {
        for j in 0..n {
            let mut mean = 0.0;
            for i in 0..n {
                mean += d[i * n + j];
            }
            mean /= n as f64;
            let mut squares = 0.0;
            for i in 0..n {
                squares += (d[i * n + j] - mean) * (d[i * n + j] - mean);
            }
            let root = squares.sqrt();
            for i in 0..n {
                w[i * n + j] = (d[i * n + j] - mean) / root;
            }
        }
        for i in 0..n {
            c[i * n + i] = 1.0;
            for j in i + 1..n {
                let mut sum = 0.0;
                for k in 0..n {
                    sum += w[k * n + i] * w[k * n + j];
                }
                c[i * n + j] = sum;
                c[j * n + i] = sum;
            }
        }
    }

    /// A sparse matrix in compressed rows times `x`: row `i` is at `rows[i]..rows[i + 1]` of `columns` and `values`.
    fn spmv(rows: &[i32], columns: &[i32], values: &[f64], x: &[f64], y: &mut [f64]) {
        for i in 0..y.len() {
            let mut sum = 0.0;
            for p in rows[i] as usize..rows[i + 1] as usize {
                sum += values[p] * x[columns[p] as usize];
            }
            y[i] = sum;
        }
    }
}

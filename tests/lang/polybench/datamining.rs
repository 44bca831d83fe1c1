//! Statistics of the columns of a table of `n` rows and `m` columns.

use hotloop::jit;

use super::values;

/// The correlation of each two columns; `data` is left with columns of mean 0 and, over `√n`, deviation 1.
#[jit]
fn correlation(
    m: usize,
    n: usize,
    data: &mut [f64],
    corr: &mut [f64],
    mean: &mut [f64],
    stddev: &mut [f64],
) {
    let float_n = n as f64;
    let eps = 0.1;
    for j in 0..m {
        mean[j] = 0.0;
        for i in 0..n {
            mean[j] += data[i * m + j];
        }
        mean[j] /= float_n;
    }
    for j in 0..m {
        stddev[j] = 0.0;
        for i in 0..n {
            stddev[j] += (data[i * m + j] - mean[j]) * (data[i * m + j] - mean[j]);
        }
        stddev[j] = (stddev[j] / float_n).sqrt();
        // A column that hardly varies is divided by 1.
        stddev[j] = if stddev[j] <= eps { 1.0 } else { stddev[j] };
    }
    for i in 0..n {
        for j in 0..m {
            data[i * m + j] -= mean[j];
            data[i * m + j] /= float_n.sqrt() * stddev[j];
        }
    }
    for i in 0..m - 1 {
        corr[i * m + i] = 1.0;
        for j in i + 1..m {
            corr[i * m + j] = 0.0;
            for k in 0..n {
                corr[i * m + j] += data[k * m + i] * data[k * m + j];
            }
            corr[j * m + i] = corr[i * m + j];
        }
    }
    corr[m * m - 1] = 1.0;
}

#[test]
fn correlation_agrees() {
    let (m, n) = (11, 14);
    let mut data = values(n * m, 1);
    // One column hardly varies.
    for i in 0..n {
        data[i * m + 3] = 0.5 + 1e-3 * data[i * m + 3];
    }
    let (corr, mean, stddev) = (values(m * m, 2), values(m, 3), values(m, 4));
    agree!(correlation(
        m,
        n,
        &mut data,
        &mut corr,
        &mut mean,
        &mut stddev
    ));
}

/// The covariance of each two columns; `data` is left with columns of mean 0.
#[jit]
fn covariance(m: usize, n: usize, data: &mut [f64], cov: &mut [f64], mean: &mut [f64]) {
    let float_n = n as f64;
    for j in 0..m {
        mean[j] = 0.0;
        for i in 0..n {
            mean[j] += data[i * m + j];
        }
        mean[j] /= float_n;
    }
    for i in 0..n {
        for j in 0..m {
            data[i * m + j] -= mean[j];
        }
    }
    for i in 0..m {
        for j in i..m {
            cov[i * m + j] = 0.0;
            for k in 0..n {
                cov[i * m + j] += data[k * m + i] * data[k * m + j];
            }
            cov[i * m + j] /= float_n - 1.0;
            cov[j * m + i] = cov[i * m + j];
        }
    }
}

#[test]
fn covariance_agrees() {
    let (m, n) = (12, 9);
    let (data, cov, mean) = (values(n * m, 1), values(m * m, 2), values(m, 3));
    agree!(covariance(m, n, &mut data, &mut cov, &mut mean));
}

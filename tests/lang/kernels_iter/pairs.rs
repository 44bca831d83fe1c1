//! Every point with every other point.

use hotloop::jit;

use super::shares;
use crate::polybench::values;

#[jit]
fn nbody(
    x: &[f64],
    y: &[f64],
    z: &[f64],
    m: &[f64],
    ax: &mut [f64],
    ay: &mut [f64],
    az: &mut [f64],
) {
    let bodies = x.iter().zip(y).zip(z);
    let accelerations = ax.iter_mut().zip(ay).zip(az);
    for (((xi, yi), zi), ((ax, ay), az)) in bodies.clone().zip(accelerations) {
        (*ax, *ay, *az) =
            bodies
                .clone()
                .zip(m)
                .fold((0.0, 0.0, 0.0), |(sx, sy, sz), (((xj, yj), zj), mj)| {
                    let (dx, dy, dz) = (xj - xi, yj - yi, zj - zi);
                    let r2 = dx * dx + dy * dy + dz * dz + 0.01;
                    let f = mj / (r2 * r2.sqrt());
                    (sx + f * dx, sy + f * dy, sz + f * dz)
                });
    }
}

#[test]
fn nbody_agrees() {
    let n = 12;
    let (x, y, z, m) = (values(n, 1), values(n, 2), values(n, 3), shares(n, 4));
    let (ax, ay, az) = (values(n, 5), values(n, 6), values(n, 7));
    agree!(nbody(&x, &y, &z, &m, &mut ax, &mut ay, &mut az));
}

#[jit]
fn pdist(d: usize, x: &[f64], out: &mut [f64]) {
    let n = x.len() / d;
    for (p, row) in x.chunks_exact(d).zip(out.chunks_exact_mut(n)) {
        for (q, out) in x.chunks_exact(d).zip(row) {
            let squares = p.iter().zip(q).map(|(p, q)| (p - q).powi(2));
            *out = squares.sum::<f64>().sqrt();
        }
    }
}

#[test]
fn pdist_agrees() {
    let n = 11;
    let out = values(n * n, 2);
    for d in [1, 3, 9] {
        let x = values(n * d, 1);
        agree!(pdist(d, &x, &mut out));
    }
    let x = values(n, 1);
    agree!(pdist(0, &x, &mut out));
}

//! Every point with every other point.

kernels! {
    /// The accelerations by gravity of bodies at `(x, y, z)` with masses `m`, softened at short distance.
    fn nbody(x: &[f64], y: &[f64], z: &[f64], m: &[f64], ax: &mut [f64], ay: &mut [f64], az: &mut [f64]) {
        let n = x.len();
        for i in 0..n {
            let mut sx = 0.0;
            let mut sy = 0.0;
            let mut sz = 0.0;
            for j in 0..n {
                let dx = x[j] - x[i];
                let dy = y[j] - y[i];
                let dz = z[j] - z[i];
                let r2 = dx * dx + dy * dy + dz * dz + 0.01;
                let f = m[j] / (r2 * r2.sqrt());
                sx += f * dx;
                sy += f * dy;
                sz += f * dz;
            }
            ax[i] = sx;
            ay[i] = sy;
            az[i] = sz;
        }
    }

    /// The distances between all pairs of the `n` points of dimension `d` in the rows of `x`.
    fn pdist(n: usize, d: usize, x: &[f64], out: &mut [f64]) {
        for i in 0..n {
            for j in 0..n {
                let mut squares = 0.0;
                for k in 0..d {
                    let t = x[i * d + k] - x[j * d + k];
                    squares += t * t;
                }
                out[i * n + j] = squares.sqrt();
            }
        }
    }
}

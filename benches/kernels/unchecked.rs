//! The kernels of the table without bounds checks: each index is `get_unchecked`, everything else as it is in the file of the family.

pub(crate) mod reductions {
    #[hotloop::jit]
    pub(crate) fn sum_f64(x: &[f64]) -> f64 {
        // SAFETY: the table gives slices of the lengths that the kernel is for.
        unsafe {
            let mut sum = 0.0;
            for i in 0..x.len() {
                sum += *x.get_unchecked(i);
            }
            sum
        }
    }

    #[hotloop::jit]
    pub(crate) fn sum_f32(x: &[f32]) -> f32 {
        // SAFETY: the table gives slices of the lengths that the kernel is for.
        unsafe {
            let mut sum = 0.0;
            for i in 0..x.len() {
                sum += *x.get_unchecked(i);
            }
            sum
        }
    }

    #[hotloop::jit]
    pub(crate) fn dot_f64(x: &[f64], y: &[f64]) -> f64 {
        // SAFETY: the table gives slices of the lengths that the kernel is for.
        unsafe {
            let mut sum = 0.0;
            for i in 0..x.len() {
                sum += *x.get_unchecked(i) * *y.get_unchecked(i);
            }
            sum
        }
    }

    #[hotloop::jit]
    pub(crate) fn dot_f32(x: &[f32], y: &[f32]) -> f32 {
        // SAFETY: the table gives slices of the lengths that the kernel is for.
        unsafe {
            let mut sum = 0.0;
            for i in 0..x.len() {
                sum += *x.get_unchecked(i) * *y.get_unchecked(i);
            }
            sum
        }
    }

    #[hotloop::jit]
    pub(crate) fn where_sum(x: &[f64], threshold: f64) -> f64 {
        // SAFETY: the table gives slices of the lengths that the kernel is for.
        unsafe {
            let mut sum = 0.0;
            for i in 0..x.len() {
                if *x.get_unchecked(i) > threshold {
                    sum += *x.get_unchecked(i);
                }
            }
            sum
        }
    }
}

pub(crate) mod elementwise {
    #[hotloop::jit]
    pub(crate) fn axpy(a: f64, x: &[f64], y: &mut [f64]) {
        // SAFETY: the table gives slices of the lengths that the kernel is for.
        unsafe {
            for i in 0..x.len() {
                *y.get_unchecked_mut(i) += a * *x.get_unchecked(i);
            }
        }
    }

    #[hotloop::jit]
    pub(crate) fn cact(input: &[f32], out: &mut [f32]) {
        // SAFETY: the table gives slices of the lengths that the kernel is for.
        unsafe {
            for i in 0..input.len() {
                let mut x = (*input.get_unchecked(i)).sin();
                x *= x.cos();
                x += (-x.abs()).exp();
                x /= 1.0 + x.powi(2);
                x = x.tanh() * (1.0 / (1.0 + (-x).exp()));
                *out.get_unchecked_mut(i) = x - 0.5 * x.powi(3);
            }
        }
    }

    #[hotloop::jit]
    pub(crate) fn black_scholes(
        s: &[f64],
        x: &[f64],
        t: &[f64],
        r: f64,
        v: f64,
        call: &mut [f64],
        put: &mut [f64],
    ) {
        // SAFETY: the table gives slices of the lengths that the kernel is for.
        unsafe {
            let b0 = 0.2316419;
            let b1 = 0.31938153;
            let b2 = -0.356563782;
            let b3 = 1.781477937;
            let b4 = -1.821255978;
            let b5 = 1.330274429;
            let inv_sqrt_2_pi = 0.3989422804014327;
            for i in 0..s.len() {
                let spread = v * (*t.get_unchecked(i)).sqrt();
                let d1 = ((*s.get_unchecked(i) / *x.get_unchecked(i)).ln()
                    + (r + 0.5 * v * v) * *t.get_unchecked(i))
                    / spread;
                let d2 = d1 - spread;

                let k1 = 1.0 / (1.0 + b0 * d1.abs());
                let p1 = inv_sqrt_2_pi
                    * (-0.5 * d1 * d1).exp()
                    * (k1 * (b1 + k1 * (b2 + k1 * (b3 + k1 * (b4 + k1 * b5)))));
                let c1 = if d1 > 0.0 { 1.0 - p1 } else { p1 };

                let k2 = 1.0 / (1.0 + b0 * d2.abs());
                let p2 = inv_sqrt_2_pi
                    * (-0.5 * d2 * d2).exp()
                    * (k2 * (b1 + k2 * (b2 + k2 * (b3 + k2 * (b4 + k2 * b5)))));
                let c2 = if d2 > 0.0 { 1.0 - p2 } else { p2 };

                let strike = *x.get_unchecked(i) * (-r * *t.get_unchecked(i)).exp();
                *call.get_unchecked_mut(i) = *s.get_unchecked(i) * c1 - strike * c2;
                *put.get_unchecked_mut(i) = strike * (1.0 - c2) - *s.get_unchecked(i) * (1.0 - c1);
            }
        }
    }

    #[hotloop::jit]
    pub(crate) fn logistic(steps: usize, r: &[f64], out: &mut [f64]) {
        // SAFETY: the table gives slices of the lengths that the kernel is for.
        unsafe {
            for i in 0..r.len() {
                let mut x = 0.5;
                for _ in 0..steps {
                    x = *r.get_unchecked(i) * x * (1.0 - x);
                }
                *out.get_unchecked_mut(i) = x;
            }
        }
    }

    #[hotloop::jit]
    pub(crate) fn horner(c: &[f64], x: &[f64], out: &mut [f64]) {
        // SAFETY: the table gives slices of the lengths that the kernel is for.
        unsafe {
            let degree = 16;
            for i in 0..x.len() {
                let mut y = *c.get_unchecked(degree);
                for k in (0..degree).rev() {
                    y = y * *x.get_unchecked(i) + *c.get_unchecked(k);
                }
                *out.get_unchecked_mut(i) = y;
            }
        }
    }

    #[hotloop::jit]
    pub(crate) fn cumsum(x: &[f64], out: &mut [f64]) {
        // SAFETY: the table gives slices of the lengths that the kernel is for.
        unsafe {
            let mut sum = 0.0;
            for i in 0..x.len() {
                sum += *x.get_unchecked(i);
                *out.get_unchecked_mut(i) = sum;
            }
        }
    }
}

pub(crate) mod matrices {
    #[hotloop::jit]
    pub(crate) fn matmul(n: usize, a: &[f64], b: &[f64], c: &mut [f64]) {
        // SAFETY: the table gives slices of the lengths that the kernel is for.
        unsafe {
            for i in 0..n {
                for j in 0..n {
                    let mut sum = 0.0;
                    for k in 0..n {
                        sum += *a.get_unchecked(i * n + k) * *b.get_unchecked(k * n + j);
                    }
                    *c.get_unchecked_mut(i * n + j) = sum;
                }
            }
        }
    }

    #[hotloop::jit]
    pub(crate) fn matmul_ikj(n: usize, a: &[f64], b: &[f64], c: &mut [f64]) {
        // SAFETY: the table gives slices of the lengths that the kernel is for.
        unsafe {
            for i in 0..n {
                for j in 0..n {
                    *c.get_unchecked_mut(i * n + j) = 0.0;
                }
                for k in 0..n {
                    for j in 0..n {
                        *c.get_unchecked_mut(i * n + j) +=
                            *a.get_unchecked(i * n + k) * *b.get_unchecked(k * n + j);
                    }
                }
            }
        }
    }

    #[hotloop::jit]
    pub(crate) fn floyd(n: usize, d: &mut [f64]) {
        // SAFETY: the table gives slices of the lengths that the kernel is for.
        unsafe {
            for k in 0..n {
                for i in 0..n {
                    for j in 0..n {
                        *d.get_unchecked_mut(i * n + j) = (*d.get_unchecked(i * n + j))
                            .min(*d.get_unchecked(i * n + k) + *d.get_unchecked(k * n + j));
                    }
                }
            }
        }
    }

    #[hotloop::jit]
    pub(crate) fn lu(n: usize, a: &mut [f64]) {
        // SAFETY: the table gives slices of the lengths that the kernel is for.
        unsafe {
            for k in 0..n {
                for i in k + 1..n {
                    *a.get_unchecked_mut(i * n + k) /= *a.get_unchecked(k * n + k);
                    for j in k + 1..n {
                        *a.get_unchecked_mut(i * n + j) -=
                            *a.get_unchecked(i * n + k) * *a.get_unchecked(k * n + j);
                    }
                }
            }
        }
    }

    #[hotloop::jit]
    pub(crate) fn cholesky(n: usize, a: &mut [f64]) {
        // SAFETY: the table gives slices of the lengths that the kernel is for.
        unsafe {
            for i in 0..n {
                for j in 0..i {
                    let mut sum = *a.get_unchecked(i * n + j);
                    for k in 0..j {
                        sum -= *a.get_unchecked(i * n + k) * *a.get_unchecked(j * n + k);
                    }
                    *a.get_unchecked_mut(i * n + j) = sum / *a.get_unchecked(j * n + j);
                }
                let mut sum = *a.get_unchecked(i * n + i);
                for k in 0..i {
                    sum -= *a.get_unchecked(i * n + k) * *a.get_unchecked(i * n + k);
                }
                *a.get_unchecked_mut(i * n + i) = sum.sqrt();
            }
        }
    }

    #[hotloop::jit]
    pub(crate) fn correlation(n: usize, d: &[f64], w: &mut [f64], c: &mut [f64]) {
        // SAFETY: the table gives slices of the lengths that the kernel is for.
        unsafe {
            for j in 0..n {
                let mut mean = 0.0;
                for i in 0..n {
                    mean += *d.get_unchecked(i * n + j);
                }
                mean /= n as f64;
                let mut squares = 0.0;
                for i in 0..n {
                    squares +=
                        (*d.get_unchecked(i * n + j) - mean) * (*d.get_unchecked(i * n + j) - mean);
                }
                let root = squares.sqrt();
                for i in 0..n {
                    *w.get_unchecked_mut(i * n + j) = (*d.get_unchecked(i * n + j) - mean) / root;
                }
            }
            for i in 0..n {
                *c.get_unchecked_mut(i * n + i) = 1.0;
                for j in i + 1..n {
                    let mut sum = 0.0;
                    for k in 0..n {
                        sum += *w.get_unchecked(k * n + i) * *w.get_unchecked(k * n + j);
                    }
                    *c.get_unchecked_mut(i * n + j) = sum;
                    *c.get_unchecked_mut(j * n + i) = sum;
                }
            }
        }
    }

    #[hotloop::jit]
    pub(crate) fn spmv(rows: &[i32], columns: &[i32], values: &[f64], x: &[f64], y: &mut [f64]) {
        // SAFETY: the table gives slices of the lengths that the kernel is for.
        unsafe {
            for i in 0..y.len() {
                let mut sum = 0.0;
                for p in *rows.get_unchecked(i) as usize..*rows.get_unchecked(i + 1) as usize {
                    sum += *values.get_unchecked(p)
                        * *x.get_unchecked(*columns.get_unchecked(p) as usize);
                }
                *y.get_unchecked_mut(i) = sum;
            }
        }
    }
}

pub(crate) mod stencils {
    #[hotloop::jit]
    pub(crate) fn jacobi2d(n: usize, steps: usize, a: &mut [f64], b: &mut [f64]) {
        // SAFETY: the table gives slices of the lengths that the kernel is for.
        unsafe {
            for _ in 0..steps / 2 {
                for i in 1..n - 1 {
                    for j in 1..n - 1 {
                        let p = i * n + j;
                        *b.get_unchecked_mut(p) = 0.2
                            * (*a.get_unchecked(p)
                                + *a.get_unchecked(p - 1)
                                + *a.get_unchecked(p + 1)
                                + *a.get_unchecked(p - n)
                                + *a.get_unchecked(p + n));
                    }
                }
                for i in 1..n - 1 {
                    for j in 1..n - 1 {
                        let p = i * n + j;
                        *a.get_unchecked_mut(p) = 0.2
                            * (*b.get_unchecked(p)
                                + *b.get_unchecked(p - 1)
                                + *b.get_unchecked(p + 1)
                                + *b.get_unchecked(p - n)
                                + *b.get_unchecked(p + n));
                    }
                }
            }
        }
    }

    #[hotloop::jit]
    pub(crate) fn heat3d(n: usize, steps: usize, a: &mut [f64], b: &mut [f64]) {
        // SAFETY: the table gives slices of the lengths that the kernel is for.
        unsafe {
            let m = n * n;
            for _ in 0..steps / 2 {
                for i in 1..n - 1 {
                    for j in 1..n - 1 {
                        for k in 1..n - 1 {
                            let p = i * m + j * n + k;
                            *b.get_unchecked_mut(p) = *a.get_unchecked(p)
                                + 0.125
                                    * (*a.get_unchecked(p + m) - 2.0 * *a.get_unchecked(p)
                                        + *a.get_unchecked(p - m))
                                + 0.125
                                    * (*a.get_unchecked(p + n) - 2.0 * *a.get_unchecked(p)
                                        + *a.get_unchecked(p - n))
                                + 0.125
                                    * (*a.get_unchecked(p + 1) - 2.0 * *a.get_unchecked(p)
                                        + *a.get_unchecked(p - 1));
                        }
                    }
                }
                for i in 1..n - 1 {
                    for j in 1..n - 1 {
                        for k in 1..n - 1 {
                            let p = i * m + j * n + k;
                            *a.get_unchecked_mut(p) = *b.get_unchecked(p)
                                + 0.125
                                    * (*b.get_unchecked(p + m) - 2.0 * *b.get_unchecked(p)
                                        + *b.get_unchecked(p - m))
                                + 0.125
                                    * (*b.get_unchecked(p + n) - 2.0 * *b.get_unchecked(p)
                                        + *b.get_unchecked(p - n))
                                + 0.125
                                    * (*b.get_unchecked(p + 1) - 2.0 * *b.get_unchecked(p)
                                        + *b.get_unchecked(p - 1));
                        }
                    }
                }
            }
        }
    }

    #[hotloop::jit]
    pub(crate) fn seidel2d(n: usize, steps: usize, a: &mut [f64]) {
        // SAFETY: the table gives slices of the lengths that the kernel is for.
        unsafe {
            for _ in 0..steps {
                for i in 1..n - 1 {
                    for j in 1..n - 1 {
                        let p = i * n + j;
                        *a.get_unchecked_mut(p) = (*a.get_unchecked(p - n - 1)
                            + *a.get_unchecked(p - n)
                            + *a.get_unchecked(p - n + 1)
                            + *a.get_unchecked(p - 1)
                            + *a.get_unchecked(p)
                            + *a.get_unchecked(p + 1)
                            + *a.get_unchecked(p + n - 1)
                            + *a.get_unchecked(p + n)
                            + *a.get_unchecked(p + n + 1))
                            / 9.0;
                    }
                }
            }
        }
    }

    #[hotloop::jit]
    pub(crate) fn life(n: usize, steps: usize, a: &mut [u8], b: &mut [u8]) {
        // SAFETY: the table gives slices of the lengths that the kernel is for.
        unsafe {
            for _ in 0..steps / 2 {
                for i in 1..n - 1 {
                    for j in 1..n - 1 {
                        let p = i * n + j;
                        let alive = *a.get_unchecked(p - n - 1)
                            + *a.get_unchecked(p - n)
                            + *a.get_unchecked(p - n + 1)
                            + *a.get_unchecked(p - 1)
                            + *a.get_unchecked(p + 1)
                            + *a.get_unchecked(p + n - 1)
                            + *a.get_unchecked(p + n)
                            + *a.get_unchecked(p + n + 1);
                        *b.get_unchecked_mut(p) =
                            (alive == 3 || (alive == 2 && *a.get_unchecked(p) == 1)) as u8;
                    }
                }
                for i in 1..n - 1 {
                    for j in 1..n - 1 {
                        let p = i * n + j;
                        let alive = *b.get_unchecked(p - n - 1)
                            + *b.get_unchecked(p - n)
                            + *b.get_unchecked(p - n + 1)
                            + *b.get_unchecked(p - 1)
                            + *b.get_unchecked(p + 1)
                            + *b.get_unchecked(p + n - 1)
                            + *b.get_unchecked(p + n)
                            + *b.get_unchecked(p + n + 1);
                        *a.get_unchecked_mut(p) =
                            (alive == 3 || (alive == 2 && *b.get_unchecked(p) == 1)) as u8;
                    }
                }
            }
        }
    }

    #[hotloop::jit]
    pub(crate) fn blur(n: usize, image: &[f32], w: &[f32], tmp: &mut [f32], out: &mut [f32]) {
        // SAFETY: the table gives slices of the lengths that the kernel is for.
        unsafe {
            let radius = w.len() / 2;
            for i in 0..n {
                for j in radius..n - radius {
                    let mut sum = 0.0;
                    for k in 0..w.len() {
                        sum += *w.get_unchecked(k) * *image.get_unchecked(i * n + j - radius + k);
                    }
                    *tmp.get_unchecked_mut(i * n + j) = sum;
                }
            }
            for i in radius..n - radius {
                for j in radius..n - radius {
                    let mut sum = 0.0;
                    for k in 0..w.len() {
                        sum += *w.get_unchecked(k) * *tmp.get_unchecked((i - radius + k) * n + j);
                    }
                    *out.get_unchecked_mut(i * n + j) = sum;
                }
            }
        }
    }

    #[hotloop::jit]
    pub(crate) fn fir(x: &[f64], h: &[f64], y: &mut [f64]) {
        // SAFETY: the table gives slices of the lengths that the kernel is for.
        unsafe {
            for i in 0..y.len() {
                let mut sum = 0.0;
                for k in 0..h.len() {
                    sum += *h.get_unchecked(k) * *x.get_unchecked(i + k);
                }
                *y.get_unchecked_mut(i) = sum;
            }
        }
    }
}

pub(crate) mod pairs {
    #[hotloop::jit]
    pub(crate) fn nbody(
        x: &[f64],
        y: &[f64],
        z: &[f64],
        m: &[f64],
        ax: &mut [f64],
        ay: &mut [f64],
        az: &mut [f64],
    ) {
        // SAFETY: the table gives slices of the lengths that the kernel is for.
        unsafe {
            let n = x.len();
            for i in 0..n {
                let mut sx = 0.0;
                let mut sy = 0.0;
                let mut sz = 0.0;
                for j in 0..n {
                    let dx = *x.get_unchecked(j) - *x.get_unchecked(i);
                    let dy = *y.get_unchecked(j) - *y.get_unchecked(i);
                    let dz = *z.get_unchecked(j) - *z.get_unchecked(i);
                    let r2 = dx * dx + dy * dy + dz * dz + 0.01;
                    let f = *m.get_unchecked(j) / (r2 * r2.sqrt());
                    sx += f * dx;
                    sy += f * dy;
                    sz += f * dz;
                }
                *ax.get_unchecked_mut(i) = sx;
                *ay.get_unchecked_mut(i) = sy;
                *az.get_unchecked_mut(i) = sz;
            }
        }
    }

    #[hotloop::jit]
    pub(crate) fn pdist(n: usize, d: usize, x: &[f64], out: &mut [f64]) {
        // SAFETY: the table gives slices of the lengths that the kernel is for.
        unsafe {
            for i in 0..n {
                for j in 0..n {
                    let mut squares = 0.0;
                    for k in 0..d {
                        let t = *x.get_unchecked(i * d + k) - *x.get_unchecked(j * d + k);
                        squares += t * t;
                    }
                    *out.get_unchecked_mut(i * n + j) = squares.sqrt();
                }
            }
        }
    }
}

pub(crate) mod searches {
    #[hotloop::jit]
    pub(crate) fn hist_u8(x: &[u8], bins: &mut [u64]) {
        // SAFETY: the table gives slices of the lengths that the kernel is for.
        unsafe {
            for b in 0..bins.len() {
                *bins.get_unchecked_mut(b) = 0;
            }
            for i in 0..x.len() {
                *bins.get_unchecked_mut(*x.get_unchecked(i) as usize) += 1;
            }
        }
    }

    #[hotloop::jit]
    pub(crate) fn hist_f64(x: &[f64], bins: &mut [u64]) {
        // SAFETY: the table gives slices of the lengths that the kernel is for.
        unsafe {
            for b in 0..bins.len() {
                *bins.get_unchecked_mut(b) = 0;
            }
            for i in 0..x.len() {
                *bins.get_unchecked_mut((*x.get_unchecked(i) * 256.0) as usize) += 1;
            }
        }
    }

    #[hotloop::jit]
    pub(crate) fn mandelbrot(n: usize, limit: i32, out: &mut [i32]) {
        // SAFETY: the table gives slices of the lengths that the kernel is for.
        unsafe {
            let step = 2.5 / n as f64;
            for i in 0..n {
                for j in 0..n {
                    let cr = -2.0 + step * j as f64;
                    let ci = -1.2512 + step * i as f64;
                    let mut zr = 0.0;
                    let mut zi = 0.0;
                    let mut k = 0;
                    while k < limit && zr * zr + zi * zi <= 4.0 {
                        let t = zr * zr - zi * zi + cr;
                        zi = 2.0 * zr * zi + ci;
                        zr = t;
                        k += 1;
                    }
                    *out.get_unchecked_mut(i * n + j) = k;
                }
            }
        }
    }

    #[hotloop::jit]
    pub(crate) fn mc_pi(n: usize) -> f64 {
        let per_stream = n / 64;
        let scale = 1.0 / (1u64 << 53) as f64;
        let mut hits = 0u64;
        for stream in 0..64u64 {
            let mut s = (stream + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            for _ in 0..per_stream {
                s ^= s << 13;
                s ^= s >> 7;
                s ^= s << 17;
                let x = (s >> 11) as f64 * scale;
                s ^= s << 13;
                s ^= s >> 7;
                s ^= s << 17;
                let y = (s >> 11) as f64 * scale;
                if x * x + y * y <= 1.0 {
                    hits += 1;
                }
            }
        }
        4.0 * hits as f64 / (per_stream * 64) as f64
    }

    #[hotloop::jit]
    pub(crate) fn crc16(x: &[u8]) -> u16 {
        // SAFETY: the table gives slices of the lengths that the kernel is for.
        unsafe {
            let mut crc = 0xFFFFu16;
            for i in 0..x.len() {
                crc ^= (*x.get_unchecked(i) as u16) << 8;
                for _ in 0..8 {
                    crc = if crc & 0x8000 != 0 {
                        (crc << 1) ^ 0x1021
                    } else {
                        crc << 1
                    };
                }
            }
            crc
        }
    }

    #[hotloop::jit]
    pub(crate) fn edit_distance(
        a: &[u8],
        b: &[u8],
        previous: &mut [i32],
        current: &mut [i32],
    ) -> i32 {
        // SAFETY: the table gives slices of the lengths that the kernel is for.
        unsafe {
            for j in 0..=b.len() {
                *previous.get_unchecked_mut(j) = j as i32;
            }
            for i in 1..=a.len() {
                *current.get_unchecked_mut(0) = i as i32;
                for j in 1..=b.len() {
                    let cost = (*a.get_unchecked(i - 1) != *b.get_unchecked(j - 1)) as i32;
                    *current.get_unchecked_mut(j) = (*previous.get_unchecked(j - 1) + cost)
                        .min(*previous.get_unchecked(j) + 1)
                        .min(*current.get_unchecked(j - 1) + 1);
                }
                for j in 0..=b.len() {
                    *previous.get_unchecked_mut(j) = *current.get_unchecked(j);
                }
            }
            *previous.get_unchecked(b.len())
        }
    }

    #[hotloop::jit]
    pub(crate) fn heapsort(x: &mut [f64]) {
        // SAFETY: the table gives slices of the lengths that the kernel is for.
        unsafe {
            let n = x.len();
            for start in (0..n / 2).rev() {
                let value = *x.get_unchecked(start);
                let mut root = start;
                loop {
                    let mut child = 2 * root + 1;
                    if child >= n {
                        break;
                    }
                    if child + 1 < n && *x.get_unchecked(child + 1) > *x.get_unchecked(child) {
                        child += 1;
                    }
                    if *x.get_unchecked(child) <= value {
                        break;
                    }
                    *x.get_unchecked_mut(root) = *x.get_unchecked(child);
                    root = child;
                }
                *x.get_unchecked_mut(root) = value;
            }
            for end in (1..n).rev() {
                let value = *x.get_unchecked(end);
                *x.get_unchecked_mut(end) = *x.get_unchecked(0);
                let mut root = 0;
                loop {
                    let mut child = 2 * root + 1;
                    if child >= end {
                        break;
                    }
                    if child + 1 < end && *x.get_unchecked(child + 1) > *x.get_unchecked(child) {
                        child += 1;
                    }
                    if *x.get_unchecked(child) <= value {
                        break;
                    }
                    *x.get_unchecked_mut(root) = *x.get_unchecked(child);
                    root = child;
                }
                *x.get_unchecked_mut(root) = value;
            }
        }
    }

    #[hotloop::jit]
    pub(crate) fn sieve(n: usize, flags: &mut [u8]) -> usize {
        // SAFETY: the table gives slices of the lengths that the kernel is for.
        unsafe {
            for i in 0..=n {
                *flags.get_unchecked_mut(i) = 1;
            }
            *flags.get_unchecked_mut(0) = 0;
            *flags.get_unchecked_mut(1) = 0;
            let mut i = 2;
            while i * i <= n {
                if *flags.get_unchecked(i) != 0 {
                    for j in (i * i..=n).step_by(i) {
                        *flags.get_unchecked_mut(j) = 0;
                    }
                }
                i += 1;
            }
            let mut count = 0;
            for i in 0..=n {
                count += *flags.get_unchecked(i) as usize;
            }
            count
        }
    }

    #[hotloop::jit]
    pub(crate) fn collatz(n: usize, lengths: &mut [i32]) -> usize {
        // SAFETY: the table gives slices of the lengths that the kernel is for.
        unsafe {
            for i in 1..n {
                let mut x = i as i64;
                let mut length = 1;
                while x != 1 {
                    x = if x % 2 == 0 { x / 2 } else { 3 * x + 1 };
                    length += 1;
                }
                *lengths.get_unchecked_mut(i) = length;
            }
            let mut longest = 1;
            for i in 2..n {
                if *lengths.get_unchecked(i) > *lengths.get_unchecked(longest) {
                    longest = i;
                }
            }
            longest
        }
    }
}

//! One output element per input element, in order; `cumsum` alone carries a value along.

kernels! {
    /// `y += a x`.
    fn axpy(a: f64, x: &[f64], y: &mut [f64]) {
        for i in 0..x.len() {
            y[i] += a * x[i];
        }
    }

    /// A chain of transcendental functions, such as an activation function is made of.
    fn cact(input: &[f32], out: &mut [f32]) {
        for i in 0..input.len() {
            let mut x = input[i].sin();
            x *= x.cos();
            x += (-x.abs()).exp();
            x /= 1.0 + x.powi(2);
            x = x.tanh() * (1.0 / (1.0 + (-x).exp()));
            out[i] = x - 0.5 * x.powi(3);
        }
    }

    /// Prices of European options: spot price `s`, strike price `x`, years to expiry `t`, interest `r`, volatility `v`.
    /// The normal distribution is the five-term polynomial 26.2.17 of Abramowitz and Stegun.
    fn black_scholes(s: &[f64], x: &[f64], t: &[f64], r: f64, v: f64, call: &mut [f64], put: &mut [f64]) {
        let b0 = 0.2316419;
        let b1 = 0.31938153;
        let b2 = -0.356563782;
        let b3 = 1.781477937;
        let b4 = -1.821255978;
        let b5 = 1.330274429;
        let inv_sqrt_2_pi = 0.3989422804014327;
        for i in 0..s.len() {
            let spread = v * t[i].sqrt();
            let d1 = ((s[i] / x[i]).ln() + (r + 0.5 * v * v) * t[i]) / spread;
            let d2 = d1 - spread;

            let k1 = 1.0 / (1.0 + b0 * d1.abs());
            let p1 = inv_sqrt_2_pi * (-0.5 * d1 * d1).exp() * (k1 * (b1 + k1 * (b2 + k1 * (b3 + k1 * (b4 + k1 * b5)))));
            let c1 = if d1 > 0.0 { 1.0 - p1 } else { p1 };

            let k2 = 1.0 / (1.0 + b0 * d2.abs());
            let p2 = inv_sqrt_2_pi * (-0.5 * d2 * d2).exp() * (k2 * (b1 + k2 * (b2 + k2 * (b3 + k2 * (b4 + k2 * b5)))));
            let c2 = if d2 > 0.0 { 1.0 - p2 } else { p2 };

            let strike = x[i] * (-r * t[i]).exp();
            call[i] = s[i] * c1 - strike * c2;
            put[i] = strike * (1.0 - c2) - s[i] * (1.0 - c1);
        }
    }

    /// The logistic map, `steps` times from 0.5, for each parameter of `r`.
    fn logistic(steps: usize, r: &[f64], out: &mut [f64]) {
        for i in 0..r.len() {
            let mut x = 0.5;
            for _ in 0..steps {
                x = r[i] * x * (1.0 - x);
            }
            out[i] = x;
        }
    }

    /// The polynomial of degree 16 with coefficients `c`, lowest power first, at each `x`.
    fn horner(c: &[f64], x: &[f64], out: &mut [f64]) {
        let degree = 16;
        for i in 0..x.len() {
            let mut y = c[degree];
            for k in (0..degree).rev() {
                y = y * x[i] + c[k];
            }
            out[i] = y;
        }
    }

    /// Running sums of `x`.
    fn cumsum(x: &[f64], out: &mut [f64]) {
        let mut sum = 0.0;
        for i in 0..x.len() {
            sum += x[i];
            out[i] = sum;
        }
    }
}

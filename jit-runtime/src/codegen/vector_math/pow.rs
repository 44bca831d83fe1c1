//! Powers: `x^y = 2^(y log2 x)`.
//!
//! The product may be as large as 1024 and its absolute error becomes a relative one, so the logarithm has to be known to about 64 bits. For `f32` all is done in
//! `f64`. For `f64` the logarithm is a sum of two: `log2 m = s (c₀ + c₁ s² + s⁴ R(s²))` with `s = (m - 1) / (m + 1)`, the error of each step up to
//! `s⁴ R` carried along by fused operations (Dekker, A floating-point technique for extending the available precision, 1971).

use super::super::Result;
use super::math::{Float, Math};

/// `(ln(1 + g) - g + g²/2) / g³`, for `f32`.
const LOG: &[f64] = &[
    0.3333333236670599,
    -0.24999966966623233,
    0.20000090468948842,
    -0.16669405752882416,
    0.1428511874461331,
    -0.12424397574493283,
    0.11036196247315687,
    -0.1081956439641012,
    0.10632057063042213,
    -0.05976925949778152,
];

/// `(2^r - 1) / r`, for `f32`.
const EXP2: &[f64] = &[
    0.6931471807163875,
    0.24022651089203753,
    0.05550410335506288,
    0.009618034457212906,
    0.001333395016031391,
    0.00015468022740198272,
    1.5195058413236031e-05,
];

/// `c₀` and `c₁`, each in two parts, and `R`.
const C0: (f64, f64) = (2.8853900817779268, 4.0710547481862066e-17);
const C1: (f64, f64) = (0.9617966939259756, 5.0577616648125907e-17);
const R: &[f64] = &[
    0.5770780163556193,
    0.4121985830912498,
    0.32059890240255523,
    0.26230768937532506,
    0.22198455858238036,
    0.19124168302657857,
    0.19051410690133352,
];

impl<'ctx> Math<'ctx, '_> {
    /// The sum of two numbers, the first the larger, and what rounding took from it.
    fn sum_of_two(&self, x: Float<'ctx>, y: Float<'ctx>) -> (Float<'ctx>, Float<'ctx>) {
        let sum = self.add(x, y);
        (sum, self.add(self.sub(x, sum), y))
    }

    /// The product of two numbers, and what rounding took from it.
    fn product_of_two(&self, x: Float<'ctx>, y: Float<'ctx>) -> (Float<'ctx>, Float<'ctx>) {
        let product = self.mul(x, y);
        (product, self.fma(x, y, self.neg(product)))
    }

    /// `log2 x` of a positive normal or subnormal number, in two parts.
    fn log2_in_two(&self, x: Float<'ctx>) -> (Float<'ctx>, Float<'ctx>) {
        let (normal, bias) = self.normalized(x);
        let (k, m) = self.take_apart(normal);
        let k = self.exponent(k, bias);
        let (one, two) = (self.c(1.0), self.c(2.0));
        let g = self.sub(m, one);
        // s = g / (2 + g)
        let (d, d_low) = self.sum_of_two(two, g);
        let inverse = self.div(one, d);
        let s = self.mul(g, inverse);
        let rest = self.fma(self.neg(s), d, g);
        let rest = self.fma(self.neg(s), d_low, rest);
        let s_low = self.mul(rest, inverse);
        // z = s²
        let (z, z_low) = self.product_of_two(s, s);
        let z_low = self.fma(self.add(s, s), s_low, z_low);
        // t = c₁ + z R(z)
        let (t, t_low) = self.sum_of_two(self.c(C1.0), self.mul(z, self.poly(z, R)));
        let t_low = self.add(t_low, self.c(C1.1));
        // w = c₀ + z t
        let (v, v_low) = self.product_of_two(z, t);
        let v_low = self.fma(z, t_low, self.fma(z_low, t, v_low));
        let (w, w_low) = self.sum_of_two(self.c(C0.0), v);
        let w_low = self.add(w_low, self.add(v_low, self.c(C0.1)));
        // k + s w
        let (l, l_low) = self.product_of_two(s, w);
        let l_low = self.fma(s, w_low, self.fma(s_low, w, l_low));
        let (sum, sum_low) = self.sum_of_two(k, l);
        (sum, self.add(sum_low, l_low))
    }

    /// `|x|^y` for positive finite `x` of `f64`, and the limits at zero and infinity.
    fn pow_of_size(&self, size: Float<'ctx>, y: Float<'ctx>) -> Float<'ctx> {
        let (log, log_low) = self.log2_in_two(size);
        let (log, log_low) = self.log_edges_in_two(size, log, log_low);
        let product = self.mul(y, log);
        let low = self.fma(y, log, self.neg(product));
        let low = self.fma(y, log_low, low);
        let fits = self.lt(self.abs(product), self.c(1100.0));
        let low = self.select(fits, low, self.c(0.0));
        let product = self.at_least(-1080.0, self.at_most(1025.0, product));
        let rounder = self.c(self.rounder() + 2.0 * self.bias() as f64);
        let sum = self.add(product, rounder);
        let n = self.sub(sum, rounder);
        let r = self.add(self.sub(product, n), low);
        let p = self.fma(r, self.poly(r, super::exp::EXP2_F64), self.c(1.0));
        self.scale_in_two(p, self.bits(sum))
    }

    /// The logarithm of zero and infinity; the low part matters only elsewhere.
    fn log_edges_in_two(
        &self,
        size: Float<'ctx>,
        log: Float<'ctx>,
        log_low: Float<'ctx>,
    ) -> (Float<'ctx>, Float<'ctx>) {
        let infinity = self.c(f64::INFINITY);
        let log = self.select(self.eq(size, infinity), infinity, log);
        let is_zero = self.eq(size, self.c(0.0));
        (self.select(is_zero, self.neg(infinity), log), log_low)
    }

    /// As [`pow_of_size`](Self::pow_of_size), for values that are `f32` but for their type.
    fn pow_of_size_f32(&self, size: Float<'ctx>, y: Float<'ctx>) -> Float<'ctx> {
        let (k, m) = self.take_apart(size);
        let k = self.exponent(k, self.c(self.bias() as f64));
        let g = self.sub(m, self.c(1.0));
        let square = self.mul(g, g);
        let cubic = self.mul(self.mul(g, square), self.poly(g, LOG));
        let ln = self.add(self.fma(square, self.c(-0.5), cubic), g);
        let log = self.fma(ln, self.c(std::f64::consts::LOG2_E), k);
        let (log, _) = self.log_edges_in_two(size, log, self.c(0.0));
        let product = self.at_least(-200.0, self.at_most(200.0, self.mul(y, log)));
        let rounder = self.c(self.rounder() + self.bias() as f64);
        let sum = self.add(product, rounder);
        let r = self.sub(product, self.sub(sum, rounder));
        let p = self.fma(r, self.poly(r, EXP2), self.c(1.0));
        let power = self.float_of_bits(self.shl(self.bits(sum), self.mantissa_bits()));
        self.mul(p, power)
    }

    pub(super) fn pow(&self, x: Float<'ctx>, y: Float<'ctx>) -> Result<Float<'ctx>> {
        let size = self.abs(x);
        let value = if self.is_single() {
            let wide = self.doubled()?;
            let value = wide.pow_of_size_f32(self.widen(size), self.widen(y));
            wide.finish()?;
            self.narrow(value)
        } else {
            self.pow_of_size(size, y)
        };
        let (zero, one, infinity) = (self.c(0.0), self.c(1.0), self.c(f64::INFINITY));
        // |x| = 1 has that power even of infinite exponents, and of NaN only if x is positive.
        let value = self.select(self.eq(size, one), one, value);
        let half = self.mul(y, self.c(0.5));
        let is_whole = self.eq(self.rint(y), y);
        let is_odd = self.both(is_whole, self.not(self.eq(self.rint(half), half)));
        let signed = self.copysign(value, x);
        let value = self.select(is_odd, signed, value);
        let is_negative = self.both(self.lt(x, zero), self.lt(size, infinity));
        let has_none = self.both(is_negative, self.not(is_whole));
        let value = self.select(has_none, self.c(f64::NAN), value);
        let value = self.select(self.is_nan(x), x, value);
        let value = self.select(
            self.both(self.is_nan(y), self.not(self.eq(x, one))),
            y,
            value,
        );
        Ok(self.select(self.eq(y, zero), one, value))
    }
}

//! Sine, cosine and tangent.
//!
//! `x = n π + r` (of the tangent `n π/2 + r`), `π` in three parts of full precision. Each step is one fused operation: the first is exact, as `x` and
//! `n π₁` have their last bits in common places, and the others round what is left by at most half of its last place. So no bit is lost
//! where `x` is close to a multiple of `π` (compare Muller, Elementary Functions, on Cody and Waite's reduction with FMA). From some size of `x` on
//! `n` is no longer exact, and the function of the C library is called (`lanes`).

use super::math::{Float, Math};

/// `π`, most of it first.
const PI_F32: [f64; 3] = [
    3.1415927410125732,
    -8.742277657347586e-8,
    -3.4302490200117637e-15,
];
const PI_F64: [f64; 3] = [
    3.141592653589793,
    1.2246467991473532e-16,
    -2.9947698097183397e-33,
];

/// Up to where the reduction is accurate; beyond it the C library's functions are called.
pub(in super::super) const LIMIT_F32: f64 = 262_144.0;
pub(in super::super) const LIMIT_F64: f64 = 7.0e13;

/// `(sin r - r) / r³` in `r²`, `|r| <= π/2`.
const SIN_F32: &[f64] = &[
    -0.16666659712791443,
    0.008333064615726471,
    -0.00019809474179055542,
    2.6054808586195577e-06,
];
const SIN_F64: &[f64] = &[
    -0.16666666666666666,
    0.008333333333333193,
    -0.00019841269841208475,
    2.7557319211006082e-06,
    -2.5052106860489014e-08,
    1.6058939072672602e-10,
    -7.64297465746627e-13,
    2.7209941875050725e-15,
];

/// The same for `|r| <= π/4`.
const SIN_QUARTER_F32: &[f64] = &[
    -0.16666653752326965,
    0.0083321463316679,
    -0.00019513326697051525,
];
const SIN_QUARTER_F64: &[f64] = &[
    -0.1666666666666663,
    0.008333333333321776,
    -0.00019841269829305085,
    2.7557313519478147e-06,
    -2.505073133534469e-08,
    1.589525225526369e-10,
];

/// `(cos r - 1 + r²/2) / r⁴` in `r²`, `|r| <= π/4`.
const COS_QUARTER_F32: &[f64] = &[
    0.04166664555668831,
    -0.0013887297827750444,
    2.4430948542430997e-05,
];
const COS_QUARTER_F64: &[f64] = &[
    0.04166666666666659,
    -0.0013888888888872568,
    2.480158728853896e-05,
    -2.755731408681586e-07,
    2.087568799571325e-09,
    -1.1357857783958353e-11,
];

impl<'ctx> Math<'ctx, '_> {
    /// `x - n π scale`.
    fn minus_pi(&self, x: Float<'ctx>, n: Float<'ctx>, scale: f64) -> Float<'ctx> {
        self.pick(PI_F32, PI_F64)
            .into_iter()
            .fold(x, |r, part| self.fma(n, self.c(-part * scale), r))
    }

    /// `r + r³ P(r²)`.
    fn sin_poly(&self, r: Float<'ctx>, coefficients: &[f64]) -> Float<'ctx> {
        let square = self.mul(r, r);
        let p = self.poly(square, coefficients);
        self.fma(self.mul(r, square), p, r)
    }

    pub(super) fn sin(&self, x: Float<'ctx>) -> Float<'ctx> {
        let rounder = self.c(self.rounder());
        let sum = self.fma(x, self.c(std::f64::consts::FRAC_1_PI), rounder);
        let r = self.minus_pi(x, self.sub(sum, rounder), 1.0);
        let value = self.sin_poly(r, self.pick(SIN_F32, SIN_F64));
        self.flip_sign(value, self.bits(sum))
    }

    /// `x = (k - ½) π + r`, and `cos x` is `sin r` or `-sin r`.
    pub(super) fn cos(&self, x: Float<'ctx>) -> Float<'ctx> {
        let (rounder, half) = (self.c(self.rounder()), self.c(0.5));
        let turns = self.fma(x, self.c(std::f64::consts::FRAC_1_PI), half);
        let sum = self.add(turns, rounder);
        let n = self.sub(self.sub(sum, rounder), half);
        let r = self.minus_pi(x, n, 1.0);
        let value = self.sin_poly(r, self.pick(SIN_F32, SIN_F64));
        self.flip_sign(value, self.bits(sum))
    }

    pub(super) fn tan(&self, x: Float<'ctx>) -> Float<'ctx> {
        let rounder = self.c(self.rounder());
        let sum = self.fma(x, self.c(std::f64::consts::FRAC_2_PI), rounder);
        let r = self.minus_pi(x, self.sub(sum, rounder), 0.5);
        let square = self.mul(r, r);
        let sin = self.sin_poly(r, self.pick(SIN_QUARTER_F32, SIN_QUARTER_F64));
        let p = self.poly(square, self.pick(COS_QUARTER_F32, COS_QUARTER_F64));
        let cos = self.fma(square, self.c(-0.5), self.c(1.0));
        let cos = self.fma(self.mul(square, square), p, cos);
        let turned = self.is_odd(self.bits(sum));
        let above = self.select(turned, self.neg(cos), sin);
        let below = self.select(turned, sin, cos);
        self.div(above, below)
    }
}

//! Exponentials and hyperbolic functions.
//!
//! `x = n ln 2 + r` with an integer `n` and `|r| <= ln 2 / 2`, `ln 2` in two parts of which the first has so few bits that the product with `n` is
//! exact (Cody and Waite, Software Manual for the Elementary Functions, 1980); `e^r` is a minimax polynomial; `2^n` is put together from bits.

use super::math::{Float, Int, Math};

const LOG2_E: f64 = std::f64::consts::LOG2_E;
/// `ln 2` to 12 and to 33 bits, and the rest.
pub(super) const LN_2_F32: (f64, f64) = (0.693_359_375, -2.121_944_4e-4);
pub(super) const LN_2_F64: (f64, f64) = (0.6931471803691238, 1.908_214_929_270_587_7e-10);

/// `(e^r - 1 - r) / r²`, for the least relative error of `e^r - 1`.
const EXP_F32: &[f64] = &[
    0.5,
    0.1666666567325592,
    0.04166634753346443,
    0.00833339337259531,
    0.0013941653305664659,
    0.00019845270435325801,
];
const EXP_F64: &[f64] = &[
    0.5000000000000006,
    0.1666666666666658,
    0.04166666666656946,
    0.008333333333395705,
    0.0013888888934165285,
    0.00019841269708690504,
    2.4801501960719293e-05,
    2.7557413321790316e-06,
    2.76274147074913e-07,
    2.505319012350711e-08,
];

/// The same for the least relative error of `e^r`, which takes one term less of `f32`.
const EXP_OF_R_F32: &[f64] = &[
    0.4999999403953552,
    0.16666515171527863,
    0.04166845604777336,
    0.008369418792426586,
    0.0013813161058351398,
];

/// `(2^r - 1) / r`, for the least relative error of `2^r`, `|r| <= 1 / 2`.
const EXP2_F32: &[f64] = &[
    0.6931471824645996,
    0.24022647738456726,
    0.05550329387187958,
    0.009618449956178665,
    0.0013400169555097818,
    0.00015352315676864237,
];
pub(super) const EXP2_F64: &[f64] = &[
    0.6931471805599453,
    0.2402265069591014,
    0.055504108664819925,
    0.009618129107591283,
    0.0013333558146803094,
    0.00015403530461020637,
    1.5252733474170525e-05,
    1.321543319629929e-06,
    1.01782041207032e-07,
    7.074161851481481e-09,
    4.43456321162121e-10,
];

impl<'ctx> Math<'ctx, '_> {
    /// `scale * x` rounded to an integer `n`, and bits whose lowest are `n + offset`.
    fn round_scaled(&self, x: Float<'ctx>, scale: f64, offset: u64) -> (Float<'ctx>, Int<'ctx>) {
        let rounder = self.c(self.rounder() + offset as f64);
        let sum = match scale {
            1.0 => self.add(x, rounder),
            _ => self.fma(x, self.c(scale), rounder),
        };
        (self.sub(sum, rounder), self.bits(sum))
    }

    /// `x - n ln 2`.
    fn minus_ln_2(&self, x: Float<'ctx>, n: Float<'ctx>) -> Float<'ctx> {
        let (high, low) = self.pick(LN_2_F32, LN_2_F64);
        let r = self.fma(n, self.c(-high), x);
        self.fma(n, self.c(-low), r)
    }

    /// `p * 2^n`, rounded once even if it is subnormal: `2^n` is two factors of half the exponent each. `bits` are from
    /// [`round_scaled`](Self::round_scaled) with twice the bias.
    pub(super) fn scale_in_two(&self, p: Float<'ctx>, bits: Int<'ctx>) -> Float<'ctx> {
        let half = self.shr(bits, 1);
        let rest = self.int_sub(bits, half);
        let [half, rest] =
            [half, rest].map(|part| self.float_of_bits(self.shl(part, self.mantissa_bits())));
        self.mul(self.mul(p, half), rest)
    }

    /// `2^(n + offset - bias)`, from the bits of [`round_scaled`](Self::round_scaled).
    fn power_of_two(&self, bits: Int<'ctx>) -> Float<'ctx> {
        self.float_of_bits(self.shl(bits, self.mantissa_bits()))
    }

    pub(super) fn exp(&self, x: Float<'ctx>) -> Float<'ctx> {
        let (low, high) = self.pick((-104.0, 89.0), (-746.0, 710.0));
        let x = self.at_least(low, self.at_most(high, x));
        let (n, bits) = self.round_scaled(x, LOG2_E, 2 * self.bias());
        let r = self.minus_ln_2(x, n);
        let p = self.poly(r, self.pick(EXP_OF_R_F32, EXP_F64));
        let p = self.add(self.fma(self.mul(r, r), p, r), self.c(1.0));
        self.scale_in_two(p, bits)
    }

    pub(super) fn exp2(&self, x: Float<'ctx>) -> Float<'ctx> {
        let (low, high) = self.pick((-160.0, 128.0), (-1080.0, 1024.0));
        let x = self.at_least(low, self.at_most(high, x));
        let (n, bits) = self.round_scaled(x, 1.0, 2 * self.bias());
        let r = self.sub(x, n);
        let p = self.fma(r, self.poly(r, self.pick(EXP2_F32, EXP2_F64)), self.c(1.0));
        self.scale_in_two(p, bits)
    }

    /// `e^r - 1` and `2^(n - less)`, where `x = n ln 2 + r`. The exponent must fit.
    fn exp_parts(&self, x: Float<'ctx>, less: u64) -> (Float<'ctx>, Float<'ctx>) {
        let (n, bits) = self.round_scaled(x, LOG2_E, self.bias() - less);
        let r = self.minus_ln_2(x, n);
        let p = self.poly(r, self.pick(EXP_F32, EXP_F64));
        (self.fma(self.mul(r, r), p, r), self.power_of_two(bits))
    }

    /// `2^n (e^r - 1) + (2^n - 1)`, halved on the way, as `2^n` may be too large.
    pub(super) fn exp_m1(&self, x: Float<'ctx>) -> Float<'ctx> {
        let (low, high) = self.pick((-20.0, 89.0), (-40.0, 709.9));
        let x = self.at_least(low, self.at_most(high, x));
        let (p, q) = self.exp_parts(x, 1);
        let half = self.fma(q, p, self.sub(q, self.c(0.5)));
        self.add(half, half)
    }

    /// With `e = e^2|x| - 1`: `e / (e + 2)`.
    pub(super) fn tanh(&self, x: Float<'ctx>) -> Float<'ctx> {
        let size = self.at_most(self.pick(10.0, 20.0), self.abs(x));
        let (p, q) = self.exp_parts(self.add(size, size), 0);
        let e = self.fma(q, p, self.sub(q, self.c(1.0)));
        // The divisor is finite: between 2 and 2^60.
        let size = self.div_finite(e, self.add(e, self.c(2.0)));
        self.copysign(size, x)
    }

    /// With `e = (e^|x| - 1) / 2`: `e + e / (2 e + 1)`.
    pub(super) fn sinh(&self, x: Float<'ctx>) -> Float<'ctx> {
        let size = self.at_most(self.pick(89.5, 710.6), self.abs(x));
        let (p, q) = self.exp_parts(size, 2);
        let half = self.fma(q, p, self.sub(q, self.c(0.25)));
        let e = self.add(half, half);
        let sum = self.add(self.add(e, e), self.c(1.0));
        let size = self.add(e, self.div(e, sum));
        let size = self.select(self.eq(sum, self.c(f64::INFINITY)), e, size);
        self.copysign(size, x)
    }

    /// With `e = e^|x| / 2`: `e + 1 / (4 e)`.
    pub(super) fn cosh(&self, x: Float<'ctx>) -> Float<'ctx> {
        let size = self.at_most(self.pick(89.5, 710.6), self.abs(x));
        let (p, q) = self.exp_parts(size, 2);
        let half = self.fma(q, p, q);
        let e = self.add(half, half);
        self.add(e, self.div(self.c(0.25), e))
    }
}

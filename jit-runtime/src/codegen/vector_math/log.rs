//! Logarithms.
//!
//! `x = 2^k (1 + g)` with `1 + g` between `√½` and `√2`, from the bits of `x`; `ln(1 + g) = g - g²/2 + g³ P(g)` with a minimax polynomial `P`; no division.
//! Where another base multiplies, `g`, which is exact, is multiplied by the factor in two parts.

use super::math::{Float, Int, Math};

/// `(ln(1 + g) - g + g²/2) / g³`, for the least relative error of `ln(1 + g)`.
const LOG_F32: &[f64] = &[
    0.3333333134651184,
    -0.2500081956386566,
    0.20001228153705597,
    -0.1662335991859436,
    0.14201746881008148,
    -0.1316015124320984,
    0.12761633098125458,
    -0.07634637504816055,
];
const LOG_F64: &[f64] = &[
    0.3333333333333314,
    -0.2499999999998799,
    0.20000000000066503,
    -0.166666666698229,
    0.14285714280105452,
    -0.12499999691684821,
    0.11111111146922693,
    -0.10000015196224978,
    0.09090923941526818,
    -0.08332913774456722,
    0.07691529811332166,
    -0.07149436384275744,
    0.0668458706457339,
    -0.06196701551464142,
    0.05668404888678497,
    -0.05677701753514025,
    0.06503360680434458,
    -0.05981793907015418,
    0.026152683547648572,
];

/// A number in two parts.
type Parts = (f64, f64);

/// A base: the factor of the natural logarithm, and the logarithm of 2, the first part of which has so few bits that products with
/// exponents are exact.
struct Base {
    factor: Parts,
    two: Parts,
}

/// The bits of `√½`, where mantissas begin.
pub(super) const SQRT_HALF_F32: u64 = 0x3f35_04f3;
pub(super) const SQRT_HALF_F64: u64 = 0x3fe6_a09e_667f_3bcd;

impl<'ctx> Math<'ctx, '_> {
    /// The exponent `k` of a positive normal number, with the bias, and `1 + g`.
    pub(super) fn take_apart(&self, x: Float<'ctx>) -> (Int<'ctx>, Float<'ctx>) {
        let shift = self.mantissa_bits();
        let start = self.pick(SQRT_HALF_F32, SQRT_HALF_F64);
        let from_start = self.int_sub(self.bits(x), self.i(start));
        let k = self.shr(self.int_add(from_start, self.bias() << shift), shift);
        let mantissa = self.int_add(self.and(from_start, (1 << shift) - 1), start);
        (k, self.float_of_bits(mantissa))
    }

    /// A biased exponent as a float, less `bias`, which is a whole number. Its bits become the lowest of a large float.
    pub(super) fn exponent(&self, k: Int<'ctx>, bias: Float<'ctx>) -> Float<'ctx> {
        let large = self.pick(8_388_608.0, 4_503_599_627_370_496.0);
        let bits = self.pick(0x4b00_0000, 0x4330_0000_0000_0000);
        let sum = self.float_of_bits(self.or(k, bits));
        self.sub(self.sub(sum, self.c(large)), bias)
    }

    /// `ln(1 + g) - g`.
    fn log_rest(&self, g: Float<'ctx>) -> Float<'ctx> {
        let square = self.mul(g, g);
        let p = self.poly(g, self.pick(LOG_F32, LOG_F64));
        let cubic = self.mul(self.mul(g, square), p);
        self.fma(square, self.c(-0.5), cubic)
    }

    /// What logarithms are of `x` where `x` is no positive finite number: `value` elsewhere.
    fn log_edges(&self, x: Float<'ctx>, zero: Float<'ctx>, value: Float<'ctx>) -> Float<'ctx> {
        let at_zero = self.c(f64::NEG_INFINITY);
        let outside = self.select(self.eq(x, zero), at_zero, self.c(f64::NAN));
        let value = self.select(self.gt(x, zero), value, outside);
        let infinity = self.c(f64::INFINITY);
        self.select(self.eq(x, infinity), infinity, value)
    }

    /// A positive number as a normal one, and the bias of its exponent.
    pub(super) fn normalized(&self, x: Float<'ctx>) -> (Float<'ctx>, Float<'ctx>) {
        let least = self.c(self.pick(f32::MIN_POSITIVE.into(), f64::MIN_POSITIVE));
        let is_small = self.lt(x, least);
        let (shift, factor) = self.pick((25.0, 33_554_432.0), (54.0, 18_014_398_509_481_984.0));
        let scaled = self.mul(x, self.c(factor));
        let bias = self.bias() as f64;
        (
            self.select(is_small, scaled, x),
            self.select(is_small, self.c(bias + shift), self.c(bias)),
        )
    }

    fn log(&self, x: Float<'ctx>, base: &Base) -> Float<'ctx> {
        let (normal, bias) = self.normalized(x);
        let (k, mantissa) = self.take_apart(normal);
        let k = self.exponent(k, bias);
        let g = self.sub(mantissa, self.c(1.0));
        let rest = self.log_rest(g);
        let low = match base.two.1 {
            0.0 => None,
            low => Some(self.mul(k, self.c(low))),
        };
        let value = match base.factor {
            (1.0, _) => {
                let low = low.map_or(rest, |low| self.add(low, rest));
                self.add(g, low)
            }
            (factor, factor_low) => {
                let low = match low {
                    Some(low) => self.fma(g, self.c(factor_low), low),
                    None => self.mul(g, self.c(factor_low)),
                };
                let low = self.fma(rest, self.c(factor), low);
                self.fma(g, self.c(factor), low)
            }
        };
        let value = self.fma(k, self.c(base.two.0), value);
        self.log_edges(x, self.c(0.0), value)
    }

    pub(super) fn ln(&self, x: Float<'ctx>) -> Float<'ctx> {
        let two = self.pick(super::exp::LN_2_F32, super::exp::LN_2_F64);
        let factor = (1.0, 0.0);
        self.log(x, &Base { factor, two })
    }

    pub(super) fn log2(&self, x: Float<'ctx>) -> Float<'ctx> {
        let factor = self.pick(
            (1.4426950216293335, 1.925963033500011e-8),
            (1.4426950408889634, 2.0355273740931033e-17),
        );
        let two = (1.0, 0.0);
        self.log(x, &Base { factor, two })
    }

    pub(super) fn log10(&self, x: Float<'ctx>) -> Float<'ctx> {
        let factor = self.pick(
            (0.4342944920063019, -1.0103049952192578e-8),
            (0.4342944819032518, 1.098319650216765e-17),
        );
        let two = self.pick(
            (0.301025390625, 4.605038981195214e-6),
            (0.30102999566361177, 3.694239077157482e-13),
        );
        self.log(x, &Base { factor, two })
    }

    /// `1 + x = 2^k (1 + g)`, where `g = 2^-k x + (2^-k - 1)` is rounded once.
    pub(super) fn ln_1p(&self, x: Float<'ctx>) -> Float<'ctx> {
        let one = self.c(1.0);
        let (k, _) = self.take_apart(self.add(x, one));
        // `2^(2 - k)`, as `2^-k` may be subnormal.
        let power = self.int_sub(self.i(2 * self.bias() + 2), k);
        let power = self.float_of_bits(self.shl(power, self.mantissa_bits()));
        let quarter = self.c(0.25);
        let shifted = self.fma(power, quarter, self.c(-1.0));
        let g = self.fma(self.mul(x, quarter), power, shifted);
        let k = self.exponent(k, self.c(self.bias() as f64));
        let (high, low) = self.pick(super::exp::LN_2_F32, super::exp::LN_2_F64);
        let value = self.add(g, self.fma(k, self.c(low), self.log_rest(g)));
        let value = self.fma(k, self.c(high), value);
        let tiny = self.c(self.pick(2.98e-8, 5.55e-17));
        let value = self.select(self.lt(self.abs(x), tiny), x, value);
        self.log_edges(x, self.c(-1.0), value)
    }
}

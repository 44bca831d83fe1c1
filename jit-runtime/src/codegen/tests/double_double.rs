//! Elementary functions to about 100 bits, slowly: sums of two `f64`, and series.

use std::ops::{Add, Div, Mul, Neg, Sub};

/// The sum of two numbers, the second at most half of the last place of the first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Dd(pub(crate) f64, pub(crate) f64);

pub(crate) const LN_2: Dd = Dd(std::f64::consts::LN_2, 2.3190468138462996e-17);
const LN_10: Dd = Dd(std::f64::consts::LN_10, -2.1707562233822494e-16);
/// `π` in four parts.
const PI: [f64; 4] = [
    3.141592653589793,
    1.2246467991473532e-16,
    -2.9947698097183397e-33,
    1.1124542208633653e-49,
];

fn two_sum(x: f64, y: f64) -> Dd {
    let sum = x + y;
    let from_y = sum - x;
    Dd(sum, (x - (sum - from_y)) + (y - from_y))
}

fn quick_two_sum(x: f64, y: f64) -> Dd {
    let sum = x + y;
    Dd(sum, y - (sum - x))
}

impl From<f64> for Dd {
    fn from(x: f64) -> Self {
        Dd(x, 0.0)
    }
}

impl Add for Dd {
    type Output = Dd;
    fn add(self, other: Dd) -> Dd {
        let (high, low) = (two_sum(self.0, other.0), two_sum(self.1, other.1));
        let sum = quick_two_sum(high.0, high.1 + low.0);
        quick_two_sum(sum.0, sum.1 + low.1)
    }
}

impl Neg for Dd {
    type Output = Dd;
    fn neg(self) -> Dd {
        Dd(-self.0, -self.1)
    }
}

impl Sub for Dd {
    type Output = Dd;
    fn sub(self, other: Dd) -> Dd {
        self + -other
    }
}

impl Mul for Dd {
    type Output = Dd;
    fn mul(self, other: Dd) -> Dd {
        let product = self.0 * other.0;
        let low = self.0.mul_add(other.0, -product);
        quick_two_sum(product, low + (self.0 * other.1 + self.1 * other.0))
    }
}

impl Div for Dd {
    type Output = Dd;
    fn div(self, other: Dd) -> Dd {
        let first = self.0 / other.0;
        let rest = self - other * first.into();
        let second = rest.0 / other.0;
        let rest = rest - other * second.into();
        quick_two_sum(first, second) + (rest.0 / other.0).into()
    }
}

impl Dd {
    /// `x * 2^n`, exact unless the result is subnormal.
    fn scaled(self, n: i32) -> Dd {
        let (half, rest) = (2_f64.powi(n / 2), 2_f64.powi(n - n / 2));
        Dd(self.0 * half * rest, self.1 * half * rest)
    }

    fn half(self) -> Dd {
        Dd(self.0 / 2.0, self.1 / 2.0)
    }

    /// `e^x - 1`, for `|x| < 0.4`.
    fn exp_m1_small(self) -> Dd {
        let mut term = self;
        let mut sum = self;
        for k in 2..30 {
            term = term * self / f64::from(k).into();
            sum = sum + term;
        }
        sum
    }

    /// `x = n ln 2 + r`.
    fn by_ln_2(self) -> (i32, Dd) {
        let n = (self.0 / LN_2.0).round();
        (
            n as i32,
            self - LN_2 * n.into() - (n * 5.707708438416212e-34).into(),
        )
    }

    /// `e^x * 2^shift`.
    fn exp_scaled(self, shift: i32) -> Dd {
        if self.0 > 1500.0 {
            return f64::INFINITY.into();
        }
        if self.0 < -1500.0 {
            return 0.0.into();
        }
        let (n, r) = self.by_ln_2();
        (r.exp_m1_small() + 1.0.into()).scaled(n + shift)
    }

    pub(crate) fn exp(self) -> Dd {
        self.exp_scaled(0)
    }

    pub(crate) fn exp_m1(self) -> Dd {
        match self.0.abs() < 0.35 {
            true => self.exp_m1_small(),
            false => self.exp() - 1.0.into(),
        }
    }

    pub(crate) fn exp2(self) -> Dd {
        (self * LN_2).exp()
    }

    pub(crate) fn sinh(self) -> Dd {
        if self.0.abs() < 0.35 {
            let e = self.exp_m1_small();
            return (e + e / (e + 1.0.into())).half();
        }
        self.exp_scaled(-1) - (-self).exp_scaled(-1)
    }

    pub(crate) fn cosh(self) -> Dd {
        self.exp_scaled(-1) + (-self).exp_scaled(-1)
    }

    pub(crate) fn tanh(self) -> Dd {
        if self.0.abs() > 40.0 {
            return self.0.signum().into();
        }
        let e = (self + self).exp_m1();
        e / (e + 2.0.into())
    }

    /// Newton's step from the library's value, of `e^y = x`, in terms of `x e^-y - 1`.
    pub(crate) fn ln(self) -> Dd {
        // Near one everything would cancel.
        if (self.0 - 1.0).abs() < 1e-8 {
            return (self - 1.0.into()).ln_1p();
        }
        // Subnormal numbers have to be scaled before anything is multiplied.
        let (x, n) = match self.0 < 1e-300 {
            true => (self.scaled(200), 200.0),
            false => (self, 0.0),
        };
        let first: Dd = x.0.ln().into();
        let (k, r) = first.by_ln_2();
        let power = (-r).exp_m1_small() + 1.0.into();
        let ratio = x.scaled(-k) * power - 1.0.into();
        let step = ratio - (ratio * ratio).half() + ratio * ratio * ratio / 3.0.into();
        let rest = r + step;
        LN_2 * (f64::from(k) - n).into() + rest
    }

    pub(crate) fn log2(self) -> Dd {
        self.ln() / LN_2
    }

    pub(crate) fn log10(self) -> Dd {
        self.ln() / LN_10
    }

    pub(crate) fn ln_1p(self) -> Dd {
        if self.0.abs() < 1e-8 {
            // x - x²/2 + x³/3 - x⁴/4
            let square = self * self;
            return self - square.half() + square * self / 3.0.into()
                - (square * square).scaled(-2);
        }
        (self + 1.0.into()).ln()
    }

    pub(crate) fn pow(self, y: f64) -> Dd {
        (self.ln() * y.into()).exp()
    }

    /// The sine and the cosine, where `n π` is exact enough.
    pub(crate) fn sin_cos(self) -> (Dd, Dd) {
        let n = (self.0 / std::f64::consts::FRAC_PI_2).round();
        let mut r = self;
        for part in PI {
            let product = n * (part / 2.0);
            let low = n.mul_add(part / 2.0, -product);
            r = r - product.into() - low.into();
        }
        let square = -(r * r);
        let (mut sin, mut cos) = (r, Dd::from(1.0));
        let (mut sin_term, mut cos_term) = (sin, cos);
        for k in 1..16 {
            let k = f64::from(2 * k);
            cos_term = cos_term * square / (k * (k - 1.0)).into();
            sin_term = sin_term * square / (k * (k + 1.0)).into();
            cos = cos + cos_term;
            sin = sin + sin_term;
        }
        match (n.rem_euclid(4.0)) as u32 {
            0 => (sin, cos),
            1 => (cos, -sin),
            2 => (-sin, -cos),
            _ => (-cos, sin),
        }
    }
}

#[test]
fn series_agree_with_identities() {
    for x in [0.001, 0.3, 0.7, 1.5, 9.25, 300.5] {
        let x = Dd::from(x);
        let size = |difference: Dd| difference.0.abs();
        let (sin, cos) = x.sin_cos();
        assert!(size(sin * sin + cos * cos - 1.0.into()) < 1e-30);
        assert!(size(x.ln().exp() / x - 1.0.into()) < 1e-29);
        assert!(size(x.cosh() / (x.sinh() + (-x).exp()) - 1.0.into()) < 1e-29);
        assert!(size(x.exp().ln() - x) < 1e-28 * x.0);
        assert!(size(x.exp_m1().ln_1p() / x - 1.0.into()) < 1e-27);
    }
}

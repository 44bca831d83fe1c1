//! Every operator, method and constant of the float types.

use hotloop::jit;
use proptest::prelude::*;

use crate::harness::{any_f32, any_f64, config, outcome};

macro_rules! floats {
    ($($module:ident $ty:ident $any:ident;)*) => { $(
        mod $module {
            use super::*;

            #[jit]
            fn operators(a: $ty, b: $ty) -> ($ty, $ty, $ty, $ty, $ty, $ty) {
                let mut c = a;
                c += b;
                c *= a;
                c -= 1.5;
                c /= b;
                c %= 3.0;
                (a + b, a - b, a * b, a / b, a % b, -c)
            }

            #[jit]
            fn compare(a: $ty, b: $ty) -> (bool, bool, bool, bool, bool, bool) {
                (a == b, a != b, a < b, a <= b, a > b, a >= b)
            }

            #[jit]
            fn rounding(a: $ty) -> ($ty, $ty, $ty, $ty, $ty, $ty) {
                (a.floor(), a.ceil(), a.trunc(), a.round(), a.round_ties_even(), a.fract())
            }

            #[jit]
            fn exact(a: $ty, b: $ty, c: $ty) -> ($ty, $ty, $ty, $ty, $ty, $ty, $ty, $ty) {
                (a.sqrt(), a.mul_add(b, c), a.copysign(b), a.recip(), a.to_degrees(), a.to_radians(), a.abs(), a.signum())
            }

            #[jit]
            fn library(op: u32, a: $ty, b: $ty) -> $ty {
                if op == 0 { a.cbrt() } else if op == 1 { a.hypot(b) } else if op == 2 { a.powf(b) }
                else if op == 3 { a.exp() } else if op == 4 { a.exp2() } else if op == 5 { a.exp_m1() }
                else if op == 6 { a.ln() } else if op == 7 { a.log(b) } else if op == 8 { a.log2() }
                else if op == 9 { a.log10() } else if op == 10 { a.ln_1p() } else if op == 11 { a.sin() }
                else if op == 12 { a.cos() } else if op == 13 { a.tan() } else if op == 14 { a.asin() }
                else if op == 15 { a.acos() } else if op == 16 { a.atan() } else if op == 17 { a.atan2(b) }
                else if op == 18 { a.sinh() } else if op == 19 { a.cosh() } else if op == 20 { a.tanh() }
                else if op == 21 { a.asinh() } else if op == 22 { a.acosh() } else if op == 23 { a.atanh() }
                else if op == 24 { a.sin_cos().0 } else if op == 25 { let (_, c) = a.sin_cos(); c }
                else if op == 26 { a.div_euclid(b) } else { a.rem_euclid(b) }
            }

            #[jit]
            fn powers(a: $ty, n: i32) -> ($ty, $ty, $ty, $ty) {
                (a.powi(n), a.powi(2), a.powi(-3), a.powi(7))
            }

            #[jit]
            fn powers_of_each(base: &[$ty], exponents: &[i32], out: &mut [$ty]) {
                for i in 0..base.len() {
                    out[i] = base[i].powi(exponents[i]);
                }
            }

            #[jit]
            fn powers_of_one(base: $ty, first: i32, out: &mut [$ty]) {
                for (i, x) in out.iter_mut().enumerate() {
                    *x = base.powi(first - i as i32);
                }
            }

            /// Loops with them are vectorized.
            #[test]
            fn powers_agree() {
                let bases = [0.0, -0.0, 1.0, -1.0, 0.5, 1.0000001, -2.5, 3.7, $ty::MAX, $ty::MIN_POSITIVE, $ty::INFINITY, $ty::NEG_INFINITY, $ty::NAN];
                let exponents = [0, 1, -1, 2, 3, -3, 7, -10, 17, 100, -127, 1023, -1074, i32::MAX, i32::MIN, i32::MIN + 1];
                let pairs = bases.iter().flat_map(|&base| exponents.map(|exponent| (base, exponent)));
                let (base, exponent): (Vec<$ty>, Vec<i32>) = pairs.unzip();
                agree!(powers_of_each(&base, &exponent, &mut vec![0.0; base.len()]));
                for base in bases {
                    agree!(powers_of_one(base, 20, &mut vec![0.0; 45]));
                }
            }

            #[jit]
            fn kinds(a: $ty) -> (bool, bool, bool, bool, bool, bool, bool) {
                (a.is_nan(), a.is_infinite(), a.is_finite(), a.is_normal(), a.is_subnormal(), a.is_sign_positive(),
                 a.is_sign_negative())
            }

            #[jit]
            fn bits(a: $ty) -> $ty {
                $ty::from_bits(a.to_bits() ^ 1)
            }

            #[jit]
            fn least(a: $ty, b: $ty) -> ($ty, $ty) {
                (a.min(b), $ty::max(a, b))
            }

            #[jit]
            fn clamped(a: $ty, low: $ty, high: $ty) -> $ty {
                a.clamp(low, high)
            }

            proptest! {
                #![proptest_config(config())]
                #[test]
                fn agrees(a in $any(), b in $any(), c in $any(), n in -20..20i32) {
                    agree!(operators(a, b));
                    agree!(compare(a, b));
                    agree!(rounding(a));
                    agree!(exact(a, b, c));
                    for op in 0..28 {
                        agree!(library(op, a, b));
                    }
                    agree!(powers(a, n));
                    agree!(kinds(a));
                    if !a.is_nan() {
                        agree!(bits(a));
                    }
                    agree!(clamped(a, b, c));
                    // Rust leaves open which zero `min(0.0, -0.0)` is.
                    if !(a == 0.0 && b == 0.0) {
                        agree!(least(a, b));
                    }
                }
            }

            #[jit]
            fn constants(which: u32) -> $ty {
                if which == 0 { $ty::MAX } else if which == 1 { $ty::MIN } else if which == 2 { $ty::EPSILON }
                else if which == 3 { $ty::MIN_POSITIVE } else if which == 4 { $ty::INFINITY }
                else if which == 5 { $ty::NEG_INFINITY } else if which == 6 { $ty::NAN }
                else if which == 7 { std::$ty::consts::PI } else if which == 8 { std::$ty::consts::E }
                else if which == 9 { std::$ty::consts::TAU } else if which == 10 { std::$ty::consts::SQRT_2 }
                else if which == 11 { std::$ty::consts::LN_2 } else if which == 12 { std::$ty::consts::LN_10 }
                else if which == 13 { std::$ty::consts::LOG2_E } else if which == 14 { std::$ty::consts::LOG10_E }
                else if which == 15 { std::$ty::consts::LOG2_10 } else if which == 16 { std::$ty::consts::LOG10_2 }
                else if which == 17 { std::$ty::consts::FRAC_1_PI } else if which == 18 { std::$ty::consts::FRAC_2_PI }
                else if which == 19 { std::$ty::consts::FRAC_2_SQRT_PI } else if which == 20 { std::$ty::consts::FRAC_1_SQRT_2 }
                else if which == 21 { std::$ty::consts::FRAC_PI_2 } else if which == 22 { std::$ty::consts::FRAC_PI_3 }
                else if which == 23 { std::$ty::consts::FRAC_PI_4 } else if which == 24 { std::$ty::consts::FRAC_PI_6 }
                else if which == 25 { std::$ty::consts::FRAC_PI_8 } else { core::$ty::MAX }
            }

            #[jit]
            fn shape() -> (u32, u32, u32, i32, i32) {
                ($ty::RADIX, $ty::DIGITS, $ty::MANTISSA_DIGITS, $ty::MAX_EXP, $ty::MIN_10_EXP)
            }

            #[test]
            fn constants_agree() {
                for which in 0..27 {
                    agree!(constants(which));
                }
                agree!(shape());
            }
        }
    )* };
}

floats! {
    in_f32 f32 any_f32;
    in_f64 f64 any_f64;
}

#[jit]
fn no_contraction(a: f64, b: f64, c: f64) -> f64 {
    a * b + c
}

#[test]
fn strict_arithmetic_is_not_fused() {
    // 1 + 2^-52 squared, minus its rounded square: 0 if each step rounds, 2^-104 if fused.
    let a = 1.0 + f64::EPSILON;
    assert_eq!(no_contraction(a, a, -(a * a)), 0.0);
    assert_ne!(a.mul_add(a, -(a * a)), 0.0);
}

#[jit(fastmath)]
fn fast_sum(x: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..x.len() {
        sum += x[i];
    }
    sum
}

proptest! {
    #![proptest_config(config())]
    /// Any order of n - 1 additions is within (n - 1) * eps * sum |x| of the exact sum (Higham, Accuracy and Stability of Numerical
    /// Algorithms, 4.2, to first order), so that two orders differ by at most twice that.
    #[test]
    fn fastmath_reorders_within_the_bound(x in prop::collection::vec(-1e3..1e3f64, 0..300)) {
        let bound = 2.0 * x.len() as f64 * f64::EPSILON * x.iter().map(|v| v.abs()).sum::<f64>();
        let difference = (fast_sum(&x) - fast_sum::plain(&x)).abs();
        prop_assert!(difference <= bound, "{difference} > {bound}");
    }
}

#[test]
fn fastmath_keeps_infinities_and_nan() {
    assert!(fast_sum(&[1.0, f64::NAN, 2.0]).is_nan());
    assert_eq!(fast_sum(&[1.0, f64::INFINITY, 2.0]), f64::INFINITY);
    assert!(outcome(|| fast_sum(&[])).is_ok_and(|sum| sum == 0.0));
}

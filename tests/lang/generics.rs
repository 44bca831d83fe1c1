//! Generic functions and the methods of num-traits.

use hotloop::jit;
use num_traits::{
    AsPrimitive, Bounded, Euclid, Float, FloatConst, Num, NumAssign, One, PrimInt, Signed,
    WrappingAdd, WrappingMul, Zero,
};
use proptest::prelude::*;

use crate::harness::{any_bits, any_f32, any_f64, config, vec_f32, vec_f64, vec_i64};

#[jit]
fn dot<T: Float>(a: &[T], b: &[T]) -> T {
    let mut acc = T::zero();
    for i in 0..a.len() {
        acc = acc + a[i] * b[i];
    }
    acc
}

#[jit]
fn polynomial<T>(x: T, c: &[T]) -> T
where
    T: Num + Copy,
{
    let mut y = T::zero();
    for i in (0..c.len()).rev() {
        y = y * x + c[i];
    }
    y
}

#[jit]
fn scale<T: NumAssign + Copy + PartialOrd>(x: &mut [T], by: T) -> usize {
    let mut changed = 0;
    for i in 0..x.len() {
        if x[i] > T::one() {
            x[i] *= by;
            x[i] -= T::one();
            changed += 1;
        } else if x[i].is_zero() || x[i].is_one() {
            x[i] += by;
        }
    }
    changed
}

#[jit]
fn two_types<A: Float, B: PrimInt>(x: A, n: B) -> (A, B, u32) {
    let y = if n > B::zero() { x.sqrt() } else { x.abs() };
    (y.max(A::epsilon()) + A::one(), n & (n << 1), n.count_ones())
}

#[jit]
fn float_methods<T: Float + FloatConst>(x: T, y: T) -> (T, T, T, T, T, bool) {
    (
        x.sin() * T::PI() + y.exp(),
        x.powi(3) - y.powf(x),
        x.mul_add(y, T::infinity()),
        Float::min(x, T::max_value()) + T::neg_infinity().recip(),
        x.hypot(y).ln() + T::FRAC_PI_2(),
        x.is_nan() || y.is_sign_negative(),
    )
}

#[jit]
fn integer_methods<T: PrimInt + Signed + WrappingAdd + WrappingMul + Euclid>(
    x: T,
    y: T,
) -> (T, T, T, u32) {
    let wrapped = x.wrapping_add(&y).wrapping_mul(&x);
    (
        wrapped,
        x.signum() + y.abs(),
        if y.is_zero() { y } else { x.rem_euclid(&y) },
        x.leading_zeros(),
    )
}

#[jit]
fn extremes<T: Bounded + PartialOrd + Copy>(x: &[T]) -> (T, T) {
    let mut low = T::max_value();
    let mut high = T::min_value();
    for i in 0..x.len() {
        if x[i] < low {
            low = x[i];
        }
        if x[i] > high {
            high = x[i];
        }
    }
    (low, high)
}

#[jit]
fn only_by_value<T: Copy + Zero + One>(n: usize, x: T) -> T {
    let mut y: T = num_traits::one();
    for _ in 0..n {
        y = y * x + T::zero();
    }
    y
}

proptest! {
    #![proptest_config(config())]
    #[test]
    fn slices_agree(a in vec_f64(), b in vec_f64(), c in vec_f32(), d in vec_i64(), x in any_f64(), y in any_f32(), k in any_bits()) {
        agree!(dot::<f64>(&a, &b));
        agree!(dot::<f32>(&c, &c));
        agree!(polynomial::<f64>(x, &a));
        agree!(polynomial::<f32>(y, &c));
        agree!(polynomial::<i64>(k as i64, &d));
        agree!(scale::<f64>(&mut a, x));
        agree!(scale::<i64>(&mut d, k as i64));
        agree!(extremes::<f32>(&c));
        agree!(extremes::<i64>(&d));
    }

    #[test]
    fn scalars_agree(x in any_f64(), y in any_f64(), z in any_f32(), m in any_bits(), n in any_bits(), k in 0..9usize) {
        agree!(two_types::<f64, u8>(x, m as u8));
        agree!(two_types::<f32, i32>(z, (m as i32) >> 2));
        agree!(float_methods::<f64>(x, y));
        agree!(float_methods::<f32>(z, z));
        agree!(integer_methods::<i64>(m as i64, n as i64));
        agree!(integer_methods::<i16>(m as i16, n as i16));
        agree!(only_by_value::<f64>(k, x));
        agree!(only_by_value::<u32>(k, n as u32));
    }
}

/// A number type of the user's own is no scalar: rustc's body runs.
#[test]
fn other_number_types_run_the_plain_body() {
    use std::num::Wrapping;
    assert_eq!(
        only_by_value(3, Wrapping(200u8)),
        Wrapping(200u8) * Wrapping(200u8) * Wrapping(200u8)
    );
}

/// A trait of the user's that implies num-traits' is as good.
trait Number: Float + AsPrimitive<f64> {}
impl Number for f32 {}
impl Number for f64 {}

#[jit]
fn by_a_trait_of_the_users<T: Number + Float + AsPrimitive<U>, U: PrimInt + 'static>(
    x: T,
    n: U,
) -> (T, U) {
    let count: U = x.as_();
    (x.sqrt(), count & n)
}

#[test]
fn bounds_with_arguments_agree() {
    agree!(by_a_trait_of_the_users::<f64, i32>(10.5, 3));
    agree!(by_a_trait_of_the_users::<f32, u8>(300.5, 255));
}

#[test]
fn methods_of_num_traits_panic_where_they_are() {
    agree!(integer_methods::<i16>(i16::MIN, -1));
    agree!(integer_methods::<i64>(i64::MIN, -1));
    agree!(integer_methods::<i64>(7, 0));
}

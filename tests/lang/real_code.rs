//! What published crates do and nobody here would have thought of: derived comparisons, operators that are not jitted, traits for type
//! parameters and with parameters of their own, methods of traits that have the name of a method of std.

use std::cmp::Ordering;
use std::num::NonZeroU64;
use std::ops::{AddAssign, Mul, Neg, Rem, Shl};

use hotloop::{JitFunction, JitType, jit};

use super::harness::compare;

// Operators that are not jitted.

#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, JitType)]
struct Meters(f32);

impl Meters {
    const ZERO: Meters = Meters(0.0);
}

impl PartialEq<f32> for Meters {
    fn eq(&self, other: &f32) -> bool {
        self.0 == *other
    }
}

impl PartialOrd<f32> for Meters {
    fn partial_cmp(&self, other: &f32) -> Option<Ordering> {
        self.0.partial_cmp(other)
    }

    // Not what follows from the others: the operator of rustc counts.
    fn ge(&self, other: &f32) -> bool {
        self.0 > *other + 0.5
    }
}

impl Mul for Meters {
    type Output = Meters;
    fn mul(self, other: Meters) -> Meters {
        Meters(self.0 * other.0)
    }
}

impl Rem<u8> for Meters {
    type Output = (f32, bool);
    fn rem(self, other: u8) -> (f32, bool) {
        assert!(other != 7, "seven");
        (self.0 % f32::from(other), other > 3)
    }
}

impl Shl<u8> for Meters {
    // Lies in memory in another way in compiled code.
    type Output = Option<f32>;
    fn shl(self, other: u8) -> Option<f32> {
        (other > 1).then_some(self.0)
    }
}

impl Neg for Meters {
    type Output = Meters;
    fn neg(self) -> Meters {
        Meters(-self.0)
    }
}

impl AddAssign<f32> for Meters {
    fn add_assign(&mut self, other: f32) {
        self.0 += other;
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, JitType)]
enum Unit {
    Metric,
    Imperial,
}

#[jit]
fn operators(a: Meters, b: Meters, unit: Unit, k: u8) -> (f32, i32) {
    let mut c = a * b;
    let mut seen = 0;
    if c >= Meters::ZERO && a > 1.0 {
        c = -c;
        seen += 1;
    }
    if unit == Unit::Imperial {
        c += 2.5;
        seen += 2;
    }
    if unit > Unit::Metric {
        seen += 4;
    }
    if c != a {
        c += 1.0;
        seen += 8;
    }
    if a >= 1.0 {
        seen += 16;
    }
    if b < a || a == 2.0 {
        c = c * c;
        seen += 32;
    }
    let (rest, high) = a % k;
    if high {
        seen += 64;
    }
    (c.0 + rest, seen)
}

#[test]
fn operators_that_are_not_jitted_agree() {
    for (a, b) in [
        (1.0, 2.0),
        (-1.0, 3.0),
        (f32::NAN, 1.0),
        (5.0, 2.0),
        (2.0, -0.0),
    ] {
        for (unit, k) in [(Unit::Metric, 3), (Unit::Imperial, 5), (Unit::Metric, 7)] {
            compare(
                (a, b, k),
                |&mut (a, b, k)| operators(Meters(a), Meters(b), unit, k),
                |&mut (a, b, k)| operators::plain(Meters(a), Meters(b), unit, k),
            );
        }
    }
    assert!(
        operators::declined().is_empty(),
        "{:?}",
        operators::declined()
    );
}

#[jit]
fn shifted(a: Meters, k: u8) -> f32 {
    match a << k {
        Some(x) => x,
        None => -1.0,
    }
}

#[test]
fn an_operator_that_gives_an_option_is_left_to_rustc() {
    for k in 0..4_u8 {
        compare(
            (k,),
            |&mut (k,)| shifted(Meters(2.5), k),
            |&mut (k,)| shifted::plain(Meters(2.5), k),
        );
    }
    assert_eq!(shifted::declined().len(), 1);
}

#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, JitType)]
struct Span<T> {
    start: T,
    end: T,
}

#[jit]
fn generic_operators<T: num_traits::Float>(spans: &[Span<T>], least: Span<T>, eps: T) -> usize {
    let mut count = 0;
    for &span in spans {
        if span > least && span.end - span.start > eps {
            count += 1;
        }
        if span == least {
            count += 100;
        }
    }
    count
}

#[test]
fn operators_of_generic_types_agree() {
    let spans = vec![(0.0, 1.0), (2.0, 2.5), (1.0, f64::NAN), (1.0, 4.0)];
    compare(
        (spans,),
        |(spans,)| {
            let spans: Vec<_> = (spans.iter())
                .map(|&(start, end)| Span { start, end })
                .collect();
            generic_operators(
                &spans,
                Span {
                    start: 1.0,
                    end: 4.0,
                },
                0.75,
            )
        },
        |(spans,)| {
            let spans: Vec<_> = (spans.iter())
                .map(|&(start, end)| Span { start, end })
                .collect();
            generic_operators::plain(
                &spans,
                Span {
                    start: 1.0,
                    end: 4.0,
                },
                0.75,
            )
        },
    );
    assert!(
        generic_operators::declined().is_empty(),
        "{:?}",
        generic_operators::declined()
    );
}

// Traits for type parameters, and with parameters of their own.

trait Tolerance<F> {
    fn is_close(&self, x: F) -> bool;
}

#[jit]
impl<F: num_traits::Float> Tolerance<F> for F {
    fn is_close(&self, x: F) -> bool {
        let limit: Self = *self;
        x.abs() < limit
    }
}

trait Frequency<T> {
    fn kilohertz(self) -> T;
}

#[jit]
impl<T: num_traits::Float, X: num_traits::NumCast> Frequency<T> for X {
    fn kilohertz(self) -> T {
        T::from(self).unwrap() * T::from(1000.0).unwrap()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, JitType)]
struct Pair<C> {
    x: C,
    y: C,
}

#[derive(Clone, Copy, Debug, PartialEq, JitType)]
struct Sum(f32);

#[jit]
impl<C: num_traits::Float + num_traits::AsPrimitive<f32>> From<Pair<C>> for Sum {
    fn from(pair: Pair<C>) -> Sum {
        Sum(pair.x.as_() + pair.y.as_())
    }
}

#[test]
fn traits_with_parameters_agree() {
    for (limit, x) in [(1.0, 0.5), (1.0, -2.0), (f64::NAN, 0.0)] {
        compare(
            (limit, x),
            |&mut (limit, x)| limit.is_close(x),
            |&mut (limit, x)| hotloop::disabled(|| limit.is_close(x)),
        );
        compare(
            (x,),
            |&mut (x,)| -> f32 { x.kilohertz() },
            |&mut (x,)| hotloop::disabled(|| -> f32 { x.kilohertz() }),
        );
        compare(
            (x,),
            |&mut (x,)| Sum::from(Pair { x, y: 0.25 }).0,
            |&mut (x,)| hotloop::disabled(|| Sum::from(Pair { x, y: 0.25 }).0),
        );
    }
    compare(
        (3,),
        |&mut (x,): &mut (i32,)| -> f64 { x.kilohertz() },
        |&mut (x,)| hotloop::disabled(|| -> f64 { x.kilohertz() }),
    );
}

// Methods that std has for other types.

trait Roots {
    fn sqrt(&self) -> Self;
    fn signum(self) -> i32;
}

impl Roots for u64 {
    fn sqrt(&self) -> u64 {
        self.isqrt()
    }

    fn signum(self) -> i32 {
        i32::from(self > 0)
    }
}

#[jit]
fn roots(x: u128) -> (u128, i32) {
    ((x as u64).sqrt() as u128, (x as u64).signum())
}

#[test]
fn methods_of_traits_with_names_of_std_agree() {
    for x in [0, 1, 99, u128::MAX] {
        compare((x,), |&mut (x,)| roots(x), |&mut (x,)| roots::plain(x));
    }
    assert!(roots::declined().is_empty(), "{:?}", roots::declined());
}

// Numbers that are not zero.

#[derive(Clone, Copy, Debug, PartialEq, JitType)]
struct Freedom {
    degrees: std::num::NonZeroU64,
    scale: std::num::NonZeroI8,
}

impl Freedom {
    const ONE: Freedom = Freedom {
        degrees: std::num::NonZeroU64::MIN,
        scale: std::num::NonZeroI8::MIN,
    };
}

#[jit]
fn nonzeros(freedom: &Freedom, n: std::num::NonZeroU32, x: u64) -> (f64, u32, i8) {
    let mut sum = 0.0;
    for i in 0..freedom.degrees.get() {
        sum += i as f64 / n.get() as f64;
    }
    if let Some(other) = NonZeroU64::new(x) {
        if freedom.degrees != Freedom::ONE.degrees && x > 5 {
            sum = -sum;
        }
        sum += other.get() as f64;
    }
    let rest = n.trailing_zeros() + Freedom::ONE.degrees.get() as u32;
    (sum, rest, freedom.scale.get() + Freedom::ONE.scale.get())
}

#[test]
fn nonzeros_agree() {
    for (degrees, scale, n, x) in [(3, 1, 2, 0), (5, 127, 8, 5), (1, -1, 1, 7)] {
        let freedom = Freedom {
            degrees: std::num::NonZeroU64::new(degrees).unwrap(),
            scale: std::num::NonZeroI8::new(scale).unwrap(),
        };
        let n = std::num::NonZeroU32::new(n).unwrap();
        compare(
            (x,),
            |&mut (x,)| nonzeros(&freedom, n, x),
            |&mut (x,)| nonzeros::plain(&freedom, n, x),
        );
    }
    assert!(
        nonzeros::declined().is_empty(),
        "{:?}",
        nonzeros::declined()
    );
}

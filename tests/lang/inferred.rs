//! Types that the code behind or around a value tells: of `Roots::No([])`, of variants without fields, of long formulas of only rustc's types. Methods of
//! traits with parameters, and those that ask more of `Self` than their trait.

use std::ops::{Add, Div, Mul, Neg, Sub};

use hotloop::{JitFunction, JitType, jit};
use num_traits::Float;

use super::harness::compare;

/// Runs a function and rustc's body of it, and compares the results.
macro_rules! both {
    ($f:ident ($($arg:expr),*)) => {
        compare(
            (),
            |()| format!("{:?}", $f($($arg),*)).into_bytes(),
            |()| format!("{:?}", $f::plain($($arg),*)).into_bytes(),
        );
        assert!(
            !$f::specializations().is_empty(),
            "{} was not compiled: {:?}", stringify!($f), <$f as JitFunction>::declined()
        );
    };
}

trait Analytic:
    Copy
    + PartialOrd
    + From<i16>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    fn zero() -> Self;
    fn third() -> Self;
    fn root(self) -> Self;
    fn cosine(self) -> Self;
    fn arc(self) -> Self;
}

#[jit]
impl Analytic for f64 {
    fn zero() -> Self {
        0.0
    }
    fn third() -> Self {
        1.0 / 3.0
    }
    fn root(self) -> Self {
        self.abs().sqrt()
    }
    fn cosine(self) -> Self {
        self.cos()
    }
    fn arc(self) -> Self {
        self.acos()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, JitType)]
enum Roots<F> {
    No([F; 0]),
    One([F; 1]),
    Two([F; 2]),
    Three([F; 3]),
}

#[jit]
impl<F: Analytic> Roots<F> {
    fn with(self, x: F) -> Self {
        match self {
            Roots::No(_) => Roots::One([x]),
            Roots::One([a]) => Roots::Two([a, x]),
            Roots::Two([a, b]) => Roots::Three([a, b, x]),
            other => other,
        }
    }

    fn len(&self) -> usize {
        match self {
            Roots::No(_) => 0,
            Roots::One(_) => 1,
            Roots::Two(_) => 2,
            Roots::Three(_) => 3,
        }
    }
}

#[jit]
fn linear<F: Analytic>(a: F, b: F) -> Roots<F> {
    if a == F::zero() {
        Roots::No([])
    } else {
        Roots::One([-b / a])
    }
}

#[jit]
fn behind<F: Analytic>(a: F, b: F, list: &[F]) -> Roots<F> {
    if a == F::zero() {
        linear(a, b)
    } else if b == F::zero() {
        linear(a, b).with(F::zero())
    } else {
        let mut roots = Roots::No([]);
        for x in list {
            if *x > F::zero() {
                roots = roots.with(-x.root()).with(x.root());
            } else if *x == F::zero() {
                roots = roots.with(F::zero());
            }
        }
        roots
    }
}

#[jit]
fn in_branches<F: Analytic>(a: F, b: F) -> Roots<F> {
    if a > F::zero() {
        if b > F::zero() {
            Roots::No([])
        } else {
            linear(a, b)
        }
    } else if b < a {
        linear(b, a).with(a)
    } else {
        let none = a == b;
        if none { Roots::No([]) } else { linear(b, a) }
    }
}

/// Deeper than what is told of one type.
#[jit]
fn deep<F: Analytic>(a: F, b: F) -> Roots<F> {
    let (_2, _3, _4) = (F::from(2i16), F::from(3i16), F::from(4i16));
    let p = (-_4 * a / _3).root();
    let phi = (-_4 * b / (p * p * p)).arc() / _3;
    let psi = (phi * _2 - (phi / _3).root() * (p + phi) / (_2 + phi)).cosine();
    Roots::One([p * phi.cosine()])
        .with(p * (phi + F::third()).cosine())
        .with(p * (phi - F::third() * psi).cosine() - (psi * psi / _3 - (psi + _4).root()))
}

#[test]
fn types_that_later_code_tells_agree() {
    for (a, b) in [
        (0.0, 1.0),
        (2.0, 0.0),
        (1.5, -2.5),
        (-1.0, -3.0),
        (-2.0, -2.0),
        (-3.0, 1.0),
    ] {
        both!(behind(a, b, &[1.0, -2.0, 0.0, 4.0]));
        both!(behind(a, b, &[]));
        both!(in_branches(a, b));
        both!(deep(a, b));
    }
    both!(deep(f64::NAN, 1.0));
}

fn cast<T: Float>(x: f64) -> T {
    T::from(x).unwrap()
}

#[jit]
fn eased<F: Float>(t: F, d: F) -> F {
    let two: F = cast(2.0);
    let t = t / (d / two);
    let late = if t < cast(1.0) { t.sin() } else { -t };
    if late == cast(0.0) || !(late.exp() >= cast(0.25)) {
        return t;
    }
    let steps = (late * two - (t * d).sqrt()) / (two + late.abs());
    let steps = (steps * late).cos() * (steps - t).tanh();
    steps.sin() * t.exp() * cast(0.5) + late
}

#[test]
fn calls_that_are_compared_agree() {
    for t in [0.0, 0.25, 1.0, 2.5, -3.0, f64::NAN] {
        both!(eased(t, 2.0));
        both!(eased(t as f32, 0.5));
    }
}

#[derive(Clone, Copy, Debug, PartialEq, JitType)]
enum Filter<T> {
    Low,
    High,
    Peak(T),
}

#[jit]
fn compared<T: Float>(filter: Filter<T>, x: T) -> T {
    if filter == Filter::Low {
        -x
    } else if Filter::High != filter {
        x + x
    } else {
        x
    }
}

#[jit]
fn chosen<T: Float>(x: T, list: &[T]) -> Filter<T> {
    let mut filter = Filter::Low;
    for y in list {
        if *y > x {
            filter = Filter::High;
        } else if *y == x {
            filter = Filter::Peak(*y);
        }
    }
    filter
}

/// What the message shows is the condition as rustc prints it.
#[jit]
fn asserted<T: Float>(filter: Filter<T>, x: T) -> T {
    assert!(filter == Filter::<_>::High || filter == Filter::<T>::Low);
    assert!(std::mem::size_of::<T>() as u64 == 8);
    x
}

#[test]
fn variants_of_generic_enums_agree() {
    for filter in [Filter::Low, Filter::High, Filter::Peak(2.5)] {
        both!(asserted(filter, 1.0f64));
    }
    both!(asserted(Filter::High, 1.0f32));
    for filter in [Filter::Low, Filter::High, Filter::Peak(2.5)] {
        both!(compared(filter, 3.0f64));
    }
    for x in [1.0f32, 2.0, 3.0, f32::NAN] {
        both!(chosen(x, &[2.0, 1.0]));
        both!(chosen(x, &[]));
    }
}

// Methods of traits.

mod whole {
    use hotloop::jit;

    #[jit]
    pub trait Whole: Sized + PartialOrd {
        fn modulo(&self, other: &Self) -> Self;
        fn next(&self, other: &Self) -> Self
        where
            Self: Clone + std::ops::Add<Output = Self> + std::ops::Sub<Output = Self>,
        {
            let m = self.modulo(other);
            self.clone() + (other.clone() - m)
        }
        fn doubled(&self) -> Self
        where
            Self: Clone + std::ops::Add<Output = Self>,
        {
            self.clone() + self.clone()
        }
        fn step(&mut self)
        where
            Self: Clone + std::ops::Add<Output = Self>,
        {
            *self = self.doubled()
        }
        fn at(&self, list: &[f64], at: usize) -> f64
        where
            Self: Sized,
        {
            list[at]
        }
        fn signed(&self) -> bool
        where
            Self: std::ops::Neg<Output = Self> + Copy,
        {
            -*self > *self
        }
    }
}
use whole::Whole;

#[jit]
impl Whole for i64 {
    fn modulo(&self, other: &Self) -> Self {
        *self % *other
    }
}

#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, JitType)]
struct Turns(u8);

#[jit]
impl Add for Turns {
    type Output = Turns;
    fn add(self, other: Turns) -> Turns {
        Turns(self.0 + other.0)
    }
}

#[jit]
impl Whole for Turns {
    fn modulo(&self, other: &Self) -> Self {
        Turns(self.0 % other.0)
    }
    fn doubled(&self) -> Self {
        Turns(self.0 / 2)
    }
}

#[jit(require(no_host_calls))]
fn of_numbers(mut a: i64, b: i64, list: &[f64], at: usize) -> i64 {
    let c = a.next(&b);
    a.step();
    a.doubled() + c + a.at(list, at) as i64 + i64::from(a.signed())
}

#[jit(require(no_host_calls))]
fn of_turns(a: Turns, list: &[f64], at: usize) -> Turns {
    let mut b = a;
    b.step();
    let _ = b.at(list, at);
    b + a.doubled()
}

#[test]
fn methods_that_ask_more_of_self_agree() {
    for (a, b) in [(7, 3), (-7, 3), (i64::MAX, 2), (1, 0)] {
        for at in [0, 5] {
            both!(of_numbers(a, b, &[1.0, 2.0], at));
        }
    }
    for a in [0, 9, 200, 255] {
        for at in [0, 5] {
            both!(of_turns(Turns(a), &[1.0], at));
        }
    }
}

mod curves {
    use hotloop::jit;

    #[jit]
    pub trait Curve<K: PartialOrd + Copy, T: num_traits::Float = f64> {
        fn lowest(&self) -> K;
        fn value(&self, x: K) -> T;
        fn above(&self, x: K) -> T {
            T::one() - self.value(x)
        }
        fn first_above(&self, list: &[K], limit: T) -> usize {
            let mut n = 0;
            while self.above(list[n]) > limit || list[n] < self.lowest() {
                n += 1;
            }
            n
        }
    }

    #[derive(Clone, Copy, Debug, hotloop::JitType)]
    pub struct Ramp {
        pub rate: f64,
    }

    #[jit]
    impl Curve<f64, f64> for Ramp {
        fn lowest(&self) -> f64 {
            0.5
        }
        fn value(&self, x: f64) -> f64 {
            x * self.rate
        }
    }

    #[jit]
    impl Curve<u32, f32> for Ramp {
        fn lowest(&self) -> u32 {
            2
        }
        fn value(&self, x: u32) -> f32 {
            x as f32 * self.rate as f32
        }
        fn above(&self, x: u32) -> f32 {
            -(x as f32)
        }
    }

    /// By the default of the second parameter.
    #[jit]
    impl Curve<u8> for Ramp {
        fn lowest(&self) -> u8 {
            1
        }
        fn value(&self, x: u8) -> f64 {
            f64::from(x)
        }
    }
}
use curves::{Curve, Ramp};

#[jit]
impl curves::Curve<i64, f64> for Ramp {
    fn lowest(&self) -> i64 {
        -1
    }
    fn value(&self, x: i64) -> f64 {
        x as f64 * self.rate
    }
}

#[jit(require(no_host_calls))]
fn of_one_curve(ramp: &Ramp, x: f64, list: &[f64]) -> f64 {
    <Ramp as Curve<f64, f64>>::above(ramp, x)
        + <Ramp as Curve<f64, f64>>::first_above(ramp, list, 0.25) as f64
        + f64::from(<Ramp as Curve<u32, f32>>::above(ramp, 3))
        + <Ramp as Curve<i64, f64>>::above(ramp, -5)
}

#[jit]
fn of_any_curve(ramp: &Ramp, x: f64, y: u32) -> f64 {
    ramp.above(x) + f64::from(ramp.above(y)) + <Ramp as Curve<u8>>::above(ramp, 7)
}

#[test]
fn methods_of_traits_with_parameters_agree() {
    let ramp = Ramp { rate: 0.125 };
    for x in [0.0, 3.0, -1.0, f64::NAN] {
        both!(of_one_curve(&ramp, x, &[0.25, 7.0]));
        both!(of_one_curve(&ramp, x, &[0.25]));
        both!(of_any_curve(&ramp, x, 9));
    }
}

// Methods of iterators.

trait Mean {
    fn mean(self) -> f64;
    fn twice(self) -> f64;
}

#[jit]
impl<I> Mean for I
where
    I: Iterator<Item = f64>,
{
    fn mean(self) -> f64 {
        let (mut sum, mut n) = (0.0, 0.0);
        for x in self {
            sum += x;
            n += 1.0;
        }
        sum / n
    }
    fn twice(self) -> f64 {
        self.mean() * 2.0
    }
}

struct Along<F> {
    f: F,
}

#[jit]
impl<F: Fn(f64) -> f64> Along<F> {
    fn at(&self, x: f64) -> f64 {
        (self.f)(x) + 1.0
    }
}

#[test]
fn methods_of_iterators_run_rustc_s_body() {
    assert_eq!([1.0, 2.0, 6.0].into_iter().twice(), 6.0);
    assert_eq!(Along { f: |x| x * x }.at(3.0), 10.0);
}

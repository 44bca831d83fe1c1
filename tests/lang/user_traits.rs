//! Traits of the user's: their methods on type parameters and numbers, jitted and not; methods that a trait has itself; `Self` in `impl`s for
//! numbers; what a trait stands on.

use hotloop::{JitFunction, JitType, jit};
use num_traits::{Float, FloatConst, PrimInt};

use crate::harness::{Same, compare};

/// The functions that compiled code calls through trampolines.
fn hosts<F: JitFunction>() -> Vec<String> {
    let mut hosts: Vec<String> = (F::specializations().iter())
        .flat_map(|one| {
            let text = one.ir().to_string();
            let names = text.lines().filter_map(|line| line.strip_prefix("host \""));
            names
                .filter_map(|line| line.split(['"', '#']).next())
                .map(ToOwned::to_owned)
                .collect::<Vec<_>>()
        })
        .collect();
    hosts.sort();
    hosts.dedup();
    hosts
}

// On type parameters.

trait Number:
    Copy + PartialOrd + std::ops::Add<Output = Self> + std::ops::Mul<Output = Self> + From<i16>
{
    const TINY: Self;
    fn nothing() -> Self;
    fn half(self) -> Self;
    fn sqrt(self) -> Self;
    fn to_f64(self) -> f64;
    fn is_zero(self) -> bool;
    fn powed(self, n: Self) -> Self;
    fn by_ref(&self) -> Self {
        self.half()
    }
    fn bump(&mut self, by: &Self);
    fn pick(&self, list: &[Self], at: usize) -> Self;
}

macro_rules! numbers {
    ($($ty:ty)*) => { $(
        #[jit]
        impl Number for $ty {
            const TINY: $ty = 0.25;
            fn nothing() -> Self {
                0.0
            }
            fn half(self) -> Self {
                self / 2.0
            }
            // Not that of std.
            fn sqrt(self) -> Self {
                self + 100.0
            }
            #[jit(skip)]
            fn to_f64(self) -> f64 {
                self as f64 + 0.5
            }
            fn is_zero(self) -> bool {
                self == 1.0
            }
            fn powed(self, n: Self) -> Self {
                self.powf(n)
            }
            fn bump(&mut self, by: &Self) {
                *self += *by;
            }
            fn pick(&self, list: &[Self], at: usize) -> Self {
                list[at] + *self
            }
        }
    )* };
}
numbers!(f32 f64);

#[jit]
fn on_parameters<F: Number>(a: F, b: F) -> F {
    let mut sum = a;
    if a.half() > b {
        sum = a.half();
    }
    sum.bump(&a.half().half());
    sum.powed(b) + sum.by_ref() * F::TINY
}

#[derive(JitType, Clone, Copy)]
struct Two<T> {
    x: T,
    y: T,
}

/// What only rustc knows to be an `F` has `F`'s methods, not those of the number that it is.
#[jit]
fn of_unknown_types<F: Number>(a: F, b: &[F]) -> f64 {
    let p = Two {
        x: a,
        y: F::from(2),
    };
    let mut s = F::nothing();
    for x in b {
        s = s + x.sqrt() * F::from(2).sqrt() + p.x.sqrt() + p.y.half();
        if x.is_zero() || s.is_zero() {
            s = s + F::sqrt(a);
        }
    }
    s = s + <F as Number>::half(s) + Number::half(a);
    s.sqrt().to_f64()
}

#[jit]
fn panics_inside<F: Number>(a: F, list: &[F], at: usize) -> F {
    a.half() + a.pick(list, at)
}

#[jit]
fn on_numbers(x: f64, y: &f64) -> f64 {
    let mut z = x;
    z.bump(y);
    z.half() + y.half() + f64::nothing() + 1.5f64.half()
}

#[test]
fn methods_of_parameters_agree() {
    for x in [1.0, 3.0, -2.5, f64::NAN] {
        agree!(on_parameters::<f64>(x, 1.0));
        agree!(on_parameters::<f32>(x as f32, 0.5));
        agree!(of_unknown_types::<f64>(x, &vec![1.0, 2.0, x]));
        agree!(of_unknown_types::<f32>(x as f32, &vec![1.0, 2.0, x as f32]));
        compare(
            (x,),
            |(x,)| on_numbers(*x, &2.0),
            |(x,)| on_numbers::plain(*x, &2.0),
        );
    }
    for at in [0, 1, 2, usize::MAX] {
        agree!(panics_inside::<f64>(1.5, &vec![1.0, 2.0], at));
        agree!(panics_inside::<f32>(1.5, &vec![1.0, 2.0], at));
    }
    assert_eq!(hosts::<on_parameters>(), ["by_ref"]);
    assert!(hosts::<on_numbers>().is_empty());
    assert!(hosts::<panics_inside>().is_empty());
    assert!(!hosts::<of_unknown_types>().contains(&"sqrt".to_owned()));
}

// A trait that stands on those of num-traits.

trait Smooth: Float + FloatConst {
    fn three() -> Self;
}
impl Smooth for f64 {
    fn three() -> f64 {
        3.0
    }
}
impl Smooth for f32 {
    fn three() -> f32 {
        3.0
    }
}

#[jit]
fn on_num_traits<T: Smooth>(a: &[T], out: &mut [T]) {
    for (x, out) in a.iter().zip(out) {
        let mut s = x.sqrt() + T::PI() * x.sin() + T::max(*x, T::one());
        s = s - x.min(T::epsilon()) * x.powi(3);
        if x.is_nan() || x.is_zero() {
            s = T::infinity();
        }
        *out = s * *x;
    }
}

#[test]
fn what_a_trait_stands_on_agrees() {
    let a = vec![1.0, 2.5, 0.0, -0.0, -7.0, f64::NAN, 1e300];
    let b: Vec<f32> = a.iter().map(|x| *x as f32).collect();
    agree!(on_num_traits::<f64>(&a, &mut a));
    agree!(on_num_traits::<f32>(&b, &mut b));
    assert!(hosts::<on_num_traits>().is_empty());
}

// Of num-traits, beside what lowering knows.

trait Root: Sized {
    fn root_of(&self) -> Option<Self>;
}

#[jit]
impl<T: PrimInt> Root for T {
    fn root_of(&self) -> Option<Self> {
        use std::cmp::Ordering;
        match self.cmp(&T::zero()) {
            Ordering::Less => return None,
            Ordering::Equal => return Some(T::zero()),
            Ordering::Greater => {}
        }
        let max_shift: u32 = T::zero().leading_zeros() - 1;
        let shift: u32 = (max_shift - self.leading_zeros()) & !1;
        let mut bit = T::one().unsigned_shl(shift);
        let mut n = *self;
        let mut result = T::zero();
        while bit != T::zero() {
            if n >= (result + bit) {
                n = n - (result + bit);
                result = result.unsigned_shr(1) + bit;
            } else {
                result = result.unsigned_shr(1);
            }
            bit = bit.unsigned_shr(2);
        }
        Some(result)
    }
}

#[jit]
fn roots_of(a: &[i64]) -> i64 {
    let mut sum = 0;
    for x in a {
        if let Some(root) = x.root_of() {
            sum += root;
        }
    }
    sum
}

#[test]
fn methods_for_all_integers_agree() {
    for x in [0, 1, 2, 4, 5, 100, -3, i64::MAX, i64::MIN] {
        compare((x,), |(x,)| x.root_of(), |(x,)| x.root_of());
        compare((x as i8,), |(x,)| x.root_of(), |(x,)| x.root_of());
        compare((x as u32,), |(x,)| x.root_of(), |(x,)| x.root_of());
    }
    agree!(roots_of(&vec![0, 1, 2, 4, 5, 100, -3, i64::MAX]));
    assert_eq!(hosts::<roots_of>(), ["unsigned_shl", "unsigned_shr"]);
}

// Methods that a trait has itself.

mod shapes {
    use hotloop::jit;

    #[jit]
    pub trait Shape: Copy {
        const SIDES: usize;
        fn area(&self) -> f64;
        fn scale(&mut self, by: f64);
        fn twice(&self) -> f64 {
            self.area() * 2.0
        }
        fn both(&self, other: &Self) -> f64 {
            self.twice() + other.area() * Self::SIDES as f64
        }
        fn grown(self, n: usize) -> f64 {
            let mut it = self;
            for _ in 0..n {
                it.scale(1.5);
            }
            it.twice()
        }
        fn checked(&self, list: &[f64], at: usize) -> f64 {
            list[at] - self.area()
        }
        fn overridden(&self) -> f64 {
            -1.0
        }
        #[jit(skip)]
        fn name(&self) -> String {
            format!("{}", self.area())
        }
        fn id() -> f64 {
            1.0 + Self::SIDES as f64
        }
    }
}
use shapes::Shape as _;

#[derive(JitType, Clone, Copy, Debug)]
struct Square {
    a: f64,
}

#[derive(JitType, Clone, Copy, Debug)]
struct Rectangle<T> {
    a: T,
    b: T,
}

#[derive(JitType, Clone, Copy, Debug)]
struct Odd {
    a: f64,
}

#[jit]
impl shapes::Shape for Square {
    const SIDES: usize = 4;
    fn area(&self) -> f64 {
        self.a * self.a
    }
    fn scale(&mut self, by: f64) {
        self.a *= by;
    }
    fn overridden(&self) -> f64 {
        self.a
    }
}

#[jit]
impl<T: Float> shapes::Shape for Rectangle<T> {
    const SIDES: usize = 5;
    fn area(&self) -> f64 {
        (self.a * self.b).to_f64().unwrap()
    }
    fn scale(&mut self, by: f64) {
        self.a = self.a * T::from(by).unwrap();
    }
    #[jit(skip)]
    fn overridden(&self) -> f64 {
        17.0
    }
}

// Not jitted, so nobody knows which methods it writes.
impl shapes::Shape for Odd {
    const SIDES: usize = 7;
    fn area(&self) -> f64 {
        self.a
    }
    fn scale(&mut self, by: f64) {
        self.a += by;
    }
    fn twice(&self) -> f64 {
        100.0 + self.a
    }
}

impl Same for Square {
    fn same(&self, other: &Self) -> bool {
        self.a.same(&other.a)
    }
}

#[jit]
fn of_a_square(s: Square, t: Square, list: &[f64], at: usize) -> f64 {
    s.twice() + s.both(&t) + s.grown(3) + s.overridden() + Square::id() + s.checked(list, at)
}

#[jit]
fn of_rectangles(a: f64, b: f32) -> f64 {
    let s = Rectangle::<f64> { a, b: 2.0 };
    let t = Rectangle::<f32> { a: b, b };
    s.twice() + s.both(&s) + t.both(&t) + s.grown(3) + t.twice() + s.overridden()
}

#[jit]
fn of_an_odd_one(s: &Odd, t: &Odd) -> f64 {
    s.twice() + s.both(t) + s.grown(3) + s.overridden()
}

#[test]
fn methods_of_traits_agree() {
    for x in [1.0, 2.5, -3.0, f64::INFINITY] {
        for at in [0, 2] {
            agree!(of_a_square(
                Square { a: x },
                Square { a: 2.0 },
                &vec![1.0, 4.0],
                at
            ));
        }
        agree!(of_rectangles(x, 1.5));
        let odd = |x| Odd { a: x };
        compare(
            (x,),
            |(x,)| of_an_odd_one(&odd(*x), &odd(1.5)),
            |(x,)| of_an_odd_one::plain(&odd(*x), &odd(1.5)),
        );
        compare((Square { a: x },), |(s,)| s.grown(2), |(s,)| s.grown(2));
    }
    assert!(of_an_odd_one::declined().is_empty());
    // An associated function of a type by its name is asked for by a twin, which it has not.
    assert_eq!(hosts::<of_a_square>(), ["Square::id"]);
    assert_eq!(hosts::<of_rectangles>(), ["overridden"]);
    assert_eq!(
        hosts::<of_an_odd_one>(),
        ["both", "grown", "overridden", "twice"]
    );
}

#[jit]
trait Divisors: PrimInt {
    fn gcd_of(self, other: Self) -> Self {
        let mut a = self;
        let mut b = other;
        while !b.is_zero() {
            let t = b;
            b = a % b;
            a = t;
        }
        a
    }
    fn lcm_of(&self, other: &Self) -> Self {
        if self.is_zero() {
            Self::zero()
        } else {
            *self / self.gcd_of(*other) * *other
        }
    }
    fn odd(&self) -> bool {
        *self & Self::one() == Self::one()
    }
}
#[jit]
impl Divisors for i32 {}
#[jit]
impl Divisors for u64 {
    fn odd(&self) -> bool {
        *self % 2 == 1
    }
}
impl Divisors for i64 {
    fn gcd_of(self, _other: Self) -> Self {
        77
    }
}

#[jit]
fn divisors<T: Divisors>(a: &[T], b: T) -> T {
    let mut s = T::zero();
    for x in a {
        s = s + x.lcm_of(&b);
        if x.odd() {
            s = s + x.gcd_of(b);
        }
    }
    s
}

#[test]
fn methods_of_traits_for_numbers_agree() {
    for b in [0, 6, 9] {
        agree!(divisors::<i32>(&vec![1, 2, 12, -8, 9, 0], b));
        agree!(divisors::<u64>(&vec![1, 2, 12, 8, 9, 0], b as u64));
        assert!(hosts::<divisors>().is_empty());
    }
    agree!(divisors::<i32>(&vec![i32::MIN, i32::MAX, 7], 9));
    agree!(divisors::<i32>(&vec![i32::MAX, i32::MIN, 7], -1));
    agree!(divisors::<i64>(&vec![1, 2, 12, -8, 9, 0], 6));
}

#[jit]
trait Thrice {
    fn thrice(&self) -> Self;
    fn ninefold(&self) -> Self
    where
        Self: Sized,
    {
        let t = self.thrice();
        t.thrice()
    }
}
#[jit]
impl<T: Float> Thrice for T {
    fn thrice(&self) -> T {
        *self + *self + *self
    }
}

#[jit]
fn of_all_floats(a: f64, b: f32) -> f64 {
    a.ninefold() + b.thrice() as f64
}

#[jit]
fn of_a_float<T: Float + Thrice>(a: T) -> T {
    a.ninefold() + a.thrice()
}

#[test]
fn methods_for_all_floats_agree() {
    for x in [1.0, 2.5, -3.0, f64::NAN] {
        agree!(of_all_floats(x, 2.0));
        agree!(of_a_float::<f64>(x));
        agree!(of_a_float::<f32>(x as f32));
    }
    assert!(hosts::<of_all_floats>().is_empty());
    assert!(hosts::<of_a_float>().is_empty());
}

// Sizes.

#[jit]
fn bits_of<T: PrimInt>(a: T) -> u32 {
    let bits = 8 * std::mem::size_of::<T>() as u32;
    bits - a.leading_zeros()
}

#[jit]
fn sizes(a: u32) -> usize {
    use core::mem;
    mem::size_of::<u32>() * 8 + size_of::<Two<f32>>() + mem::align_of::<Two<f64>>() + a as usize
}

#[test]
fn sizes_agree() {
    agree!(bits_of::<u8>(3));
    agree!(bits_of::<i64>(3));
    agree!(bits_of::<u128>(3));
    agree!(sizes(3));
    assert!(hosts::<bits_of>().is_empty() && hosts::<sizes>().is_empty());
}

// `#[cfg]` in lists.

#[jit]
fn configured(x: f64) -> f64 {
    let a = [
        1.0,
        #[cfg(debug_assertions)]
        2.0,
        #[cfg(not(debug_assertions))]
        7.0,
        #[cfg(any())]
        {
            nothing_of_this_name()
        },
    ];
    let two = Two::<f64> {
        x,
        #[cfg(any(unix, not(unix)))]
        y: a[1],
        #[cfg(any())]
        y: "nothing",
    };
    let Two {
        x: first,
        #[cfg(any(unix, not(unix)))]
            y: second,
        #[cfg(any())]
            z: second,
    } = two;
    f64::max(
        first,
        #[cfg(any(unix, not(unix)))]
        second,
        #[cfg(any())]
        third,
    ) + a.len() as f64
}

#[test]
fn cfg_in_lists_agrees() {
    agree!(configured(1.5));
    agree!(configured(10.5));
}

// Parameters `impl Into<T>`.

#[jit]
fn hertz<T: Float>(hz: impl Into<T>, scale: T) -> Option<T> {
    let hz = hz.into();
    if hz > T::zero() {
        Some(hz * scale)
    } else {
        None
    }
}

#[jit]
fn repeated(x: impl Into<f64> + Copy, n: usize) -> f64 {
    let mut s = 0.0;
    for _ in 0..n {
        s += x.into();
    }
    s
}

#[derive(JitType, Clone, Copy, Debug)]
struct Gain(f64);

#[jit]
impl Gain {
    fn set(&mut self, to: impl Into<f64>) -> f64 {
        let before = self.0;
        self.0 = to.into() + 0.5;
        before
    }
}

impl Same for Gain {
    fn same(&self, other: &Self) -> bool {
        self.0.same(&other.0)
    }
}

struct Degrees(f64);
impl From<Degrees> for f64 {
    fn from(degrees: Degrees) -> f64 {
        degrees.0.to_radians()
    }
}

#[jit]
fn converted(a: i32, b: f32, gain: &mut Gain) -> f64 {
    let first = repeated(a, 3) + repeated(b, 2) + repeated(2, 1) + repeated(true, 1);
    let second = hertz::<f64>(a, 2.5).unwrap_or(1.5) + hertz(b, 2.0_f64).unwrap_or(0.5);
    first * second + gain.set(b) + gain.set(a) + gain.set(1.5)
}

#[test]
fn what_is_converted_agrees() {
    for a in [3, 0, i32::MIN] {
        for b in [0.1_f32, -2.0, f32::NAN] {
            compare(
                (Gain(1.0),),
                |(g,)| converted(a, b, g),
                |(g,)| converted::plain(a, b, g),
            );
            compare((a,), |(a,)| repeated(*a, 4), |(a,)| repeated::plain(*a, 4));
            compare(
                (b,),
                |(b,)| hertz::<f64>(*b, 2.0),
                |(b,)| hertz::plain::<f64>(*b, 2.0),
            );
            compare((Gain(0.5),), |(g,)| g.set(b), |(g,)| g.set(b));
        }
    }
    assert!(converted::declined().is_empty() && !converted::specializations().is_empty());
    assert!(hosts::<converted>().is_empty());
    assert!(!repeated::specializations().is_empty() && !hertz::specializations().is_empty());
    let radians = hertz::<f64>(Degrees(90.0), 1.0).unwrap();
    assert_eq!(radians, 90f64.to_radians());
}

// Macros with a `return`.

macro_rules! on_other_machines {
    (#[cfg($($clause:tt)*)] $e:expr) => {
        #[cfg(all($($clause)*, any()))]
        {
            if true {
                $e
            }
        }
    };
}

macro_rules! bail {
    ($condition:expr, $then:stmt) => {
        if $condition {
            $then
        }
    };
}

#[jit]
fn with_returns(x: f64, a: &[f64]) -> f64 {
    on_other_machines! {
        #[cfg(target_arch = "wasm32")] {
            return if x < 0.0 { f64::NAN } else { nothing_of_this_name(x) }
        }
    }
    bail!(x > 2.0, return x * 2.0);
    let mut sum = 0.0;
    for y in a {
        bail!(*y < x, return f64::max(*y, 7.0) + sum);
        sum += y;
    }
    sum
}

#[jit]
fn with_empty_returns(x: f64, a: &mut [f64]) {
    for i in 0..a.len() {
        a[i] += 1.0;
        bail!(a[i] > x, return);
    }
    a[0] = 0.0;
}

#[test]
fn macros_with_returns_agree() {
    for x in [-1.0, 0.5, 1.5, 2.5, f64::NAN] {
        agree!(with_returns(x, &vec![1.0, 2.0, 0.75]));
        agree!(with_empty_returns(x, &mut vec![-4.0, -0.75, 1.0, 3.0]));
    }
}

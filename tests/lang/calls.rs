//! Calls of jitted functions, methods and host functions.

use hotloop::{JitType, jit};
use num_traits::{Float, Num};
use proptest::prelude::*;

use crate::harness::{any_f64, config, outcome, vec_f64};

mod other {
    use hotloop::jit;

    #[jit]
    pub fn square(x: f64) -> f64 {
        x * x
    }

    #[jit]
    pub fn sum(x: &[f64]) -> f64 {
        let mut acc = 0.0;
        for i in 0..x.len() {
            acc += x[i];
        }
        acc
    }

    #[jit]
    pub fn scale(x: &mut [f64], by: f64) {
        for i in 0..x.len() {
            x[i] *= by;
        }
    }

    #[jit]
    pub fn at(x: &[f64], i: usize) -> f64 {
        x[i]
    }

    pub mod nested {
        pub fn constant() -> f64 {
            std::hint::black_box(2.5)
        }
    }

    pub(super) mod deeper {
        use hotloop::jit;

        #[jit]
        pub fn increment(x: u8) -> u8 {
            super::super::twice(x) + 1
        }
    }
}

use other::{scale, square};

#[jit]
fn twice(x: u8) -> u8 {
    x + x
}

#[jit]
fn norm(x: f64, y: f64) -> f64 {
    (square(x) + self::other::square(y)).sqrt()
}

#[jit]
fn normalize(x: &mut [f64], i: usize) -> f64 {
    let total = other::sum(x) + other::at(x, i);
    scale(x, 1.0 / total);
    total
}

#[jit]
fn chain(x: u8) -> u8 {
    other::deeper::increment(x) + twice(x)
}

#[test]
fn functions_of_other_modules() {
    proptest!(config(), |(x in any_f64(), y in any_f64(), v in vec_f64(), i in 0..6usize, n: u8)| {
        agree!(norm(x, y));
        agree!(normalize(&mut v, i));
        agree!(chain(n));
    });
}

#[jit]
fn fib(n: u32) -> u64 {
    if n < 2 {
        u64::from(n)
    } else {
        fib(n - 1) + fib(n - 2)
    }
}

#[jit]
fn ackermann(m: u64, n: u64) -> u64 {
    if m == 0 {
        n + 1
    } else if n == 0 {
        ackermann(m - 1, 1)
    } else {
        ackermann(m - 1, ackermann(m, n - 1))
    }
}

#[jit]
fn is_even(n: u32) -> bool {
    if n == 0 { true } else { is_odd(n - 1) }
}

#[jit]
fn is_odd(n: u32) -> bool {
    if n == 0 { false } else { is_even(n - 1) }
}

#[test]
fn recursion() {
    for n in 0..12 {
        agree!(fib(n));
        agree!(is_even(n));
        agree!(is_odd(n));
    }
    agree!(ackermann(2, 3));
    agree!(ackermann(3, 2));
}

#[jit]
fn axpy<T: Float>(a: T, x: T, y: T) -> T {
    a * x + y
}

#[jit]
fn horner<T: Float>(x: T, c: &[T]) -> T {
    let mut acc = T::zero();
    for i in 0..c.len() {
        acc = axpy(acc, x, c[i]);
    }
    acc
}

#[jit]
fn widest<T: Num + Copy, U: Num + Copy>(x: T, y: U) -> (U, T) {
    (y * y, x + x)
}

#[jit]
fn generic_into_generic(a: f32, b: f64, c: &[f64]) -> f64 {
    let (wide, narrow) = widest(a, b);
    let (more, _) = widest::<_, i64>(1.5f64, 3);
    horner(b, c) + wide + narrow as f64 + horner::<f64>(0.5, c) + more as f64
}

#[test]
fn generic_functions() {
    proptest!(config(), |(a: f32, b in any_f64(), c in vec_f64())| {
        agree!(generic_into_generic(a, b, &c));
        agree!(horner::<f64>(b, &c));
    });
}

#[jit]
fn min_max(a: f64, b: f64) -> (f64, f64) {
    if a < b { (a, b) } else { (b, a) }
}

#[jit]
fn swap_pair(pair: (f64, f64), flag: bool) -> (f64, f64) {
    let (a, b) = pair;
    if flag { (b, a) } else { pair }
}

#[jit]
fn nothing(x: &mut [f64]) {
    if x.len() > 0 {
        x[0] = -1.0;
    }
}

#[jit]
fn tuples(a: f64, b: f64, x: &mut [f64]) -> f64 {
    nothing(x);
    let (low, high) = swap_pair(min_max(a, b), a > 0.0);
    high - low
}

#[jit]
fn divide(a: i32, b: i32) -> Option<i32> {
    if b == 0 { None } else { Some(a / b) }
}

#[jit]
fn options(a: i32, b: i32) -> i32 {
    let first = match divide(a, b) {
        Some(x) => x,
        None => -1,
    };
    if let Some(x) = divide(b, a) {
        x + first
    } else {
        first
    }
}

#[test]
fn results_that_are_no_scalars() {
    proptest!(config(), |(a in any_f64(), b in any_f64(), x in vec_f64(), m in -3..3i32, n in -3..3i32)| {
        agree!(tuples(a, b, &mut x));
        agree!(options(m, n));
    });
}

#[jit]
fn order(x: &[i32], i: usize, j: usize) -> i32 {
    pick(x, i) + pick(x, j) * pick(x, i + 1)
}

#[jit]
fn pick(x: &[i32], i: usize) -> i32 {
    assert!(i != 3, "the third of {}", x.len());
    x[i] + 1
}

#[test]
fn panics_of_callees() {
    let x: Vec<i32> = vec![1, i32::MAX, 3, 4, 5];
    for i in 0..6 {
        for j in 0..6 {
            let (i, j): (usize, usize) = (i, j);
            crate::harness::compare(
                (x.clone(), i, j),
                |(x, i, j)| order(x, *i, *j),
                |(x, i, j)| order::plain(x, *i, *j),
            );
        }
    }
}

#[jit]
fn integrate(f: impl Fn(f64) -> f64, from: f64, to: f64, n: u32) -> f64 {
    let step = (to - from) / f64::from(n);
    let mut acc = 0.0;
    for i in 0..n {
        acc += f(from + (f64::from(i) + 0.5) * step);
    }
    acc * step
}

#[jit]
fn apply<T: Float, F: FnMut(T) -> T>(x: &mut [T], mut f: F) -> T {
    if x.len() == 0 {
        return T::zero();
    }
    for i in 0..x.len() {
        x[i] = f(x[i]);
    }
    x[0]
}

#[jit]
fn areas(a: f64, b: f64, n: u32) -> f64 {
    integrate(|x| a * x * x, 0.0, b, n)
        + integrate(square, 0.0, 1.0, n)
        + integrate(f64::sqrt, 0.0, 2.0, n)
        + integrate(other::square, b, 1.0, n)
}

#[jit]
fn running(x: &mut [f64], limit: f64) -> f64 {
    let mut total = 0.0;
    let first = apply(x, |v| {
        if v > limit {
            return v;
        }
        total += v;
        total
    });
    first + total + twice_integrated(|v| v + limit)
}

#[jit]
fn twice_integrated<F>(f: F) -> f64
where
    F: Fn(f64) -> f64,
{
    integrate(|x| integrate(|y| f(x) * y, 0.0, 1.0, 3), 0.0, 1.0, 4)
}

#[test]
fn functions_that_take_closures() {
    proptest!(config(), |(a in any_f64(), b in any_f64(), n in 0..9u32, x in vec_f64())| {
        agree!(areas(a, b, n));
        agree!(running(&mut x, a));
    });
}

#[derive(Clone, Copy, Debug, PartialEq, JitType)]
struct Vec3 {
    x: f64,
    y: f64,
    z: f64,
}

#[jit]
impl Vec3 {
    fn new(x: f64, y: f64, z: f64) -> Vec3 {
        Vec3 { x, y, z }
    }

    fn dot(&self, other: &Vec3) -> f64 {
        self.x * other.x + self.y * other.y + self.z * other.z
    }

    fn norm(self) -> f64 {
        self.dot(&self).sqrt()
    }

    fn scale(&mut self, by: f64) {
        self.x *= by;
        self.y *= by;
        self.z *= by;
    }

    fn unit(axis: usize) -> Self {
        assert!(axis < 3, "no axis {axis}");
        Self::new(
            if axis == 0 { 1.0 } else { 0.0 },
            if axis == 1 { 1.0 } else { 0.0 },
            if axis == 2 { 1.0 } else { 0.0 },
        )
    }
}

#[jit]
impl std::ops::Add for Vec3 {
    type Output = Vec3;
    fn add(self, other: Vec3) -> Vec3 {
        Vec3::new(self.x + other.x, self.y + other.y, self.z + other.z)
    }
}

#[jit]
impl std::ops::Mul<f64> for Vec3 {
    type Output = Vec3;
    fn mul(self, by: f64) -> Vec3 {
        let mut result = self;
        result.scale(by);
        result
    }
}

#[jit]
impl std::ops::Neg for Vec3 {
    type Output = Vec3;
    fn neg(self) -> Vec3 {
        self * -1.0
    }
}

#[jit]
impl std::ops::AddAssign for Vec3 {
    fn add_assign(&mut self, other: Vec3) {
        *self = *self + other;
    }
}

#[jit]
fn methods(x: f64, y: f64, axis: usize) -> f64 {
    let mut v = Vec3::new(x, y, 1.0);
    let u = Vec3::unit(axis);
    v.scale(2.0);
    v.dot(&u) + v.norm() + (v + u).norm()
}

#[jit]
fn operators(x: f64, y: f64) -> f64 {
    let v = Vec3::new(x, y, 1.0);
    let mut w = -(v + v * 2.0) + v;
    w += v * x;
    w.x + w.dot(&v) * y
}

#[jit]
fn total_energy(bodies: &[Vec3]) -> f64 {
    let mut sum = 0.0;
    for i in 0..bodies.len() {
        sum += bodies[i].norm();
        for j in 0..i {
            sum -= bodies[i].dot(&bodies[j]);
        }
    }
    sum
}

#[test]
fn methods_and_operators() {
    proptest!(config(), |(x in any_f64(), y in any_f64(), axis in 0..5usize)| {
        agree!(methods(x, y, axis));
        agree!(operators(x, y));
        let bodies = vec![Vec3::new(x, y, 1.0), Vec3::new(2.0, x, y), Vec3::unit(1)];
        let jit = total_energy(&bodies);
        let plain = hotloop::disabled(|| total_energy::plain(&bodies));
        prop_assert!(jit.to_bits() == plain.to_bits() || jit.is_nan() && plain.is_nan());
    });
}

fn sample(x: f64, n: u32) -> f64 {
    if n > 3 {
        panic!("too many: {n}");
    }
    x * f64::from(n) + 0.125
}

fn log(_: bool) {}

#[jit(host(sample, log, other::nested::constant))]
fn hosted(x: f64, n: u32) -> f64 {
    log(n > 2);
    sample(x, n) + sample(1.0, 2) * other::nested::constant()
}

#[jit]
fn printing(x: f64, n: u32) -> f64 {
    if n > 1000 {
        println!("x = {x}, n = {n:>5} {} {0:?}", n + 1);
        eprintln!("{}", dbg!(x * 2.0));
        print!("");
    }
    x
}

#[test]
fn host_functions() {
    proptest!(config(), |(x in any_f64(), n in 0..6u32)| {
        agree!(hosted(x, n));
        agree!(printing(x, n));
    });
    agree!(printing(1.5, 1001));
}

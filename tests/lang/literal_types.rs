//! Calls that are made of literals alone, whose types their neighbours tell: `V::zero() + v`, `V::new(0.5, 1.0)` beside a `V<f32>`.

use std::ops::{Add, AddAssign, Mul, Neg};

use hotloop::{JitType, jit};
use num_traits::Float;

use super::harness::compare;

/// Runs a function and rustc's body of it, and compares.
macro_rules! both {
    ($f:ident($($arg:expr),*)) => {
        compare(
            (),
            |()| format!("{:?}", $f($($arg),*)).into_bytes(),
            |()| format!("{:?}", $f::plain($($arg),*)).into_bytes(),
        );
        assert!(
            !$f::specializations().is_empty(),
            "{} was not compiled: {:?}", stringify!($f), <$f as hotloop::JitFunction>::declined()
        );
    };
}

#[derive(Clone, Copy, Debug, PartialEq, JitType)]
struct V<T> {
    x: T,
    y: T,
}

#[jit]
impl<T: Float> V<T> {
    fn new(x: T, y: T) -> Self {
        V { x, y }
    }

    fn zero() -> Self {
        V {
            x: T::zero(),
            y: T::zero(),
        }
    }

    fn flip(self) -> Self {
        V {
            x: self.y,
            y: self.x,
        }
    }

    fn dot(self, other: Self) -> T {
        self.x * other.x + self.y * other.y
    }
}

#[jit]
impl<T: Float> Add for V<T> {
    type Output = V<T>;

    fn add(self, other: V<T>) -> V<T> {
        V {
            x: self.x + other.x,
            y: self.y + other.y,
        }
    }
}

#[jit]
impl<T: Float> Mul<T> for V<T> {
    type Output = V<T>;

    fn mul(self, k: T) -> V<T> {
        V {
            x: self.x * k,
            y: self.y * k,
        }
    }
}

#[jit]
impl<T: Float> Neg for V<T> {
    type Output = V<T>;

    fn neg(self) -> V<T> {
        V {
            x: -self.x,
            y: -self.y,
        }
    }
}

#[jit]
impl<T: Float> AddAssign for V<T> {
    fn add_assign(&mut self, other: V<T>) {
        self.x = self.x + other.x;
        self.y = self.y + other.y;
    }
}

#[jit]
fn on_the_left(a: V<f32>) -> V<f32> {
    V::new(0.1, 0.7) + a
}

#[jit]
fn on_the_right(a: V<f32>) -> f32 {
    (a.flip() + V::new(0.1, 0.7)).x
}

#[jit]
fn literals(a: &[V<f32>]) -> f32 {
    let up = V { x: 0.1, y: 1.0 };
    (a[0] + V { x: 0.7, y: 0.1 } + up).y
}

#[jit]
fn grown(a: &[V<f32>]) -> f32 {
    let mut sum = V::zero();
    for &v in a {
        sum += v;
    }
    (sum + V::new(1.0, 0.1)).y
}

#[jit]
fn summed(a: &[V<f32>]) -> f32 {
    let mut sum = V::zero();
    for i in 0..a.len() {
        sum = sum + a[i] * 0.1;
    }
    sum.x * sum.y
}

#[jit]
fn folded(a: &[V<f32>]) -> f32 {
    a.iter().fold(V::new(0.1, 0.0), |sum, &v| sum + v).x
}

#[jit]
fn scaled(a: &[V<f32>], k: f32) -> f32 {
    let w = V::new(0.1, -0.7) * k;
    (a[0] + V::new(0.1, 0.3) * 3.0).dot(w) + (a[1] + -V::new(0.1, 0.3)).x
}

#[jit]
fn stored(a: &mut [V<f32>]) {
    a[0] += V::new(0.1, 0.7);
    a[1] = V { x: 0.3, y: 0.1 } + a[0];
}

#[jit]
fn by_default(n: usize) -> f64 {
    let mut sum = V::new(0.1, 0.2);
    for _ in 0..n {
        sum = sum + V::new(0.1, 0.7);
    }
    sum.x + sum.y
}

#[test]
fn neighbours_tell_the_types_of_literals() {
    let a = [
        V { x: 1.5, y: 2.1 },
        V { x: -0.25, y: 0.7 },
        V { x: 1e7, y: -3.3 },
    ];
    both!(on_the_left(a[1]));
    both!(on_the_right(a[0]));
    both!(literals(&a));
    both!(grown(&a));
    both!(grown(&[]));
    both!(summed(&a));
    both!(folded(&a));
    both!(scaled(&a, 3.3));
    both!(by_default(7));
    let stores = |f: fn(&mut [V<f32>])| {
        let mut a = a;
        f(&mut a);
        a
    };
    assert_eq!(stores(stored), stores(stored::plain));
    assert!(!stored::specializations().is_empty());
}

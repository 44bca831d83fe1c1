//! Methods of one name: where another one than the jitted one comes first, rustc refuses the call (`tests/ui/methods/before_own.rs`); else it is the one.

use super::*;

#[derive(JitType, Clone, Copy, Debug)]
pub struct V {
    x: f64,
}

#[derive(JitType, Clone, Copy, Debug)]
pub struct W {
    v: V,
}

trait Shared {
    fn shared(&self) -> f64;
    fn later(&mut self) -> f64;
    fn of_slices(&self) -> f64;
}
impl Shared for V {
    fn shared(&self) -> f64 {
        -1.0
    }
    fn later(&mut self) -> f64 {
        -2.0
    }
    fn of_slices(&self) -> f64 {
        -3.0
    }
}

trait OfOthers {
    fn shared(self) -> f64;
}
impl OfOthers for f64 {
    fn shared(self) -> f64 {
        -4.0
    }
}

#[jit]
impl V {
    fn shared(&self) -> f64 {
        self.x
    }
    fn later(&self) -> f64 {
        self.x * 2.0
    }
    fn of_slices(self) -> f64 {
        self.x * 3.0
    }
}

#[jit]
fn of_values(v: V, w: W, vs: &[V]) -> f64 {
    let (mut changed, mut sum) = (v, 0.0);
    for each in vs {
        sum += each.shared() + each.later();
    }
    v.shared() + v.of_slices() + w.v.later() * 10.0 + changed.later() + sum
}

#[jit]
fn of_references(v: &V, w: &mut W) -> f64 {
    v.shared() + v.later() + w.v.shared() + w.v.of_slices() * 100.0
}

/// A vector has a length, which is no number of elements.
trait Vector {
    fn norm(&self) -> f64;
    fn total(self) -> f64;
}
impl Vector for [f64; 3] {
    fn norm(&self) -> f64 {
        self[0]
    }
    fn total(self) -> f64 {
        self[1]
    }
}

#[jit]
fn of_arrays(a: [f64; 3], b: &[f64; 3], c: &mut [f64]) -> usize {
    c.swap(0, 1);
    a.len() + b.len() * 10 + c.len() * 100 + a.iter().count() + usize::from(b.is_empty())
}

#[jit]
fn of_options(a: Option<f64>, mut b: Option<i32>) -> i32 {
    let taken = b.take();
    i32::from(a.is_some()) + i32::from(taken.is_none()) * 10 + b.unwrap_or(100)
}

#[test]
fn the_first_one_is_taken() {
    let v = V { x: 1.5 };
    let mut w = W { v };
    same! {
        of_values(v, w, &[v, v]);
        of_references(&v, &mut w);
        of_arrays([1.0; 3], &[2.0; 3], &mut [1.0, 2.0]);
        of_options(Some(1.0), Some(3));
        of_options(None, None);
    }
    assert_eq!([1.0, 2.0, 3.0].norm() + [1.0, 2.0, 3.0].total(), 3.0);
    let mut v = v;
    assert_eq!(OfOthers::shared(1.0) + Shared::later(&mut v), -6.0);
    assert_eq!(Shared::shared(&v) + Shared::of_slices(&v), -4.0);
}

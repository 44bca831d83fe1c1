//! Methods that rustc finds before the jitted ones of their names.

use hotloop::{JitType, jit};

#[derive(JitType, Clone, Copy)]
struct Point {
    x: f64,
}

#[derive(JitType, Clone, Copy)]
struct Pair {
    point: Point,
}

trait ByValue {
    fn by_value(self) -> f64;
}

impl ByValue for Point {
    fn by_value(self) -> f64 {
        1.0
    }
}

trait OfReference {
    fn of_reference(&self) -> f64;
}

impl OfReference for &Point {
    fn of_reference(&self) -> f64 {
        1.0
    }
}

trait Shared {
    fn shared(&self) -> f64;
}

impl Shared for Point {
    fn shared(&self) -> f64 {
        1.0
    }
}

#[jit]
impl Point {
    fn by_value(&self) -> f64 {
        self.x
    }

    fn of_reference(self) -> f64 {
        self.x
    }

    fn shared(&mut self) -> f64 {
        self.x
    }
}

#[jit]
fn value(point: Point) -> f64 {
    point.by_value()
}

#[jit]
fn field(pair: &Pair) -> f64 {
    pair.point.by_value()
}

#[jit]
fn reference(point: &Point) -> f64 {
    point.of_reference()
}

#[jit]
fn changed(mut point: Point) -> f64 {
    point.shared()
}

fn main() {}

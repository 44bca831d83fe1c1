//@ code: Type
use hotloop::jit;

trait Shape {
    fn area(&self) -> f64;
}

#[jit]
fn double(shape: impl Shape) -> f64 {
    shape.area() * 2.0
}

fn main() {}

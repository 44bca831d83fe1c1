//@ code: Type
use hotloop::jit;

trait Shape {
    fn area(&self) -> f64;
}

#[jit]
fn twice(shape: &dyn Shape) -> f64 {
    2.0 * shape.area()
}

fn main() {}

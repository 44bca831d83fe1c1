//@ code: Type
use hotloop::jit;

#[jit]
fn adder(x: f64) -> Box<dyn Fn(f64) -> f64> {
    Box::new(move |y| x + y)
}

fn main() {}

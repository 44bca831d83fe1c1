//@ code: Type
use hotloop::jit;

#[jit]
fn adder(x: f64) -> impl Fn(f64) -> f64 {
    move |y| x + y
}

fn main() {}

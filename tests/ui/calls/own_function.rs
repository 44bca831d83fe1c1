//@ code: Call
use hotloop::jit;

fn square(x: f64) -> f64 {
    x * x
}

#[jit]
fn norm(x: f64, y: f64) -> f64 {
    (square(x) + y).sqrt()
}

fn main() {}

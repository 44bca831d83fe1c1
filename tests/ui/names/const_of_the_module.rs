//@ code: Name
use hotloop::jit;

const FACTOR: f64 = 2.5;

#[jit]
fn scale(x: f64) -> f64 {
    FACTOR * x
}

fn main() {}

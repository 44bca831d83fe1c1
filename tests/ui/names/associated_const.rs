//@ code: Name
use hotloop::jit;

struct Unit;

impl Unit {
    const FACTOR: f64 = 2.5;
}

#[jit]
fn scale(x: f64) -> f64 {
    Unit::FACTOR * x
}

fn main() {}

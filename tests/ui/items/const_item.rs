//@ code: Item
use hotloop::jit;

#[jit]
fn scale(x: f64) -> f64 {
    const FACTOR: f64 = 2.5;
    FACTOR * x
}

fn main() {}

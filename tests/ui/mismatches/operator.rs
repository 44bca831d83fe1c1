//@ code: Mismatch
use hotloop::jit;

#[jit]
fn shift(x: f64) -> f64 {
    x << 2
}

fn main() {}

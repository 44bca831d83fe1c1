//@ code: Pattern
use hotloop::jit;

#[jit]
fn double(ref x: f64) -> f64 {
    2.0 * x
}

fn main() {}

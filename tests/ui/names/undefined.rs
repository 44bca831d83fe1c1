//@ code: Name
use hotloop::jit;

#[jit]
fn double(x: f64) -> f64 {
    2.0 * y
}

fn main() {}

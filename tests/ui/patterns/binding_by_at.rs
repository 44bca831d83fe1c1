//@ code: Pattern
use hotloop::jit;

#[jit]
fn double(x: f64) -> f64 {
    let y @ _ = 2.0 * x;
    y
}

fn main() {}

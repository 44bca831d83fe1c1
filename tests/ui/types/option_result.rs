//@ code: Type
use hotloop::jit;

#[jit]
fn reciprocal(x: f64) -> Option<f64> {
    if x == 0.0 { None } else { Some(1.0 / x) }
}

fn main() {}

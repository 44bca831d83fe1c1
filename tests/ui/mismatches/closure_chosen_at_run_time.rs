//@ code: Mismatch
use hotloop::jit;

#[jit]
fn apply(x: f64, negate: bool) -> f64 {
    let f = if negate { |y: f64| -y } else { |y: f64| y };
    f(x)
}

fn main() {}

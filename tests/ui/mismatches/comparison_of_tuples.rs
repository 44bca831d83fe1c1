//@ code: Mismatch
use hotloop::jit;

#[jit]
fn is_less(x: f64, y: f64) -> bool {
    (x, y) < (y, x)
}

fn main() {}

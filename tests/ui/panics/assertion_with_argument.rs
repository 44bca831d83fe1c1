//@ code: Panic
use hotloop::jit;

#[jit]
fn root(x: f64) -> f64 {
    assert!(x >= 0.0, "negative: {x:?}");
    x.sqrt()
}

fn main() {}

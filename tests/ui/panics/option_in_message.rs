//@ code: Panic
use hotloop::jit;

#[jit]
fn check(x: Option<f64>) -> f64 {
    assert!(x.is_some(), "{x:?}");
    1.0
}

fn main() {}

//@ code: Macro
use hotloop::jit;

#[jit]
fn first(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a[0] + b[0]
}

fn main() {}

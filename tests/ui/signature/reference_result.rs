//@ code: Signature
use hotloop::jit;

#[jit]
fn first(a: &[f64]) -> &f64 {
    &a[0]
}

fn main() {}

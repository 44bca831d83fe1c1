//@ code: Signature
use hotloop::jit;

#[jit]
fn same(a: &[f64]) -> &[f64] {
    a
}

fn main() {}

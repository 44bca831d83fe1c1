//@ code: Mismatch
use hotloop::jit;

#[jit]
fn count(a: &[f64]) -> u32 {
    a.len()
}

fn main() {}

//@ code: Mismatch
use hotloop::jit;

#[jit]
fn count(a: &[f64]) -> u32 {
    let mut n = 0u32;
    n = n + 1;
    n = a.len();
    n
}

fn main() {}

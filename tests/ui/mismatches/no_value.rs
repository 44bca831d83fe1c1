//@ code: Mismatch
use hotloop::jit;

#[jit]
fn set(a: &mut [f64]) {
    let _done = a[0] = 2.0;
}

fn main() {}

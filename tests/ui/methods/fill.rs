//@ code: Method
use hotloop::jit;

#[jit]
fn clear(a: &mut [f64]) {
    a.fill(0.0);
}

fn main() {}

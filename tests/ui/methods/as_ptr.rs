//@ code: Method
use hotloop::jit;

#[jit]
fn first(a: &[f64]) -> f64 {
    unsafe { *a.as_ptr() }
}

fn main() {}

//@ code: Method
use hotloop::jit;

#[jit]
fn first(a: &[f64]) -> f64 {
    *a.first().unwrap()
}

fn main() {}

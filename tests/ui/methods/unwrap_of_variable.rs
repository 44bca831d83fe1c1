//@ code: Method
use hotloop::jit;

#[jit]
fn first(a: &[f64]) -> f64 {
    let first = a.get(0);
    *first.unwrap()
}

fn main() {}

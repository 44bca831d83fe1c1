//@ code: Method
use hotloop::jit;

#[jit]
fn last(a: &[f64]) -> f64 {
    let _b = a.to_vec();
    a[a.len() - 1]
}

fn main() {}

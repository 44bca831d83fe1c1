//@ code: Method
use hotloop::jit;

#[jit]
fn sum(a: &[f64]) -> f64 {
    a.iter().sum::<f64>()
}

fn main() {}

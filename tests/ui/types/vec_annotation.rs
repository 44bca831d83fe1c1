//@ code: Type
use hotloop::jit;

#[jit]
fn first(a: &[f64]) -> f64 {
    let v: Vec<f64> = a.to_vec();
    v[0]
}

fn main() {}

//@ code: Macro
use hotloop::jit;

#[jit]
fn sum(n: usize) -> f64 {
    let mut v = vec![0.0; n];
    v[0] = 1.0;
    v[0] + v.len() as f64
}

fn main() {}

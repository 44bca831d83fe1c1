//@ code: Type
use hotloop::jit;

#[jit]
fn zeros(n: usize) -> Vec<f64> {
    let mut v = Vec::new();
    for _ in 0..n {
        v.push(0.0);
    }
    v
}

fn main() {}

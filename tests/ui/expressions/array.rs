//@ code: Expression
use hotloop::jit;

#[jit]
fn weigh(x: f64, i: usize) -> f64 {
    let weights = [0.25, 0.5, 0.25];
    weights[i] * x
}

fn main() {}

//@ code: Method
use hotloop::jit;

#[jit]
fn total(a: &[f64]) -> f64 {
    let squares = a.iter().map(|x| x * x).collect::<Vec<f64>>();
    squares[0]
}

fn main() {}

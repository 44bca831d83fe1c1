//@ code: Expression
use hotloop::jit;

#[jit]
fn first(a: &[f64]) -> Option<f64> {
    let x = a.first()?;
    Some(2.0 * x)
}

fn main() {}

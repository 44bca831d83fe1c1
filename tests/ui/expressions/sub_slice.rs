//@ code: Expression
use hotloop::jit;

#[jit]
fn second(a: &[f64]) -> f64 {
    let rest = &a[1..];
    rest[0] + rest.len() as f64
}

fn main() {}

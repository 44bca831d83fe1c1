//@ code: Expression
use hotloop::jit;

#[jit]
fn first(a: &[f64], b: &[f64], second: bool) -> f64 {
    let c = if second { b } else { a };
    c[0]
}

fn main() {}

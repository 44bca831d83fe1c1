//@ code: Expression
use hotloop::jit;

#[jit]
fn double(x: f64) -> f64 {
    let y = &x;
    2.0 * y
}

fn main() {}

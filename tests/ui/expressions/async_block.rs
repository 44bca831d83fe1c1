//@ code: Expression
use hotloop::jit;

#[jit]
fn double(x: f64) -> f64 {
    let _later = async { 2.0 * x };
    x
}

fn main() {}

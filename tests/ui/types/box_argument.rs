//@ code: Type
use hotloop::jit;

#[jit]
fn double(x: Box<f64>) -> f64 {
    2.0 * *x
}

fn main() {}

//@ code: Panic
use hotloop::jit;

const MESSAGE: &str = "not empty";

#[jit]
fn first(a: &[f64]) -> f64 {
    *a.first().expect(MESSAGE)
}

fn main() {}

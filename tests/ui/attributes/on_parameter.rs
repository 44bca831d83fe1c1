//@ code: Attribute
use hotloop::jit;

#[jit]
fn scale(#[allow(unused)] x: f64) -> f64 {
    2.0
}

fn main() {}

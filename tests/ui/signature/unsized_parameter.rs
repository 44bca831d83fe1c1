//@ code: Signature
use hotloop::jit;

#[jit]
fn scale<R: ?Sized>(x: f64) -> f64 {
    x * 2.0
}

fn main() {}

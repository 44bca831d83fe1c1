//@ code: Signature
use hotloop::jit;

#[jit]
extern "C" fn double(x: f64) -> f64 {
    2.0 * x
}

fn main() {}

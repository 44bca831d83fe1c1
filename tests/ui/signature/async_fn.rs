//@ code: Signature
use hotloop::jit;

#[jit]
async fn double(x: f64) -> f64 {
    2.0 * x
}

fn main() {}

//@ code: Signature
use hotloop::jit;

#[jit]
const fn double(x: f64) -> f64 {
    2.0 * x
}

const FOUR: f64 = double(2.0);

fn main() {
    let _ = FOUR;
}

//@ code: Mismatch
use hotloop::jit;
use num_traits::Float;

#[jit]
fn double<T: Float>(x: T) -> T {
    x * 2.0
}

fn main() {}

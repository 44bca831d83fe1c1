//@ code: Method
use hotloop::jit;
use num_traits::Float;

#[jit]
fn half<T: Float>(x: T) -> T {
    x * T::from(0.5)
}

fn main() {}

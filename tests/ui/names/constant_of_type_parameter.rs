//@ code: Name
use hotloop::jit;
use num_traits::Float;

trait Limits {
    const LIMIT: Self;
}

#[jit]
fn limit<T: Float + Limits>(x: T) -> T {
    x.min(T::LIMIT)
}

fn main() {}

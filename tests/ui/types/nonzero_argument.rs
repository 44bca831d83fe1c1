//@ code: Type
use hotloop::jit;
use std::num::NonZeroU32;

#[jit]
fn inverse(x: NonZeroU32) -> f64 {
    1.0 / f64::from(x.get())
}

fn main() {}

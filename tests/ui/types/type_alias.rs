//@ code: Type
use hotloop::jit;

type Real = f64;

#[jit]
fn double(x: Real) -> Real {
    2.0 * x
}

fn main() {}

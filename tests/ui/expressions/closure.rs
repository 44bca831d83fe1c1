//@ code: Expression
use hotloop::jit;

#[jit]
fn twice(x: f64) -> f64 {
    let square = |v: f64| v * v;
    square(square(x))
}

fn main() {}

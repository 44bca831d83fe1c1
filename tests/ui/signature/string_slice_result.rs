//@ code: Type
use hotloop::jit;

#[jit]
fn sign(x: f64) -> &'static str {
    if x < 0.0 { "minus" } else { "plus" }
}

fn main() {}

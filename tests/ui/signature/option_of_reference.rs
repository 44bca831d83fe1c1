//@ code: Signature
use hotloop::jit;

#[jit]
fn first(x: Option<&[f64]>) -> f64 {
    x.map_or(0.0, |a| a[0])
}

fn main() {}

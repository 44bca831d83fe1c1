//@ code: Signature
use hotloop::jit;

#[jit]
fn first(x: (&[f64], ())) -> f64 {
    x.0[0]
}

fn main() {}

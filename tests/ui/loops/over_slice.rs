//@ code: Loop
use hotloop::jit;

#[jit]
fn sum(a: &[f64]) -> f64 {
    let mut s = 0.0;
    for x in a {
        s += x;
    }
    s
}

fn main() {}

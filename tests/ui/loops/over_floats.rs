//@ code: Loop
use hotloop::jit;

#[jit]
fn sum(n: f64) -> f64 {
    let mut s = 0.0;
    for x in 0.0..n {
        s += x;
    }
    s
}

fn main() {}

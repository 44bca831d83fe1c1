//@ code: Call
use hotloop::jit;

#[jit]
fn apply<F: Fn(f64) -> f64>(f: F, x: f64) -> f64 {
    f(x)
}

fn main() {}

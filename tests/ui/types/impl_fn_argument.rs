//@ code: Type
use hotloop::jit;

#[jit]
fn integrate(f: impl Fn(f64) -> f64, n: usize) -> f64 {
    let mut s = 0.0;
    for i in 0..n {
        s += f(i as f64);
    }
    s
}

fn main() {}

//@ code: Type
use hotloop::jit;

struct Point {
    x: f64,
}

#[jit]
fn sum(a: &[Point]) -> f64 {
    let mut s = 0.0;
    for i in 0..a.len() {
        s += a[i].x;
    }
    s
}

fn main() {}

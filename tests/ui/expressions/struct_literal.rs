//@ code: Expression
use hotloop::jit;

struct Point {
    x: f64,
}

#[jit]
fn make(x: f64) -> f64 {
    let p = Point { x };
    p.x
}

fn main() {}

//@ code: Type
use hotloop::jit;

struct Point {
    x: f64,
    y: f64,
}

#[jit]
fn norm(p: &Point) -> f64 {
    p.x.hypot(p.y)
}

fn main() {}

//@ code: Item
use hotloop::jit;

#[jit]
fn length(x: f64, y: f64) -> f64 {
    struct Point {
        x: f64,
        y: f64,
    }
    let p = Point { x, y };
    p.x.hypot(p.y)
}

fn main() {}

use hotloop::jit;

#[derive(Clone, Copy)]
struct Point {
    x: f64,
    y: f64,
}

#[jit]
fn length(p: Point) -> f64 {
    p.x.hypot(p.y)
}

fn main() {
    length(Point { x: 3.0, y: 4.0 });
}

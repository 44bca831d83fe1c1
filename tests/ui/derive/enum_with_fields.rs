use hotloop::JitType;

#[derive(Clone, Copy, JitType)]
enum Shape {
    Circle(f64),
    Square { side: f64 },
    Point,
}

fn main() {}

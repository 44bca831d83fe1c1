use hotloop::{JitType, jit};

#[derive(Clone, Copy, JitType)]
struct Point {
    x: f64,
}

#[jit]
impl PartialEq for Point {
    fn eq(&self, other: &Point) -> bool {
        self.x == other.x
    }

    fn ne(&self, other: &Point) -> bool {
        self.x < other.x
    }
}

fn main() {}

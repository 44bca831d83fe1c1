use hotloop::jit;

#[jit]
struct Point {
    x: f64,
}

trait Sum {
    #[jit]
    fn sum(&self) -> f64;
}

#[jit]
#[jit]
fn twice(a: f64) -> f64 {
    a
}

fn main() {
    let _ = Point { x: twice(1.0) }.x;
}

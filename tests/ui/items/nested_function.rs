//@ code: Item
use hotloop::jit;

#[jit]
fn scale(x: f64) -> f64 {
    fn square(x: f64) -> f64 {
        x * x
    }
    square(x)
}

fn main() {}

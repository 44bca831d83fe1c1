//@ code: Item
use hotloop::jit;

#[jit]
fn sign(x: f64) -> i32 {
    enum Sign {
        Minus = -1,
        Plus = 1,
    }
    let sign = if x < 0.0 { Sign::Minus } else { Sign::Plus };
    sign as i32
}

fn main() {}

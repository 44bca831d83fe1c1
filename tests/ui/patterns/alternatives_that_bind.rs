//@ code: Pattern
use hotloop::jit;

#[jit]
fn distance(x: f64) -> f64 {
    let way: Result<f64, f64> = if x > 0.0 { Ok(x) } else { Err(-x) };
    let (Ok(y) | Err(y)) = way;
    y
}

fn main() {}

//@ code: Pattern
use hotloop::jit;

#[jit]
fn distance(p: (f64, f64), limit: f64) -> f64 {
    match Some(p) {
        Some((0.0, y) | (y, 0.0)) if y < limit => y,
        _ => -1.0,
    }
}

fn main() {}

//@ code: Pattern
use hotloop::jit;

#[jit]
fn distance(p: (f64, f64), q: (f64, f64), limit: f64) -> f64 {
    match (p, q) {
        ((0.0, y) | (y, 0.0), (1.0, x) | (x, 1.0)) if x + y < limit => y,
        _ => -1.0,
    }
}

fn main() {}

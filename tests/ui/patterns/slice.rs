//@ code: Pattern
use hotloop::jit;

#[jit]
fn ends(a: &[f64]) -> f64 {
    match a {
        [first, .., last] => first + last,
        _ => 0.0,
    }
}

fn main() {}

//@ code: Expression
use hotloop::jit;

#[jit]
fn first(a: &[f64]) -> f64 {
    unsafe { *a.get_unchecked(0) }
}

fn main() {}

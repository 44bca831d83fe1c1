//@ code: Expression
use hotloop::jit;

#[jit]
fn first(a: &[f64]) -> f64 {
    let p = &raw const a[0];
    unsafe { *p }
}

fn main() {}

//@ code: Method
use hotloop::jit;

#[jit]
fn count(a: &[f64]) -> usize {
    a.as_chunks::<4>().0.len()
}

fn main() {}

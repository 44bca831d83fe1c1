//@ code: Method
use hotloop::jit;

#[jit]
fn runs(a: &[f64]) -> usize {
    let _items = a.iter().peekable();
    a.len()
}

fn main() {}

//@ code: Signature
use hotloop::jit;

#[jit]
fn count(list: &[Option<bool>]) -> usize {
    list.len()
}

#[jit]
fn both(x: f64) -> [Option<f64>; 2] {
    [Some(x), None]
}

fn main() {}

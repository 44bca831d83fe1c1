//@ code: Type
use hotloop::jit;

#[jit]
fn corner(rows: &[&[f64]]) -> f64 {
    rows[0][0]
}

fn main() {}

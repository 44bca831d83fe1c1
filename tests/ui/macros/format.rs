//@ code: Macro
use hotloop::jit;

#[jit]
fn digits(x: u32) -> usize {
    format!("{x}").len()
}

fn main() {}

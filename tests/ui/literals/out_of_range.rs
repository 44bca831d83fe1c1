//@ code: Literal
use hotloop::jit;

#[jit]
fn add(x: u8) -> u8 {
    x + 300
}

fn main() {}

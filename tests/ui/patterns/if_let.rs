//@ code: Pattern
use hotloop::jit;

#[jit]
fn first(x: u32) -> u32 {
    if let 1..=9 = x { x } else { 0 }
}

fn main() {}

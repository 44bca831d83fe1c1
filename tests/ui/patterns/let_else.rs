//@ code: Pattern
use hotloop::jit;

#[jit]
fn first(x: u32) -> u32 {
    let 1..=9 = x else { return 0 };
    x
}

fn main() {}

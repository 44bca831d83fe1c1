//@ code: Mismatch
use hotloop::jit;

#[jit]
fn root(n: u32) -> u32 {
    n.sqrt()
}

fn main() {}

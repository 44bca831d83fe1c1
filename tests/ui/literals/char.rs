//@ code: Literal
use hotloop::jit;

#[jit]
fn is_a(x: u32) -> bool {
    x == 'a' as u32
}

fn main() {}

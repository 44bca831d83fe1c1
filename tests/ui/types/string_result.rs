//@ code: Type
use hotloop::jit;

#[jit]
fn name(n: u32) -> String {
    n.to_string()
}

fn main() {}

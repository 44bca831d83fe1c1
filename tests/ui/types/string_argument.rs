//@ code: Type
use hotloop::jit;

#[jit]
fn is_long(name: &str) -> bool {
    name.len() > 9
}

fn main() {}

//@ code: Type
use hotloop::jit;

#[jit]
fn is_digit(c: char) -> bool {
    c == '7'
}

fn main() {}

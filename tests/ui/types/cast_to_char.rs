//@ code: Type
use hotloop::jit;

#[jit]
fn is_digit(x: u8) -> bool {
    let c = x as char;
    c.is_ascii_digit()
}

fn main() {}

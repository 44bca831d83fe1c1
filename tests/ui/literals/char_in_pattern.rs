//@ code: Literal
use hotloop::jit;

#[jit]
fn code(n: u32) -> u32 {
    let letter = if n == 0 { 'a' } else { 'b' };
    match letter {
        'a' => 1,
        _ => 2,
    }
}

fn main() {}

//@ code: Loop
use hotloop::jit;

#[jit]
fn sum(end: char) -> u32 {
    let mut n = 0;
    for c in 'a'..=end {
        n += c as u32;
    }
    n
}

fn main() {}

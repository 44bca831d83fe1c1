//@ code: Expression
use hotloop::jit;

#[jit]
fn sum(n: usize) -> u32 {
    let mut sum = 0;
    for c in ('a'..).take(n) {
        sum += c as u32;
    }
    sum
}

fn main() {}

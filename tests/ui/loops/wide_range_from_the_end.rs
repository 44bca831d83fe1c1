//@ code: Loop
use hotloop::jit;

#[jit]
fn sum(n: i128) -> i128 {
    let mut s = 0;
    for i in (0..n).rev().step_by(2) {
        s += i;
    }
    s
}

fn main() {}

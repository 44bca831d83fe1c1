//@ code: Loop
use hotloop::jit;

#[jit]
fn sum(n: usize) -> usize {
    let mut s = 0;
    for i in (0..n).step_by(2).step_by(3) {
        s += i;
    }
    s
}

fn main() {}

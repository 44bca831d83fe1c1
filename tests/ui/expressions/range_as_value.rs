//@ code: Expression
use hotloop::jit;

#[jit]
fn count(n: usize) -> usize {
    let all = 0..n;
    let mut k = 0;
    for i in all {
        k += i;
    }
    k
}

fn main() {}

//@ code: Loop
use hotloop::jit;

#[jit]
fn count(n: usize) -> usize {
    let mut k = 0;
    for _ in n {
        k += 1;
    }
    k
}

fn main() {}

//@ code: Expression
use hotloop::jit;

#[jit]
fn count(a: &[u8], i: usize) -> u32 {
    let mut counts = [0u32; 256];
    for i in 0..a.len() {
        counts[a[i] as usize] += 1;
    }
    counts[i]
}

fn main() {}

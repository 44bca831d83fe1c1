use hotloop::{Par, jit};

#[jit(parallel)]
fn longest(a: &[u64], b: &[u64]) -> u64 {
    a.iter().chain(b).par().copied().max().unwrap_or(0)
}

fn main() {
    longest(&[1], &[2]);
}

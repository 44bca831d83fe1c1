//@ code: Loop
use hotloop::jit;

#[jit]
fn find(a: &[f64]) -> usize {
    for i in 0.. {
        if a[i] > 0.0 {
            return i;
        }
    }
    0
}

fn main() {}

//@ code: Signature
use hotloop::jit;

#[jit]
fn sum<const N: usize>(a: &[f64]) -> f64 {
    let mut s = 0.0;
    for i in 0..N {
        s += a[i];
    }
    s
}

fn main() {}

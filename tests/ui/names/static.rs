//@ code: Name
use hotloop::jit;

static FACTOR: f64 = 2.5;

#[jit]
fn scale(a: &mut [f64]) {
    for i in 0..a.len() {
        a[i] = FACTOR;
    }
}

fn main() {}

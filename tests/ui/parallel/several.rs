use hotloop::{jit, prange};

#[jit(parallel)]
fn two(a: &mut [f64], b: &mut [f64]) {
    for i in prange(1..a.len()) {
        a[i] += a[i - 1];
    }
    for i in prange(0..b.len()) {
        b[i] *= 2.0;
    }
    for i in prange(0..b.len() - 1) {
        b[i] += b[i + 1];
    }
}

fn main() {
    two(&mut [1.0], &mut [1.0]);
}

use hotloop::{jit, prange};

#[jit(parallel)]
fn reverse(a: &mut [f64]) {
    let n = a.len();
    for i in prange(0..n) {
        a[i] = a[n - 1 - i];
    }
}

fn main() {
    reverse(&mut [1.0, 2.0, 3.0]);
}

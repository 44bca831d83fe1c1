use hotloop::{jit, prange};

#[jit]
fn double(a: &mut [f64]) {
    for i in prange(0..a.len()) {
        a[i] *= 2.0;
    }
}

fn main() {
    double(&mut [1.0]);
}

use hotloop::{jit, prange};

#[jit(parallel)]
fn double(a: &mut [f64]) {
    for x in prange(a.iter_mut()) {
        *x *= 2.0;
    }
}

fn main() {
    double(&mut [1.0]);
}

use hotloop::{jit, prange};

#[jit(parallel)]
fn histogram(x: &[f64], y: &mut [f64]) {
    for i in prange(0..x.len()) {
        y[i % 4] += x[i];
    }
}

fn main() {
    histogram(&[1.0], &mut [0.0; 4]);
}

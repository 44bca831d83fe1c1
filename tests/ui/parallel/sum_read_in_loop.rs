use hotloop::{jit, prange};

#[jit(fastmath, parallel)]
fn running(x: &[f64], y: &mut [f64]) -> f64 {
    let mut sum = 0.0;
    for i in prange(0..x.len()) {
        sum += x[i];
        y[i] = sum;
    }
    sum
}

fn main() {
    running(&[1.0], &mut [0.0]);
}

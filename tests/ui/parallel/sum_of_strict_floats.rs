use hotloop::{jit, prange};

#[jit(parallel)]
fn positive(x: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in prange(0..x.len()) {
        if x[i] > 0.0 {
            sum += x[i];
        }
    }
    sum
}

fn main() {
    positive(&[1.0]);
}

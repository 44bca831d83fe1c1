use hotloop::{jit, prange};

#[jit(parallel)]
fn last(x: &[f64], y: &mut [f64]) -> usize {
    let mut at = 0;
    for i in prange(0..x.len()) {
        y[i] = 2.0 * x[i];
        if x[i] > 0.0 {
            at = i;
        }
    }
    at
}

fn main() {
    last(&[1.0], &mut [0.0]);
}

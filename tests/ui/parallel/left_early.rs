use hotloop::{jit, prange};

#[jit(parallel)]
fn until_zero(x: &[f64], y: &mut [f64]) {
    for i in prange(0..x.len()) {
        if x[i] == 0.0 {
            break;
        }
        y[i] = 1.0 / x[i];
    }
}

fn main() {
    until_zero(&[1.0], &mut [0.0]);
}

use hotloop::{jit, prange};

#[jit(parallel)]
fn scatter(to: &[usize], x: &[f64], y: &mut [f64]) {
    for i in prange(0..x.len()) {
        y[to[i]] = x[i];
    }
}

fn main() {
    scatter(&[0], &[1.0], &mut [0.0]);
}

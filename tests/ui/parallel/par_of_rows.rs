use hotloop::{Par, jit};

#[jit(parallel)]
fn smooth(n: usize, a: &mut [f64]) {
    for i in (1..n).par() {
        for k in 0..n {
            a[i * n + k] += a[(i - 1) * n + k];
        }
    }
}

fn main() {
    smooth(1, &mut [1.0]);
}

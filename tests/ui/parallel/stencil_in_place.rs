use hotloop::{jit, prange};

#[jit(parallel)]
fn smooth(a: &mut [f64]) {
    for i in prange(1..a.len() - 1) {
        a[i] = (a[i - 1] + a[i] + a[i + 1]) / 3.0;
    }
}

fn main() {
    smooth(&mut [1.0, 2.0, 3.0]);
}

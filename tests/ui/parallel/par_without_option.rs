use hotloop::{Par, jit};

#[jit]
fn double(a: &mut [f64]) {
    for x in a.iter_mut().par() {
        *x *= 2.0;
    }
}

fn main() {
    double(&mut [1.0]);
}

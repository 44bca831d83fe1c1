use hotloop::{Par, jit, prange};

#[jit(parallel)]
fn filled(x: &mut [u64]) -> usize {
    let mut i = 0;
    for k in prange(0..x.len()) {
        i = k;
        x[k] = 1;
    }
    i
}

#[jit(parallel)]
fn scattered(to: &[usize], y: &mut [u64]) {
    for (&k, i) in to.iter().zip(0..).par() {
        y[k] = i;
    }
}

fn main() {
    filled(&mut [1]);
    scattered(&[0], &mut [1]);
}

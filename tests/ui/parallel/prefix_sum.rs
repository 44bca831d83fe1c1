use hotloop::{jit, prange};

#[jit(parallel)]
fn sums(a: &mut [u64]) {
    for i in prange(1..a.len()) {
        a[i] = a[i].wrapping_add(a[i - 1]);
    }
}

fn main() {
    sums(&mut [1, 2, 3]);
}

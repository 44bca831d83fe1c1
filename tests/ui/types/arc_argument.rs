use std::sync::Arc;

use hotloop::jit;

#[jit]
fn sum(a: Arc<[f64]>) -> f64 {
    let mut s = 0.0;
    for i in 0..a.len() {
        s += a[i];
    }
    s
}

fn main() {}

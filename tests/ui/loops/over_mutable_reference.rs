//@ code: Loop
use hotloop::jit;

#[jit]
fn double(a: &mut [f64]) {
    for x in &mut *a {
        *x *= 2.0;
    }
}

fn main() {}

//@ code: Type
use hotloop::jit;

#[jit]
fn double(x: &mut f64) {
    *x *= 2.0;
}

fn main() {}

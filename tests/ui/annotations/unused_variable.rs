//@ code: Annotation
use hotloop::jit;

#[jit]
fn double(x: f64) -> f64 {
    let y;
    2.0 * x
}

fn main() {}

//@ code: Call
use hotloop::jit;

#[jit]
fn double(x: f64) -> f64 {
    let _y = Box::new(x);
    x + x
}

fn main() {}

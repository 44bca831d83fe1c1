//@ code: Panic
use hotloop::jit;

#[jit]
fn root(x: f64) -> f64 {
    if x < 0.0 {
        panic!("negative: {}", x);
    }
    x.sqrt()
}

fn main() {}

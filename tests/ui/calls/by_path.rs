//@ code: Call
use hotloop::jit;

mod kernels {
    pub fn square(x: f64) -> f64 {
        x * x
    }
}

#[jit]
fn norm(x: f64, y: f64) -> f64 {
    (kernels::square(x) + y).sqrt()
}

fn main() {}

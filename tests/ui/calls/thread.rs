//@ code: Call
use hotloop::jit;

#[jit]
fn later(x: f64) -> f64 {
    std::thread::spawn(move || 2.0 * x);
    x
}

fn main() {}

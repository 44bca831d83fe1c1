//@ code: Call
use hotloop::jit;

#[jit]
fn guarded(x: f64) -> f64 {
    std::hint::black_box(x)
}

fn main() {}

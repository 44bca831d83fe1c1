//@ code: Name
use hotloop::jit;

static mut TOTAL: f64 = 0.0;

#[jit]
fn add(x: f64) -> f64 {
    unsafe {
        TOTAL = x + 1.0;
    }
    2.0 * x
}

fn main() {}

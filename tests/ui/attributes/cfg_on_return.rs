//@ code: Attribute
use hotloop::jit;

#[jit]
fn scale(x: f64) -> f64 {
    #[cfg(target_os = "none")]
    return x;
    2.0 * x
}

fn main() {}

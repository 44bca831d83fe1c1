//@ code: Attribute
use hotloop::jit;

#[jit]
fn scale(x: f64) -> f64 {
    #[cfg_attr(target_os = "none", cfg(target_os = "linux"))]
    let x = 2.0 * x;
    x
}

fn main() {}

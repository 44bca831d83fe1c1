//@ code: Attribute
use hotloop::jit;

#[jit]
fn scale(a: &mut [f64]) {
    #[cfg(target_os = "none")]
    {
        a[0] *= 2.0;
    }
    a[0] += 1.0;
}

fn main() {}

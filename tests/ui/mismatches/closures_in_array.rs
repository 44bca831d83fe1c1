//@ code: Mismatch
use hotloop::jit;

#[jit]
fn apply(x: f64, which: usize) -> f64 {
    let filters = [|y: f64| -y, |y: f64| y * y];
    filters[which](x)
}

fn main() {}

//@ code: Macro
use hotloop::jit;

#[jit]
fn double(x: f64) -> f64 {
    println!("{x}");
    2.0 * x
}

fn main() {}

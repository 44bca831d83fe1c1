//@ code: Name

use hotloop::jit;

#[allow(non_upper_case_globals)]
const factor: f64 = 2.0;

#[jit]
fn double(x: f64) -> f64 {
    factor * x
}

fn main() {}

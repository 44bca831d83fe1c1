//@ code: Name
use std::f64::consts::PI;

use hotloop::jit;

#[jit]
fn area(r: f64) -> f64 {
    PI * r * r
}

fn main() {}

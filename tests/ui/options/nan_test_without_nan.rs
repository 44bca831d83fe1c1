#![deny(deprecated)]

use hotloop::jit;

#[jit(fastmath(unsafe(nnan, ninf)))]
fn positive(x: f64) -> f64 {
    if x.is_nan() || x == f64::INFINITY { 0.0 } else { x }
}

#[jit(fastmath(unsafe(nnan)))]
#[allow(deprecated)]
fn silent(x: f64) -> f64 {
    if x.is_nan() { 0.0 } else { x }
}

#[jit(fastmath)]
fn sensible(x: f64) -> f64 {
    if x.is_nan() { 0.0 } else { x }
}

fn main() {
    let _ = positive(silent(sensible(1.0)));
}

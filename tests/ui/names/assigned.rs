//@ code: Name
//! What is assigned is a variable of the function.

use hotloop::jit;

static LIMIT: f64 = 2.0;

#[jit]
fn raised(x: f64) -> f64 {
    limit = x + 1.0;
    x * LIMIT
}

fn main() {
    raised(1.0);
}

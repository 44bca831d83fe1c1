//@ code: Macro
use hotloop::jit;

macro_rules! square {
    ($x:expr) => {
        $x * $x
    };
}

#[jit]
fn square(x: f64) -> f64 {
    square!(x)
}

fn main() {}

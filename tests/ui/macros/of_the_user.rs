//@ code: Macro
use hotloop::jit;

macro_rules! unless {
    ($condition:expr, $otherwise:expr) => {
        if !$condition {
            $otherwise
        }
    };
}

#[jit]
fn root(x: f64) -> f64 {
    loop {
        unless!(x < 0.0, break);
    }
    x.sqrt()
}

fn main() {}

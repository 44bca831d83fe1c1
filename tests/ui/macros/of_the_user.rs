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
    'search: loop {
        loop {
            unless!(x < 0.0, break 'search);
        }
    }
    x.sqrt()
}

fn main() {}

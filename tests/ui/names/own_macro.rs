//! Macros of the user's that have the names of std's.

use hotloop::jit;

macro_rules! assert {
    ($($tokens:tt)*) => {};
}

mod others {
    macro_rules! same {
        ($a:expr, $b:expr) => {
            if $a == $b {
                return 1.0;
            }
        };
    }
    pub(crate) use same;
}
use others::same as assert_eq;

#[jit]
fn declared(x: f64) -> f64 {
    assert!(x > 100.0);
    x
}

#[jit]
fn imported(x: f64) -> f64 {
    assert_eq!(x, 2.0);
    x
}

fn main() {
    declared(1.0);
    imported(1.0);
}

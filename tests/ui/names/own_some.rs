//! Variants of the user's that have the names of `Option`'s.

use hotloop::{JitType, jit};

#[derive(JitType, Clone, Copy)]
#[repr(u8)]
enum Maybe {
    Some(f64),
    None,
}
use Maybe::Some;

impl Maybe {
    fn unwrap_or(self, _other: f64) -> f64 {
        99.0
    }
}

#[jit]
fn value(x: f64) -> f64 {
    Some(x).unwrap_or(4.0)
}

fn main() {
    let _ = Maybe::None;
}

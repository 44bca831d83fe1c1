use super::floor;
use hotloop::jit;
use num_traits::Float;

#[jit]
pub fn hypot<T: Float>(x: T, y: T) -> T {
    (x * x + y * y).sqrt()
}

/// A sibling, by the name that the parent re-exports.
#[jit]
fn of_a_sibling(x: f64) -> f64 {
    floor(x) + super::floor(-x) + super::floor::floor(x)
}

pub(super) fn asm() -> &'static str {
    "the module's own"
}

#[test]
fn siblings_find_each_other() {
    agree!(of_a_sibling(2.5));
}

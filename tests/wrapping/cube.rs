//! A function with its module's name.

/// `n * n * n`.
#[hotloop::jit]
#[must_use]
pub fn cube(n: u32) -> u32 {
    n * n * n
}

//! A function with its module's name.

/// `n - 1`.
#[hotloop::jit]
#[must_use]
pub fn less(n: u32) -> u32 {
    n - 1
}

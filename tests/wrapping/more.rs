//! A function with its module's name.

/// `n + 1`.
#[hotloop::jit]
#[must_use]
pub fn more(n: u32) -> u32 {
    n + 1
}

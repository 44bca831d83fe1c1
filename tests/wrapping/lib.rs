//! A library of jitted functions in modules of their names, for its test: `tests/lang` compiled without overflow checks.

// Two globs of such functions export no name twice.
#![deny(warnings, ambiguous_glob_reexports, unreachable_pub)]

pub mod cube;
mod less;
mod more;

pub use cube::cube;
pub use less::*;
pub use more::*;

/// Calls two of them.
#[hotloop::jit]
#[must_use]
pub fn around(n: u32) -> u32 {
    less(cube(n)) + more::more(n)
}

//! Just-in-time compilation for numeric loops, as an attribute on ordinary Rust functions.

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use hotloop_macros::jit;
pub use hotloop_runtime::dispatch::{Declined, disabled};
pub use hotloop_runtime::{Error, JitFunction, Specialization};

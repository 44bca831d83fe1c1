//! LLVM as a library that is opened when the first function is compiled.
//!
//! Nothing is linked: `stubs` defines every `LLVM*` symbol that inkwell and llvm-sys need as a jump through a slot, `search`
//! says where an LLVM may be, and [`load`] opens the first that will do, fills the slots and initializes the targets.
//! Call [`load`] before anything of inkwell; a call without it aborts with a message that names the function.

mod error;
mod functions;
mod load;
#[cfg(hotloop_llvm = "open")]
mod required;
#[cfg_attr(not(hotloop_llvm = "open"), allow(dead_code))] // nothing is searched for
mod search;
mod stubs;

pub use error::LlvmError;
pub use load::{Llvm, load};
pub use search::{Origin, Outcome, Searched};

/// The oldest and the newest major version whose C API agrees with what we call.
const MIN_MAJOR: u32 = 19;
const MAX_MAJOR: u32 = 23;

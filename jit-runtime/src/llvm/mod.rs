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

/// The file of the library that is used, or will be, as far as that is known without opening it: for keys of the cache.
#[cfg(hotloop_llvm = "open")]
pub(crate) fn library_file() -> Option<std::path::PathBuf> {
    static FILE: std::sync::OnceLock<Option<std::path::PathBuf>> = std::sync::OnceLock::new();
    FILE.get_or_init(search::first).clone()
}

/// The program itself contains LLVM.
#[cfg(hotloop_llvm = "link")]
pub(crate) fn library_file() -> Option<std::path::PathBuf> {
    std::env::current_exe().ok()
}

/// There is none.
#[cfg(hotloop_llvm = "none")]
pub(crate) fn library_file() -> Option<std::path::PathBuf> {
    None
}

/// The oldest and the newest major version whose C API agrees with what we call.
const MIN_MAJOR: u32 = 19;
const MAX_MAJOR: u32 = 23;

//! The paths that the expansion of `#[jit]` names. No API: anything here may change in any release.

pub use hotloop_runtime::__call as call;
pub use hotloop_runtime::companion::{Source, asm, compile, ir, llvm_ir};
pub use hotloop_runtime::dispatch::{
    Dispatcher, EntryPoint, Registry, Trap, assertion_failed, none, operand, replay_failed,
    replayed, unit_slice, zero,
};
pub use hotloop_runtime::ir::{BuildOptions, FastMath};
pub use num_traits;
pub use std::string::String;
pub use std::vec::Vec;

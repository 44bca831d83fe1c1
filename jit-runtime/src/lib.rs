//! The runtime of hotloop: specializes, compiles, loads and dispatches what `#[jit]` captured.
//!
//! Depend on the facade `hotloop` instead; this crate's API is what its macro expansions need.

pub mod cache;
pub mod codegen;
pub mod companion;
pub mod compile;
pub mod config;
pub mod cpu;
pub mod dispatch;
mod dump;
pub mod error;
mod events;
pub mod inspect;
pub mod link;
pub mod llvm;
pub mod object;
pub mod observe;
mod parallel;
pub mod pipeline;
pub mod replay;
pub mod report;
mod stack;
pub mod symbols;
pub mod types;

pub use companion::{JitFunction, Source, Tools};
pub use compile::{Specialization, llvm_load_time};
pub use error::Error;
pub use hotloop_ir as ir;
pub use pipeline::CompileTimes;
pub use report::Report;
pub use types::JitType;

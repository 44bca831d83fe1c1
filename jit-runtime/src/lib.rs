//! The runtime of hotloop.

pub mod codegen;
pub mod cpu;
pub mod inspect;
pub mod llvm;
pub mod object;
pub mod pipeline;
pub mod symbols;

//! The runtime of hotloop.

pub mod cpu;
pub mod inspect;
pub mod llvm;
pub mod object;

//! The runtime of hotloop.

pub mod llvm;
pub mod object;

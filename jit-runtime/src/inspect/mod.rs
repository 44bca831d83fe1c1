//! Looking at what was compiled.

mod disassemble;

pub use disassemble::disassemble;

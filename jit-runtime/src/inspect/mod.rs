//! Looking at what was compiled, and at the machine that it is compiled for.

mod disassemble;
mod info;
mod lines;
mod object;

pub use disassemble::disassemble;
pub use info::{
    CacheInfo, CandidateOutcome, CpuInfo, LlvmCandidate, LlvmInfo, MachineInfo, ThreadInfo,
    VectorMathInfo, machine_info,
};
pub use lines::{Lines, lines_of};
pub use object::disassemble_object;

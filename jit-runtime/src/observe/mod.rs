//! What LLVM made of a program: what can be seen in the optimized module, and what LLVM says itself, in its remarks.
//!
//! The facts come from the module (a loop has vector instructions or has not), because the wording of remarks changes from release to
//! release. Remarks are for reasons, and for numbers that the module does not show.

mod module;
mod remarks;
#[cfg(test)]
mod tests;

pub(crate) use module::{MachineCall, MachineLoop, observe_module};
pub(crate) use remarks::{LlvmRemark, enable_remarks, parse_remark};

/// What LLVM made of a program, in terms of the numbers that loops have in its outline.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed {
    /// The loops that are left. LLVM makes several of one: a vectorized one, one for the rest of the iterations, and so on.
    pub(crate) loops: Vec<MachineLoop>,
    /// How many loops have lost their numbers.
    pub(crate) unnumbered: usize,
    /// The calls that are left, but for intrinsics that are instructions.
    pub(crate) calls: Vec<MachineCall>,
    /// What LLVM says.
    pub(crate) remarks: Vec<LlvmRemark>,
}

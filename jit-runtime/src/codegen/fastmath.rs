//! The liberties of float arithmetic, attached where an operation is emitted.

use hotloop_ir::FastMath;
use inkwell::values::{BasicValue, FastMathFlags};

use super::{CodegenError, Emitter, Result, Value};

/// LLVM's flags for what the user granted.
pub(super) fn flags(fastmath: FastMath) -> FastMathFlags {
    let FastMath {
        reassoc,
        contract,
        nsz,
        arcp,
        afn,
        nnan,
        ninf,
    } = fastmath;
    let mut flags = FastMathFlags::empty();
    flags.set(FastMathFlags::AllowReassoc, reassoc);
    flags.set(FastMathFlags::AllowContract, contract);
    flags.set(FastMathFlags::NoSignedZeros, nsz);
    flags.set(FastMathFlags::AllowReciprocal, arcp);
    flags.set(FastMathFlags::ApproxFunc, afn);
    flags.set(FastMathFlags::NoNaNs, nnan);
    flags.set(FastMathFlags::NoInfs, ninf);
    flags
}

impl<'ctx> Emitter<'ctx, '_> {
    /// Attaches the function's liberties to the operation that computed `value`, if it is one that can have them (a
    /// folded constant has none), and returns the value.
    pub(super) fn with_flags(&self, value: impl BasicValue<'ctx>) -> Result<Value<'ctx>> {
        let value = value.as_basic_value_enum();
        if self.float_flags.is_empty() {
            return Ok(value);
        }
        if let Some(instruction) = value.as_instruction_value()
            && instruction.can_use_fast_math_flags()
        {
            instruction
                .set_fast_math_flags(self.float_flags)
                .map_err(|error| CodegenError::bug(error.to_string()))?;
        }
        Ok(value)
    }
}

//! Traps: leaving the function where Rust panics.

use hotloop_ir::SiteId;
use hotloop_ir::func::MAX_TRAP_OPERANDS;
use inkwell::values::{InstructionValue, IntValue};

use super::abi::TrapPayload;
use super::guard::Checks;
use super::memory::set_alignment;
use super::{CodegenError, Emitter, Result, Value};

/// How much likelier a program is to go on than to trap, for LLVM's block placement.
const LIKELY: u64 = 1 << 20;

impl<'ctx> Emitter<'ctx, '_> {
    /// Traps at `site` with these operands if `condition` holds; goes on in a new block otherwise. Inside a guard, as [`Checks`] says.
    pub(super) fn trap_if(
        &self,
        condition: IntValue<'ctx>,
        site: SiteId,
        operands: &[Value<'ctx>],
    ) -> Result<()> {
        if condition.is_constant_int() && condition.get_zero_extended_constant() == Some(0) {
            return Ok(());
        }
        match &mut *self.checks.borrow_mut() {
            Checks::Branch => {}
            Checks::Collect(conditions) => {
                conditions.push(condition);
                return Ok(());
            }
            Checks::Made => return Ok(()),
        }
        let trap = self.append_block("trap");
        let go_on = self.append_block("ok");
        let branch = self
            .builder
            .build_conditional_branch(condition, trap, go_on)?;
        self.mark_unlikely(branch)?;
        self.builder.position_at_end(trap);
        self.trap(site, operands)?;
        self.builder.position_at_end(go_on);
        Ok(())
    }

    /// Traps at `site`. Ends the block.
    pub(super) fn trap(&self, site: SiteId, operands: &[Value<'ctx>]) -> Result<()> {
        let word = self.context.i128_type();
        if operands.len() > MAX_TRAP_OPERANDS {
            return Err(CodegenError::bug("a trap with too many operands"));
        }
        for (index, &operand) in operands.iter().enumerate() {
            let bits = self.bits_of(operand)?;
            let offset = self.context.i64_type().const_int(index as u64, false);
            // SAFETY: `offset` is below the number of operands of a `TrapPayload`, which `payload` points to.
            let slot = unsafe {
                self.builder
                    .build_in_bounds_gep(word, self.payload, &[offset], "")
            }?;
            let store = self.builder.build_store(slot, bits)?;
            set_alignment(store, align_of::<TrapPayload>() as u64)?;
        }
        self.leave(self.status(self.first_status + site.index() as u32))
    }

    /// Says that a conditional branch almost never goes to its first target.
    pub(super) fn mark_unlikely(&self, branch: InstructionValue<'ctx>) -> Result<()> {
        self.mark_weights(branch, 1, LIKELY)
    }

    /// Says that a conditional branch almost always does.
    pub(super) fn mark_likely(&self, branch: InstructionValue<'ctx>) -> Result<()> {
        self.mark_weights(branch, LIKELY, 1)
    }

    fn mark_weights(&self, branch: InstructionValue<'ctx>, first: u64, second: u64) -> Result<()> {
        let weight = |weight| self.context.i32_type().const_int(weight, false).into();
        let weights = self.context.metadata_node(&[
            self.context.metadata_string("branch_weights").into(),
            weight(first),
            weight(second),
        ]);
        branch
            .set_metadata(weights, self.context.get_kind_id("prof"))
            .map_err(|error| CodegenError::bug(error.to_string()))
    }
}

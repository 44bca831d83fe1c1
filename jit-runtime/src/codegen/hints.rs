//! What our passes know about a loop, as `llvm.loop` metadata.

use hotloop_ir::LoopHints;
use inkwell::context::AsContextRef;
use inkwell::llvm_sys::core as llvm;
use inkwell::llvm_sys::debuginfo as debug;
use inkwell::llvm_sys::prelude::{LLVMContextRef, LLVMMetadataRef};
use inkwell::values::{AsValueRef, InstructionValue};

use super::{Emitter, Result};

impl<'ctx> Emitter<'ctx, '_> {
    /// Says what is known of a loop at the branch that goes back to its start.
    pub(super) fn attach_hints(
        &self,
        back: InstructionValue<'ctx>,
        hints: &LoopHints,
    ) -> Result<()> {
        if hints.lanes == 0 {
            return Ok(());
        }
        let context = self.context.as_ctx_ref();
        let properties = [
            // Unrolling comes before vectorization, and would leave nothing to vectorize.
            property(context, "llvm.loop.unroll.disable", None),
            property(context, "llvm.loop.vectorize.enable", Some((1, 1))),
            property(
                context,
                "llvm.loop.vectorize.width",
                Some((32, hints.lanes.into())),
            ),
            property(context, "llvm.loop.interleave.count", Some((32, 1))),
        ];
        // SAFETY: the context is alive, and all nodes are of it. A loop's node names itself first, which makes it distinct.
        unsafe {
            let itself = debug::LLVMTemporaryMDNode(context, std::ptr::null_mut(), 0);
            let mut operands = vec![itself];
            operands.extend(properties);
            let node = llvm::LLVMMDNodeInContext2(context, operands.as_mut_ptr(), operands.len());
            debug::LLVMMetadataReplaceAllUsesWith(itself, node);
            let value = llvm::LLVMMetadataAsValue(context, node);
            llvm::LLVMSetMetadata(
                back.as_value_ref(),
                self.context.get_kind_id("llvm.loop"),
                value,
            );
        }
        Ok(())
    }
}

/// `!{!"name", value}`, the value of so many bits.
fn property(context: LLVMContextRef, name: &str, value: Option<(u32, u64)>) -> LLVMMetadataRef {
    // SAFETY: the context is alive, the name is as long as is said, and all values are of the context.
    unsafe {
        let mut operands = vec![llvm::LLVMMDStringInContext2(
            context,
            name.as_ptr().cast(),
            name.len(),
        )];
        if let Some((bits, value)) = value {
            let ty = llvm::LLVMIntTypeInContext(context, bits);
            operands.push(llvm::LLVMValueAsMetadata(llvm::LLVMConstInt(ty, value, 0)));
        }
        llvm::LLVMMDNodeInContext2(context, operands.as_mut_ptr(), operands.len())
    }
}

//! Calls: of functions of the same program, and of Rust functions through trampolines.

use hotloop_ir::func::{HOST_PANICKED, HostTy};
use hotloop_ir::{ExprId, Place, Ty};
use inkwell::IntPredicate;
use inkwell::types::BasicMetadataTypeEnum;
use inkwell::values::{BasicMetadataValueEnum, FunctionValue, IntValue};

use super::abi::{STATUS_OK, host_symbol};
use super::declare::{Returns, attribute};
use super::guard::Part;
use super::{CodegenError, Emitter, Result, Value, aggregate, int, layout};

impl<'ctx> Emitter<'ctx, '_> {
    /// The arguments, the call, then the place that the result goes to.
    pub(super) fn emit_call(
        &mut self,
        function: u32,
        args: &[ExprId],
        result: Option<&Place>,
    ) -> Result<()> {
        let program = self.program;
        let unknown = || CodegenError::bug("a call of an unknown function");
        let callee_ir = program
            .ir
            .functions
            .get(function as usize)
            .ok_or_else(unknown)?;
        let callee = program
            .functions
            .get(function as usize)
            .ok_or_else(unknown)?;

        let mut operands: Vec<BasicMetadataValueEnum<'ctx>> = Vec::with_capacity(args.len() + 2);
        for (value, &arg) in self.emit_args(args)?.into_iter().zip(args) {
            match self.expr_ty(arg)? {
                Ty::Slice { .. } => {
                    let (first, length) = self.slice_parts(value)?;
                    operands.push(first.into());
                    operands.push(length.into());
                }
                ty => operands.push(self.value_to_memory(value, ty)?.into()),
            }
        }
        // Memory that nothing else leads to, as the pointers to results are exclusive.
        let own = result
            .filter(|place| place.projections.is_empty() && !self.borrowed.contains(&place.local));
        let to = match own {
            _ if callee_ir.result == Ty::Unit => None,
            Some(place) => Some(self.local_address(place.local.index())?),
            None => Some(self.allocate(&callee_ir.result, "result")?),
        };
        let leaves = layout::leaves(&callee_ir.result)?;
        if let (Some(to), Returns::Pointers) = (to, callee.returns) {
            for leaf in &leaves {
                operands.push(self.offset(to, leaf.offset)?.into());
            }
        }
        operands.push(self.payload.into());
        if operands.len() != callee.function.count_params() as usize {
            return Err(CodegenError::bug(
                "a call with other arguments than parameters",
            ));
        }
        let returned = self.build_call(callee.function, &operands)?;
        let status = match callee.returns {
            Returns::Pointers => int(returned)?,
            Returns::Registers(_) => {
                int((self.builder).build_extract_value(aggregate(returned)?, 0, "")?)?
            }
        };
        self.leave_if_not_ok(status, status)?;
        let Some(to) = to else {
            return Ok(());
        };
        if let Returns::Registers(_) = callee.returns {
            for (index, leaf) in (1..).zip(&leaves) {
                let part = (self.builder).build_extract_value(aggregate(returned)?, index, "")?;
                let part = self.value_from_memory(part, leaf.ty)?;
                self.store(self.offset(to, leaf.offset)?, part, leaf.ty)?;
            }
        }
        match result {
            Some(place) if own.is_none() => self.emit_guarded(&[Part::Place(place)], |this| {
                let at = this.locate(place)?;
                let value = this.load(to, at.ty)?;
                this.store(at.address, value, at.ty)
            }),
            _ => Ok(()),
        }
    }

    /// The arguments go to an array of 128-bit words, and the result comes from as many as it takes.
    pub(super) fn emit_host_call(
        &mut self,
        host: u32,
        args: &[ExprId],
        result: Option<&Place>,
    ) -> Result<()> {
        let word = self.context.i128_type();
        let values = self.emit_args(args)?;
        let count = u32::try_from(values.len().max(1))
            .map_err(|_| CodegenError::Unsupported("a call with so many arguments".into()))?;
        let slots = self.allocate_as(word.array_type(count).into(), 16, "args")?;
        for (index, value) in values.into_iter().enumerate() {
            let slot = self.offset(slots, 16 * index as u64)?;
            let ty = self.expr_ty(args[index])?;
            if ty.as_scalar().is_some() {
                let bits = self.bits_of(value)?;
                self.builder.build_store(slot, bits)?;
            } else {
                self.store(slot, value, ty)?;
            }
        }
        let called = self.program.ir.hosts.get(host as usize);
        let called = called.ok_or_else(|| CodegenError::bug("a call of an unknown host"))?;
        let (words, align) = match called.result {
            Some(HostTy::Bytes { size, align }) => (size.div_ceil(16).max(1), align.max(16)),
            _ => (1, 16),
        };
        let words = u32::try_from(words)
            .map_err(|_| CodegenError::Unsupported("a result of so many bytes".into()))?;
        let returned = self.allocate_as(word.array_type(words).into(), align, "returned")?;
        if result.is_none() {
            // A macro that prints gets its arguments' types there.
            let types = self.types_of(args)?;
            let types = word.const_int_arbitrary_precision(&[types as u64, (types >> 64) as u64]);
            self.builder.build_store(returned, types)?;
        }
        let callee = self.host_function(host);
        let status = int(self.build_call(callee, &[slots.into(), returned.into()])?)?;
        let panicked = self
            .context
            .i32_type()
            .const_int(HOST_PANICKED.into(), false);
        self.leave_if_not_ok(status, panicked)?;
        let Some(place) = result else {
            return Ok(());
        };
        self.emit_guarded(&[Part::Place(place)], |this| {
            let at = this.locate(place)?;
            let value = this.load(returned, at.ty)?;
            this.store(at.address, value, at.ty)
        })
    }

    /// The types of arguments as [`HostCall`](crate::link::HostCall) has them: four bits each, and their number in the highest four.
    fn types_of(&self, args: &[ExprId]) -> Result<u128> {
        const MAX_ARGS: usize = 15;
        if args.len() > MAX_ARGS {
            return Err(CodegenError::Unsupported(format!(
                "a call of a host function with more than {MAX_ARGS} arguments"
            )));
        }
        let mut types = (args.len() as u128) << 124;
        for (index, &arg) in args.iter().enumerate() {
            // Macros print nothing but scalars.
            if let Some(ty) = self.func.exprs[arg].ty.as_scalar() {
                types |= (ty as u128) << (4 * index);
            }
        }
        Ok(types)
    }

    fn emit_args(&mut self, args: &[ExprId]) -> Result<Vec<Value<'ctx>>> {
        let parts: Vec<Part<'_>> = args.iter().map(|&arg| Part::Value(arg)).collect();
        self.emit_guarded(&parts, |this| {
            args.iter().map(|&arg| this.emit_expr(arg)).collect()
        })
    }

    fn host_function(&self, host: u32) -> FunctionValue<'ctx> {
        let name = host_symbol(host);
        if let Some(function) = self.module.get_function(&name) {
            return function;
        }
        let pointer: BasicMetadataTypeEnum<'ctx> = self.pointer_type().into();
        let ty = self.context.i32_type().fn_type(&[pointer, pointer], false);
        let function = self.module.add_function(&name, ty, None);
        function.add_attribute(
            inkwell::attributes::AttributeLoc::Function,
            attribute(self.context, "nounwind", 0),
        );
        function
    }

    fn build_call(
        &self,
        callee: FunctionValue<'ctx>,
        args: &[BasicMetadataValueEnum<'ctx>],
    ) -> Result<Value<'ctx>> {
        let call = self.builder.build_call(callee, args, "")?;
        let returned = call.try_as_basic_value().basic();
        returned.ok_or_else(|| CodegenError::bug("a call without a status"))
    }

    /// Returns `with` if a status is not that of a normal return.
    fn leave_if_not_ok(&self, status: IntValue<'ctx>, with: IntValue<'ctx>) -> Result<()> {
        let ok = status.get_type().const_int(STATUS_OK.into(), false);
        let left = self
            .builder
            .build_int_compare(IntPredicate::NE, status, ok, "")?;
        let leave = self.append_block("leave");
        let go_on = self.append_block("called");
        let branch = self.builder.build_conditional_branch(left, leave, go_on)?;
        self.mark_unlikely(branch)?;
        self.builder.position_at_end(leave);
        self.leave(with)?;
        self.builder.position_at_end(go_on);
        Ok(())
    }
}

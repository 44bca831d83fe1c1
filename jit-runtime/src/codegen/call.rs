//! Calls: of functions of the same program, and of Rust functions through trampolines.

use hotloop_ir::func::{HOST_PANICKED, HostTy};
use hotloop_ir::{ExprId, Function, Place, Ty};
use inkwell::IntPredicate;
use inkwell::attributes::AttributeLoc;
use inkwell::types::BasicMetadataTypeEnum;
use inkwell::values::{BasicMetadataValueEnum, FunctionValue, IntValue, PointerValue};

use super::abi::{STATUS_OK, host_symbol};
use super::declare::{Callee, Returns, attribute};
use super::guard::Part;
use super::{CodegenError, Emitter, Result, Value, aggregate, int, layout};

impl<'ctx, 'a> Emitter<'ctx, 'a> {
    /// The arguments, the call, then the place that the result goes to.
    pub(super) fn emit_call(
        &mut self,
        function: u32,
        args: &[ExprId],
        result: Option<&Place>,
    ) -> Result<()> {
        let values = self.emit_args(args)?;
        let types: Vec<&Ty> = (args.iter())
            .map(|&arg| self.expr_ty(arg))
            .collect::<Result<_>>()?;
        let mut operands = Vec::with_capacity(args.len() + 2);
        for (value, ty) in values.into_iter().zip(types) {
            self.push_operand(&mut operands, value, ty)?;
        }
        let ty = &self.callee(function)?.1.result;
        let (own, to) = self.result_memory(result, ty)?;
        let (status, returned) = self.call_function(function, operands, to, false)?;
        self.leave_if_not_ok(status, status)?;
        self.store_returned(function, returned, to)?;
        match (result, to) {
            (Some(place), Some(to)) if !own => self.store_result(place, to),
            _ => Ok(()),
        }
    }

    /// A function of the program, as LLVM and as the IR have it.
    pub(super) fn callee(&self, function: u32) -> Result<(&'a Callee<'ctx>, &'a Function)> {
        let program = self.program;
        let callee = program.functions.get(function as usize);
        let ir = program.ir.functions.get(function as usize);
        (callee.zip(ir)).ok_or_else(|| CodegenError::bug("a call of an unknown function"))
    }

    /// Adds an argument of a call inside of the program.
    pub(super) fn push_operand(
        &self,
        operands: &mut Vec<BasicMetadataValueEnum<'ctx>>,
        value: Value<'ctx>,
        ty: &Ty,
    ) -> Result<()> {
        if let Ty::Slice { .. } = ty {
            let (first, length) = self.slice_parts(value)?;
            operands.push(first.into());
            operands.push(length.into());
        } else {
            operands.push(self.value_to_memory(value, ty)?.into());
        }
        Ok(())
    }

    /// Where a call's result of this type goes at first, if there is one, and whether that is its place: memory that nothing else
    /// leads to, as the pointers to results are exclusive.
    pub(super) fn result_memory(
        &self,
        result: Option<&Place>,
        ty: &Ty,
    ) -> Result<(bool, Option<PointerValue<'ctx>>)> {
        if *ty == Ty::Unit {
            return Ok((false, None));
        }
        let own = result
            .filter(|place| place.projections.is_empty() && !self.borrowed.contains(&place.local));
        Ok(match own {
            Some(place) => (true, Some(self.local_address(place.local.index())?)),
            None => (false, Some(self.allocate(ty, "result")?)),
        })
    }

    /// Calls a function of the program with these arguments; results that go through pointers go to `to`. Returns the status, and the
    /// results that are in registers for [`Self::store_returned`]. A `rare` call is not worth a copy of the function.
    pub(super) fn call_function(
        &self,
        function: u32,
        mut operands: Vec<BasicMetadataValueEnum<'ctx>>,
        to: Option<PointerValue<'ctx>>,
        rare: bool,
    ) -> Result<(IntValue<'ctx>, Value<'ctx>)> {
        let (callee, ir) = self.callee(function)?;
        if let (Some(to), Returns::Pointers) = (to, callee.returns) {
            for leaf in layout::leaves(&ir.result)? {
                operands.push(self.offset(to, leaf.offset)?.into());
            }
        }
        operands.push(self.payload.into());
        if operands.len() != callee.function.count_params() as usize {
            return Err(CodegenError::bug(
                "a call with other arguments than parameters",
            ));
        }
        let call = self.builder.build_call(callee.function, &operands, "")?;
        if rare {
            let attribute = attribute(self.context, "noinline", 0);
            call.add_attribute(AttributeLoc::Function, attribute);
        }
        let returned = call.try_as_basic_value().basic();
        let returned = returned.ok_or_else(|| CodegenError::bug("a call without a status"))?;
        let status = match callee.returns {
            Returns::Pointers => int(returned)?,
            Returns::Registers(_) => {
                int((self.builder).build_extract_value(aggregate(returned)?, 0, "")?)?
            }
        };
        Ok((status, returned))
    }

    /// Stores the results of a call that are in registers.
    pub(super) fn store_returned(
        &self,
        function: u32,
        returned: Value<'ctx>,
        to: Option<PointerValue<'ctx>>,
    ) -> Result<()> {
        let (callee, ir) = self.callee(function)?;
        if let (Some(to), Returns::Registers(_)) = (to, callee.returns) {
            for (index, leaf) in (1..).zip(layout::leaves(&ir.result)?) {
                let part = (self.builder).build_extract_value(aggregate(returned)?, index, "")?;
                let part = self.value_from_memory(part, leaf.ty)?;
                self.store(self.offset(to, leaf.offset)?, part, leaf.ty)?;
            }
        }
        Ok(())
    }

    /// Moves a result from where it went at first to its place.
    pub(super) fn store_result(&mut self, place: &Place, from: PointerValue<'ctx>) -> Result<()> {
        self.emit_guarded(&[Part::Place(place)], |this| {
            let at = this.locate(place)?;
            let value = this.load(from, at.ty)?;
            this.store(at.address, value, at.ty)
        })
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
        match result {
            Some(place) => self.store_result(place, returned),
            None => Ok(()),
        }
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

    pub(super) fn emit_args(&mut self, args: &[ExprId]) -> Result<Vec<Value<'ctx>>> {
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
            AttributeLoc::Function,
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
    pub(super) fn leave_if_not_ok(
        &self,
        status: IntValue<'ctx>,
        with: IntValue<'ctx>,
    ) -> Result<()> {
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

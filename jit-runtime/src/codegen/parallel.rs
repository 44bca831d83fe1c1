//! Parallel loops: what is captured goes to memory, and the runtime calls a chunk function for each chunk.
//!
//! ```text
//! context = { count, work, .., accumulators, identities, captures, results }     in the frame, as is what `results` points to
//! returned = hotloop_parallel(&context, chunk_function, payload)
//! if status(returned) is not ok: leave, or go to `again`
//! result = results[0]; for k in 1..chunks(returned): result = combine(result, results[k])?
//! again: result = body(0, count, accumulators, captures)?
//!
//! fn chunk_function(context, chunk, first, behind, payload) -> status {
//!     results[chunk] = body(first, behind, if chunk == 0 { accumulators } else { identities }, captures)?
//! }
//! ```

use hotloop_ir::parallel::{max_chunks, result_bytes};
use hotloop_ir::{ExprId, Label, LoopHints, Parallel, Ty};
use inkwell::IntPredicate;
use inkwell::attributes::AttributeLoc;
use inkwell::module::Linkage;
use inkwell::types::BasicMetadataTypeEnum;
use inkwell::values::{BasicMetadataValueEnum, BasicValue, FunctionValue, IntValue, PointerValue};

use super::abi::STATUS_OK;
use super::declare::{Returns, attribute, param};
use super::memory::set_alignment;
use super::{CodegenError, Emitter, Result, Value, aggregate, int, layout, pointer};
use crate::parallel::{Launch, SYMBOL, Settings};

/// A value in the context of a loop.
#[derive(Clone, Copy)]
struct Field<'a> {
    offset: u64,
    ty: &'a Ty,
}

/// Where everything is in the context of a loop.
struct ContextLayout<'a> {
    accumulators: Vec<Field<'a>>,
    identities: Vec<Field<'a>>,
    captures: Vec<Field<'a>>,
    /// The pointer to the results of all chunks.
    results: u64,
    size: u64,
    align: u64,
}

/// What a loop's chunks result in.
struct Results<'a> {
    ty: &'a Ty,
    /// Bytes from one to the next.
    stride: u64,
    /// Where each accumulator is in one.
    accumulators: Vec<Field<'a>>,
}

impl<'ctx, 'a> Emitter<'ctx, 'a> {
    pub(super) fn emit_parallel(&mut self, parallel: &Parallel) -> Result<()> {
        let (_, body) = self.callee(parallel.function)?;
        let results = Results {
            ty: &body.result,
            stride: result_bytes(body),
            accumulators: match (&body.result, parallel.accumulators.len()) {
                (_, 0) => Vec::new(),
                (ty, 1) => vec![Field { offset: 0, ty }],
                (ty, _) => (layout::fields(ty)?.into_iter())
                    .map(|leaf| Field {
                        offset: leaf.offset,
                        ty: leaf.ty,
                    })
                    .collect(),
            },
        };
        let context = self.context_layout(parallel)?;
        let Parallel {
            accumulators,
            identities,
            captures,
            ..
        } = parallel;
        let mut all = vec![parallel.count, parallel.work];
        all.extend(accumulators.iter().chain(identities).chain(captures));
        let values = self.emit_args(&all)?;
        let (numbers, values) = values.split_at(2);
        let (count, work) = (int(numbers[0])?, int(numbers[1])?);

        let byte = self.context.i8_type();
        let bytes = |size: u64| {
            let size = u32::try_from(size)
                .map_err(|_| CodegenError::Unsupported("so much that is captured".into()))?;
            Ok::<_, CodegenError>(byte.array_type(size).into())
        };
        let at = self.allocate_as(bytes(context.size)?, context.align, "context")?;
        let memory = match results.stride {
            0 => None,
            stride => {
                let size = stride.saturating_mul(max_chunks(stride));
                let align = layout::of(results.ty)?.align;
                Some(self.allocate_as(bytes(size)?, align, "results")?)
            }
        };
        self.fill_header(at, (count, work), results.stride, parallel)?;
        let fields = context.accumulators.iter().chain(&context.identities);
        for (field, &value) in fields.chain(&context.captures).zip(values) {
            self.store(self.offset(at, field.offset)?, value, field.ty)?;
        }
        if let Some(memory) = memory {
            self.store_word(at, context.results, memory.as_basic_value_enum())?;
        }
        let chunk_function = self.emit_chunk_function(parallel.function, &context, &results)?;
        let (status, chunks) = self.call_runtime(at, chunk_function)?;

        let (own, to) = self.result_memory(parallel.result.as_ref(), results.ty)?;
        let [again, ended, done] =
            ["again", "ended", "combined"].map(|name| self.append_block(name));
        let ok = self.status(STATUS_OK);
        let is_ok = (self.builder).build_int_compare(IntPredicate::EQ, status, ok, "")?;
        let trapped = match parallel.stores {
            true => self.append_block("trapped"),
            false => again,
        };
        let branch = self
            .builder
            .build_conditional_branch(is_ok, ended, trapped)?;
        self.mark_likely(branch)?;
        if parallel.stores {
            self.builder.position_at_end(trapped);
            self.leave(status)?;
        }

        self.builder.position_at_end(ended);
        if let (Some(combine), Some(to), Some(memory)) = (parallel.combine, to, memory) {
            let on_trap = (!parallel.stores).then_some(again);
            self.emit_combination(combine, &results, (to, memory), chunks, on_trap)?;
        }
        self.builder.build_unconditional_branch(done)?;

        // Also where nothing leads to it: then LLVM removes it.
        self.builder.position_at_end(again);
        let mut operands = vec![self.int_const(64, 0).into(), count.into()];
        let from = context
            .accumulators
            .iter()
            .zip(&values[..accumulators.len()]);
        let captured = &values[accumulators.len() + identities.len()..];
        for (field, &value) in from.chain(context.captures.iter().zip(captured)) {
            self.push_operand(&mut operands, value, field.ty)?;
        }
        let (status, returned) = self.call_function(parallel.function, operands, to, true)?;
        self.leave_if_not_ok(status, status)?;
        self.store_returned(parallel.function, returned, to)?;
        self.builder.build_unconditional_branch(done)?;

        self.builder.position_at_end(done);
        match (&parallel.result, to) {
            (Some(place), Some(to)) if !own => self.store_result(place, to),
            _ => Ok(()),
        }
    }

    fn context_layout(&self, parallel: &Parallel) -> Result<ContextLayout<'a>> {
        let mut size = size_of::<Launch>() as u64;
        let mut align = align_of::<Launch>() as u64;
        let mut place = |values: &[ExprId]| {
            let mut fields = Vec::with_capacity(values.len());
            for &value in values {
                let ty = self.expr_ty(value)?;
                let layout = layout::of(ty)?;
                size = size.next_multiple_of(layout.align.max(1));
                fields.push(Field { offset: size, ty });
                size += layout.size;
                align = align.max(layout.align);
            }
            Ok::<_, CodegenError>(fields)
        };
        let accumulators = place(&parallel.accumulators)?;
        let identities = place(&parallel.identities)?;
        let captures = place(&parallel.captures)?;
        let results = size.next_multiple_of(8);
        Ok(ContextLayout {
            accumulators,
            identities,
            captures,
            results,
            size: results + 8,
            align,
        })
    }

    /// Writes the [`Launch`] at the start of the context.
    fn fill_header(
        &self,
        context: PointerValue<'ctx>,
        (count, work): (IntValue<'ctx>, IntValue<'ctx>),
        result_bytes: u64,
        parallel: &Parallel,
    ) -> Result<()> {
        let Settings {
            min_len,
            chunk,
            threads,
            schedule,
        } = Settings::of(&parallel.plan);
        let settings = std::mem::offset_of!(Launch, settings);
        let constants = [
            (std::mem::offset_of!(Launch, result_bytes), result_bytes),
            (settings + std::mem::offset_of!(Settings, min_len), min_len),
            (settings + std::mem::offset_of!(Settings, chunk), chunk),
            (settings + std::mem::offset_of!(Settings, threads), threads),
            (
                settings + std::mem::offset_of!(Settings, schedule),
                schedule,
            ),
        ];
        for (offset, value) in constants {
            let value = self.int_const(64, value.into());
            self.store_word(context, offset as u64, value.into())?;
        }
        let offset = std::mem::offset_of!(Launch, count) as u64;
        self.store_word(context, offset, count.into())?;
        let offset = std::mem::offset_of!(Launch, work) as u64;
        self.store_word(context, offset, work.into())
    }

    /// Stores an integer of 64 bits or a pointer.
    fn store_word(&self, at: PointerValue<'ctx>, offset: u64, value: Value<'ctx>) -> Result<()> {
        let store = self.builder.build_store(self.offset(at, offset)?, value)?;
        set_alignment(store, 8)
    }

    /// Calls the bridge; returns the status and the number of chunks.
    fn call_runtime(
        &self,
        context: PointerValue<'ctx>,
        chunk_function: FunctionValue<'ctx>,
    ) -> Result<(IntValue<'ctx>, IntValue<'ctx>)> {
        let runtime = self.module.get_function(SYMBOL).unwrap_or_else(|| {
            let pointer: BasicMetadataTypeEnum<'ctx> = self.pointer_type().into();
            let ty = self.context.i64_type().fn_type(&[pointer; 3], false);
            let function = self.module.add_function(SYMBOL, ty, None);
            let nounwind = attribute(self.context, "nounwind", 0);
            function.add_attribute(AttributeLoc::Function, nounwind);
            function
        });
        let chunk_function = chunk_function.as_global_value().as_pointer_value();
        let returned = self.call(
            runtime,
            &[context.into(), chunk_function.into(), self.payload.into()],
        )?;
        let returned = int(returned)?;
        let status = (self.builder).build_int_truncate(returned, self.context.i32_type(), "")?;
        let half = self.int_const(64, 32);
        let chunks = (self.builder).build_right_shift(returned, half, false, "")?;
        Ok((status, chunks))
    }

    /// Combines the results of all chunks, from the left. Where the combiner traps, goes to `on_trap`, or leaves.
    fn emit_combination(
        &mut self,
        combine: u32,
        results: &Results<'a>,
        (to, memory): (PointerValue<'ctx>, PointerValue<'ctx>),
        chunks: IntValue<'ctx>,
        on_trap: Option<inkwell::basic_block::BasicBlock<'ctx>>,
    ) -> Result<()> {
        let word = self.context.i64_type();
        let combined = self.allocate(results.ty, "both")?;
        let first = self.load(memory, results.ty)?;
        self.store(to, first, results.ty)?;
        let before = self.current_block()?;
        let [head, body, done] =
            ["chunks", "chunk", "endchunks"].map(|name| self.append_block(name));
        self.builder.build_unconditional_branch(head)?;
        self.builder.position_at_end(head);
        let next = self.builder.build_phi(word, "")?;
        let one = word.const_int(1, false);
        next.add_incoming(&[(&one, before)]);
        let chunk = int(next.as_basic_value())?;
        let more = (self.builder).build_int_compare(IntPredicate::ULT, chunk, chunks, "")?;
        self.builder.build_conditional_branch(more, body, done)?;

        self.builder.position_at_end(body);
        let right = element(&self.builder, self.context, memory, chunk, results.stride)?;
        let (_, ir) = self.callee(combine)?;
        let mut operands = Vec::new();
        let params = ir.params.iter().filter_map(|&param| ir.locals.get(param));
        let sides = [to, right].into_iter().flat_map(|side| {
            let values = results.accumulators.iter();
            values.map(move |value| (side, value))
        });
        for (param, (side, value)) in params.zip(sides) {
            let at = self.offset(side, value.offset)?;
            let operand = match param.ty {
                Ty::Ref { .. } => at.into(),
                _ => self.load(at, value.ty)?,
            };
            self.push_operand(&mut operands, operand, &param.ty)?;
        }
        let (status, returned) = self.call_function(combine, operands, Some(combined), false)?;
        match on_trap {
            None => self.leave_if_not_ok(status, status)?,
            Some(on_trap) => {
                let ok = self.status(STATUS_OK);
                let is_ok = (self.builder).build_int_compare(IntPredicate::EQ, status, ok, "")?;
                let go_on = self.append_block("called");
                let branch = self
                    .builder
                    .build_conditional_branch(is_ok, go_on, on_trap)?;
                self.mark_likely(branch)?;
                self.builder.position_at_end(go_on);
            }
        }
        self.store_returned(combine, returned, Some(combined))?;
        let value = self.load(combined, results.ty)?;
        self.store(to, value, results.ty)?;
        let following = self.builder.build_int_nuw_add(chunk, one, "")?;
        next.add_incoming(&[(&following, self.current_block()?)]);
        let back = self.builder.build_unconditional_branch(head)?;
        // No loop of the user's, and small code is best.
        let hints = LoopHints {
            cold: true,
            ..LoopHints::default()
        };
        self.mark_back_edge(back, Label(u32::MAX), hints)?;
        self.builder.position_at_end(done);
        Ok(())
    }

    /// The function that the runtime calls for each chunk.
    fn emit_chunk_function(
        &self,
        body: u32,
        context: &ContextLayout<'a>,
        results: &Results<'a>,
    ) -> Result<FunctionValue<'ctx>> {
        let (callee, ir) = self.callee(body)?;
        let pointer_ty: BasicMetadataTypeEnum<'ctx> = self.pointer_type().into();
        let word: BasicMetadataTypeEnum<'ctx> = self.context.i64_type().into();
        let status_ty = self.context.i32_type();
        let ty = status_ty.fn_type(&[pointer_ty, word, word, word, pointer_ty], false);
        let name = format!("{}.chunk", callee.function.get_name().to_string_lossy());
        let function = self.module.add_function(&name, ty, Some(Linkage::Internal));
        let add = |at, name| function.add_attribute(at, attribute(self.context, name, 0));
        add(AttributeLoc::Function, "nounwind");
        let probe = (self.context).create_string_attribute("probe-stack", "inline-asm");
        function.add_attribute(AttributeLoc::Function, probe);
        // Nothing writes to the context while chunks run: results are elsewhere.
        for name in ["noalias", "nonnull", "noundef", "readonly"] {
            add(AttributeLoc::Param(0), name);
        }
        for name in ["noalias", "nonnull", "noundef", "writeonly"] {
            add(AttributeLoc::Param(4), name);
        }

        let builder = self.context.create_builder();
        builder.position_at_end(self.context.append_basic_block(function, "entry"));
        self.locate_in(&builder, ir, function);
        let at = pointer(param(function, 0)?)?;
        let [chunk, first, behind] = [1, 2, 3].map(|index| param(function, index));
        let (chunk, first, behind) = (int(chunk?)?, first?, behind?);
        let is_first = builder.build_int_compare(
            IntPredicate::EQ,
            chunk,
            chunk.get_type().const_zero(),
            "",
        )?;
        let field = |offset: u64| -> Result<PointerValue<'ctx>> {
            let offset = self.int_const(64, offset.into());
            // SAFETY: the offset is that of a field of the context, as `context_layout` has it.
            Ok(unsafe { builder.build_in_bounds_gep(self.context.i8_type(), at, &[offset], "") }?)
        };
        let load = |ty, at: PointerValue<'ctx>, align| -> Result<Value<'ctx>> {
            let value = builder.build_load(ty, at, "")?;
            if let Some(load) = value.as_instruction_value() {
                set_alignment(load, align)?;
            }
            Ok(value)
        };
        let mut operands: Vec<BasicMetadataValueEnum<'ctx>> = vec![first.into(), behind.into()];
        for (from, otherwise) in context.accumulators.iter().zip(&context.identities) {
            let (from_at, otherwise_at) = (field(from.offset)?, field(otherwise.offset)?);
            let at = builder.build_select(is_first, from_at, otherwise_at, "")?;
            let align = layout::of(from.ty)?.align;
            operands.push(load(self.memory_type(from.ty)?, pointer(at)?, align)?.into());
        }
        for capture in &context.captures {
            if let Ty::Slice { .. } = capture.ty {
                let first = load(self.pointer_type().into(), field(capture.offset)?, 8)?;
                let length = field(capture.offset + 8)?;
                let length = load(self.context.i64_type().into(), length, 8)?;
                operands.push(first.into());
                operands.push(length.into());
                continue;
            }
            let align = layout::of(capture.ty)?.align;
            let ty = self.memory_type(capture.ty)?;
            operands.push(load(ty, field(capture.offset)?, align)?.into());
        }
        let leaves = layout::leaves(results.ty)?;
        let mut slots = Vec::with_capacity(leaves.len());
        if results.stride > 0 {
            let memory = pointer(load(
                self.pointer_type().into(),
                field(context.results)?,
                8,
            )?)?;
            let slot = element(&builder, self.context, memory, chunk, results.stride)?;
            for leaf in &leaves {
                let offset = self.int_const(64, leaf.offset.into());
                // SAFETY: the leaf is in the result of the chunk.
                slots.push(unsafe {
                    builder.build_in_bounds_gep(self.context.i8_type(), slot, &[offset], "")
                }?);
            }
        }
        if let Returns::Pointers = callee.returns {
            operands.extend(slots.iter().map(|&slot| BasicMetadataValueEnum::from(slot)));
        }
        operands.push(param(function, 4)?.into());
        if operands.len() != callee.function.count_params() as usize {
            return Err(CodegenError::bug(
                "a chunk with other arguments than its body",
            ));
        }
        let call = builder.build_call(callee.function, &operands, "")?;
        // The loop is compiled once, or twice if it is small enough to become part of the function that it was taken from.
        call.add_attribute(
            AttributeLoc::Function,
            attribute(self.context, "noinline", 0),
        );
        let returned = call.try_as_basic_value().basic();
        let returned = returned.ok_or_else(|| CodegenError::bug("a call without a status"))?;
        let status = match callee.returns {
            Returns::Pointers => returned,
            Returns::Registers(_) => {
                // What a chunk that trapped stores is not looked at.
                for (index, (slot, leaf)) in (1..).zip(slots.into_iter().zip(&leaves)) {
                    let part = builder.build_extract_value(aggregate(returned)?, index, "")?;
                    set_alignment(builder.build_store(slot, part)?, layout::of(leaf.ty)?.align)?;
                }
                builder.build_extract_value(aggregate(returned)?, 0, "")?
            }
        };
        builder.build_return(Some(&status))?;
        Ok(function)
    }
}

/// The address of an element of so many bytes, which is there.
fn element<'ctx>(
    builder: &inkwell::builder::Builder<'ctx>,
    context: &'ctx inkwell::context::Context,
    first: PointerValue<'ctx>,
    index: IntValue<'ctx>,
    stride: u64,
) -> Result<PointerValue<'ctx>> {
    let stride = index.get_type().const_int(stride, false);
    let offset = builder.build_int_nuw_mul(index, stride, "")?;
    // SAFETY: callers have memory for all chunks that the plan may have, and the index is that of one.
    Ok(unsafe { builder.build_in_bounds_gep(context.i8_type(), first, &[offset], "") }?)
}

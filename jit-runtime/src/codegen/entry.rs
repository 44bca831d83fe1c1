//! The frame of a function: its signature and what LLVM may assume of it, the memory of its locals, its packed form.

use hotloop_ir::{Function, ScalarTy, Ty};
use inkwell::attributes::{Attribute, AttributeLoc};
use inkwell::context::Context;
use inkwell::module::{Linkage, Module};
use inkwell::types::BasicMetadataTypeEnum;
use inkwell::values::{BasicMetadataValueEnum, BasicValue, FunctionValue};

use super::abi::{EntryArg, EntryLayout, STATUS_OK, TrapPayload};
use super::ty::alignment;
use super::{CodegenError, Emitter, Result, fastmath, int, pointer};

/// Emits a specialized, verified function into `module` under the name `symbol`.
pub(crate) fn emit_function<'ctx>(
    context: &'ctx Context,
    module: &Module<'ctx>,
    func: &Function,
    symbol: &str,
) -> Result<()> {
    let layout = EntryLayout::of(func)?;
    let function = declare(context, module, &layout, symbol);
    let builder = context.create_builder();
    let mut emitter = Emitter {
        context,
        module,
        builder,
        func,
        function,
        locals: Vec::with_capacity(func.locals.len()),
        results: Vec::new(),
        payload: context.ptr_type(Default::default()).const_null(),
        targets: Vec::new(),
        float_flags: fastmath::flags(func.fastmath),
        checks: Default::default(),
        made: Default::default(),
    };
    emitter.add_attributes(&layout)?;
    emitter.emit_frame(&layout)?;
    emitter.emit_block(&func.body)?;
    emitter.emit_end()
}

/// Emits `packed`, which calls the entry point `symbol` with arguments from memory ([`super::abi::PackedEntry`]).
pub(crate) fn emit_packed<'ctx>(
    context: &'ctx Context,
    module: &Module<'ctx>,
    func: &Function,
    symbol: &str,
    packed: &str,
) -> Result<()> {
    let layout = EntryLayout::of(func)?;
    let callee = module
        .get_function(symbol)
        .ok_or_else(|| CodegenError::bug("a packed entry without its entry"))?;
    let slots_ty = context.ptr_type(Default::default());
    let ty = context.i32_type().fn_type(&[slots_ty.into()], false);
    let function = module.add_function(packed, ty, Some(Linkage::External));
    let builder = context.create_builder();
    builder.position_at_end(context.append_basic_block(function, "entry"));
    let slots = param(function, 0)?;
    let slots = pointer(slots)?;
    let mut args: Vec<BasicMetadataValueEnum<'ctx>> = Vec::with_capacity(layout.arity());
    for (index, ty) in argument_types(context, &layout).into_iter().enumerate() {
        let index = context.i64_type().const_int(index as u64, false);
        // SAFETY: a `PackedEntry` is called with as many slots of 16 bytes as the entry point has arguments.
        let slot =
            unsafe { builder.build_in_bounds_gep(context.i128_type(), slots, &[index], "") }?;
        let value = match ty {
            BasicMetadataTypeEnum::IntType(ty) => builder.build_load(ty, slot, "")?,
            BasicMetadataTypeEnum::FloatType(ty) => builder.build_load(ty, slot, "")?,
            BasicMetadataTypeEnum::PointerType(ty) => builder.build_load(ty, slot, "")?,
            other => return Err(CodegenError::bug(format!("an argument of type {other:?}"))),
        };
        args.push(value.into());
    }
    let call = builder.build_call(callee, &args, "")?;
    let status = call
        .try_as_basic_value()
        .basic()
        .ok_or_else(|| CodegenError::bug("an entry point without a status"))?;
    builder.build_return(Some(&status))?;
    Ok(())
}

/// The types of an entry point's arguments. `bool` is a byte.
fn argument_types<'ctx>(
    context: &'ctx Context,
    layout: &EntryLayout,
) -> Vec<BasicMetadataTypeEnum<'ctx>> {
    let pointer: BasicMetadataTypeEnum<'ctx> = context.ptr_type(Default::default()).into();
    let scalar = |scalar: ScalarTy| -> BasicMetadataTypeEnum<'ctx> {
        match scalar {
            ScalarTy::F32 => context.f32_type().into(),
            ScalarTy::F64 => context.f64_type().into(),
            ScalarTy::Bool | ScalarTy::I8 | ScalarTy::U8 => context.i8_type().into(),
            ScalarTy::I16 | ScalarTy::U16 => context.i16_type().into(),
            ScalarTy::I32 | ScalarTy::U32 => context.i32_type().into(),
            ScalarTy::I64 | ScalarTy::U64 | ScalarTy::Isize | ScalarTy::Usize => {
                context.i64_type().into()
            }
            ScalarTy::I128 | ScalarTy::U128 => context.i128_type().into(),
        }
    };
    let mut types: Vec<_> = layout
        .args
        .iter()
        .map(|arg| match arg {
            EntryArg::Scalar(ty) => scalar(*ty),
            EntryArg::SlicePointer { .. } => pointer,
            EntryArg::SliceLength { .. } => context.i64_type().into(),
        })
        .collect();
    types.resize(layout.arity(), pointer);
    types
}

fn declare<'ctx>(
    context: &'ctx Context,
    module: &Module<'ctx>,
    layout: &EntryLayout,
    symbol: &str,
) -> FunctionValue<'ctx> {
    let ty = context
        .i32_type()
        .fn_type(&argument_types(context, layout), false);
    module.add_function(symbol, ty, Some(Linkage::External))
}

fn param<'ctx>(
    function: FunctionValue<'ctx>,
    index: usize,
) -> Result<inkwell::values::BasicValueEnum<'ctx>> {
    function
        .get_nth_param(index as u32)
        .ok_or_else(|| CodegenError::bug("an entry point with too few arguments"))
}

impl<'ctx> Emitter<'ctx, '_> {
    /// An attribute that LLVM knows by this name, with a value where it takes one; 0 otherwise.
    pub(super) fn attribute(&self, name: &str, value: u64) -> Attribute {
        let kind = Attribute::get_named_enum_kind_id(name);
        self.context.create_enum_attribute(kind, value)
    }

    /// What LLVM may assume: nothing unwinds, `&mut` is exclusive (D9), `&` is not written through, out-pointers are the
    /// caller's own.
    fn add_attributes(&self, layout: &EntryLayout) -> Result<()> {
        let add = |at, name, value| {
            self.function.add_attribute(at, self.attribute(name, value));
        };
        add(AttributeLoc::Function, "nounwind", 0);
        let out = |index: usize, bytes: usize, alignment: usize| {
            let at = AttributeLoc::Param(index as u32);
            add(at, "noalias", 0);
            add(at, "nonnull", 0);
            add(at, "noundef", 0);
            add(at, "writeonly", 0);
            add(at, "align", alignment as u64);
            add(at, "dereferenceable", bytes as u64);
        };
        for (index, arg) in layout.args.iter().enumerate() {
            let at = AttributeLoc::Param(index as u32);
            add(at, "noundef", 0);
            match arg {
                EntryArg::Scalar(_) => {}
                EntryArg::SlicePointer { elem, mutable } => {
                    add(at, "noalias", 0);
                    add(at, "nonnull", 0);
                    add(at, "align", alignment(*elem).into());
                    if !mutable {
                        add(at, "readonly", 0);
                    }
                }
                EntryArg::SliceLength { elem } => self
                    .function
                    .add_attribute(at, self.length_range(elem.size_bytes())),
            }
        }
        for (index, ty) in layout.results.iter().enumerate() {
            let index = layout.args.len() + index;
            out(index, ty.size_bytes(), ty.size_bytes());
        }
        out(
            layout.arity() - 1,
            size_of::<TrapPayload>(),
            align_of::<TrapPayload>(),
        );
        Ok(())
    }

    /// `range(i64 0, n)`, where `n - 1` elements of this size are the most that a slice has.
    fn length_range(&self, size_bytes: usize) -> Attribute {
        let kind = Attribute::get_named_enum_kind_id("range");
        let lower = [0_u64];
        let upper = [isize::MAX as u64 / size_bytes as u64 + 1];
        // SAFETY: `range` is a constant range attribute since LLVM 19, the oldest that is loaded; both arrays hold the one
        // word that a bound of 64 bits has.
        unsafe {
            Attribute::new(inkwell::llvm_sys::core::LLVMCreateConstantRangeAttribute(
                self.context.raw(),
                kind,
                64,
                lower.as_ptr(),
                upper.as_ptr(),
            ))
        }
    }

    /// Fills the entry block: memory for all locals, the parameters' values in theirs, the out-pointers.
    fn emit_frame(&mut self, layout: &EntryLayout) -> Result<()> {
        self.builder.position_at_end(self.append_block("entry"));
        for (_, local) in self.func.locals.iter() {
            let ty = self.memory_type(&local.ty)?;
            let name = local.name.trim_start_matches('$');
            let address = self.builder.build_alloca(ty, name)?;
            self.locals.push(address);
        }
        let mut next = 0;
        let mut take = || {
            next += 1;
            param(self.function, next - 1)
        };
        for &local in &self.func.params {
            let address = self.local_address(local.index())?;
            match &self.func.locals[local].ty {
                // A `bool` is a byte both as an argument and in memory.
                Ty::Scalar(_) => {
                    self.builder.build_store(address, take()?)?;
                }
                _ => {
                    for field in 0..2 {
                        let field =
                            self.builder
                                .build_struct_gep(self.slice_type(), address, field, "")?;
                        self.builder.build_store(field, take()?)?;
                    }
                }
            }
        }
        for _ in &layout.results {
            self.results.push(pointer(take()?)?);
        }
        self.payload = pointer(take()?)?;
        Ok(())
    }

    /// The end of the body: returns if the result is `()`; is never reached otherwise, which rustc has checked.
    fn emit_end(&self) -> Result<()> {
        if self.results.is_empty() {
            return self.emit_return(None);
        }
        // Should a bug lead here all the same, no site is better than undefined behaviour.
        let status = self.context.i32_type().const_all_ones();
        self.builder
            .build_return(Some(&status as &dyn BasicValue<'ctx>))?;
        Ok(())
    }

    /// Returns normally: stores the scalars of `value` through the result pointers.
    pub(super) fn emit_return(&self, value: Option<(super::Value<'ctx>, &Ty)>) -> Result<()> {
        if let Some((value, ty)) = value {
            let mut scalars = Vec::with_capacity(self.results.len());
            self.flatten(value, ty, &mut scalars)?;
            if scalars.len() != self.results.len() {
                return Err(CodegenError::bug(
                    "a result of another type than the function's",
                ));
            }
            for ((value, ty), &address) in scalars.iter().zip(&self.results) {
                self.store(address, *value, &Ty::Scalar(*ty))?;
            }
        }
        let status = self.context.i32_type().const_int(STATUS_OK.into(), false);
        self.builder
            .build_return(Some(&status as &dyn BasicValue<'ctx>))?;
        Ok(())
    }

    /// The scalars of a value, tuples flattened.
    fn flatten(
        &self,
        value: super::Value<'ctx>,
        ty: &Ty,
        out: &mut Vec<(super::Value<'ctx>, ScalarTy)>,
    ) -> Result<()> {
        match ty {
            Ty::Unit => Ok(()),
            Ty::Scalar(scalar) => {
                out.push((value, *scalar));
                Ok(())
            }
            Ty::Tuple(elems) => {
                for (index, elem) in elems.iter().enumerate() {
                    let field = self.extract_field(value, index, elem)?;
                    self.flatten(field, elem, out)?;
                }
                Ok(())
            }
            Ty::Param(_) | Ty::Slice { .. } => {
                Err(CodegenError::bug(format!("a result of type {ty:?}")))
            }
        }
    }

    /// A field of a tuple in registers.
    fn extract_field(
        &self,
        tuple: super::Value<'ctx>,
        index: usize,
        ty: &Ty,
    ) -> Result<super::Value<'ctx>> {
        let tuple = super::aggregate(tuple)?;
        let field = self.builder.build_extract_value(tuple, index as u32, "")?;
        self.value_from_memory(field, ty)
    }

    /// `value` as an integer, for what the verifier has seen to be one.
    pub(super) fn emit_int(
        &mut self,
        expr: hotloop_ir::ExprId,
    ) -> Result<inkwell::values::IntValue<'ctx>> {
        int(self.emit_expr(expr)?)
    }
}

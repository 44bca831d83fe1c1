//! The frame of a function: its signature and what LLVM may assume of it, the memory of its locals, its packed form.

use std::collections::HashSet;

use hotloop_ir::{ExprKind, Function, LocalId, Place, Program, Projection, ScalarTy, Ty};
use inkwell::attributes::{Attribute, AttributeLoc};
use inkwell::basic_block::BasicBlock;
use inkwell::context::Context;
use inkwell::module::{Linkage, Module};
use inkwell::types::BasicMetadataTypeEnum;
use inkwell::values::{BasicMetadataValueEnum, BasicValue, FunctionValue};

use super::abi::{EntryArg, EntryLayout, STATUS_BUG, STATUS_OK, TrapPayload};
use super::{CodegenError, Declared, Emitter, Result, fastmath, int, layout, pointer};

/// Emits a specialized, verified program into `module`; its first function under the name `symbol`, the others for it alone.
pub(crate) fn emit_program<'ctx>(
    context: &'ctx Context,
    module: &Module<'ctx>,
    program: &Program,
    symbol: &str,
) -> Result<()> {
    let mut layouts = Vec::with_capacity(program.functions.len());
    let mut declared = Declared {
        ir: program,
        functions: Vec::with_capacity(program.functions.len()),
    };
    for (number, func) in program.functions.iter().enumerate() {
        let layout = match number {
            0 => EntryLayout::of(func)?,
            _ => EntryLayout::inside(func)?,
        };
        let function = match number {
            0 => declare(context, module, &layout, symbol, Linkage::External),
            _ => {
                let symbol = format!("{symbol}.{number}.{}", func.name);
                declare(context, module, &layout, &symbol, Linkage::Internal)
            }
        };
        layouts.push(layout);
        declared.functions.push(function);
    }
    if layouts.is_empty() {
        return Err(CodegenError::bug("a program without functions"));
    }
    let mut first_status = STATUS_OK + 1;
    for (number, (func, layout)) in program.functions.iter().zip(&layouts).enumerate() {
        let next_status = u32::try_from(func.sites.len())
            .ok()
            .and_then(|sites| first_status.checked_add(sites))
            .filter(|&status| status < STATUS_BUG)
            .ok_or_else(|| CodegenError::Unsupported("so many trap sites".into()))?;
        let mut emitter = Emitter {
            context,
            module,
            builder: context.create_builder(),
            frame: context.create_builder(),
            program: &declared,
            func,
            first_status,
            function: declared.functions[number],
            locals: Vec::with_capacity(func.locals.len()),
            borrowed: borrowed_locals(func),
            temporaries: Default::default(),
            tables: Default::default(),
            results: Vec::new(),
            payload: context.ptr_type(Default::default()).const_null(),
            targets: Vec::new(),
            float_flags: fastmath::flags(func.fastmath),
            checks: Default::default(),
            made: Default::default(),
            made_bounds: Default::default(),
        };
        emitter.add_attributes(layout)?;
        let body = emitter.emit_frame(layout)?;
        emitter.emit_block(&func.body)?;
        emitter.emit_end()?;
        emitter.frame.build_unconditional_branch(body)?;
        first_status = next_status;
    }
    Ok(())
}

/// The locals that a reference or a slice may point into.
fn borrowed_locals(func: &Function) -> HashSet<LocalId> {
    let mut borrowed = HashSet::new();
    for (_, expr) in func.exprs.iter() {
        let (ExprKind::Borrow(place) | ExprKind::SubSlice { base: place, .. }) = &expr.kind else {
            continue;
        };
        if is_inside_local(func, place) {
            borrowed.insert(place.local);
        }
    }
    borrowed
}

/// Whether a place is in the memory of its local, and not behind a reference or slice.
fn is_inside_local(func: &Function, place: &Place) -> bool {
    let Some(local) = func.locals.get(place.local) else {
        return true;
    };
    let mut ty = &local.ty;
    for projection in &place.projections {
        ty = match (projection, ty) {
            (Projection::Deref, _) | (Projection::Index { .. }, Ty::Slice { .. }) => return false,
            (Projection::Index { .. }, Ty::Array { elem, .. }) => elem,
            (Projection::Field(field), ty) => match layout::field(ty, *field) {
                Ok(field) => field.ty,
                Err(_) => return true,
            },
            (Projection::Index { .. }, _) => return true,
        };
    }
    true
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
            EntryArg::SlicePointer { .. } | EntryArg::Ref { .. } => pointer,
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
    linkage: Linkage,
) -> FunctionValue<'ctx> {
    let ty = context
        .i32_type()
        .fn_type(&argument_types(context, layout), false);
    let function = module.add_function(symbol, ty, Some(linkage));
    // Frames may be larger than the guard page behind the stack: they are touched page by page.
    let probe = context.create_string_attribute("probe-stack", "inline-asm");
    function.add_attribute(AttributeLoc::Function, probe);
    function
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
        let add_pointer = |at, layout::Layout { size, align }| {
            add(at, "noalias", 0);
            add(at, "nonnull", 0);
            add(at, "noundef", 0);
            add(at, "align", align);
            if size > 0 {
                add(at, "dereferenceable", size);
            }
        };
        add(AttributeLoc::Function, "nounwind", 0);
        for (index, arg) in layout.args.iter().enumerate() {
            let at = AttributeLoc::Param(index as u32);
            match *arg {
                EntryArg::Scalar(_) => add(at, "noundef", 0),
                EntryArg::SlicePointer { align, mutable } => {
                    add_pointer(at, layout::Layout { size: 0, align });
                    if !mutable {
                        add(at, "readonly", 0);
                    }
                }
                EntryArg::SliceLength { elem_size } => {
                    add(at, "noundef", 0);
                    // Slices of nothing have any length.
                    if elem_size > 0 {
                        self.function
                            .add_attribute(at, self.length_range(elem_size));
                    }
                }
                EntryArg::Ref {
                    size,
                    align,
                    mutable,
                } => {
                    add_pointer(at, layout::Layout { size, align });
                    if !mutable {
                        add(at, "readonly", 0);
                    }
                }
            }
        }
        for (index, ty) in layout.results.iter().enumerate() {
            let at = AttributeLoc::Param((layout.args.len() + index) as u32);
            add_pointer(at, layout::of(ty)?);
            add(at, "writeonly", 0);
        }
        let at = AttributeLoc::Param((layout.arity() - 1) as u32);
        let payload = layout::Layout {
            size: size_of::<TrapPayload>() as u64,
            align: align_of::<TrapPayload>() as u64,
        };
        add_pointer(at, payload);
        add(at, "writeonly", 0);
        Ok(())
    }

    /// `range(i64 0, n)`, where `n - 1` elements of this size are the most that a slice has.
    fn length_range(&self, size_bytes: u64) -> Attribute {
        let kind = Attribute::get_named_enum_kind_id("range");
        let lower = [0_u64];
        let upper = [isize::MAX as u64 / size_bytes + 1];
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

    /// Starts the function: the entry block gets memory for all locals, and a block for the body the parameters' values in theirs. The entry
    /// block is left open, for what the body allocates.
    fn emit_frame(&mut self, layout: &EntryLayout) -> Result<BasicBlock<'ctx>> {
        self.frame.position_at_end(self.append_block("entry"));
        let body = self.append_block("start");
        self.builder.position_at_end(body);
        for (_, local) in self.func.locals.iter() {
            let address = self.allocate(&local.ty, local.name.trim_start_matches('$'))?;
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
                Ty::Slice { .. } => {
                    self.builder.build_store(address, take()?)?;
                    let length = self.offset(address, 8)?;
                    self.builder.build_store(length, take()?)?;
                }
                // A `bool` is a byte both as an argument and in memory.
                _ => {
                    self.builder.build_store(address, take()?)?;
                }
            }
        }
        for _ in &layout.results {
            self.results.push(pointer(take()?)?);
        }
        self.payload = pointer(take()?)?;
        Ok(body)
    }

    /// The end of the body: returns if the result is `()`; is never reached otherwise, which rustc has checked.
    fn emit_end(&self) -> Result<()> {
        if self.func.result == Ty::Unit {
            return self.emit_return(None);
        }
        self.build_status_return(STATUS_BUG)
    }

    /// Returns normally: stores the leaves of `value` through the result pointers.
    pub(super) fn emit_return(&self, value: Option<(super::Value<'ctx>, &Ty)>) -> Result<()> {
        if let Some((value, ty)) = value {
            let leaves = layout::leaves(ty)?;
            if leaves.len() != self.results.len() {
                return Err(CodegenError::bug(
                    "a result of another type than the function's",
                ));
            }
            for (leaf, &to) in leaves.into_iter().zip(&self.results) {
                let part = match ty {
                    Ty::Tuple(_) => {
                        let at = self.offset(pointer(value)?, leaf.offset)?;
                        self.load(at, leaf.ty)?
                    }
                    _ => value,
                };
                self.store(to, part, leaf.ty)?;
            }
        }
        self.build_status_return(STATUS_OK)
    }

    fn build_status_return(&self, status: u32) -> Result<()> {
        let status = self.context.i32_type().const_int(status.into(), false);
        self.builder
            .build_return(Some(&status as &dyn BasicValue<'ctx>))?;
        Ok(())
    }

    /// `value` as an integer, for what the verifier has seen to be one.
    pub(super) fn emit_int(
        &mut self,
        expr: hotloop_ir::ExprId,
    ) -> Result<inkwell::values::IntValue<'ctx>> {
        int(self.emit_expr(expr)?)
    }
}

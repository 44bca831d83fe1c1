//! The functions of a program as LLVM sees them: signatures, what may be assumed of arguments, the entry point.
//!
//! What the entry point returns, its caller gets through pointers ([`super::abi`]). Functions that only the program calls return
//! results of few scalars in registers, behind the status, so that variables that calls assign can be in registers as well.

use hotloop_ir::analysis::inlined;
use hotloop_ir::{ExprKind, Function, LocalId, Program, ScalarTy, StmtKind, Ty};
use inkwell::IntPredicate;
use inkwell::attributes::{Attribute, AttributeLoc};
use inkwell::context::Context;
use inkwell::module::{Linkage, Module};
use inkwell::types::{BasicMetadataTypeEnum, BasicType, BasicTypeEnum, StructType};
use inkwell::values::{BasicMetadataValueEnum, BasicValue, BasicValueEnum, FunctionValue};

use super::abi::{
    DEFERRED_ADDRESS, EntryArg, EntryLayout, STATUS_DECLINED, STATUS_OK, TrapPayload,
    deferred_symbol,
};
use super::memory::MANY;
use super::vector_math::VectorMath;
use super::{CodegenError, Result, aggregate, int, layout, pointer};
use crate::cpu::CpuLevel;

/// The most leaves of a result that are returned in registers.
const MOST_IN_REGISTERS: usize = 2;

/// How a function returns its result.
#[derive(Clone, Copy, Debug)]
pub(super) enum Returns<'ctx> {
    /// Through pointers; what is returned is the status.
    Pointers,
    /// This struct is returned, the status and then the leaves in the form that they have in memory.
    Registers(StructType<'ctx>),
}

/// A function that calls inside of the program refer to.
pub(super) struct Callee<'ctx> {
    pub(super) function: FunctionValue<'ctx>,
    pub(super) layout: EntryLayout,
    pub(super) returns: Returns<'ctx>,
    /// The local that is the result, if it is kept where the result goes.
    pub(super) returned: Option<LocalId>,
}

/// The functions of a program, each by its number.
pub(super) struct Declared<'ctx, 'a> {
    pub(super) ir: &'a Program,
    pub(super) functions: Vec<Callee<'ctx>>,
    pub(super) math: VectorMath<'ctx>,
}

/// Declares all functions of a program; `symbol` is the name of the function `root`: the entry point, if that is the first, and otherwise a
/// function of the program as its other functions call it.
pub(super) fn declare_program<'ctx, 'a>(
    context: &'ctx Context,
    module: &Module<'ctx>,
    program: &'a Program,
    symbol: &str,
    root: usize,
    level: CpuLevel,
) -> Result<Declared<'ctx, 'a>> {
    let mut functions = Vec::with_capacity(program.functions.len());
    let inlined = inlined(program, root);
    for (number, func) in program.functions.iter().enumerate() {
        let layout = match number {
            0 if root == 0 => EntryLayout::of(func)?,
            _ => EntryLayout::inside(func)?,
        };
        // An entry point that the program calls as well is a function of its own, with a wrapper.
        let is_inside = number > 0 || root > 0 || calls(program, 0);
        let returns = if is_inside {
            returns_of(context, &layout)
        } else {
            Returns::Pointers
        };
        let is_root = number == root && (root > 0 || matches!(returns, Returns::Pointers));
        let callee = if !is_root {
            let deferred = if func.deferred.is_some() {
                "deferred"
            } else {
                ""
            };
            let symbol = format!("{symbol}.{deferred}{number}.{}", func.name);
            declare(context, module, func, returns, &symbol, Linkage::Internal)?
        } else {
            declare(context, module, func, returns, symbol, Linkage::External)?
        };
        if number > 0 && (runs_in_parallel(func) || func.is_parallel_part()) {
            // Its frame is large, and where the loop is not worth it nobody should pay for that.
            let noinline = attribute(context, "noinline", 0);
            (callee.function).add_attribute(AttributeLoc::Function, noinline);
        }
        if inlined.get(number).is_some_and(|&inlined| inlined) {
            let always = attribute(context, "alwaysinline", 0);
            (callee.function).add_attribute(AttributeLoc::Function, always);
        }
        functions.push(callee);
    }
    if let (Some(callee), Some(func)) = (functions.first(), program.functions.first())
        && let Returns::Registers(_) = callee.returns
        && root == 0
    {
        emit_wrapper(context, module, func, callee, symbol)?;
    }
    Ok(Declared {
        ir: program,
        functions,
        math: VectorMath::new(level),
    })
}

fn runs_in_parallel(func: &Function) -> bool {
    let mut found = false;
    (func.body).for_each_stmt(|stmt| found |= matches!(stmt.kind, StmtKind::Parallel(_)));
    found
}

/// Whether functions of the program call the one with this number.
fn calls(program: &Program, number: u32) -> bool {
    let mut found = false;
    for func in &program.functions {
        func.body.for_each_stmt(|stmt| match &stmt.kind {
            StmtKind::Call { function, .. } => found |= *function == number,
            StmtKind::Parallel(parallel) => {
                found |= parallel.function == number || parallel.combine == Some(number);
            }
            _ => {}
        });
    }
    found
}

fn returns_of<'ctx>(context: &'ctx Context, layout: &EntryLayout) -> Returns<'ctx> {
    let mut types: Vec<BasicTypeEnum<'ctx>> = vec![context.i32_type().into()];
    for leaf in &layout.results {
        match leaf {
            Ty::Scalar(scalar) => types.push(scalar_type(context, *scalar)),
            Ty::Ref { .. } => types.push(context.ptr_type(Default::default()).into()),
            _ => return Returns::Pointers,
        }
    }
    match layout.results.len() {
        1..=MOST_IN_REGISTERS => Returns::Registers(context.struct_type(&types, false)),
        _ => Returns::Pointers,
    }
}

fn declare<'ctx>(
    context: &'ctx Context,
    module: &Module<'ctx>,
    func: &Function,
    returns: Returns<'ctx>,
    symbol: &str,
    linkage: Linkage,
) -> Result<Callee<'ctx>> {
    let layout = EntryLayout::inside(func)?;
    let (result, pointers): (BasicTypeEnum<'ctx>, &[Ty]) = match returns {
        Returns::Pointers => (context.i32_type().into(), &layout.results),
        Returns::Registers(ty) => (ty.into(), &[]),
    };
    let ty = result.fn_type(&argument_types(context, &layout, pointers.len()), false);
    let function = module.add_function(symbol, ty, Some(linkage));
    let returned = returned_local(func)?;
    add_attributes(context, function, &layout, pointers, returned.is_some())?;
    Ok(Callee {
        function,
        layout,
        returns,
        returned,
    })
}

/// The local that all returns return, if it is so large that a copy of it would cost. (Where few scalars are copied, LLVM does better with a
/// local of the function's own.)
fn returned_local(func: &Function) -> Result<Option<LocalId>> {
    let is_array_or_struct = matches!(func.result, Ty::Array { .. } | Ty::Struct(_));
    if !is_array_or_struct || layout::atoms(&func.result, MANY)?.is_some() {
        return Ok(None);
    }
    let mut returned = None;
    let mut all = true;
    func.body.for_each_stmt(|stmt| {
        let StmtKind::Return(value) = &stmt.kind else {
            return;
        };
        let value = value.and_then(|value| func.exprs.get(value));
        match value.map(|value| &value.kind) {
            Some(ExprKind::Load(place))
                if place.projections.is_empty()
                    && *returned.get_or_insert(place.local) == place.local => {}
            _ => all = false,
        }
    });
    Ok(returned.filter(|_| all))
}

/// Emits the entry point `symbol`, which calls a function that returns its result in registers.
fn emit_wrapper<'ctx>(
    context: &'ctx Context,
    module: &Module<'ctx>,
    func: &Function,
    callee: &Callee<'ctx>,
    symbol: &str,
) -> Result<()> {
    let layout = &callee.layout;
    let results = layout.args.len()..layout.arity() - 1;
    let entry = declare(
        context,
        module,
        func,
        Returns::Pointers,
        symbol,
        Linkage::External,
    )?;
    let builder = context.create_builder();
    builder.position_at_end(context.append_basic_block(entry.function, "entry"));
    let mut args = Vec::new();
    for (index, value) in entry.function.get_param_iter().enumerate() {
        if !results.contains(&index) {
            args.push(value.into());
        }
    }
    let call = builder.build_call(callee.function, &args, "")?;
    let returned = call.try_as_basic_value().basic();
    let returned =
        aggregate(returned.ok_or_else(|| CodegenError::bug("a call without a result"))?)?;
    let status = int(builder.build_extract_value(returned, 0, "")?)?;
    let ok = context.i32_type().const_int(STATUS_OK.into(), false);
    let is_ok = builder.build_int_compare(IntPredicate::EQ, status, ok, "")?;
    let [store, done] =
        ["results", "done"].map(|name| context.append_basic_block(entry.function, name));
    builder.build_conditional_branch(is_ok, store, done)?;
    builder.position_at_end(store);
    for (leaf, index) in results.enumerate() {
        let value = builder.build_extract_value(returned, leaf as u32 + 1, "")?;
        builder.build_store(pointer(param(entry.function, index)?)?, value)?;
    }
    builder.build_unconditional_branch(done)?;
    builder.position_at_end(done);
    builder.build_return(Some(&status as &dyn BasicValue<'ctx>))?;
    Ok(())
}

/// Emits a deferred function: it asks for the address of what was compiled, and goes there.
pub(super) fn emit_deferred<'ctx>(
    context: &'ctx Context,
    module: &Module<'ctx>,
    callee: &Callee<'ctx>,
    number: usize,
) -> Result<()> {
    let function = callee.function;
    for name in ["cold", "noinline"] {
        function.add_attribute(AttributeLoc::Function, attribute(context, name, 0));
    }
    let pointer_ty = context.ptr_type(Default::default());
    let this = module.add_global(context.i8_type(), None, &deferred_symbol(number));
    let address_ty = pointer_ty.fn_type(&[pointer_ty.into()], false);
    let address_of = (module.get_function(DEFERRED_ADDRESS)).unwrap_or_else(|| {
        let address_of = module.add_function(DEFERRED_ADDRESS, address_ty, None);
        let nounwind = attribute(context, "nounwind", 0);
        address_of.add_attribute(AttributeLoc::Function, nounwind);
        address_of
    });
    let builder = context.create_builder();
    builder.position_at_end(context.append_basic_block(function, "entry"));
    let wrong = || CodegenError::bug("a call without a result");
    let call = builder.build_call(address_of, &[this.as_pointer_value().into()], "")?;
    let address = pointer(call.try_as_basic_value().basic().ok_or_else(wrong)?)?;
    let missing = builder.build_is_null(address, "")?;
    let [there, nowhere] =
        ["there", "nowhere"].map(|name| context.append_basic_block(function, name));
    builder.build_conditional_branch(missing, nowhere, there)?;

    builder.position_at_end(there);
    let args: Vec<_> = function.get_param_iter().map(Into::into).collect();
    let call = builder.build_indirect_call(function.get_type(), address, &args, "")?;
    call.set_tail_call(true);
    let returned = call.try_as_basic_value().basic().ok_or_else(wrong)?;
    builder.build_return(Some(&returned))?;

    builder.position_at_end(nowhere);
    let declined = context.i32_type().const_int(STATUS_DECLINED.into(), false);
    let returned: BasicValueEnum<'ctx> = match callee.returns {
        Returns::Pointers => declined.into(),
        Returns::Registers(ty) => {
            (builder.build_insert_value(ty.get_poison(), declined, 0, "")?).as_basic_value_enum()
        }
    };
    builder.build_return(Some(&returned))?;
    Ok(())
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
    for (index, ty) in argument_types(context, &layout, layout.results.len())
        .into_iter()
        .enumerate()
    {
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

/// The types of a function's arguments, with so many result pointers. `bool` is a byte.
fn argument_types<'ctx>(
    context: &'ctx Context,
    layout: &EntryLayout,
    results: usize,
) -> Vec<BasicMetadataTypeEnum<'ctx>> {
    let pointer: BasicMetadataTypeEnum<'ctx> = context.ptr_type(Default::default()).into();
    let mut types: Vec<_> = layout
        .args
        .iter()
        .map(|arg| match arg {
            EntryArg::Scalar(ty) => scalar_type(context, *ty).into(),
            EntryArg::SlicePointer { .. } | EntryArg::Ref { .. } => pointer,
            EntryArg::SliceLength { .. } => context.i64_type().into(),
        })
        .collect();
    types.resize(layout.args.len() + results + 1, pointer);
    types
}

/// The type of a scalar as an argument and in memory.
fn scalar_type(context: &Context, scalar: ScalarTy) -> BasicTypeEnum<'_> {
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
}

pub(super) fn param<'ctx>(
    function: FunctionValue<'ctx>,
    index: usize,
) -> Result<inkwell::values::BasicValueEnum<'ctx>> {
    function
        .get_nth_param(index as u32)
        .ok_or_else(|| CodegenError::bug("an entry point with too few arguments"))
}

/// Asks for ThreadSanitizer's calls in all functions.
#[cfg(hotloop_tsan)]
pub(crate) fn watch(context: &Context, module: &Module<'_>) {
    let sanitize = attribute(context, "sanitize_thread", 0);
    for function in module.get_functions() {
        if function.count_basic_blocks() > 0 {
            function.add_attribute(AttributeLoc::Function, sanitize);
        }
    }
}

/// An attribute that LLVM knows by this name, with a value where it takes one; 0 otherwise.
pub(super) fn attribute(context: &Context, name: &str, value: u64) -> Attribute {
    let kind = Attribute::get_named_enum_kind_id(name);
    context.create_enum_attribute(kind, value)
}

/// What LLVM may assume: nothing unwinds, `&mut` is exclusive (D9), `&` is not written through, out-pointers are the
/// caller's own.
fn add_attributes<'ctx>(
    context: &'ctx Context,
    function: FunctionValue<'ctx>,
    layout: &EntryLayout,
    results: &[Ty],
    results_are_read: bool,
) -> Result<()> {
    let add = |at, name, value| {
        function.add_attribute(at, attribute(context, name, value));
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
    // Frames may be larger than the guard page behind the stack: they are touched page by page.
    let probe = context.create_string_attribute("probe-stack", "inline-asm");
    function.add_attribute(AttributeLoc::Function, probe);
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
                    function.add_attribute(at, length_range(context, elem_size));
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
    for (index, ty) in results.iter().enumerate() {
        let at = AttributeLoc::Param((layout.args.len() + index) as u32);
        add_pointer(at, layout::of(ty)?);
        if !results_are_read {
            add(at, "writeonly", 0);
        }
    }
    let at = AttributeLoc::Param((layout.args.len() + results.len()) as u32);
    let payload = layout::Layout {
        size: size_of::<TrapPayload>() as u64,
        align: align_of::<TrapPayload>() as u64,
    };
    add_pointer(at, payload);
    add(at, "writeonly", 0);
    Ok(())
}

/// `range(i64 0, n)`, where `n - 1` elements of this size are the most that a slice has.
fn length_range(context: &Context, size_bytes: u64) -> Attribute {
    let kind = Attribute::get_named_enum_kind_id("range");
    let lower = [0_u64];
    let upper = [isize::MAX as u64 / size_bytes + 1];
    // SAFETY: `range` is a constant range attribute since LLVM 19, the oldest that is loaded; both arrays hold the one
    // word that a bound of 64 bits has.
    unsafe {
        Attribute::new(inkwell::llvm_sys::core::LLVMCreateConstantRangeAttribute(
            context.raw(),
            kind,
            64,
            lower.as_ptr(),
            upper.as_ptr(),
        ))
    }
}

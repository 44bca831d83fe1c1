//! The way out of vectorized loops for the few arguments that a polynomial is not accurate for.
//!
//! The polynomial's function has a branch that is hardly ever taken, to a call of the C library's function. A vectorized loop cannot branch
//! for one lane; so the call names *masked variants*, `fn(x: vector, which: mask) -> vector`, that do not exist while LLVM vectorizes. Afterwards those
//! that are called get their bodies ([`define`]): if any lane is asked for, all lanes go through memory to a function of ours ([`crate::symbols`]), else
//! nothing happens; and they become part of the loops. So a loop pays a comparison and a branch.

use inkwell::attributes::AttributeLoc;
use inkwell::basic_block::BasicBlock;
use inkwell::context::Context;
use inkwell::llvm_sys::core::LLVMGetFirstUse;
use inkwell::module::{Linkage, Module};
use inkwell::types::BasicTypeEnum;
use inkwell::values::{AsValueRef, BasicValueEnum, FunctionValue};

use super::super::declare::attribute;
use super::super::{CodegenError, Result, int};
use super::math::{Float, Math};
use super::{VectorMath, mark_pure};
use crate::cpu;

/// What the names of masked variants begin with.
const PREFIX: &str = "hotloop.lanes.";

/// LLVM's passes after [`define`].
pub(crate) const PASSES: &str = "always-inline";

/// The branch is taken once in so many times, as LLVM counts.
const UNLIKELY: [u64; 2] = [1, (1 << 20) - 1];

/// `memory(argmem: readwrite)` in LLVM's encoding.
const ARGUMENT_MEMORY: u64 = 3;

impl<'ctx> Math<'ctx, '_> {
    /// `value`, or the C library's `symbol` of `x` where `|x|` is above the limit. Continues in a new block.
    pub(super) fn beyond(
        &self,
        math: &VectorMath<'ctx>,
        x: Float<'ctx>,
        (limit, symbol): (f64, &str),
        value: Float<'ctx>,
    ) -> Result<Float<'ctx>> {
        let function = current(&self.builder)?;
        let before = block(&self.builder)?;
        let [far, done] =
            ["far", "done"].map(|name| self.context.append_basic_block(function, name));
        let is_far = self.gt(self.abs(x), self.c(limit));
        branch_unlikely(self.context, &self.builder, is_far, far, done)?;

        self.builder.position_at_end(far);
        let callee = self.module.get_function(symbol).unwrap_or_else(|| {
            let ty = self.float.fn_type(&[self.float.into()], false);
            let function = self.module.add_function(symbol, ty, None);
            mark_pure(self.context, function);
            function
        });
        let call = self.builder.build_call(callee, &[x.into()], "")?;
        let names = self.declare_masked(math, symbol);
        let variants =
            (self.context).create_string_attribute("vector-function-abi-variant", &names);
        call.add_attribute(AttributeLoc::Function, variants);
        let Some(BasicValueEnum::FloatValue(exact)) = call.try_as_basic_value().basic() else {
            return Err(CodegenError::bug("a library function without a result"));
        };
        self.builder.build_unconditional_branch(done)?;

        self.builder.position_at_end(done);
        let result = self.builder.build_phi(self.float, "")?;
        result.add_incoming(&[(&value, before), (&exact, far)]);
        match result.as_basic_value() {
            BasicValueEnum::FloatValue(value) => Ok(value),
            _ => Err(CodegenError::bug("a float that is none")),
        }
    }

    /// Declares the masked variants for all widths, and gives their names as the attribute has them.
    fn declare_masked(&self, math: &VectorMath<'ctx>, symbol: &str) -> String {
        let most = cpu::target(math.level).vector_bits / self.float.get_bit_width();
        let mut names = Vec::new();
        let mut lanes = 2;
        while lanes <= most {
            let name = format!("{PREFIX}{symbol}.{lanes}");
            names.push(format!("_ZGV_LLVM_M{lanes}v_{symbol}({name})"));
            if self.module.get_function(&name).is_none() {
                let vector = self.float.vec_type(lanes);
                let mask = self.context.bool_type().vec_type(lanes);
                let ty = vector.fn_type(&[vector.into(), mask.into()], false);
                let function = self.module.add_function(&name, ty, None);
                mark_pure(self.context, function);
                math.keep(function);
            }
            lanes *= 2;
        }
        names.join(",")
    }
}

/// Gives the functions that had to be calls for the loop vectorizer their bodies: the masked variants, and powers. Whether there are
/// any; if so, [`PASSES`] are to be run.
pub(crate) fn define<'ctx>(context: &'ctx Context, module: &Module<'ctx>) -> Result<bool> {
    // The list keeps all of them, called or not, and has served.
    if let Some(list) = module.get_global(super::KEPT) {
        // SAFETY: nothing refers to this global.
        unsafe { list.delete() };
    }
    let powers = super::powi::define(context, module)?;
    Ok(define_masked(context, module)? || powers)
}

fn define_masked<'ctx>(context: &'ctx Context, module: &Module<'ctx>) -> Result<bool> {
    let is_masked = |function: &FunctionValue<'ctx>| {
        let name = function.get_name().to_bytes();
        name.starts_with(PREFIX.as_bytes()) && function.count_basic_blocks() == 0
    };
    let masked: Vec<FunctionValue<'ctx>> = module.get_functions().filter(is_masked).collect();
    let mut any = false;
    for function in masked {
        // SAFETY: the function is alive.
        let first_use = unsafe { LLVMGetFirstUse(function.as_value_ref()) };
        if first_use.is_null() {
            // SAFETY: nothing refers to the function.
            unsafe { function.delete() };
            continue;
        }
        emit_masked(context, module, function)?;
        any = true;
    }
    Ok(any)
}

/// `if which has any lane { x = all lanes of x by the library's function }; return x`
fn emit_masked<'ctx>(
    context: &'ctx Context,
    module: &Module<'ctx>,
    function: FunctionValue<'ctx>,
) -> Result<()> {
    let name = function.get_name().to_string_lossy().into_owned();
    let symbol = name
        .strip_prefix(PREFIX)
        .and_then(|rest| rest.split('.').next());
    let params = function.get_params();
    let (
        Some(symbol),
        &[
            BasicValueEnum::VectorValue(x),
            BasicValueEnum::VectorValue(which),
        ],
    ) = (symbol, &*params)
    else {
        return Err(CodegenError::bug(format!("`{name}` is no masked variant")));
    };
    let ty = x.get_type();
    let lanes = ty.get_size();
    function.set_linkage(Linkage::Internal);
    // Its body touches memory of its own, which `memory(none)` would deny.
    let memory = inkwell::attributes::Attribute::get_named_enum_kind_id("memory");
    function.remove_enum_attribute(AttributeLoc::Function, memory);
    function.add_attribute(
        AttributeLoc::Function,
        attribute(context, "alwaysinline", 0),
    );

    let builder = context.create_builder();
    let [entry, far, done] =
        ["entry", "far", "done"].map(|name| context.append_basic_block(function, name));
    builder.position_at_end(entry);
    let memory = builder.build_alloca(ty, "lanes")?;
    let bits = std::num::NonZero::new(lanes)
        .and_then(|lanes| context.custom_width_int_type(lanes).ok())
        .ok_or_else(|| CodegenError::bug("a mask of no bits"))?;
    let bits = int(builder.build_bit_cast(which, bits, "")?)?;
    let none = bits.get_type().const_zero();
    let any = builder.build_int_compare(inkwell::IntPredicate::NE, bits, none, "")?;
    branch_unlikely(context, &builder, any, far, done)?;

    builder.position_at_end(far);
    builder.build_store(memory, x)?;
    let bridge = format!("hotloop_lanes_{symbol}");
    let bridge = module.get_function(&bridge).unwrap_or_else(|| {
        let (pointer, count) = (context.ptr_type(Default::default()), context.i64_type());
        let ty = context
            .void_type()
            .fn_type(&[pointer.into(), count.into()], false);
        let function = module.add_function(&bridge, ty, None);
        for (name, value) in [
            ("memory", ARGUMENT_MEMORY),
            ("nounwind", 0),
            ("willreturn", 0),
            ("cold", 0),
        ] {
            function.add_attribute(AttributeLoc::Function, attribute(context, name, value));
        }
        function
    });
    let count = context.i64_type().const_int(lanes.into(), false);
    builder.build_call(bridge, &[memory.into(), count.into()], "")?;
    let exact = builder.build_load(ty, memory, "")?;
    builder.build_unconditional_branch(done)?;

    builder.position_at_end(done);
    let result = builder.build_phi(BasicTypeEnum::VectorType(ty), "")?;
    result.add_incoming(&[(&x, entry), (&exact, far)]);
    builder.build_return(Some(&result.as_basic_value()))?;
    Ok(())
}

fn block<'ctx>(builder: &inkwell::builder::Builder<'ctx>) -> Result<BasicBlock<'ctx>> {
    let block = builder.get_insert_block();
    block.ok_or_else(|| CodegenError::bug("no block to emit into"))
}

fn current<'ctx>(builder: &inkwell::builder::Builder<'ctx>) -> Result<FunctionValue<'ctx>> {
    let function = block(builder)?.get_parent();
    function.ok_or_else(|| CodegenError::bug("a block without a function"))
}

fn branch_unlikely<'ctx>(
    context: &'ctx Context,
    builder: &inkwell::builder::Builder<'ctx>,
    condition: inkwell::values::IntValue<'ctx>,
    then: BasicBlock<'ctx>,
    otherwise: BasicBlock<'ctx>,
) -> Result<()> {
    let branch = builder.build_conditional_branch(condition, then, otherwise)?;
    let weight = |weight| context.i32_type().const_int(weight, false).into();
    let weights = context.metadata_node(&[
        context.metadata_string("branch_weights").into(),
        weight(UNLIKELY[0]),
        weight(UNLIKELY[1]),
    ]);
    branch
        .set_metadata(weights, context.get_kind_id("prof"))
        .map_err(|error| CodegenError::bug(error.to_string()))?;
    Ok(())
}

/// The functions of [`crate::symbols`] that compute lanes.
#[cfg(test)]
pub(crate) fn bridges() -> impl Iterator<Item = String> {
    ["sin", "sinf", "cos", "cosf", "tan", "tanf"]
        .into_iter()
        .map(|name| format!("hotloop_lanes_{name}"))
}

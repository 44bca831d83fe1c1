//! `powi` with an exponent that is not constant: squares and products in the order of std's function, so that results agree with it to the
//! bit, for one number or for all lanes of a vector at a time.
//!
//! LLVM has the function for a vector of bases, but for one exponent only. So the call is one of a function without a body, with names of
//! variants that the loop vectorizer may call; after it [`define`] gives bodies to those that are called.
//!
//! # Source
//!
//! The order of the products is that of compiler-rt's `__powidf2`: binary exponentiation from the lowest bit, a reciprocal at the end.

use hotloop_ir::ScalarTy;
use inkwell::IntPredicate;
use inkwell::attributes::AttributeLoc;
use inkwell::builder::Builder;
use inkwell::context::Context;
use inkwell::llvm_sys::core::LLVMGetFirstUse;
use inkwell::module::{Linkage, Module};
use inkwell::types::BasicType;
use inkwell::values::{AsValueRef, BasicValueEnum, FunctionValue, IntValue, VectorValue};

use super::super::declare::attribute;
use super::super::{CodegenError, Emitter, Result, Value, int};
use super::mark_pure;
use crate::cpu;

/// What the names of the functions begin with: `hotloop.powi.f64` for one number, `hotloop.powi.f64.8` for eight.
const PREFIX: &str = "hotloop.powi.";

impl<'ctx> Emitter<'ctx, '_> {
    /// `x` to the power of `n`, an `i32`.
    pub(in super::super) fn emit_variable_power(
        &self,
        x: Value<'ctx>,
        n: Value<'ctx>,
        ty: ScalarTy,
    ) -> Result<Value<'ctx>> {
        let float = self.float_type(ty);
        let exponent = self.context.i32_type();
        let name = format!("{PREFIX}f{}", ty.bits());
        let function = self.module.get_function(&name).unwrap_or_else(|| {
            let ty = float.fn_type(&[float.into(), exponent.into()], false);
            let function = self.module.add_function(&name, ty, None);
            mark_pure(self.context, function);
            function
        });
        let call = self
            .builder
            .build_call(function, &[x.into(), n.into()], "")?;

        let math = &self.program.math;
        let most = cpu::target(math.level).vector_bits / ty.bits();
        let mut names = Vec::new();
        let mut lanes = 2;
        while lanes <= most {
            let variant = format!("{name}.{lanes}");
            names.push(format!("_ZGV_LLVM_N{lanes}vv_{name}({variant})"));
            if self.module.get_function(&variant).is_none() {
                let (floats, exponents) = (float.vec_type(lanes), exponent.vec_type(lanes));
                let ty = floats.fn_type(&[floats.into(), exponents.into()], false);
                let function = self.module.add_function(&variant, ty, None);
                mark_pure(self.context, function);
                math.keep(function);
            }
            lanes *= 2;
        }
        let names = names.join(",");
        let variants =
            (self.context).create_string_attribute("vector-function-abi-variant", &names);
        call.add_attribute(AttributeLoc::Function, variants);
        call.try_as_basic_value()
            .basic()
            .ok_or_else(|| CodegenError::bug("a power without a result"))
    }
}

/// Gives the functions that are called their bodies, and removes the others. Whether there are any that are called.
pub(super) fn define<'ctx>(context: &'ctx Context, module: &Module<'ctx>) -> Result<bool> {
    let is_power = |function: &FunctionValue<'ctx>| {
        let name = function.get_name().to_bytes();
        name.starts_with(PREFIX.as_bytes()) && function.count_basic_blocks() == 0
    };
    let powers: Vec<FunctionValue<'ctx>> = module.get_functions().filter(is_power).collect();
    let mut any = false;
    for function in powers {
        // SAFETY: the function is alive.
        let first_use = unsafe { LLVMGetFirstUse(function.as_value_ref()) };
        if first_use.is_null() {
            // SAFETY: nothing refers to the function.
            unsafe { function.delete() };
            continue;
        }
        emit_body(context, function)?;
        any = true;
    }
    Ok(any)
}

/// The body, in vectors; one number is a vector of one:
///
/// ```text
/// let (mut product, mut square, mut bits) = (1.0, x, |n|);
/// loop {
///     if bits & 1 != 0 { product *= square; }
///     bits >>= 1;
///     if bits == 0 in all lanes { break; }
///     square *= square;
/// }
/// if n < 0 { 1.0 / product } else { product }
/// ```
fn emit_body<'ctx>(context: &'ctx Context, function: FunctionValue<'ctx>) -> Result<()> {
    function.set_linkage(Linkage::Internal);
    let inline = attribute(context, "alwaysinline", 0);
    function.add_attribute(AttributeLoc::Function, inline);
    let builder = &context.create_builder();
    let [entry, step, again, end, invert, done] =
        ["entry", "step", "again", "end", "invert", "done"]
            .map(|name| context.append_basic_block(function, name));
    let zero = context.i32_type().const_zero();

    builder.position_at_end(entry);
    let (x, n) = match *function.get_params() {
        [
            BasicValueEnum::VectorValue(x),
            BasicValueEnum::VectorValue(n),
        ] => (x, n),
        [BasicValueEnum::FloatValue(x), BasicValueEnum::IntValue(n)] => {
            let (floats, exponents) = (x.get_type().vec_type(1), n.get_type().vec_type(1));
            (
                builder.build_insert_element(floats.get_poison(), x, zero, "")?,
                builder.build_insert_element(exponents.get_poison(), n, zero, "")?,
            )
        }
        _ => return Err(CodegenError::bug("a power of something else")),
    };
    let (floats, exponents) = (x.get_type(), n.get_type());
    let nothing = exponents.const_zero();
    let one = splat(
        context,
        builder,
        floats
            .get_element_type()
            .into_float_type()
            .const_float(1.0)
            .into(),
        floats.get_size(),
    )?;
    let unit = splat(
        context,
        builder,
        context.i32_type().const_int(1, false).into(),
        floats.get_size(),
    )?;
    let negative = builder.build_int_compare(IntPredicate::SLT, n, nothing, "")?;
    let opposite = builder.build_int_sub(nothing, n, "")?;
    let size = builder.build_select(negative, opposite, n, "")?;
    builder.build_unconditional_branch(step)?;

    builder.position_at_end(step);
    let product = builder.build_phi(floats, "product")?;
    let square = builder.build_phi(floats, "square")?;
    let bits = builder.build_phi(exponents, "bits")?;
    let vector = |value: BasicValueEnum<'ctx>| value.into_vector_value();
    let (product_now, square_now, bits_now) = (
        vector(product.as_basic_value()),
        vector(square.as_basic_value()),
        vector(bits.as_basic_value()),
    );
    let lowest = builder.build_and(bits_now, unit, "")?;
    let is_set = builder.build_int_compare(IntPredicate::NE, lowest, nothing, "")?;
    let more = builder.build_float_mul(product_now, square_now, "")?;
    let product_then = builder.build_select(is_set, more, product_now, "")?;
    let bits_then = builder.build_right_shift(bits_now, unit, false, "")?;
    let left = builder.build_int_compare(IntPredicate::NE, bits_then, nothing, "")?;
    builder.build_conditional_branch(any(context, builder, left)?, again, end)?;

    builder.position_at_end(again);
    let square_then = builder.build_float_mul(square_now, square_now, "")?;
    builder.build_unconditional_branch(step)?;
    product.add_incoming(&[(&one, entry), (&product_then, again)]);
    square.add_incoming(&[(&x, entry), (&square_then, again)]);
    bits.add_incoming(&[(&size, entry), (&bits_then, again)]);

    builder.position_at_end(end);
    builder.build_conditional_branch(any(context, builder, negative)?, invert, done)?;

    builder.position_at_end(invert);
    let inverse = builder.build_float_div(one, vector(product_then), "")?;
    let chosen = builder.build_select(negative, inverse, vector(product_then), "")?;
    builder.build_unconditional_branch(done)?;

    builder.position_at_end(done);
    let result = builder.build_phi(floats, "")?;
    result.add_incoming(&[(&product_then, end), (&chosen, invert)]);
    let result = result.as_basic_value();
    let is_vector = function.get_type().get_return_type() == Some(floats.as_basic_type_enum());
    let result = match is_vector {
        true => result,
        false => builder.build_extract_element(vector(result), zero, "")?,
    };
    builder.build_return(Some(&result))?;
    Ok(())
}

/// Whether any lane of a mask is set.
fn any<'ctx>(
    context: &'ctx Context,
    builder: &Builder<'ctx>,
    mask: VectorValue<'ctx>,
) -> Result<IntValue<'ctx>> {
    let bits = std::num::NonZero::new(mask.get_type().get_size())
        .and_then(|lanes| context.custom_width_int_type(lanes).ok())
        .ok_or_else(|| CodegenError::bug("a mask of no bits"))?;
    let bits = int(builder.build_bit_cast(mask, bits, "")?)?;
    let none = bits.get_type().const_zero();
    Ok(builder.build_int_compare(IntPredicate::NE, bits, none, "")?)
}

/// A vector with one value in all lanes.
fn splat<'ctx>(
    context: &'ctx Context,
    builder: &Builder<'ctx>,
    value: BasicValueEnum<'ctx>,
    lanes: u32,
) -> Result<VectorValue<'ctx>> {
    let poison = match value.get_type() {
        inkwell::types::BasicTypeEnum::FloatType(ty) => ty.vec_type(lanes).get_poison(),
        ty => ty.into_int_type().vec_type(lanes).get_poison(),
    };
    let zero = context.i32_type().const_zero();
    let first = builder.build_insert_element(poison, value, zero, "")?;
    let mask = context.i32_type().vec_type(lanes).const_zero();
    Ok(builder.build_shuffle_vector(first, poison, mask, "")?)
}

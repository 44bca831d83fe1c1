//! Arithmetic as formulas need it, over one float type, emitted into the body of a function of its own.

use std::cell::RefCell;

use hotloop_ir::ScalarTy;
use inkwell::builder::{Builder, BuilderError};
use inkwell::context::Context;
use inkwell::intrinsics::Intrinsic;
use inkwell::module::Module;
use inkwell::types::{FloatType, IntType};
use inkwell::values::{BasicValue, BasicValueEnum, FastMathFlags, FloatValue, IntValue};
use inkwell::{FloatPredicate, IntPredicate};

use super::super::{CodegenError, Result};

pub(super) type Float<'ctx> = FloatValue<'ctx>;
pub(super) type Int<'ctx> = IntValue<'ctx>;
/// A truth value.
pub(super) type Bool<'ctx> = IntValue<'ctx>;

/// Emits operations of one float type, rounded each by itself, whatever liberties the caller has: reductions and error terms rely on it.
/// An operation that LLVM's builder refuses yields a zero, and the first refusal is reported in the end.
pub(super) struct Math<'ctx, 'a> {
    pub(super) context: &'ctx Context,
    pub(super) module: &'a Module<'ctx>,
    pub(super) builder: Builder<'ctx>,
    pub(super) scalar: ScalarTy,
    pub(super) float: FloatType<'ctx>,
    pub(super) int: IntType<'ctx>,
    refused: RefCell<Option<CodegenError>>,
}

impl<'ctx, 'a> Math<'ctx, 'a> {
    pub(super) fn new(
        context: &'ctx Context,
        module: &'a Module<'ctx>,
        builder: Builder<'ctx>,
        scalar: ScalarTy,
    ) -> Self {
        let (float, int) = match scalar {
            ScalarTy::F32 => (context.f32_type(), context.i32_type()),
            _ => (context.f64_type(), context.i64_type()),
        };
        Math {
            context,
            module,
            builder,
            scalar,
            float,
            int,
            refused: RefCell::new(None),
        }
    }

    /// The same for `f64`.
    pub(super) fn doubled(&self) -> Result<Self> {
        let builder = self.context.create_builder();
        let block = self.builder.get_insert_block();
        builder.position_at_end(block.ok_or_else(|| CodegenError::bug("no block to emit into"))?);
        Ok(Math::new(self.context, self.module, builder, ScalarTy::F64))
    }

    /// Whether all that was emitted is in order.
    pub(super) fn finish(&self) -> Result<()> {
        self.refused.take().map_or(Ok(()), Err)
    }

    pub(super) fn is_single(&self) -> bool {
        self.scalar == ScalarTy::F32
    }

    /// One of two constants or coefficient tables, for `f32` and for `f64`.
    pub(super) fn pick<T>(&self, single: T, double: T) -> T {
        if self.is_single() { single } else { double }
    }

    fn refuse(&self, error: CodegenError) {
        self.refused.borrow_mut().get_or_insert(error);
    }

    fn float_or_zero(&self, value: Result<Float<'ctx>, BuilderError>) -> Float<'ctx> {
        value.unwrap_or_else(|error| {
            self.refuse(error.into());
            self.float.const_zero()
        })
    }

    fn int_or_zero(&self, value: Result<Int<'ctx>, BuilderError>) -> Int<'ctx> {
        value.unwrap_or_else(|error| {
            self.refuse(error.into());
            self.int.const_zero()
        })
    }

    fn bool_or_false(&self, value: Result<Bool<'ctx>, BuilderError>) -> Bool<'ctx> {
        value.unwrap_or_else(|error| {
            self.refuse(error.into());
            self.context.bool_type().const_zero()
        })
    }

    /// A constant, rounded to the type.
    pub(super) fn c(&self, value: f64) -> Float<'ctx> {
        self.float.const_float(value)
    }

    pub(super) fn add(&self, x: Float<'ctx>, y: Float<'ctx>) -> Float<'ctx> {
        self.float_or_zero(self.builder.build_float_add(x, y, ""))
    }

    pub(super) fn sub(&self, x: Float<'ctx>, y: Float<'ctx>) -> Float<'ctx> {
        self.float_or_zero(self.builder.build_float_sub(x, y, ""))
    }

    pub(super) fn mul(&self, x: Float<'ctx>, y: Float<'ctx>) -> Float<'ctx> {
        self.float_or_zero(self.builder.build_float_mul(x, y, ""))
    }

    pub(super) fn div(&self, x: Float<'ctx>, y: Float<'ctx>) -> Float<'ctx> {
        self.float_or_zero(self.builder.build_float_div(x, y, ""))
    }

    /// `x / y` with `y` neither zero nor infinite, perhaps by an estimate of `1 / y`.
    pub(super) fn div_finite(&self, x: Float<'ctx>, y: Float<'ctx>) -> Float<'ctx> {
        let quotient = self.div(x, y);
        let flags = FastMathFlags::AllowReciprocal | FastMathFlags::NoInfs;
        if let Some(instruction) = quotient.as_instruction_value()
            && let Err(error) = instruction.set_fast_math_flags(flags)
        {
            self.refuse(CodegenError::bug(error.to_string()));
        }
        quotient
    }

    pub(super) fn neg(&self, x: Float<'ctx>) -> Float<'ctx> {
        self.float_or_zero(self.builder.build_float_neg(x, ""))
    }

    /// `x * y + z`, rounded once.
    pub(super) fn fma(&self, x: Float<'ctx>, y: Float<'ctx>, z: Float<'ctx>) -> Float<'ctx> {
        self.intrinsic("llvm.fma", &[x, y, z])
    }

    pub(super) fn abs(&self, x: Float<'ctx>) -> Float<'ctx> {
        self.intrinsic("llvm.fabs", &[x])
    }

    /// The nearest integer.
    pub(super) fn rint(&self, x: Float<'ctx>) -> Float<'ctx> {
        self.intrinsic("llvm.rint", &[x])
    }

    /// The size of `x` with the sign of `y`.
    pub(super) fn copysign(&self, x: Float<'ctx>, y: Float<'ctx>) -> Float<'ctx> {
        self.intrinsic("llvm.copysign", &[x, y])
    }

    fn intrinsic(&self, name: &str, args: &[Float<'ctx>]) -> Float<'ctx> {
        let declaration = Intrinsic::find(name)
            .and_then(|found| found.get_declaration(self.module, &[self.float.into()]));
        let Some(function) = declaration else {
            self.refuse(CodegenError::Llvm(format!(
                "this LLVM has no intrinsic `{name}`"
            )));
            return self.float.const_zero();
        };
        let args: Vec<_> = args.iter().map(|&arg| arg.into()).collect();
        let value = self.builder.build_call(function, &args, "");
        match value.map(|call| call.try_as_basic_value().basic()) {
            Ok(Some(BasicValueEnum::FloatValue(value))) => value,
            Ok(_) => self.float.const_zero(),
            Err(error) => self.float_or_zero(Err(error)),
        }
    }

    /// `c[0] + c[1] * x + c[2] * x² + ..`, two at a time: half as deep as Horner's rule, for one operation more.
    pub(super) fn poly(&self, x: Float<'ctx>, c: &[f64]) -> Float<'ctx> {
        let square = self.mul(x, x);
        let mut sum: Option<Float<'ctx>> = None;
        for pair in c.chunks(2).rev() {
            let term = match *pair {
                [low, high] => self.fma(self.c(high), x, self.c(low)),
                [low, ..] => self.c(low),
                [] => continue,
            };
            sum = Some(match sum {
                Some(sum) => self.fma(sum, square, term),
                None => term,
            });
        }
        sum.unwrap_or_else(|| self.c(0.0))
    }

    /// `x`, or `low` if it is below. A NaN stays one.
    pub(super) fn at_least(&self, low: f64, x: Float<'ctx>) -> Float<'ctx> {
        let low = self.c(low);
        self.select(self.gt(low, x), low, x)
    }

    /// `x`, or `high` if it is above. A NaN stays one.
    pub(super) fn at_most(&self, high: f64, x: Float<'ctx>) -> Float<'ctx> {
        let high = self.c(high);
        self.select(self.lt(high, x), high, x)
    }

    fn compare(&self, predicate: FloatPredicate, x: Float<'ctx>, y: Float<'ctx>) -> Bool<'ctx> {
        self.bool_or_false(self.builder.build_float_compare(predicate, x, y, ""))
    }

    pub(super) fn lt(&self, x: Float<'ctx>, y: Float<'ctx>) -> Bool<'ctx> {
        self.compare(FloatPredicate::OLT, x, y)
    }

    pub(super) fn gt(&self, x: Float<'ctx>, y: Float<'ctx>) -> Bool<'ctx> {
        self.compare(FloatPredicate::OGT, x, y)
    }

    pub(super) fn eq(&self, x: Float<'ctx>, y: Float<'ctx>) -> Bool<'ctx> {
        self.compare(FloatPredicate::OEQ, x, y)
    }

    pub(super) fn is_nan(&self, x: Float<'ctx>) -> Bool<'ctx> {
        self.compare(FloatPredicate::UNO, x, x)
    }

    /// Whether the lowest bit is set.
    pub(super) fn is_odd(&self, x: Int<'ctx>) -> Bool<'ctx> {
        let bit = self.and(x, 1);
        let zero = self.int.const_zero();
        self.bool_or_false(
            self.builder
                .build_int_compare(IntPredicate::NE, bit, zero, ""),
        )
    }

    pub(super) fn both(&self, x: Bool<'ctx>, y: Bool<'ctx>) -> Bool<'ctx> {
        self.bool_or_false(self.builder.build_and(x, y, ""))
    }

    pub(super) fn not(&self, x: Bool<'ctx>) -> Bool<'ctx> {
        self.bool_or_false(self.builder.build_not(x, ""))
    }

    pub(super) fn select(
        &self,
        cond: Bool<'ctx>,
        then: Float<'ctx>,
        otherwise: Float<'ctx>,
    ) -> Float<'ctx> {
        match self.builder.build_select(cond, then, otherwise, "") {
            Ok(BasicValueEnum::FloatValue(value)) => value,
            Ok(_) => otherwise,
            Err(error) => self.float_or_zero(Err(error)),
        }
    }

    pub(super) fn bits(&self, x: Float<'ctx>) -> Int<'ctx> {
        match self.builder.build_bit_cast(x, self.int, "") {
            Ok(BasicValueEnum::IntValue(value)) => value,
            Ok(_) => self.int.const_zero(),
            Err(error) => self.int_or_zero(Err(error)),
        }
    }

    pub(super) fn float_of_bits(&self, x: Int<'ctx>) -> Float<'ctx> {
        match self.builder.build_bit_cast(x, self.float, "") {
            Ok(BasicValueEnum::FloatValue(value)) => value,
            Ok(_) => self.float.const_zero(),
            Err(error) => self.float_or_zero(Err(error)),
        }
    }

    /// An integer constant.
    pub(super) fn i(&self, value: u64) -> Int<'ctx> {
        self.int.const_int(value, false)
    }

    pub(super) fn int_add(&self, x: Int<'ctx>, y: u64) -> Int<'ctx> {
        self.int_or_zero(self.builder.build_int_add(x, self.i(y), ""))
    }

    pub(super) fn int_sub(&self, x: Int<'ctx>, y: Int<'ctx>) -> Int<'ctx> {
        self.int_or_zero(self.builder.build_int_sub(x, y, ""))
    }

    pub(super) fn shl(&self, x: Int<'ctx>, by: u64) -> Int<'ctx> {
        self.int_or_zero(self.builder.build_left_shift(x, self.i(by), ""))
    }

    pub(super) fn shr(&self, x: Int<'ctx>, by: u64) -> Int<'ctx> {
        self.int_or_zero(self.builder.build_right_shift(x, self.i(by), false, ""))
    }

    pub(super) fn and(&self, x: Int<'ctx>, mask: u64) -> Int<'ctx> {
        self.int_or_zero(self.builder.build_and(x, self.i(mask), ""))
    }

    pub(super) fn or(&self, x: Int<'ctx>, bits: u64) -> Int<'ctx> {
        self.int_or_zero(self.builder.build_or(x, self.i(bits), ""))
    }

    /// Changes the sign of `x` if the lowest bit of `flip` is set.
    pub(super) fn flip_sign(&self, x: Float<'ctx>, flip: Int<'ctx>) -> Float<'ctx> {
        let flip = self.shl(flip, self.pick(31, 63));
        let bits = self.int_or_zero(self.builder.build_xor(self.bits(x), flip, ""));
        self.float_of_bits(bits)
    }

    /// The bits of the mantissa.
    pub(super) fn mantissa_bits(&self) -> u64 {
        self.pick(23, 52)
    }

    /// `1.5 * 2^mantissa_bits`: a sum with it is rounded to an integer, which its lowest bits are.
    pub(super) fn rounder(&self) -> f64 {
        self.pick(12_582_912.0, 6_755_399_441_055_744.0)
    }

    /// The exponent of one: what is added to an exponent before it is stored.
    pub(super) fn bias(&self) -> u64 {
        self.pick(127, 1023)
    }

    /// `x` as `f64`, where `self` is for `f32`.
    pub(super) fn widen(&self, x: Float<'ctx>) -> Float<'ctx> {
        let wide = self.context.f64_type();
        self.float_or_zero(self.builder.build_float_ext(x, wide, ""))
    }

    /// `x`, an `f64`, as `f32`.
    pub(super) fn narrow(&self, x: Float<'ctx>) -> Float<'ctx> {
        self.float_or_zero(self.builder.build_float_trunc(x, self.float, ""))
    }
}

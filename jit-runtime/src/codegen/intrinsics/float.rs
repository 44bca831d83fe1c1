//! Methods of floats. Formulas are std's own, in std's order of operations.

use hotloop_ir::{BinaryOp, ExprKind, Intrinsic, ScalarTy, Ty};
use inkwell::attributes::AttributeLoc;
use inkwell::values::{BasicValue, CallSiteValue, IntValue};
use inkwell::{FloatPredicate, IntPredicate};

use super::super::{Emitter, Result, Value, float, int};
use super::Call;

/// The intrinsic of LLVM that std calls for a method with arguments of the receiver's type, if it calls one.
fn llvm_name(intrinsic: Intrinsic) -> Option<&'static str> {
    Some(match intrinsic {
        Intrinsic::Sqrt => "llvm.sqrt",
        Intrinsic::MulAdd => "llvm.fma",
        Intrinsic::Floor => "llvm.floor",
        Intrinsic::Ceil => "llvm.ceil",
        Intrinsic::Trunc => "llvm.trunc",
        Intrinsic::Round => "llvm.round",
        Intrinsic::RoundTiesEven => "llvm.rint",
        Intrinsic::Copysign => "llvm.copysign",
        Intrinsic::Abs => "llvm.fabs",
        Intrinsic::Min => "llvm.minnum",
        Intrinsic::Max => "llvm.maxnum",
        Intrinsic::Powf => "llvm.pow",
        Intrinsic::Exp => "llvm.exp",
        Intrinsic::Exp2 => "llvm.exp2",
        Intrinsic::Ln => "llvm.log",
        Intrinsic::Log2 => "llvm.log2",
        Intrinsic::Log10 => "llvm.log10",
        Intrinsic::Sin => "llvm.sin",
        Intrinsic::Cos => "llvm.cos",
        _ => return None,
    })
}

/// Whether LLVM calls a library function for it, whose result is rounded as the library pleases.
fn name_is_library(name: &str) -> bool {
    matches!(
        name,
        "llvm.pow"
            | "llvm.exp"
            | "llvm.exp2"
            | "llvm.log"
            | "llvm.log2"
            | "llvm.log10"
            | "llvm.sin"
            | "llvm.cos"
    )
}

/// The symbols that std calls for a method with arguments of the receiver's type, for `f32` and `f64`. The ones that start
/// with `hotloop_` are bridges to std, where it has a formula of its own that has changed between its versions.
pub(crate) fn symbol_names(intrinsic: Intrinsic) -> Option<(&'static str, &'static str)> {
    Some(match intrinsic {
        Intrinsic::Cbrt => ("cbrtf", "cbrt"),
        Intrinsic::Hypot => ("hypotf", "hypot"),
        Intrinsic::ExpM1 => ("expm1f", "expm1"),
        Intrinsic::Ln1p => ("log1pf", "log1p"),
        Intrinsic::Tan => ("tanf", "tan"),
        Intrinsic::Asin => ("asinf", "asin"),
        Intrinsic::Acos => ("acosf", "acos"),
        Intrinsic::Atan => ("atanf", "atan"),
        Intrinsic::Atan2 => ("atan2f", "atan2"),
        Intrinsic::Sinh => ("sinhf", "sinh"),
        Intrinsic::Cosh => ("coshf", "cosh"),
        Intrinsic::Tanh => ("tanhf", "tanh"),
        Intrinsic::AbsSub => ("fdimf", "fdim"),
        Intrinsic::Asinh => ("hotloop_asinh_f32", "hotloop_asinh_f64"),
        Intrinsic::Acosh => ("hotloop_acosh_f32", "hotloop_acosh_f64"),
        Intrinsic::Atanh => ("hotloop_atanh_f32", "hotloop_atanh_f64"),
        _ => return None,
    })
}

impl<'ctx> Emitter<'ctx, '_> {
    pub(super) fn emit_float_method(&mut self, call: &Call<'ctx, '_>) -> Result<Value<'ctx>> {
        let ty = call.ty;
        if call.intrinsic == Intrinsic::Powf
            && let Some(value) = self.emit_constant_power(call.arg(0)?, ty, call.exprs.get(1))?
        {
            return Ok(value);
        }
        if let Some(value) = self.emit_vector_math(call.intrinsic, ty, &call.args)? {
            return Ok(value);
        }
        if let Some(name) = llvm_name(call.intrinsic) {
            let value = self.float_op(name, ty, &call.args)?;
            return match name_is_library(name) && !self.has_known_exponent(call) {
                true => self.at_run_time(value, ty),
                false => Ok(value),
            };
        }
        if let Some((single, double)) = symbol_names(call.intrinsic) {
            let name = if ty == ScalarTy::F32 { single } else { double };
            let value = self.call_symbol(name, ty, &call.args)?;
            return self.at_run_time(self.with_flags_on(value)?, ty);
        }
        let x = call.arg(0)?;
        match call.intrinsic {
            Intrinsic::Fract => {
                let whole = self.float_op("llvm.trunc", ty, &[x])?;
                self.float_binary(BinaryOp::Sub, x, whole, ty)
            }
            Intrinsic::Recip => {
                let one = self.float_value(ty, 1.0, 1.0)?;
                self.float_binary(BinaryOp::Div, one, x, ty)
            }
            // The factor is what std's own conversion of 1 yields.
            Intrinsic::ToDegrees => {
                let factor = self.float_value(ty, 1_f32.to_degrees(), 1_f64.to_degrees())?;
                self.float_binary(BinaryOp::Mul, x, factor, ty)
            }
            Intrinsic::ToRadians => {
                let factor = self.float_value(ty, 1_f32.to_radians(), 1_f64.to_radians())?;
                self.float_binary(BinaryOp::Mul, x, factor, ty)
            }
            Intrinsic::Powi if !call.int(1)?.is_const() => {
                self.emit_variable_power(x, call.arg(1)?, ty)
            }
            Intrinsic::Powi => {
                let types = [self.register_type(ty), self.context.i32_type().into()];
                let value = self.call_llvm("llvm.powi", &types, &call.args)?;
                // Folded, it is `pow`, rounded once; as code, it is the products that it is at run time.
                self.never_folded(self.with_flags_on(value)?)
            }
            Intrinsic::Log => {
                let value = self.library_op(Intrinsic::Ln, "llvm.log", ty, x)?;
                let base = self.library_op(Intrinsic::Ln, "llvm.log", ty, call.arg(1)?)?;
                self.float_binary(BinaryOp::Div, value, base, ty)
            }
            Intrinsic::SinCos => {
                let sin = self.library_op(Intrinsic::Sin, "llvm.sin", ty, x)?;
                let cos = self.library_op(Intrinsic::Cos, "llvm.cos", ty, x)?;
                self.build_tuple(&[(sin, &Ty::Scalar(ty)), (cos, &Ty::Scalar(ty))])
            }
            Intrinsic::ToBits => Ok(self.float_bits(x, ty)?.into()),
            Intrinsic::FromBits => {
                Ok(self
                    .builder
                    .build_bit_cast(call.int(0)?, self.float_type(ty), "")?)
            }
            Intrinsic::IsNan => Ok(self.is_nan(x)?.into()),
            Intrinsic::IsInfinite
            | Intrinsic::IsFinite
            | Intrinsic::IsNormal
            | Intrinsic::IsSubnormal
            | Intrinsic::IsSignPositive
            | Intrinsic::IsSignNegative => self.emit_classification(call),
            Intrinsic::Signum => {
                let one = self.float_value(ty, 1.0, 1.0)?;
                let sign = self.call_llvm("llvm.copysign", &[self.register_type(ty)], &[one, x])?;
                let nan = self.float_value(ty, f32::NAN, f64::NAN)?;
                self.select(self.is_nan(x)?, nan, sign)
            }
            Intrinsic::Clamp => self.emit_float_clamp(call),
            Intrinsic::Midpoint => self.emit_float_midpoint(call),
            Intrinsic::NextUp | Intrinsic::NextDown => self.emit_next_float(call),
            Intrinsic::DivEuclid => {
                let rhs = call.arg(1)?;
                let zero = self.float_value(ty, 0.0, 0.0)?;
                let one = self.float_value(ty, 1.0, 1.0)?;
                let quotient = self.float_binary(BinaryOp::Div, x, rhs, ty)?;
                let whole = self.float_op("llvm.trunc", ty, &[quotient])?;
                let rest = self.float_binary(BinaryOp::Rem, x, rhs, ty)?;
                let is_negative = self.emit_comparison(BinaryOp::Lt, (rest, ty), zero)?;
                let is_positive = self.emit_comparison(BinaryOp::Gt, (rhs, ty), zero)?;
                let less = self.float_binary(BinaryOp::Sub, whole, one, ty)?;
                let more = self.float_binary(BinaryOp::Add, whole, one, ty)?;
                let corrected = self.select(is_positive, less, more)?;
                self.select(is_negative, corrected, whole)
            }
            Intrinsic::RemEuclid => {
                let rhs = call.arg(1)?;
                let zero = self.float_value(ty, 0.0, 0.0)?;
                let rest = self.float_binary(BinaryOp::Rem, x, rhs, ty)?;
                let is_negative = self.emit_comparison(BinaryOp::Lt, (rest, ty), zero)?;
                let size = self.float_op("llvm.fabs", ty, &[rhs])?;
                let corrected = self.float_binary(BinaryOp::Add, rest, size, ty)?;
                self.select(is_negative, corrected, rest)
            }
            _ => call.unknown(),
        }
    }

    /// An intrinsic of LLVM over one float type, with the function's liberties.
    fn float_op(&self, name: &str, ty: ScalarTy, args: &[Value<'ctx>]) -> Result<Value<'ctx>> {
        let value = self.call_llvm(name, &[self.register_type(ty)], args)?;
        self.with_flags_on(value)
    }

    /// A library function of one argument that LLVM has an intrinsic for.
    fn library_op(
        &self,
        intrinsic: Intrinsic,
        name: &str,
        ty: ScalarTy,
        x: Value<'ctx>,
    ) -> Result<Value<'ctx>> {
        match self.emit_vector_math(intrinsic, ty, &[x])? {
            Some(value) => Ok(value),
            None => self.at_run_time(self.float_op(name, ty, &[x])?, ty),
        }
    }

    /// Keeps LLVM from computing a library function of `f32` constants itself: it does so in `f64` and rounds, where libm's
    /// functions for `f32` are an ULP or so away. Its `f64` is the very libm. `fastmath` does not mind.
    fn at_run_time(&self, value: Value<'ctx>, ty: ScalarTy) -> Result<Value<'ctx>> {
        match ty {
            ScalarTy::F32 => self.never_folded(value),
            _ => Ok(value),
        }
    }

    /// Keeps LLVM from computing a call of constants itself, without `fastmath`.
    fn never_folded(&self, value: Value<'ctx>) -> Result<Value<'ctx>> {
        let call = value
            .as_instruction_value()
            .and_then(|call| CallSiteValue::try_from(call).ok());
        if let Some(call) = call
            && !self.func.fastmath.afn
        {
            call.add_attribute(
                AttributeLoc::Function,
                super::attribute(self.context, "nobuiltin", 0),
            );
        }
        Ok(value)
    }

    /// Whether this is a power with a constant exponent, which LLVM makes a product of where rustc does.
    fn has_known_exponent(&self, call: &Call<'ctx, '_>) -> bool {
        let is_const = |index: usize| {
            let expr = call
                .exprs
                .get(index)
                .and_then(|&id| self.func.exprs.get(id));
            matches!(expr.map(|expr| &expr.kind), Some(ExprKind::Const(_)))
        };
        call.intrinsic == Intrinsic::Powf && is_const(1) && !is_const(0)
    }

    fn with_flags_on(&self, value: Value<'ctx>) -> Result<Value<'ctx>> {
        self.with_flags(float(value)?)
    }

    fn float_binary(
        &self,
        op: BinaryOp,
        lhs: Value<'ctx>,
        rhs: Value<'ctx>,
        ty: ScalarTy,
    ) -> Result<Value<'ctx>> {
        self.emit_binary(op, (lhs, ty), (rhs, ty), None)
    }

    /// One of two values that are computed already.
    pub(in crate::codegen) fn select(
        &self,
        cond: IntValue<'ctx>,
        then: Value<'ctx>,
        otherwise: Value<'ctx>,
    ) -> Result<Value<'ctx>> {
        Ok(self.builder.build_select(cond, then, otherwise, "")?)
    }

    fn is_nan(&self, x: Value<'ctx>) -> Result<IntValue<'ctx>> {
        let x = float(x)?;
        Ok(self
            .builder
            .build_float_compare(FloatPredicate::UNO, x, x, "")?)
    }

    pub(super) fn float_bits(&self, x: Value<'ctx>, ty: ScalarTy) -> Result<IntValue<'ctx>> {
        let bits = self.int_type(ty.bits());
        int(self.builder.build_bit_cast(float(x)?, bits, "")?)
    }

    /// Tests of the kind of value, on the bits, so that no liberty that assumes NaN away affects them.
    fn emit_classification(&self, call: &Call<'ctx, '_>) -> Result<Value<'ctx>> {
        let ty = call.ty;
        let bits = self.float_bits(call.arg(0)?, ty)?;
        let constant = |single: u32, double: u64| match ty {
            ScalarTy::F32 => self.int_const(32, single.into()),
            _ => self.int_const(64, double.into()),
        };
        let sign = constant(1 << 31, 1 << 63);
        let infinite = constant(f32::INFINITY.to_bits(), f64::INFINITY.to_bits());
        let normal = constant(f32::MIN_POSITIVE.to_bits(), f64::MIN_POSITIVE.to_bits());
        let one = constant(1, 1);
        let size = self
            .builder
            .build_and(bits, self.builder.build_not(sign, "")?, "")?;
        let unsigned = ty.bits_ty().unwrap_or(ScalarTy::U64);
        let compare = |op, lhs: IntValue<'ctx>, rhs: IntValue<'ctx>| {
            self.emit_comparison(op, (lhs.into(), unsigned), rhs.into())
        };
        // `low <= size < high` as one comparison.
        let between = |low: IntValue<'ctx>, high: IntValue<'ctx>| {
            let above = self.builder.build_int_sub(size, low, "")?;
            let width = self.builder.build_int_sub(high, low, "")?;
            compare(BinaryOp::Lt, above, width)
        };
        let result = match call.intrinsic {
            Intrinsic::IsInfinite => compare(BinaryOp::Eq, size, infinite)?,
            Intrinsic::IsFinite => compare(BinaryOp::Lt, size, infinite)?,
            Intrinsic::IsNormal => between(normal, infinite)?,
            Intrinsic::IsSubnormal => between(one, normal)?,
            Intrinsic::IsSignPositive => compare(BinaryOp::Lt, bits, sign)?,
            Intrinsic::IsSignNegative => compare(BinaryOp::Ge, bits, sign)?,
            _ => return call.unknown(),
        };
        Ok(result.into())
    }

    /// Traps unless `min <= max`; a NaN stays a NaN.
    fn emit_float_clamp(&self, call: &Call<'ctx, '_>) -> Result<Value<'ctx>> {
        let ty = call.ty;
        let (x, min, max) = (call.arg(0)?, call.arg(1)?, call.arg(2)?);
        let ordered = self.emit_comparison(BinaryOp::Le, (min, ty), max)?;
        let fails = self.builder.build_not(ordered, "")?;
        self.trap_if(fails, call.needed_site()?, &call.args)?;
        let below = self.emit_comparison(BinaryOp::Lt, (x, ty), min)?;
        let x = self.select(below, min, x)?;
        let above = self.emit_comparison(BinaryOp::Gt, (x, ty), max)?;
        self.select(above, max, x)
    }

    /// Half of the sum: of `f32` as `f64`, which has room for it; of `f64` what is too large or too small is halved first or not at all.
    fn emit_float_midpoint(&self, call: &Call<'ctx, '_>) -> Result<Value<'ctx>> {
        let (a, b) = (call.arg(0)?, call.arg(1)?);
        let double = ScalarTy::F64;
        let two = self.float_value(double, 2.0, 2.0)?;
        let half = |x| self.float_binary(BinaryOp::Div, x, two, double);
        let add = |lhs, rhs| self.float_binary(BinaryOp::Add, lhs, rhs, double);
        if call.ty == ScalarTy::F32 {
            let wide = self.context.f64_type();
            let a = self.builder.build_float_ext(float(a)?, wide, "")?;
            let b = self.builder.build_float_ext(float(b)?, wide, "")?;
            let mean = float(half(add(a.into(), b.into())?)?)?;
            let narrow = self.context.f32_type();
            return Ok(self.builder.build_float_trunc(mean, narrow, "")?.into());
        }
        let low = self.float_value(double, 0.0, f64::MIN_POSITIVE * 2.0)?;
        let high = self.float_value(double, 0.0, f64::MAX / 2.0)?;
        let a_size = self.call_llvm("llvm.fabs", &[self.register_type(double)], &[a])?;
        let b_size = self.call_llvm("llvm.fabs", &[self.register_type(double)], &[b])?;
        let is_below = |size| self.emit_comparison(BinaryOp::Lt, (size, double), low);
        let has_room = |size| self.emit_comparison(BinaryOp::Le, (size, double), high);
        let (half_a, half_b) = (half(a)?, half(b)?);
        let both = self
            .builder
            .build_and(has_room(a_size)?, has_room(b_size)?, "")?;
        let mean = add(half_a, half_b)?;
        let mean = self.select(is_below(b_size)?, add(half_a, b)?, mean)?;
        let mean = self.select(is_below(a_size)?, add(a, half_b)?, mean)?;
        self.select(both, half(add(a, b)?)?, mean)
    }

    /// The next float above or below, by its bits; of an infinity on that side and of a NaN it is the same.
    fn emit_next_float(&self, call: &Call<'ctx, '_>) -> Result<Value<'ctx>> {
        let ty = call.ty;
        let x = call.arg(0)?;
        let up = call.intrinsic == Intrinsic::NextUp;
        let bits = self.float_bits(x, ty)?;
        let zero = bits.get_type().const_zero();
        let one = self.int_const(ty.bits(), 1);
        let sign = self.int_const(ty.bits(), 1 << (ty.bits() - 1));
        let size = self
            .builder
            .build_and(bits, self.builder.build_not(sign, "")?, "")?;
        let is_zero = self.compare(IntPredicate::EQ, size, zero)?;
        let is_positive = self.compare(IntPredicate::EQ, size, bits)?;
        let more = self.builder.build_int_add(bits, one, "")?;
        let less = self.builder.build_int_sub(bits, one, "")?;
        let tiniest = match up {
            true => one,
            false => self.builder.build_or(sign, one, "")?,
        };
        let next = match up {
            true => self.select_int(is_positive, more, less)?,
            false => self.select_int(is_positive, less, more)?,
        };
        let next = self.select_int(is_zero, tiniest, next)?;
        let end = self.float_value(
            ty,
            if up { f32::INFINITY } else { f32::NEG_INFINITY },
            if up { f64::INFINITY } else { f64::NEG_INFINITY },
        )?;
        let is_end = self.compare(IntPredicate::EQ, bits, self.float_bits(end, ty)?)?;
        let stays = self.builder.build_or(is_end, self.is_nan(x)?, "")?;
        let next = self.select_int(stays, bits, next)?;
        Ok(self.builder.build_bit_cast(next, self.float_type(ty), "")?)
    }
}

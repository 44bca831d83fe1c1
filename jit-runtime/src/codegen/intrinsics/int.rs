//! Methods of integers.

use std::num::NonZeroU32;

use hotloop_ir::{BinaryOp, Intrinsic, ScalarTy, Ty};
use inkwell::IntPredicate;
use inkwell::values::IntValue;

use super::super::{CodegenError, Emitter, Result, Value, int};
use super::Call;
use super::pow::Products;

impl<'ctx> Emitter<'ctx, '_> {
    pub(super) fn emit_int_method(&mut self, call: &Call<'ctx, '_>) -> Result<Value<'ctx>> {
        if let Some(value) = self.emit_overflow_method(call)? {
            return Ok(value);
        }
        let ty = call.ty;
        let signed = ty.is_signed_int();
        let x = call.int(0)?;
        let zero = x.get_type().const_zero();
        let value = match call.intrinsic {
            Intrinsic::Abs => self.emit_abs(call, x)?,
            Intrinsic::UnsignedAbs => self.wrapping_abs(x)?,
            Intrinsic::Signum => {
                let is_positive = self.compare(IntPredicate::SGT, x, zero)?;
                let is_negative = self.compare(IntPredicate::SLT, x, zero)?;
                let positive = self
                    .builder
                    .build_int_z_extend(is_positive, x.get_type(), "")?;
                let negative = self
                    .builder
                    .build_int_z_extend(is_negative, x.get_type(), "")?;
                self.builder.build_int_sub(positive, negative, "")?
            }
            Intrinsic::DivEuclid | Intrinsic::RemEuclid | Intrinsic::DivCeil => {
                self.emit_rounded_division(call, x, call.int(1)?)?
            }
            Intrinsic::Pow => {
                let products = call.site.map_or(Products::Wrap, Products::Trap);
                self.emit_pow(call, products)?.value
            }
            Intrinsic::Isqrt => self.emit_isqrt(call, x)?,
            Intrinsic::Ilog | Intrinsic::Ilog2 | Intrinsic::Ilog10 => self.emit_ilog(call, x)?,
            Intrinsic::AbsDiff => {
                let greater = self.extremum(false, x, call.int(1)?, signed)?;
                let less = self.extremum(true, x, call.int(1)?, signed)?;
                self.builder.build_int_sub(greater, less, "")?
            }
            Intrinsic::CastUnsigned | Intrinsic::CastSigned => x,
            Intrinsic::IsPositive => self.compare(IntPredicate::SGT, x, zero)?,
            Intrinsic::IsNegative => self.compare(IntPredicate::SLT, x, zero)?,
            Intrinsic::IsPowerOfTwo => {
                let one = self.int_const(ty.bits(), 1);
                let ones = self.int_op("llvm.ctpop", &[x])?;
                self.compare(IntPredicate::EQ, ones, one)?
            }
            Intrinsic::NextPowerOfTwo => self.emit_next_power_of_two(call, x)?,
            Intrinsic::CountOnes => self.count("llvm.ctpop", x)?,
            Intrinsic::CountZeros => self.count("llvm.ctpop", self.builder.build_not(x, "")?)?,
            Intrinsic::LeadingZeros => self.count("llvm.ctlz", x)?,
            Intrinsic::LeadingOnes => self.count("llvm.ctlz", self.builder.build_not(x, "")?)?,
            Intrinsic::TrailingZeros => self.count("llvm.cttz", x)?,
            Intrinsic::TrailingOnes => self.count("llvm.cttz", self.builder.build_not(x, "")?)?,
            Intrinsic::RotateLeft | Intrinsic::RotateRight => {
                let name = match call.intrinsic {
                    Intrinsic::RotateLeft => "llvm.fshl",
                    _ => "llvm.fshr",
                };
                // The width is a power of two, so losing high bits of the distance loses nothing.
                let distance = self.resize_unsigned(call.int(1)?, ty.bits())?;
                self.int_op(name, &[x, x, distance])?
            }
            Intrinsic::SwapBytes => self.swap_bytes(x)?,
            Intrinsic::ReverseBits => self.int_op("llvm.bitreverse", &[x])?,
            Intrinsic::ToBe | Intrinsic::FromBe if cfg!(target_endian = "little") => {
                self.swap_bytes(x)?
            }
            Intrinsic::ToLe | Intrinsic::FromLe if cfg!(target_endian = "big") => {
                self.swap_bytes(x)?
            }
            Intrinsic::ToBe | Intrinsic::FromBe | Intrinsic::ToLe | Intrinsic::FromLe => x,
            Intrinsic::UnboundedShl | Intrinsic::UnboundedShr => {
                self.emit_unbounded_shift(call, x)?
            }
            Intrinsic::Midpoint => self.emit_midpoint(call, x, call.int(1)?)?,
            Intrinsic::IsMultipleOf => {
                let rhs = call.int(1)?;
                let by_zero = self.compare(IntPredicate::EQ, rhs, zero)?;
                let divisor = self.select_int(by_zero, self.int_const(ty.bits(), 1), rhs)?;
                let rest = int(self.build_division(BinaryOp::Rem, (x, divisor), ty)?)?;
                let is_multiple = self.compare(IntPredicate::EQ, rest, zero)?;
                let is_zero = self.compare(IntPredicate::EQ, x, zero)?;
                self.select_int(by_zero, is_zero, is_multiple)?
            }
            Intrinsic::NextMultipleOf
            | Intrinsic::WrappingNextMultipleOf
            | Intrinsic::CheckedNextMultipleOf => return self.emit_next_multiple_of(call, x),
            Intrinsic::CheckedNextPowerOfTwo => {
                let (power, overflows) = self.next_power_of_two(call, x)?;
                let some = self.builder.build_not(overflows, "")?;
                return self.build_option(some, power, &Ty::Scalar(ty));
            }
            Intrinsic::CheckedIsqrt => {
                let some = self.compare(IntPredicate::SGE, x, zero)?;
                let root = self.isqrt(call, x)?;
                return self.build_option(some, root, &Ty::Scalar(ty));
            }
            Intrinsic::CheckedIlog | Intrinsic::CheckedIlog2 | Intrinsic::CheckedIlog10 => {
                let (log, fails) = self.ilog(call, x)?;
                let some = self.builder.build_not(fails, "")?;
                return self.build_option(some, log, &Ty::Scalar(ScalarTy::U32));
            }
            // The difference has room if its sign is that of the comparison.
            Intrinsic::CheckedSignedDiff => {
                let rhs = call.int(1)?;
                let difference = self.builder.build_int_sub(x, rhs, "")?;
                let is_less = self.compare(IntPredicate::ULT, x, rhs)?;
                let is_negative = self.compare(IntPredicate::SLT, difference, zero)?;
                let some = self.compare(IntPredicate::EQ, is_less, is_negative)?;
                return self.build_option(some, difference, &Ty::Scalar(ty.to_signed()));
            }
            Intrinsic::CarryingMul | Intrinsic::CarryingMulAdd => {
                return self.emit_wide_product(call);
            }
            Intrinsic::CarryingAdd | Intrinsic::BorrowingSub => {
                let op = match call.intrinsic {
                    Intrinsic::CarryingAdd => BinaryOp::Add,
                    _ => BinaryOp::Sub,
                };
                let carry = (self.builder).build_int_z_extend(call.int(2)?, x.get_type(), "")?;
                let (sum, first) = self.with_overflow(op, (x, call.int(1)?), ty)?;
                let (sum, second) = self.with_overflow(op, (sum, carry), ty)?;
                let overflows = self.builder.build_or(first, second, "")?;
                let parts = [(sum.into(), &Ty::Scalar(ty)), (overflows.into(), &Ty::BOOL)];
                return self.build_tuple(&parts);
            }
            _ => return call.unknown(),
        };
        Ok(value.into())
    }

    /// An intrinsic of LLVM over one integer type.
    pub(in crate::codegen) fn int_op(
        &self,
        name: &str,
        args: &[IntValue<'ctx>],
    ) -> Result<IntValue<'ctx>> {
        let overloads: Vec<_> = args
            .iter()
            .take(1)
            .map(|arg| arg.get_type().into())
            .collect();
        let args: Vec<Value<'ctx>> = args.iter().map(|&arg| arg.into()).collect();
        int(self.call_llvm(name, &overloads, &args)?)
    }

    pub(super) fn compare(
        &self,
        predicate: IntPredicate,
        lhs: IntValue<'ctx>,
        rhs: IntValue<'ctx>,
    ) -> Result<IntValue<'ctx>> {
        Ok(self.builder.build_int_compare(predicate, lhs, rhs, "")?)
    }

    pub(super) fn select_int(
        &self,
        cond: IntValue<'ctx>,
        then: IntValue<'ctx>,
        otherwise: IntValue<'ctx>,
    ) -> Result<IntValue<'ctx>> {
        int(self.select(cond, then.into(), otherwise.into())?)
    }

    pub(super) fn extremum(
        &self,
        least: bool,
        lhs: IntValue<'ctx>,
        rhs: IntValue<'ctx>,
        signed: bool,
    ) -> Result<IntValue<'ctx>> {
        let name = match (least, signed) {
            (true, true) => "llvm.smin",
            (true, false) => "llvm.umin",
            (false, true) => "llvm.smax",
            (false, false) => "llvm.umax",
        };
        self.int_op(name, &[lhs, rhs])
    }

    /// The absolute value; that of the least value is itself.
    pub(super) fn wrapping_abs(&self, x: IntValue<'ctx>) -> Result<IntValue<'ctx>> {
        let least_is_poison = self.int_const(1, 0);
        let args = [x.into(), least_is_poison.into()];
        int(self.call_llvm("llvm.abs", &[x.get_type().into()], &args)?)
    }

    fn emit_abs(&self, call: &Call<'ctx, '_>, x: IntValue<'ctx>) -> Result<IntValue<'ctx>> {
        if let Some(site) = call.site {
            let least = self.int_const(call.ty.bits(), 1 << (call.ty.bits() - 1));
            let overflows = self.compare(IntPredicate::EQ, x, least)?;
            self.trap_if(overflows, site, &call.args)?;
        }
        self.wrapping_abs(x)
    }

    /// A count of bits, as `u32`.
    fn count(&self, name: &str, x: IntValue<'ctx>) -> Result<IntValue<'ctx>> {
        let count = if name == "llvm.ctpop" {
            self.int_op(name, &[x])?
        } else {
            let zero_is_poison = self.int_const(1, 0);
            self.int_op(name, &[x, zero_is_poison])?
        };
        self.resize_unsigned(count, 32)
    }

    /// `div_euclid`, `rem_euclid`, `div_ceil`.
    fn emit_rounded_division(
        &self,
        call: &Call<'ctx, '_>,
        x: IntValue<'ctx>,
        rhs: IntValue<'ctx>,
    ) -> Result<IntValue<'ctx>> {
        let ty = call.ty;
        self.check_division((x, rhs), ty, true, call.needed_site()?)?;
        match call.intrinsic {
            Intrinsic::RemEuclid => self.build_rem_euclid((x, rhs), ty),
            Intrinsic::DivEuclid => self.build_div_euclid((x, rhs), ty),
            _ => {
                let quotient = int(self.build_division(BinaryOp::Div, (x, rhs), ty)?)?;
                let rest = int(self.build_division(BinaryOp::Rem, (x, rhs), ty)?)?;
                let inexact = self.compare(IntPredicate::NE, rest, x.get_type().const_zero())?;
                let carry = self.builder.build_int_z_extend(inexact, x.get_type(), "")?;
                Ok(self.builder.build_int_add(quotient, carry, "")?)
            }
        }
    }

    /// `rem_euclid` of operands that have passed the check.
    pub(super) fn build_rem_euclid(
        &self,
        (x, rhs): (IntValue<'ctx>, IntValue<'ctx>),
        ty: ScalarTy,
    ) -> Result<IntValue<'ctx>> {
        let rest = int(self.build_division(BinaryOp::Rem, (x, rhs), ty)?)?;
        if !ty.is_signed_int() {
            return Ok(rest);
        }
        let is_negative = self.compare(IntPredicate::SLT, rest, x.get_type().const_zero())?;
        let size = self.wrapping_abs(rhs)?;
        let corrected = self.builder.build_int_add(rest, size, "")?;
        self.select_int(is_negative, corrected, rest)
    }

    /// `div_euclid` of operands that have passed the check.
    pub(super) fn build_div_euclid(
        &self,
        (x, rhs): (IntValue<'ctx>, IntValue<'ctx>),
        ty: ScalarTy,
    ) -> Result<IntValue<'ctx>> {
        let quotient = int(self.build_division(BinaryOp::Div, (x, rhs), ty)?)?;
        if !ty.is_signed_int() {
            return Ok(quotient);
        }
        let zero = x.get_type().const_zero();
        let one = self.int_const(ty.bits(), 1);
        let rest = int(self.build_division(BinaryOp::Rem, (x, rhs), ty)?)?;
        let is_negative = self.compare(IntPredicate::SLT, rest, zero)?;
        let is_positive = self.compare(IntPredicate::SGT, rhs, zero)?;
        let less = self.builder.build_int_sub(quotient, one, "")?;
        let more = self.builder.build_int_add(quotient, one, "")?;
        let corrected = self.select_int(is_positive, less, more)?;
        self.select_int(is_negative, corrected, quotient)
    }

    /// The least multiple that is no less. By zero, the `checked` method gives nothing and the others trap; on overflow the `wrapping` one,
    /// which `next_multiple_of` is in profiles that do not check it, wraps.
    fn emit_next_multiple_of(
        &self,
        call: &Call<'ctx, '_>,
        x: IntValue<'ctx>,
    ) -> Result<Value<'ctx>> {
        let ty = call.ty;
        let zero = x.get_type().const_zero();
        let rhs = call.int(1)?;
        let by_zero = self.compare(IntPredicate::EQ, rhs, zero)?;
        let divisor = if call.intrinsic == Intrinsic::CheckedNextMultipleOf {
            self.select_int(by_zero, self.int_const(ty.bits(), 1), rhs)?
        } else {
            self.trap_if(by_zero, call.needed_site()?, &call.args)?;
            rhs
        };
        let rest = int(self.build_division(BinaryOp::Rem, (x, divisor), ty)?)?;
        let is_multiple = self.compare(IntPredicate::EQ, rest, zero)?;
        let missing = self.builder.build_int_sub(divisor, rest, "")?;
        let missing = self.select_int(is_multiple, zero, missing)?;
        let (next, overflows) = self.with_overflow(BinaryOp::Add, (x, missing), ty)?;
        match call.intrinsic {
            Intrinsic::CheckedNextMultipleOf => {
                let none = self.builder.build_or(by_zero, overflows, "")?;
                let some = self.builder.build_not(none, "")?;
                self.build_option(some, next, &Ty::Scalar(ty))
            }
            Intrinsic::NextMultipleOf => {
                self.trap_if(overflows, call.needed_site()?, &call.args)?;
                Ok(next.into())
            }
            _ => Ok(next.into()),
        }
    }

    /// The product of the first two arguments plus the others in twice as many bits, which has room for it: its halves, low first.
    fn emit_wide_product(&self, call: &Call<'ctx, '_>) -> Result<Value<'ctx>> {
        let builder = &self.builder;
        let ty = call.ty;
        let narrow = self.int_type(ty.bits());
        let wide = (NonZeroU32::new(2 * ty.bits()))
            .and_then(|bits| self.context.custom_width_int_type(bits).ok())
            .ok_or_else(|| CodegenError::bug("an integer without bits"))?;
        let widen = |index| -> Result<IntValue<'ctx>> {
            Ok(builder.build_int_z_extend(call.int(index)?, wide, "")?)
        };
        let mut sum = builder.build_int_mul(widen(0)?, widen(1)?, "")?;
        for index in 2..call.args.len() {
            sum = builder.build_int_add(sum, widen(index)?, "")?;
        }
        let low = builder.build_int_truncate(sum, narrow, "")?;
        let distance = wide.const_int(ty.bits().into(), false);
        let high = builder.build_right_shift(sum, distance, false, "")?;
        let high = builder.build_int_truncate(high, narrow, "")?;
        let half = Ty::Scalar(ty);
        self.build_tuple(&[(low.into(), &half), (high.into(), &half)])
    }

    fn swap_bytes(&self, x: IntValue<'ctx>) -> Result<IntValue<'ctx>> {
        match x.get_type().get_bit_width() {
            8 => Ok(x),
            _ => self.int_op("llvm.bswap", &[x]),
        }
    }

    /// A shift that shifts everything out if the distance is not below the width.
    fn emit_unbounded_shift(
        &self,
        call: &Call<'ctx, '_>,
        x: IntValue<'ctx>,
    ) -> Result<IntValue<'ctx>> {
        let ty = call.ty;
        let too_far = self.shifts_too_far(call)?;
        let distance = self.resize_unsigned(call.int(1)?, ty.bits())?;
        if call.intrinsic == Intrinsic::UnboundedShl {
            let shifted = self.build_masked_shift(BinaryOp::Shl, x, distance, ty)?;
            return self.select_int(too_far, x.get_type().const_zero(), shifted);
        }
        let farthest = self.int_const(ty.bits(), u128::from(ty.bits() - 1));
        let shifted = self.build_masked_shift(BinaryOp::Shr, x, distance, ty)?;
        let nothing = match ty.is_signed_int() {
            true => self.build_masked_shift(BinaryOp::Shr, x, farthest, ty)?,
            false => x.get_type().const_zero(),
        };
        self.select_int(too_far, nothing, shifted)
    }

    /// Half of the sum, rounded towards zero: what both have in common and half of what they have not.
    fn emit_midpoint(
        &self,
        call: &Call<'ctx, '_>,
        x: IntValue<'ctx>,
        rhs: IntValue<'ctx>,
    ) -> Result<IntValue<'ctx>> {
        let builder = &self.builder;
        let signed = call.ty.is_signed_int();
        let one = self.int_const(call.ty.bits(), 1);
        let different = builder.build_xor(x, rhs, "")?;
        let half = builder.build_right_shift(different, one, signed, "")?;
        let floor = builder.build_int_add(half, builder.build_and(x, rhs, "")?, "")?;
        if !signed {
            return Ok(floor);
        }
        // That is rounded down.
        let is_negative = self.compare(IntPredicate::SLT, floor, x.get_type().const_zero())?;
        let is_negative = builder.build_int_z_extend(is_negative, x.get_type(), "")?;
        let carry = builder.build_and(is_negative, different, "")?;
        Ok(builder.build_int_add(floor, carry, "")?)
    }

    /// Traps or wraps to 0 if the result has no room.
    fn emit_next_power_of_two(
        &self,
        call: &Call<'ctx, '_>,
        x: IntValue<'ctx>,
    ) -> Result<IntValue<'ctx>> {
        let (power, overflows) = self.next_power_of_two(call, x)?;
        if let Some(site) = call.site {
            self.trap_if(overflows, site, &call.args)?;
        }
        Ok(power)
    }

    /// The next power of two, and whether it has no room, where it wraps to 0.
    fn next_power_of_two(
        &self,
        call: &Call<'ctx, '_>,
        x: IntValue<'ctx>,
    ) -> Result<(IntValue<'ctx>, IntValue<'ctx>)> {
        let ty = call.ty;
        let one = self.int_const(ty.bits(), 1);
        let all = x.get_type().const_all_ones();
        // std's way: the number of leading zeros of `x - 1`, shifted out of all ones, plus one.
        let is_small = self.compare(IntPredicate::ULE, x, one)?;
        let before = self.builder.build_int_sub(x, one, "")?;
        let zeros = self.int_op("llvm.ctlz", &[before, self.int_const(1, 0)])?;
        let shifted = self.build_masked_shift(BinaryOp::Shr, all, zeros, ty)?;
        let less_one = self.select_int(is_small, x.get_type().const_zero(), shifted)?;
        let overflows = self.compare(IntPredicate::EQ, less_one, all)?;
        Ok((self.builder.build_int_add(less_one, one, "")?, overflows))
    }

    /// Traps for a negative number.
    fn emit_isqrt(&self, call: &Call<'ctx, '_>, x: IntValue<'ctx>) -> Result<IntValue<'ctx>> {
        if call.ty.is_signed_int() {
            let is_negative = self.compare(IntPredicate::SLT, x, x.get_type().const_zero())?;
            self.trap_if(is_negative, call.needed_site()?, &call.args)?;
        }
        self.isqrt(call, x)
    }

    /// The root of the bits as an unsigned number.
    fn isqrt(&self, call: &Call<'ctx, '_>, x: IntValue<'ctx>) -> Result<IntValue<'ctx>> {
        if call.ty.bits() <= 32 {
            // Exact: `f64` holds the number, and its root is never rounded up to the next integer below 2^52.
            let double = self.context.f64_type();
            let wide = self.builder.build_unsigned_int_to_float(x, double, "")?;
            let root = self.call_llvm("llvm.sqrt", &[double.into()], &[wide.into()])?;
            let root = super::super::float(root)?;
            return Ok(self
                .builder
                .build_float_to_unsigned_int(root, x.get_type(), "")?);
        }
        self.int_bridge("hotloop_isqrt", &[x])
    }

    /// Traps unless the number is positive and the base at least 2.
    fn emit_ilog(&self, call: &Call<'ctx, '_>, x: IntValue<'ctx>) -> Result<IntValue<'ctx>> {
        let (log, fails) = self.ilog(call, x)?;
        self.trap_if(fails, call.needed_site()?, &call.args)?;
        Ok(log)
    }

    /// The logarithm, and whether there is none, where the first is any number.
    fn ilog(
        &self,
        call: &Call<'ctx, '_>,
        x: IntValue<'ctx>,
    ) -> Result<(IntValue<'ctx>, IntValue<'ctx>)> {
        let ty = call.ty;
        let zero = self.int_const(ty.bits(), 0);
        let mut fails = self.emit_comparison(BinaryOp::Le, (x.into(), ty), zero.into())?;
        let log = match call.intrinsic {
            Intrinsic::Ilog2 | Intrinsic::CheckedIlog2 => {
                let zeros = self.int_op("llvm.ctlz", &[x, self.int_const(1, 0)])?;
                let last = self.int_const(ty.bits(), u128::from(ty.bits() - 1));
                self.builder.build_int_sub(last, zeros, "")?
            }
            Intrinsic::Ilog10 | Intrinsic::CheckedIlog10 => {
                self.int_bridge("hotloop_ilog10", &[x])?
            }
            _ => {
                let one = self.int_const(ty.bits(), 1);
                let base = call.int(1)?;
                let no_base = self.emit_comparison(BinaryOp::Le, (base.into(), ty), one.into())?;
                fails = self.builder.build_or(fails, no_base, "")?;
                self.int_bridge("hotloop_ilog", &[x, base])?
            }
        };
        Ok((self.resize_unsigned(log, 32)?, fails))
    }

    /// A bridge to std for numbers that are not negative: one for 64 bits and less, one for 128.
    fn int_bridge(&self, name: &str, args: &[IntValue<'ctx>]) -> Result<IntValue<'ctx>> {
        let bits = args.first().map_or(0, |arg| arg.get_type().get_bit_width());
        let (suffix, wide) = if bits <= 64 {
            ("u64", ScalarTy::U64)
        } else {
            ("u128", ScalarTy::U128)
        };
        let args = args
            .iter()
            .map(|&arg| Ok(self.resize_unsigned(arg, wide.bits())?.into()))
            .collect::<Result<Vec<Value<'ctx>>>>()?;
        let value = int(self.call_symbol(&format!("{name}_{suffix}"), wide, &args)?)?;
        self.resize_unsigned(value, bits)
    }
}

//! Methods of integers.

use hotloop_ir::{BinaryOp, Intrinsic, ScalarTy, Ty};
use inkwell::IntPredicate;
use inkwell::values::IntValue;

use super::super::{Emitter, Result, Value, int};
use super::Call;

impl<'ctx> Emitter<'ctx, '_> {
    pub(super) fn emit_int_method(&mut self, call: &Call<'ctx, '_>) -> Result<Value<'ctx>> {
        let ty = call.ty;
        let signed = ty.is_signed_int();
        let x = call.int(0)?;
        let zero = x.get_type().const_zero();
        let value = match call.intrinsic {
            Intrinsic::Abs => self.emit_abs(call, x)?,
            Intrinsic::WrappingAbs | Intrinsic::UnsignedAbs => self.wrapping_abs(x)?,
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
            Intrinsic::Min => self.extremum(true, x, call.int(1)?, signed)?,
            Intrinsic::Max => self.extremum(false, x, call.int(1)?, signed)?,
            Intrinsic::Clamp => {
                let (min, max) = (call.arg(1)?, call.arg(2)?);
                let fails = self.emit_comparison(BinaryOp::Gt, (min, ty), max)?;
                self.trap_if(fails, call.needed_site()?, &call.args)?;
                let x = self.extremum(false, x, int(min)?, signed)?;
                self.extremum(true, x, int(max)?, signed)?
            }
            Intrinsic::DivEuclid | Intrinsic::RemEuclid | Intrinsic::DivCeil => {
                self.emit_rounded_division(call, x, call.int(1)?)?
            }
            Intrinsic::WrappingDiv | Intrinsic::WrappingRem => {
                self.emit_wrapping_division(call, x, call.int(1)?)?
            }
            Intrinsic::Pow | Intrinsic::WrappingPow => self.emit_pow(call)?,
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
            Intrinsic::SwapBytes if ty.bits() == 8 => x,
            Intrinsic::SwapBytes => self.int_op("llvm.bswap", &[x])?,
            Intrinsic::ReverseBits => self.int_op("llvm.bitreverse", &[x])?,
            Intrinsic::WrappingAdd => self.build_wrapping(BinaryOp::Add, (x, call.int(1)?))?,
            Intrinsic::WrappingSub => self.build_wrapping(BinaryOp::Sub, (x, call.int(1)?))?,
            Intrinsic::WrappingMul => self.build_wrapping(BinaryOp::Mul, (x, call.int(1)?))?,
            Intrinsic::WrappingNeg => self.builder.build_int_neg(x, "")?,
            Intrinsic::WrappingShl | Intrinsic::WrappingShr => {
                let op = match call.intrinsic {
                    Intrinsic::WrappingShl => BinaryOp::Shl,
                    _ => BinaryOp::Shr,
                };
                let distance = self.resize_unsigned(call.int(1)?, ty.bits())?;
                self.build_masked_shift(op, x, distance, ty)?
            }
            Intrinsic::SaturatingAdd => {
                let name = if signed {
                    "llvm.sadd.sat"
                } else {
                    "llvm.uadd.sat"
                };
                self.int_op(name, &[x, call.int(1)?])?
            }
            Intrinsic::SaturatingSub => {
                let name = if signed {
                    "llvm.ssub.sat"
                } else {
                    "llvm.usub.sat"
                };
                self.int_op(name, &[x, call.int(1)?])?
            }
            Intrinsic::SaturatingMul => self.emit_saturating_mul(call, x, call.int(1)?)?,
            Intrinsic::OverflowingAdd | Intrinsic::OverflowingSub | Intrinsic::OverflowingMul => {
                let op = match call.intrinsic {
                    Intrinsic::OverflowingAdd => BinaryOp::Add,
                    Intrinsic::OverflowingSub => BinaryOp::Sub,
                    _ => BinaryOp::Mul,
                };
                let (value, overflows) = self.with_overflow(op, (x, call.int(1)?), ty)?;
                let parts = [
                    (value.into(), &Ty::Scalar(ty)),
                    (overflows.into(), &Ty::BOOL),
                ];
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

    fn select_int(
        &self,
        cond: IntValue<'ctx>,
        then: IntValue<'ctx>,
        otherwise: IntValue<'ctx>,
    ) -> Result<IntValue<'ctx>> {
        int(self.select(cond, then.into(), otherwise.into())?)
    }

    fn extremum(
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
    fn wrapping_abs(&self, x: IntValue<'ctx>) -> Result<IntValue<'ctx>> {
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
        let zero = x.get_type().const_zero();
        let one = self.int_const(ty.bits(), 1);
        self.check_division((x, rhs), ty, true, call.needed_site()?)?;
        let rest = int(self.build_division(BinaryOp::Rem, (x, rhs), ty)?)?;
        if call.intrinsic == Intrinsic::RemEuclid {
            if !ty.is_signed_int() {
                return Ok(rest);
            }
            let is_negative = self.compare(IntPredicate::SLT, rest, zero)?;
            let size = self.wrapping_abs(rhs)?;
            let corrected = self.builder.build_int_add(rest, size, "")?;
            return self.select_int(is_negative, corrected, rest);
        }
        let quotient = int(self.build_division(BinaryOp::Div, (x, rhs), ty)?)?;
        if call.intrinsic == Intrinsic::DivCeil {
            let inexact = self.compare(IntPredicate::NE, rest, zero)?;
            let carry = self.builder.build_int_z_extend(inexact, x.get_type(), "")?;
            return Ok(self.builder.build_int_add(quotient, carry, "")?);
        }
        if !ty.is_signed_int() {
            return Ok(quotient);
        }
        let is_negative = self.compare(IntPredicate::SLT, rest, zero)?;
        let is_positive = self.compare(IntPredicate::SGT, rhs, zero)?;
        let less = self.builder.build_int_sub(quotient, one, "")?;
        let more = self.builder.build_int_add(quotient, one, "")?;
        let corrected = self.select_int(is_positive, less, more)?;
        self.select_int(is_negative, corrected, quotient)
    }

    /// `wrapping_div`, `wrapping_rem`: the least value by -1 wraps, to itself and to 0; division by zero traps.
    fn emit_wrapping_division(
        &self,
        call: &Call<'ctx, '_>,
        x: IntValue<'ctx>,
        rhs: IntValue<'ctx>,
    ) -> Result<IntValue<'ctx>> {
        let ty = call.ty;
        let op = match call.intrinsic {
            Intrinsic::WrappingDiv => BinaryOp::Div,
            _ => BinaryOp::Rem,
        };
        self.check_division((x, rhs), ty, false, call.needed_site()?)?;
        if !ty.is_signed_int() {
            return int(self.build_division(op, (x, rhs), ty)?);
        }
        // Dividing by 1 instead gives just these results.
        let overflows = self.division_overflows((x, rhs), ty)?;
        let one = self.int_const(ty.bits(), 1);
        let rhs = self.select_int(overflows, one, rhs)?;
        int(self.build_division(op, (x, rhs), ty)?)
    }

    fn emit_saturating_mul(
        &self,
        call: &Call<'ctx, '_>,
        lhs: IntValue<'ctx>,
        rhs: IntValue<'ctx>,
    ) -> Result<IntValue<'ctx>> {
        let ty = call.ty;
        let (value, overflows) = self.with_overflow(BinaryOp::Mul, (lhs, rhs), ty)?;
        let limit = if ty.is_signed_int() {
            let most = self.int_const(ty.bits(), (1 << (ty.bits() - 1)) - 1);
            let least = self.int_const(ty.bits(), 1 << (ty.bits() - 1));
            let signs = self.builder.build_xor(lhs, rhs, "")?;
            let is_negative =
                self.compare(IntPredicate::SLT, signs, lhs.get_type().const_zero())?;
            self.select_int(is_negative, least, most)?
        } else {
            lhs.get_type().const_all_ones()
        };
        self.select_int(overflows, limit, value)
    }

    /// Traps or wraps to 0 if the result has no room.
    fn emit_next_power_of_two(
        &self,
        call: &Call<'ctx, '_>,
        x: IntValue<'ctx>,
    ) -> Result<IntValue<'ctx>> {
        let ty = call.ty;
        let one = self.int_const(ty.bits(), 1);
        let all = x.get_type().const_all_ones();
        // std's way: the number of leading zeros of `x - 1`, shifted out of all ones, plus one.
        let is_small = self.compare(IntPredicate::ULE, x, one)?;
        let before = self.builder.build_int_sub(x, one, "")?;
        let zeros = self.int_op("llvm.ctlz", &[before, self.int_const(1, 0)])?;
        let shifted = self.build_masked_shift(BinaryOp::Shr, all, zeros, ty)?;
        let less_one = self.select_int(is_small, x.get_type().const_zero(), shifted)?;
        if let Some(site) = call.site {
            let overflows = self.compare(IntPredicate::EQ, less_one, all)?;
            self.trap_if(overflows, site, &call.args)?;
        }
        Ok(self.builder.build_int_add(less_one, one, "")?)
    }

    /// Traps for a negative number.
    fn emit_isqrt(&self, call: &Call<'ctx, '_>, x: IntValue<'ctx>) -> Result<IntValue<'ctx>> {
        let ty = call.ty;
        if ty.is_signed_int() {
            let is_negative = self.compare(IntPredicate::SLT, x, x.get_type().const_zero())?;
            self.trap_if(is_negative, call.needed_site()?, &call.args)?;
        }
        if ty.bits() <= 32 {
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
        let ty = call.ty;
        let zero = self.int_const(ty.bits(), 0);
        let mut fails = self.emit_comparison(BinaryOp::Le, (x.into(), ty), zero.into())?;
        if call.intrinsic == Intrinsic::Ilog {
            let one = self.int_const(ty.bits(), 1);
            let no_base = self.emit_comparison(BinaryOp::Le, (call.arg(1)?, ty), one.into())?;
            fails = self.builder.build_or(fails, no_base, "")?;
        }
        self.trap_if(fails, call.needed_site()?, &call.args)?;
        let log = match call.intrinsic {
            Intrinsic::Ilog2 => {
                let zeros = self.int_op("llvm.ctlz", &[x, self.int_const(1, 0)])?;
                let last = self.int_const(ty.bits(), u128::from(ty.bits() - 1));
                self.builder.build_int_sub(last, zeros, "")?
            }
            Intrinsic::Ilog10 => self.int_bridge("hotloop_ilog10", &[x])?,
            _ => self.int_bridge("hotloop_ilog", &[x, call.int(1)?])?,
        };
        self.resize_unsigned(log, 32)
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

//! Operators with two operands, in Rust's semantics: with a trap site they check, without one they wrap.

use hotloop_ir::{BinaryOp, ScalarTy, SiteId};
use inkwell::values::IntValue;
use inkwell::{FloatPredicate, IntPredicate};

use super::guard::Checks;
use super::{CodegenError, Emitter, Result, Value, aggregate, float, int};

/// A value and its type, which says the sign of integers.
pub(super) type Typed<'ctx> = (Value<'ctx>, ScalarTy);

impl<'ctx> Emitter<'ctx, '_> {
    pub(super) fn emit_binary(
        &self,
        op: BinaryOp,
        lhs: Typed<'ctx>,
        rhs: Typed<'ctx>,
        site: Option<SiteId>,
    ) -> Result<Value<'ctx>> {
        let ty = lhs.1;
        if op.is_comparison() {
            return Ok(self.emit_comparison(op, lhs, rhs.0)?.into());
        }
        if ty.is_float() {
            return self.emit_float_binary(op, lhs.0, rhs.0);
        }
        let operands = (int(lhs.0)?, int(rhs.0)?);
        match op {
            BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul => {
                self.emit_overflowing(op, operands, ty, site)
            }
            BinaryOp::Div | BinaryOp::Rem => {
                let site =
                    site.ok_or_else(|| CodegenError::bug("an integer division without a site"))?;
                self.check_division(operands, ty, true, site)?;
                self.build_division(op, operands, ty)
            }
            BinaryOp::Shl | BinaryOp::Shr => self.emit_shift(op, operands, (ty, rhs.1), site),
            BinaryOp::BitAnd => Ok(self.builder.build_and(operands.0, operands.1, "")?.into()),
            BinaryOp::BitOr => Ok(self.builder.build_or(operands.0, operands.1, "")?.into()),
            BinaryOp::BitXor => Ok(self.builder.build_xor(operands.0, operands.1, "")?.into()),
            BinaryOp::Eq
            | BinaryOp::Ne
            | BinaryOp::Lt
            | BinaryOp::Le
            | BinaryOp::Gt
            | BinaryOp::Ge => Err(CodegenError::bug("a comparison as arithmetic")),
        }
    }

    /// `+`, `-` or `*` of integers.
    pub(super) fn emit_overflowing(
        &self,
        op: BinaryOp,
        (lhs, rhs): (IntValue<'ctx>, IntValue<'ctx>),
        ty: ScalarTy,
        site: Option<SiteId>,
    ) -> Result<Value<'ctx>> {
        if let Some(site) = site {
            if matches!(*self.checks.borrow(), Checks::Made) {
                return Ok(self.build_exact(op, (lhs, rhs), ty)?.into());
            }
            let (value, overflows) = self.with_overflow(op, (lhs, rhs), ty)?;
            self.trap_if(overflows, site, &[lhs.into(), rhs.into()])?;
            return Ok(value.into());
        }
        Ok(self.build_wrapping(op, (lhs, rhs))?.into())
    }

    /// `+`, `-` or `*` of integers that do not overflow.
    fn build_exact(
        &self,
        op: BinaryOp,
        (lhs, rhs): (IntValue<'ctx>, IntValue<'ctx>),
        ty: ScalarTy,
    ) -> Result<IntValue<'ctx>> {
        let builder = &self.builder;
        Ok(match (op, ty.is_signed_int()) {
            (BinaryOp::Add, true) => builder.build_int_nsw_add(lhs, rhs, "")?,
            (BinaryOp::Add, false) => builder.build_int_nuw_add(lhs, rhs, "")?,
            (BinaryOp::Sub, true) => builder.build_int_nsw_sub(lhs, rhs, "")?,
            (BinaryOp::Sub, false) => builder.build_int_nuw_sub(lhs, rhs, "")?,
            (BinaryOp::Mul, true) => builder.build_int_nsw_mul(lhs, rhs, "")?,
            (BinaryOp::Mul, false) => builder.build_int_nuw_mul(lhs, rhs, "")?,
            (other, _) => return Err(CodegenError::bug(format!("{other:?} cannot overflow"))),
        })
    }

    /// `+`, `-` or `*` of integers, wrapping around.
    pub(super) fn build_wrapping(
        &self,
        op: BinaryOp,
        (lhs, rhs): (IntValue<'ctx>, IntValue<'ctx>),
    ) -> Result<IntValue<'ctx>> {
        match op {
            BinaryOp::Add => Ok(self.builder.build_int_add(lhs, rhs, "")?),
            BinaryOp::Sub => Ok(self.builder.build_int_sub(lhs, rhs, "")?),
            BinaryOp::Mul => Ok(self.builder.build_int_mul(lhs, rhs, "")?),
            other => Err(CodegenError::bug(format!("{other:?} cannot wrap"))),
        }
    }

    /// The wrapped result of `+`, `-` or `*`, and whether it overflowed.
    pub(super) fn with_overflow(
        &self,
        op: BinaryOp,
        (lhs, rhs): (IntValue<'ctx>, IntValue<'ctx>),
        ty: ScalarTy,
    ) -> Result<(IntValue<'ctx>, IntValue<'ctx>)> {
        let name = match (op, ty.is_signed_int()) {
            (BinaryOp::Add, true) => "llvm.sadd.with.overflow",
            (BinaryOp::Add, false) => "llvm.uadd.with.overflow",
            (BinaryOp::Sub, true) => "llvm.ssub.with.overflow",
            (BinaryOp::Sub, false) => "llvm.usub.with.overflow",
            (BinaryOp::Mul, true) => "llvm.smul.with.overflow",
            (BinaryOp::Mul, false) => "llvm.umul.with.overflow",
            (other, _) => return Err(CodegenError::bug(format!("{other:?} cannot overflow"))),
        };
        let pair = self.call_llvm(name, &[lhs.get_type().into()], &[lhs.into(), rhs.into()])?;
        let pair = aggregate(pair)?;
        let value = int(self.builder.build_extract_value(pair, 0, "")?)?;
        let overflows = int(self.builder.build_extract_value(pair, 1, "")?)?;
        Ok((value, overflows))
    }

    /// Traps if the divisor is 0, or, if asked, for the least value divided by -1.
    pub(super) fn check_division(
        &self,
        (lhs, rhs): (IntValue<'ctx>, IntValue<'ctx>),
        ty: ScalarTy,
        check_overflow: bool,
        site: SiteId,
    ) -> Result<()> {
        let zero = rhs.get_type().const_zero();
        let mut fails = self
            .builder
            .build_int_compare(IntPredicate::EQ, rhs, zero, "")?;
        if check_overflow && ty.is_signed_int() {
            let overflows = self.division_overflows((lhs, rhs), ty)?;
            fails = self.builder.build_or(fails, overflows, "")?;
        }
        self.trap_if(fails, site, &[lhs.into(), rhs.into()])
    }

    /// Whether this is the least value divided by -1.
    pub(super) fn division_overflows(
        &self,
        (lhs, rhs): (IntValue<'ctx>, IntValue<'ctx>),
        ty: ScalarTy,
    ) -> Result<IntValue<'ctx>> {
        let least = self.int_const(ty.bits(), 1 << (ty.bits() - 1));
        let minus_one = rhs.get_type().const_all_ones();
        let is_least = self
            .builder
            .build_int_compare(IntPredicate::EQ, lhs, least, "")?;
        let is_minus_one = self
            .builder
            .build_int_compare(IntPredicate::EQ, rhs, minus_one, "")?;
        Ok(self.builder.build_and(is_least, is_minus_one, "")?)
    }

    /// `/` or `%` of integers that have passed the check.
    pub(super) fn build_division(
        &self,
        op: BinaryOp,
        (lhs, rhs): (IntValue<'ctx>, IntValue<'ctx>),
        ty: ScalarTy,
    ) -> Result<Value<'ctx>> {
        let builder = &self.builder;
        let value = match (op == BinaryOp::Div, ty.is_signed_int()) {
            (true, true) => builder.build_int_signed_div(lhs, rhs, "")?,
            (true, false) => builder.build_int_unsigned_div(lhs, rhs, "")?,
            (false, true) => builder.build_int_signed_rem(lhs, rhs, "")?,
            (false, false) => builder.build_int_unsigned_rem(lhs, rhs, "")?,
        };
        Ok(value.into())
    }

    fn emit_shift(
        &self,
        op: BinaryOp,
        (value, distance): (IntValue<'ctx>, IntValue<'ctx>),
        (ty, distance_ty): (ScalarTy, ScalarTy),
        site: Option<SiteId>,
    ) -> Result<Value<'ctx>> {
        let width = ty.bits();
        if let Some(site) = site {
            // Read as unsigned, a negative distance is at least 128, so too large for every width.
            let limit = self.int_const(distance_ty.bits(), width.into());
            let too_far = self
                .builder
                .build_int_compare(IntPredicate::UGE, distance, limit, "")?;
            self.trap_if(too_far, site, &[value.into(), distance.into()])?;
        }
        let distance = self.resize_unsigned(distance, width)?;
        Ok(self.build_masked_shift(op, value, distance, ty)?.into())
    }

    /// `<<` or `>>` by a distance of the same width, modulo that width.
    pub(super) fn build_masked_shift(
        &self,
        op: BinaryOp,
        value: IntValue<'ctx>,
        distance: IntValue<'ctx>,
        ty: ScalarTy,
    ) -> Result<IntValue<'ctx>> {
        let mask = self.int_const(ty.bits(), u128::from(ty.bits() - 1));
        let distance = self.builder.build_and(distance, mask, "")?;
        if op == BinaryOp::Shl {
            return Ok(self.builder.build_left_shift(value, distance, "")?);
        }
        let signed = ty.is_signed_int();
        Ok(self
            .builder
            .build_right_shift(value, distance, signed, "")?)
    }

    /// Truncates or zero-extends to a width.
    pub(super) fn resize_unsigned(
        &self,
        value: IntValue<'ctx>,
        bits: u32,
    ) -> Result<IntValue<'ctx>> {
        let ty = self.int_type(bits);
        let have = value.get_type().get_bit_width();
        Ok(match have.cmp(&bits) {
            std::cmp::Ordering::Less => self.builder.build_int_z_extend(value, ty, "")?,
            std::cmp::Ordering::Equal => value,
            std::cmp::Ordering::Greater => self.builder.build_int_truncate(value, ty, "")?,
        })
    }

    fn emit_float_binary(
        &self,
        op: BinaryOp,
        lhs: Value<'ctx>,
        rhs: Value<'ctx>,
    ) -> Result<Value<'ctx>> {
        let (lhs, rhs) = (float(lhs)?, float(rhs)?);
        let builder = &self.builder;
        let value = match op {
            BinaryOp::Add => builder.build_float_add(lhs, rhs, "")?,
            BinaryOp::Sub => builder.build_float_sub(lhs, rhs, "")?,
            BinaryOp::Mul => builder.build_float_mul(lhs, rhs, "")?,
            BinaryOp::Div => builder.build_float_div(lhs, rhs, "")?,
            BinaryOp::Rem => builder.build_float_rem(lhs, rhs, "")?,
            other => return Err(CodegenError::bug(format!("{other:?} of floats"))),
        };
        self.with_flags(value)
    }

    /// A comparison of scalars of one type.
    pub(super) fn emit_comparison(
        &self,
        op: BinaryOp,
        (lhs, ty): Typed<'ctx>,
        rhs: Value<'ctx>,
    ) -> Result<IntValue<'ctx>> {
        if ty.is_float() {
            let predicate = match op {
                BinaryOp::Eq => FloatPredicate::OEQ,
                // The one that is true for NaN.
                BinaryOp::Ne => FloatPredicate::UNE,
                BinaryOp::Lt => FloatPredicate::OLT,
                BinaryOp::Le => FloatPredicate::OLE,
                BinaryOp::Gt => FloatPredicate::OGT,
                BinaryOp::Ge => FloatPredicate::OGE,
                other => return Err(CodegenError::bug(format!("{other:?} as a comparison"))),
            };
            return Ok(self.builder.build_float_compare(
                predicate,
                float(lhs)?,
                float(rhs)?,
                "",
            )?);
        }
        // `false < true`: `bool` compares as an unsigned integer.
        let predicate = match (op, ty.is_signed_int()) {
            (BinaryOp::Eq, _) => IntPredicate::EQ,
            (BinaryOp::Ne, _) => IntPredicate::NE,
            (BinaryOp::Lt, true) => IntPredicate::SLT,
            (BinaryOp::Lt, false) => IntPredicate::ULT,
            (BinaryOp::Le, true) => IntPredicate::SLE,
            (BinaryOp::Le, false) => IntPredicate::ULE,
            (BinaryOp::Gt, true) => IntPredicate::SGT,
            (BinaryOp::Gt, false) => IntPredicate::UGT,
            (BinaryOp::Ge, true) => IntPredicate::SGE,
            (BinaryOp::Ge, false) => IntPredicate::UGE,
            (other, _) => return Err(CodegenError::bug(format!("{other:?} as a comparison"))),
        };
        Ok(self
            .builder
            .build_int_compare(predicate, int(lhs)?, int(rhs)?, "")?)
    }
}

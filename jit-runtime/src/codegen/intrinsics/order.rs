//! Order: `min`, `max` and `clamp`, and the comparisons whose result is an `Ordering`, in the IR an `i8`.

use hotloop_ir::{BinaryOp, Intrinsic, ScalarTy, Ty};
use inkwell::FloatPredicate;
use inkwell::values::IntValue;

use super::super::{Emitter, Result, Value, float, int};
use super::Call;

impl<'ctx> Emitter<'ctx, '_> {
    /// `None` if this is another method, or one of floats that has to do with their being no total order.
    pub(super) fn emit_order_method(&self, call: &Call<'ctx, '_>) -> Result<Option<Value<'ctx>>> {
        let ty = call.ty;
        Ok(Some(match call.intrinsic {
            Intrinsic::Min | Intrinsic::Max if !ty.is_float() => {
                let least = call.intrinsic == Intrinsic::Min;
                self.least_or_greatest(least, call.int(0)?, call.int(1)?, ty)?
                    .into()
            }
            Intrinsic::Clamp if !ty.is_float() => {
                let (min, max) = (call.arg(1)?, call.arg(2)?);
                let fails = self.emit_comparison(BinaryOp::Gt, (min, ty), max)?;
                self.trap_if(fails, call.needed_site()?, &call.args)?;
                let x = self.least_or_greatest(false, call.int(0)?, int(min)?, ty)?;
                self.least_or_greatest(true, x, int(max)?, ty)?.into()
            }
            Intrinsic::Cmp => self.ordering(call.arg(0)?, call.arg(1)?, ty)?.into(),
            Intrinsic::PartialCmp => {
                let (lhs, rhs) = (call.arg(0)?, call.arg(1)?);
                let order = self.ordering(lhs, rhs, ty)?;
                let some = match ty.is_float() {
                    true => {
                        let (lhs, rhs) = (float(lhs)?, float(rhs)?);
                        let ordered = FloatPredicate::ORD;
                        self.builder.build_float_compare(ordered, lhs, rhs, "")?
                    }
                    false => self.int_const(1, 1),
                };
                self.build_option(some, order, &Ty::Scalar(ScalarTy::I8))?
            }
            Intrinsic::TotalCmp => {
                let bits_ty = ty.bits_ty().unwrap_or(ScalarTy::U64).to_signed();
                let lhs = self.total_order_key(call.arg(0)?, ty)?;
                let rhs = self.total_order_key(call.arg(1)?, ty)?;
                self.ordering(lhs.into(), rhs.into(), bits_ty)?.into()
            }
            _ => return Ok(None),
        }))
    }

    fn least_or_greatest(
        &self,
        least: bool,
        lhs: IntValue<'ctx>,
        rhs: IntValue<'ctx>,
        ty: ScalarTy,
    ) -> Result<IntValue<'ctx>> {
        match (ty, least) {
            (ScalarTy::Bool, true) => Ok(self.builder.build_and(lhs, rhs, "")?),
            (ScalarTy::Bool, false) => Ok(self.builder.build_or(lhs, rhs, "")?),
            _ => self.extremum(least, lhs, rhs, ty.is_signed_int()),
        }
    }

    /// -1, 0 or 1 as `lhs` is less, equal (or, of floats, not comparable) or greater.
    fn ordering(&self, lhs: Value<'ctx>, rhs: Value<'ctx>, ty: ScalarTy) -> Result<IntValue<'ctx>> {
        let byte = self.context.i8_type();
        let greater = self.emit_comparison(BinaryOp::Gt, (lhs, ty), rhs)?;
        let less = self.emit_comparison(BinaryOp::Lt, (lhs, ty), rhs)?;
        let greater = self.builder.build_int_z_extend(greater, byte, "")?;
        let less = self.builder.build_int_z_extend(less, byte, "")?;
        Ok(self.builder.build_int_sub(greater, less, "")?)
    }

    /// A signed integer that is ordered as `total_cmp` orders floats: the bits, all but the sign inverted if that is set.
    fn total_order_key(&self, x: Value<'ctx>, ty: ScalarTy) -> Result<IntValue<'ctx>> {
        let bits = self.float_bits(x, ty)?;
        let last = self.int_const(ty.bits(), u128::from(ty.bits() - 1));
        let one = self.int_const(ty.bits(), 1);
        let sign = self.builder.build_right_shift(bits, last, true, "")?;
        let mask = self.builder.build_right_shift(sign, one, false, "")?;
        Ok(self.builder.build_xor(bits, mask, "")?)
    }
}

//! Conversions between scalars: `as`, and num-traits' checked `NumCast`.

use hotloop_ir::{BinaryOp, ScalarTy};
use inkwell::FloatPredicate;
use inkwell::values::IntValue;

use super::{Emitter, Result, Value, float, int};

impl<'ctx> Emitter<'ctx, '_> {
    /// `value as to`.
    pub(super) fn emit_cast(
        &self,
        value: Value<'ctx>,
        from: ScalarTy,
        to: ScalarTy,
    ) -> Result<Value<'ctx>> {
        let builder = &self.builder;
        match (from.is_float(), to.is_float()) {
            (true, true) if from == to => Ok(value),
            (true, true) => {
                let (value, ty) = (float(value)?, self.float_type(to));
                let value = if to == ScalarTy::F64 {
                    builder.build_float_ext(value, ty, "")?
                } else {
                    builder.build_float_trunc(value, ty, "")?
                };
                Ok(value.into())
            }
            (true, false) => self.saturate(value, from, to),
            (false, true) => {
                let (value, ty) = (int(value)?, self.float_type(to));
                let value = if from.is_signed_int() {
                    builder.build_signed_int_to_float(value, ty, "")?
                } else {
                    builder.build_unsigned_int_to_float(value, ty, "")?
                };
                Ok(value.into())
            }
            (false, false) => Ok(self.cast_int(int(value)?, from, to)?.into()),
        }
    }

    /// `value as to` between integers, or from `bool`.
    fn cast_int(
        &self,
        value: IntValue<'ctx>,
        from: ScalarTy,
        to: ScalarTy,
    ) -> Result<IntValue<'ctx>> {
        let ty = match to {
            ScalarTy::Bool => self.context.bool_type(),
            _ => self.int_type(to.bits()),
        };
        let (have, want) = (value.get_type().get_bit_width(), ty.get_bit_width());
        Ok(match have.cmp(&want) {
            std::cmp::Ordering::Equal => value,
            std::cmp::Ordering::Greater => self.builder.build_int_truncate(value, ty, "")?,
            std::cmp::Ordering::Less if from.is_signed_int() => {
                self.builder.build_int_s_extend(value, ty, "")?
            }
            std::cmp::Ordering::Less => self.builder.build_int_z_extend(value, ty, "")?,
        })
    }

    /// Whether num-traits' `NumCast::from(value)` to `to` is `Some`.
    pub(super) fn emit_fits(
        &self,
        value: Value<'ctx>,
        from: ScalarTy,
        to: ScalarTy,
    ) -> Result<IntValue<'ctx>> {
        if to.is_float() || from == to {
            return Ok(self.int_const(1, 1));
        }
        if from.is_float() {
            return self.float_fits(value, from, to);
        }
        let value = int(value)?;
        let (lower, upper) = range(to);
        let (from_lower, from_upper) = range(from);
        let mut fits = self.int_const(1, 1);
        // Compare only with bounds that are inside the range of `from`, where they are representable.
        if !bound_is_below(lower, from_lower) && lower != from_lower {
            let bound = self.bound(lower, from);
            let inside = self.emit_comparison(BinaryOp::Ge, (value.into(), from), bound)?;
            fits = self.builder.build_and(fits, inside, "")?;
        }
        if bound_is_below(upper, from_upper) {
            let bound = self.bound(upper, from);
            let inside = self.emit_comparison(BinaryOp::Le, (value.into(), from), bound)?;
            fits = self.builder.build_and(fits, inside, "")?;
        }
        Ok(fits)
    }

    fn bound(&self, bound: Bound, ty: ScalarTy) -> Value<'ctx> {
        let bits = match bound {
            Bound::Negative(value) => value as u128,
            Bound::NotNegative(value) => value,
        };
        self.int_const(ty.bits(), bits).into()
    }

    /// Whether the truncated float is in the range of `to`. Both ends, `MIN` and `MAX + 1`, are powers of two or 0, so exact
    /// (`MAX + 1` of `u128` is infinite in `f32`, which no finite number reaches).
    fn float_fits(
        &self,
        value: Value<'ctx>,
        from: ScalarTy,
        to: ScalarTy,
    ) -> Result<IntValue<'ctx>> {
        let truncated =
            float(self.call_llvm("llvm.trunc", &[self.register_type(from)], &[value])?)?;
        let bits = to.bits() as i32;
        let (lower, upper) = if to.is_signed_int() {
            (-(2_f64.powi(bits - 1)), 2_f64.powi(bits - 1))
        } else {
            (0.0, 2_f64.powi(bits))
        };
        let lower = float(self.float_value(from, lower as f32, lower)?)?;
        let upper = float(self.float_value(from, upper as f32, upper)?)?;
        let above = self
            .builder
            .build_float_compare(FloatPredicate::OGE, truncated, lower, "")?;
        let below = self
            .builder
            .build_float_compare(FloatPredicate::OLT, truncated, upper, "")?;
        Ok(self.builder.build_and(above, below, "")?)
    }
}

/// The least or the greatest value of an integer type.
#[derive(Clone, Copy, PartialEq)]
enum Bound {
    Negative(i128),
    NotNegative(u128),
}

fn range(ty: ScalarTy) -> (Bound, Bound) {
    let bits = ty.bits();
    if ty.is_signed_int() {
        let least = i128::MIN >> (128 - bits);
        (
            Bound::Negative(least),
            Bound::NotNegative((i128::MAX >> (128 - bits)) as u128),
        )
    } else {
        (
            Bound::NotNegative(0),
            Bound::NotNegative(u128::MAX >> (128 - bits)),
        )
    }
}

fn bound_is_below(lhs: Bound, rhs: Bound) -> bool {
    match (lhs, rhs) {
        (Bound::Negative(lhs), Bound::Negative(rhs)) => lhs < rhs,
        (Bound::Negative(_), Bound::NotNegative(_)) => true,
        (Bound::NotNegative(_), Bound::Negative(_)) => false,
        (Bound::NotNegative(lhs), Bound::NotNegative(rhs)) => lhs < rhs,
    }
}

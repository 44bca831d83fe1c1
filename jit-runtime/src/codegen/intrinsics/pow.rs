//! Integer powers, by std's own squaring: it multiplies no more than the result needs, so that a product overflows exactly
//! if the result does.

use hotloop_ir::{BinaryOp, ConstValue, ExprKind, SiteId};
use inkwell::IntPredicate;
use inkwell::values::IntValue;

use super::super::{Emitter, Result, int};
use super::Call;
use super::overflow::Flagged;

/// Constant exponents up to this are unrolled, at most 2 * log2 multiplications.
const UNROLLED: u32 = 1 << 10;

/// What happens where a product overflows.
#[derive(Clone, Copy)]
pub(super) enum Products {
    /// It wraps, and nobody asks.
    Wrap,
    /// It wraps, and that is noted.
    Note,
    /// It traps, as the whole power.
    Trap(SiteId),
}

impl<'ctx> Emitter<'ctx, '_> {
    pub(super) fn emit_pow(
        &self,
        call: &Call<'ctx, '_>,
        products: Products,
    ) -> Result<Flagged<'ctx>> {
        let base = call.int(0)?;
        let exponent = call.int(1)?;
        let known = call.exprs.get(1).map(|&expr| &self.func.exprs[expr].kind);
        match known {
            Some(ExprKind::Const(ConstValue::Int(exponent)))
                if *exponent <= u128::from(UNROLLED) =>
            {
                self.unrolled_pow(call, products, base, *exponent as u32)
            }
            _ => self.looping_pow(call, products, base, exponent),
        }
    }

    /// `lhs * rhs`, after what has `overflowed` before.
    fn multiply(
        &self,
        call: &Call<'ctx, '_>,
        products: Products,
        (lhs, rhs): (IntValue<'ctx>, IntValue<'ctx>),
        overflowed: IntValue<'ctx>,
    ) -> Result<Flagged<'ctx>> {
        if let Products::Wrap = products {
            let value = self.build_wrapping(BinaryOp::Mul, (lhs, rhs))?;
            return Ok((value, overflowed).into());
        }
        let (value, overflows) = self.with_overflow(BinaryOp::Mul, (lhs, rhs), call.ty)?;
        if let Products::Trap(site) = products {
            self.trap_if(overflows, site, &call.args)?;
            return Ok((value, overflowed).into());
        }
        Ok((value, self.builder.build_or(overflowed, overflows, "")?).into())
    }

    fn unrolled_pow(
        &self,
        call: &Call<'ctx, '_>,
        products: Products,
        mut base: IntValue<'ctx>,
        mut exponent: u32,
    ) -> Result<Flagged<'ctx>> {
        let mut product: Option<IntValue<'ctx>> = None;
        let mut overflowed = self.int_const(1, 0);
        while exponent > 0 {
            if exponent & 1 == 1 {
                product = Some(match product {
                    Some(product) => {
                        let next = self.multiply(call, products, (product, base), overflowed)?;
                        overflowed = next.overflows;
                        next.value
                    }
                    None => base,
                });
            }
            exponent >>= 1;
            if exponent > 0 {
                let square = self.multiply(call, products, (base, base), overflowed)?;
                (base, overflowed) = (square.value, square.overflows);
            }
        }
        let one = self.int_const(call.ty.bits(), 1);
        Ok((product.unwrap_or(one), overflowed).into())
    }

    /// `loop { if e & 1 == 1 { p *= b; if e == 1 { break p } } e /= 2; b *= b }`, after a test for `e == 0`.
    fn looping_pow(
        &self,
        call: &Call<'ctx, '_>,
        products: Products,
        base: IntValue<'ctx>,
        exponent: IntValue<'ctx>,
    ) -> Result<Flagged<'ctx>> {
        let ty = base.get_type();
        let flag = self.context.bool_type();
        let one = self.int_const(call.ty.bits(), 1);
        let never = self.int_const(1, 0);
        let (e_zero, e_one) = (self.int_const(32, 0), self.int_const(32, 1));
        let builder = &self.builder;
        let header = self.append_block("pow");
        let multiply = self.append_block("pow.multiply");
        let square = self.append_block("pow.square");
        let done = self.append_block("pow.done");

        let before = self.current_block()?;
        let is_zero = self.compare(IntPredicate::EQ, exponent, e_zero)?;
        builder.build_conditional_branch(is_zero, done, header)?;

        builder.position_at_end(header);
        let product_phi = builder.build_phi(ty, "product")?;
        let base_phi = builder.build_phi(ty, "base")?;
        let e_phi = builder.build_phi(self.context.i32_type(), "exponent")?;
        let overflowed_phi = builder.build_phi(flag, "overflowed")?;
        let (product, b) = (
            int(product_phi.as_basic_value())?,
            int(base_phi.as_basic_value())?,
        );
        let e = int(e_phi.as_basic_value())?;
        let overflowed = int(overflowed_phi.as_basic_value())?;
        let odd = builder.build_int_truncate(e, self.context.bool_type(), "")?;
        builder.build_conditional_branch(odd, multiply, square)?;

        builder.position_at_end(multiply);
        let multiplied = self.multiply(call, products, (product, b), overflowed)?;
        let from_multiply = self.current_block()?;
        let is_last = self.compare(IntPredicate::EQ, e, e_one)?;
        builder.build_conditional_branch(is_last, done, square)?;

        builder.position_at_end(square);
        let kept_phi = builder.build_phi(ty, "kept")?;
        kept_phi.add_incoming(&[(&product, header), (&multiplied.value, from_multiply)]);
        let kept = int(kept_phi.as_basic_value())?;
        let so_far_phi = builder.build_phi(flag, "overflowed")?;
        so_far_phi.add_incoming(&[
            (&overflowed, header),
            (&multiplied.overflows, from_multiply),
        ]);
        let so_far = int(so_far_phi.as_basic_value())?;
        let halved = builder.build_right_shift(e, e_one, false, "")?;
        let squared = self.multiply(call, products, (b, b), so_far)?;
        let from_square = self.current_block()?;
        builder.build_unconditional_branch(header)?;

        product_phi.add_incoming(&[(&one, before), (&kept, from_square)]);
        base_phi.add_incoming(&[(&base, before), (&squared.value, from_square)]);
        e_phi.add_incoming(&[(&exponent, before), (&halved, from_square)]);
        overflowed_phi.add_incoming(&[(&never, before), (&squared.overflows, from_square)]);

        builder.position_at_end(done);
        let result = builder.build_phi(ty, "power")?;
        result.add_incoming(&[(&one, before), (&multiplied.value, from_multiply)]);
        let overflows = builder.build_phi(flag, "overflows")?;
        overflows.add_incoming(&[(&never, before), (&multiplied.overflows, from_multiply)]);
        let overflows = int(overflows.as_basic_value())?;
        Ok((int(result.as_basic_value())?, overflows).into())
    }
}

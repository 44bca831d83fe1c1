//! Integer powers, by std's own squaring: it multiplies no more than the result needs, so that a product overflows exactly
//! if the result does.

use hotloop_ir::{BinaryOp, ConstValue, ExprKind};
use inkwell::IntPredicate;
use inkwell::values::IntValue;

use super::super::{Emitter, Result, int};
use super::Call;

/// Constant exponents up to this are unrolled, at most 2 * log2 multiplications.
const UNROLLED: u32 = 1 << 10;

impl<'ctx> Emitter<'ctx, '_> {
    pub(super) fn emit_pow(&self, call: &Call<'ctx, '_>) -> Result<IntValue<'ctx>> {
        let base = call.int(0)?;
        let exponent = call.int(1)?;
        let known = call.exprs.get(1).map(|&expr| &self.func.exprs[expr].kind);
        match known {
            Some(ExprKind::Const(ConstValue::Int(exponent)))
                if *exponent <= u128::from(UNROLLED) =>
            {
                self.unrolled_pow(call, base, *exponent as u32)
            }
            _ => self.looping_pow(call, base, exponent),
        }
    }

    /// `lhs * rhs`; traps as the whole power if there is a site.
    fn multiply(
        &self,
        call: &Call<'ctx, '_>,
        lhs: IntValue<'ctx>,
        rhs: IntValue<'ctx>,
    ) -> Result<IntValue<'ctx>> {
        let Some(site) = call.site else {
            return self.build_wrapping(BinaryOp::Mul, (lhs, rhs));
        };
        let (value, overflows) = self.with_overflow(BinaryOp::Mul, (lhs, rhs), call.ty)?;
        self.trap_if(overflows, site, &call.args)?;
        Ok(value)
    }

    fn unrolled_pow(
        &self,
        call: &Call<'ctx, '_>,
        mut base: IntValue<'ctx>,
        mut exponent: u32,
    ) -> Result<IntValue<'ctx>> {
        let mut product: Option<IntValue<'ctx>> = None;
        while exponent > 0 {
            if exponent & 1 == 1 {
                product = Some(match product {
                    Some(product) => self.multiply(call, product, base)?,
                    None => base,
                });
            }
            exponent >>= 1;
            if exponent > 0 {
                base = self.multiply(call, base, base)?;
            }
        }
        Ok(product.unwrap_or_else(|| self.int_const(call.ty.bits(), 1)))
    }

    /// `loop { if e & 1 == 1 { p *= b; if e == 1 { break p } } e /= 2; b *= b }`, after a test for `e == 0`.
    fn looping_pow(
        &self,
        call: &Call<'ctx, '_>,
        base: IntValue<'ctx>,
        exponent: IntValue<'ctx>,
    ) -> Result<IntValue<'ctx>> {
        let ty = base.get_type();
        let one = self.int_const(call.ty.bits(), 1);
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
        let (product, b) = (
            int(product_phi.as_basic_value())?,
            int(base_phi.as_basic_value())?,
        );
        let e = int(e_phi.as_basic_value())?;
        let odd = builder.build_int_truncate(e, self.context.bool_type(), "")?;
        builder.build_conditional_branch(odd, multiply, square)?;

        builder.position_at_end(multiply);
        let multiplied = self.multiply(call, product, b)?;
        let from_multiply = self.current_block()?;
        let is_last = self.compare(IntPredicate::EQ, e, e_one)?;
        builder.build_conditional_branch(is_last, done, square)?;

        builder.position_at_end(square);
        let kept_phi = builder.build_phi(ty, "kept")?;
        kept_phi.add_incoming(&[(&product, header), (&multiplied, from_multiply)]);
        let kept = int(kept_phi.as_basic_value())?;
        let halved = builder.build_right_shift(e, e_one, false, "")?;
        let squared = self.multiply(call, b, b)?;
        let from_square = self.current_block()?;
        builder.build_unconditional_branch(header)?;

        product_phi.add_incoming(&[(&one, before), (&kept, from_square)]);
        base_phi.add_incoming(&[(&base, before), (&squared, from_square)]);
        e_phi.add_incoming(&[(&exponent, before), (&halved, from_square)]);

        builder.position_at_end(done);
        let result = builder.build_phi(ty, "power")?;
        result.add_incoming(&[(&one, before), (&multiplied, from_multiply)]);
        int(result.as_basic_value())
    }
}

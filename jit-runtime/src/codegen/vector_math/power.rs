//! Powers with a small constant exponent, in halves: products, a square root, a reciprocal.

use hotloop_ir::{BinaryOp, ConstValue, ExprId, ExprKind, ScalarTy};

use super::super::{Emitter, Result, Value};

/// How a power is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Recipe {
    /// Take the square root of `x` first and multiply it with `x` itself so often.
    half: bool,
    whole: u32,
    /// Of `1 / x`, or `1 / √x`.
    inverse: bool,
}

/// The recipe for an exponent, where products round no more often than a power of the general kind is off.
fn recipe(exponent: f64) -> Option<Recipe> {
    let size = exponent.abs();
    let half = size.fract() == 0.5;
    let inverse = exponent < 0.0;
    let most = match (half, inverse) {
        (false, false) => 4.0,
        (true, false) => 2.5,
        (false, true) => 2.0,
        (true, true) => 1.5,
    };
    let fits = size > 0.0 && size <= most && (half || size.fract() == 0.0);
    fits.then_some(Recipe {
        half,
        whole: size as u32,
        inverse,
    })
}

impl<'ctx> Emitter<'ctx, '_> {
    /// `x` to the power of an expression, if that is a constant with a recipe and the function may be approximated.
    pub(in super::super) fn emit_constant_power(
        &self,
        x: Value<'ctx>,
        ty: ScalarTy,
        exponent: Option<&ExprId>,
    ) -> Result<Option<Value<'ctx>>> {
        let exponent = exponent.and_then(|&id| self.func.exprs.get(id));
        let exponent = match exponent.map(|expr| &expr.kind) {
            Some(ExprKind::Const(ConstValue::F32(bits))) => f32::from_bits(*bits).into(),
            Some(ExprKind::Const(ConstValue::F64(bits))) => f64::from_bits(*bits),
            _ => return Ok(None),
        };
        let Some(recipe) = recipe(exponent).filter(|_| self.func.fastmath.afn) else {
            return Ok(None);
        };
        let binary = |op, lhs, rhs| self.emit_binary(op, (lhs, ty), (rhs, ty), None);
        let one = self.float_value(ty, 1.0, 1.0)?;
        let power = |base: Value<'ctx>, n: u32| -> Result<Option<Value<'ctx>>> {
            let mut product = None;
            for _ in 0..n {
                product = Some(match product {
                    Some(product) => binary(BinaryOp::Mul, product, base)?,
                    None => base,
                });
            }
            Ok(product)
        };
        if !recipe.half {
            let base = match recipe.inverse {
                true => binary(BinaryOp::Div, one, x)?,
                false => x,
            };
            return power(base, recipe.whole);
        }
        // Minus infinity has powers of halves, though no root.
        let infinite = self.float_value(ty, f32::INFINITY, f64::INFINITY)?;
        let least = self.float_value(ty, f32::NEG_INFINITY, f64::NEG_INFINITY)?;
        let is_least = self.emit_comparison(BinaryOp::Eq, (x, ty), least)?;
        let x = self.builder.build_select(is_least, infinite, x, "")?;
        let root = self.call_llvm("llvm.sqrt", &[self.register_type(ty)], &[x])?;
        let root = self.with_flags(super::super::float(root)?)?;
        if recipe.inverse {
            // The root has room to be multiplied where `1 / x` would overflow.
            let base = binary(BinaryOp::Div, one, root)?;
            return power(base, 2 * recipe.whole + 1);
        }
        Ok(Some(match power(x, recipe.whole)? {
            Some(product) => binary(BinaryOp::Mul, product, root)?,
            None => root,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_halves_have_recipes() {
        let with = [1.0, 2.0, 3.0, 4.0, 0.5, 1.5, 2.5, -0.5, -1.0, -1.5, -2.0];
        let without = [
            0.0,
            5.0,
            3.5,
            -2.5,
            -3.0,
            0.25,
            f64::NAN,
            f64::INFINITY,
            1e300,
        ];
        assert!(with.into_iter().all(|exponent| recipe(exponent).is_some()));
        assert!(
            without
                .into_iter()
                .all(|exponent| recipe(exponent).is_none())
        );
    }
}

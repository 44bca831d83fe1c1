//! `as` from floats to integers, which saturates, and makes 0 of NaN.
//!
//! LLVM's own intrinsics for it are a chain of compares and conditional moves behind the conversion on x86, and vectors of them are taken
//! apart. So there they are spelled out. Integers of up to 32 bits: clamp, convert. Wider ones: almost every value that a program converts
//! fits, and becomes an index more often than not, so what matters is how soon it is there: a branch that is never taken is off that path
//! (histograms of floats take 0.3 of the time).

use hotloop_ir::{BinaryOp, ScalarTy};
use inkwell::IntPredicate;
use inkwell::values::IntValue;

use super::{Emitter, Result, Value, float, int};

impl<'ctx> Emitter<'ctx, '_> {
    /// `value as to`, from a float to an integer.
    pub(super) fn saturate(
        &self,
        value: Value<'ctx>,
        from: ScalarTy,
        to: ScalarTy,
    ) -> Result<Value<'ctx>> {
        if !cfg!(target_arch = "x86_64") || to.bits() == 128 {
            let name = if to.is_signed_int() {
                "llvm.fptosi.sat"
            } else {
                "llvm.fptoui.sat"
            };
            let types = [self.register_type(to), self.register_type(from)];
            return self.call_llvm(name, &types, &[value]);
        }
        match to.bits() {
            64 => self.saturate_wide(value, from, to),
            _ => self.saturate_narrow(value, from, to),
        }
    }

    fn saturate_narrow(
        &self,
        value: Value<'ctx>,
        from: ScalarTy,
        to: ScalarTy,
    ) -> Result<Value<'ctx>> {
        let (least, greatest) = limits(to);
        // NaN becomes the least.
        let floor = self.float_value(from, least as f32, least)?;
        let above = self.emit_comparison(BinaryOp::Gt, (value, from), floor)?;
        let mut clamped = self.select(above, value, floor)?;
        let mantissa = if from == ScalarTy::F32 { 24 } else { 53 };
        let is_exact = to.bits() <= mantissa;
        let ceiling = if is_exact { greatest } else { greatest + 1.0 };
        let ceiling = self.float_value(from, ceiling as f32, ceiling)?;
        let below = self.emit_comparison(BinaryOp::Lt, (clamped, from), ceiling)?;
        if is_exact {
            clamped = self.select(below, clamped, ceiling)?;
        }
        // Of a value that is out of range, the conversion is poison, which is not selected then.
        let word = self.int_type(32);
        let is_signed = to.is_signed_int() || to.bits() < 32;
        let clamped = float(clamped)?;
        let mut converted = if is_signed {
            self.builder.build_float_to_signed_int(clamped, word, "")?
        } else {
            self.builder
                .build_float_to_unsigned_int(clamped, word, "")?
        };
        if !is_exact {
            let most = self.int_const(32, most(to));
            converted = int(self.select(below, converted.into(), most.into())?)?;
        }
        let mut result = self.resize_unsigned(converted, to.bits())?;
        if to.is_signed_int() {
            result = self.zero_if_nan(result, value, from)?;
        }
        Ok(result.into())
    }

    fn saturate_wide(
        &self,
        value: Value<'ctx>,
        from: ScalarTy,
        to: ScalarTy,
    ) -> Result<Value<'ctx>> {
        let ty = self.int_type(64);
        let is_signed = to.is_signed_int();
        let [rare, usual, done] =
            ["unusual", "usual", "converted"].map(|name| self.append_block(name));
        // An index, most likely: the instruction's own result says whether it is right, and nothing else needs the value.
        let converted = (to == ScalarTy::Usize)
            .then(|| self.convert_to_signed(value, from))
            .transpose()?;
        let unusual = match converted {
            // 2^63 stands for whatever does not fit.
            Some(converted) => {
                let zero = self.int_const(64, 0);
                (self.builder).build_int_compare(IntPredicate::SLT, converted, zero, "")?
            }
            None => self.is_unusual(value, from, is_signed)?,
        };
        let branch = self
            .builder
            .build_conditional_branch(unusual, rare, usual)?;
        self.mark_unlikely(branch)?;

        self.builder.position_at_end(usual);
        let simple = match converted {
            Some(converted) => converted,
            None => (self.builder).build_float_to_signed_int(float(value)?, ty, "")?,
        };
        self.builder.build_unconditional_branch(done)?;

        self.builder.position_at_end(rare);
        let zero = self.float_value(from, 0.0, 0.0)?;
        let positive = self.emit_comparison(BinaryOp::Gt, (value, from), zero)?;
        let most = self.int_const(64, most(to));
        let saturated = if is_signed {
            let least = self.int_const(64, 1 << 63);
            let end = int(self.select(positive, most.into(), least.into())?)?;
            self.zero_if_nan(end, value, from)?
        } else {
            let behind = self.float_value(from, 2_f32.powi(64), 2_f64.powi(64))?;
            let fits = self.emit_comparison(BinaryOp::Lt, (value, from), behind)?;
            let not_negative = float(self.select(positive, value, zero)?)?;
            let large = (self.builder).build_float_to_unsigned_int(not_negative, ty, "")?;
            // NaN does not fit, but is not positive either.
            let end = int(self.select(fits, large.into(), most.into())?)?;
            let none = self.int_const(64, 0);
            int(self.select(positive, end.into(), none.into())?)?
        };
        self.builder.build_unconditional_branch(done)?;

        self.builder.position_at_end(done);
        let phi = self.builder.build_phi(ty, "")?;
        phi.add_incoming(&[(&simple, usual), (&saturated, rare)]);
        Ok(phi.as_basic_value())
    }

    /// The instruction that truncates to 64 bits, and gives the least integer where the value does not fit.
    fn convert_to_signed(&self, value: Value<'ctx>, from: ScalarTy) -> Result<IntValue<'ctx>> {
        let (name, lanes) = match from {
            ScalarTy::F32 => ("llvm.x86.sse.cvttss2si64", 4),
            _ => ("llvm.x86.sse2.cvttsd2si64", 2),
        };
        let vector = float(value)?.get_type().vec_type(lanes);
        let zero = self.context.i32_type().const_zero();
        let vector =
            (self.builder).build_insert_element(vector.get_poison(), float(value)?, zero, "")?;
        int(self.call_llvm(name, &[], &[vector.into()])?)
    }

    /// Whether a value may not fit into 63 bits.
    fn is_unusual(
        &self,
        value: Value<'ctx>,
        from: ScalarTy,
        is_signed: bool,
    ) -> Result<IntValue<'ctx>> {
        // Floats that are not negative are ordered as their bits are, and NaN comes after all of them.
        let bits = from.bits();
        let mut order = int(self
            .builder
            .build_bit_cast(value, self.int_type(bits), "")?)?;
        if is_signed {
            let magnitude = self.int_const(bits, u128::MAX >> (129 - bits));
            order = self.builder.build_and(order, magnitude, "")?;
        }
        let limit = 2_f64.powi(63);
        let limit_bits = match from {
            ScalarTy::F32 => u128::from((limit as f32).to_bits()),
            _ => u128::from(limit.to_bits()),
        };
        Ok(self.builder.build_int_compare(
            IntPredicate::UGE,
            order,
            self.int_const(bits, limit_bits),
            "",
        )?)
    }

    fn zero_if_nan(
        &self,
        result: IntValue<'ctx>,
        value: Value<'ctx>,
        from: ScalarTy,
    ) -> Result<IntValue<'ctx>> {
        let is_nan = self.emit_comparison(BinaryOp::Ne, (value, from), value)?;
        let zero = result.get_type().const_zero();
        int(self.select(is_nan, zero.into(), result.into())?)
    }
}

/// The least and the greatest value of an integer type of up to 32 bits.
fn limits(ty: ScalarTy) -> (f64, f64) {
    let greatest = most(ty) as f64;
    let least = if ty.is_signed_int() {
        -1.0 - greatest
    } else {
        0.0
    };
    (least, greatest)
}

/// The greatest value of an integer type.
fn most(ty: ScalarTy) -> u128 {
    let value_bits = ty.bits() - u32::from(ty.is_signed_int());
    u128::MAX >> (128 - value_bits)
}

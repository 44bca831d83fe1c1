//! Integer methods that say what happens on overflow. Each is an operation, which gives the wrapped result and whether that is not the
//! true one, and a form, which says what the method makes of it.

use hotloop_ir::{BinaryOp, Intrinsic, Ty};
use inkwell::IntPredicate;
use inkwell::values::IntValue;

use super::super::{Emitter, Result, Value, int};
use super::Call;
use super::pow::Products;

/// What a method makes of overflow.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Nothing.
    Wrapping,
    /// The nearest number that has room.
    Saturating,
    /// It says so: `(S, bool)`.
    Overflowing,
    /// No result: `Option<S>`.
    Checked,
    /// It traps.
    Strict,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operation {
    Add,
    Sub,
    Mul,
    Div,
    Rem,
    DivEuclid,
    RemEuclid,
    Neg,
    Abs,
    Pow,
    Shl,
    Shr,
    /// Of an unsigned number and a signed one.
    AddSigned,
    SubSigned,
    /// Of a signed number and an unsigned one.
    AddUnsigned,
    SubUnsigned,
}

/// A wrapped result, and whether it overflowed.
#[derive(Clone, Copy)]
pub(super) struct Flagged<'ctx> {
    pub(super) value: IntValue<'ctx>,
    pub(super) overflows: IntValue<'ctx>,
}

impl<'ctx> From<(IntValue<'ctx>, IntValue<'ctx>)> for Flagged<'ctx> {
    fn from((value, overflows): (IntValue<'ctx>, IntValue<'ctx>)) -> Self {
        Flagged { value, overflows }
    }
}

macro_rules! forms {
    ($intrinsic:ident: $($operation:ident = $($form:ident $method:ident),*;)*) => {
        match $intrinsic {
            $($(Intrinsic::$method => Some((Form::$form, Operation::$operation)),)*)*
            _ => None,
        }
    };
}

fn form_of(intrinsic: Intrinsic) -> Option<(Form, Operation)> {
    forms! { intrinsic:
        Add = Wrapping WrappingAdd, Saturating SaturatingAdd, Overflowing OverflowingAdd,
            Checked CheckedAdd, Strict StrictAdd;
        Sub = Wrapping WrappingSub, Saturating SaturatingSub, Overflowing OverflowingSub,
            Checked CheckedSub, Strict StrictSub;
        Mul = Wrapping WrappingMul, Saturating SaturatingMul, Overflowing OverflowingMul,
            Checked CheckedMul, Strict StrictMul;
        Div = Wrapping WrappingDiv, Saturating SaturatingDiv, Overflowing OverflowingDiv,
            Checked CheckedDiv, Strict StrictDiv;
        Rem = Wrapping WrappingRem, Overflowing OverflowingRem, Checked CheckedRem,
            Strict StrictRem;
        DivEuclid = Wrapping WrappingDivEuclid, Overflowing OverflowingDivEuclid, Checked CheckedDivEuclid,
            Strict StrictDivEuclid;
        RemEuclid = Wrapping WrappingRemEuclid, Overflowing OverflowingRemEuclid, Checked CheckedRemEuclid,
            Strict StrictRemEuclid;
        Neg = Wrapping WrappingNeg, Saturating SaturatingNeg, Overflowing OverflowingNeg,
            Checked CheckedNeg, Strict StrictNeg;
        Abs = Wrapping WrappingAbs, Saturating SaturatingAbs, Overflowing OverflowingAbs,
            Checked CheckedAbs, Strict StrictAbs;
        Pow = Wrapping WrappingPow, Saturating SaturatingPow, Overflowing OverflowingPow,
            Checked CheckedPow, Strict StrictPow;
        Shl = Wrapping WrappingShl, Overflowing OverflowingShl, Checked CheckedShl,
            Strict StrictShl;
        Shr = Wrapping WrappingShr, Overflowing OverflowingShr, Checked CheckedShr,
            Strict StrictShr;
        AddSigned = Wrapping WrappingAddSigned, Saturating SaturatingAddSigned, Overflowing OverflowingAddSigned,
            Checked CheckedAddSigned, Strict StrictAddSigned;
        SubSigned = Wrapping WrappingSubSigned, Saturating SaturatingSubSigned, Overflowing OverflowingSubSigned,
            Checked CheckedSubSigned, Strict StrictSubSigned;
        AddUnsigned = Wrapping WrappingAddUnsigned, Saturating SaturatingAddUnsigned, Overflowing OverflowingAddUnsigned,
            Checked CheckedAddUnsigned, Strict StrictAddUnsigned;
        SubUnsigned = Wrapping WrappingSubUnsigned, Saturating SaturatingSubUnsigned, Overflowing OverflowingSubUnsigned,
            Checked CheckedSubUnsigned, Strict StrictSubUnsigned;
    }
}

impl<'ctx> Emitter<'ctx, '_> {
    /// `None` if this is another method.
    pub(super) fn emit_overflow_method(
        &self,
        call: &Call<'ctx, '_>,
    ) -> Result<Option<Value<'ctx>>> {
        let Some((form, operation)) = form_of(call.intrinsic) else {
            return Ok(None);
        };
        // Additions and the like are one instruction where only the result is asked for.
        if let Some(name) = self.saturating_name(form, operation, call) {
            let args = [call.int(0)?, call.int(1)?];
            return Ok(Some(self.int_op(name, &args)?.into()));
        }
        let Flagged { value, overflows } = self.emit_operation(call, form, operation)?;
        Ok(Some(match form {
            Form::Wrapping => value.into(),
            Form::Saturating => {
                let limit = self.limit(call, operation)?;
                self.select_int(overflows, limit, value)?.into()
            }
            Form::Overflowing => {
                let parts = [
                    (value.into(), &Ty::Scalar(call.ty)),
                    (overflows.into(), &Ty::BOOL),
                ];
                self.build_tuple(&parts)?
            }
            Form::Checked => {
                let some = self.builder.build_not(overflows, "")?;
                self.build_option(some, value, &Ty::Scalar(call.ty))?
            }
            Form::Strict => {
                self.trap_if(overflows, call.needed_site()?, &call.args)?;
                value.into()
            }
        }))
    }

    /// `Some(value)` where `some` holds, else `None`.
    pub(super) fn build_option(
        &self,
        some: IntValue<'ctx>,
        value: IntValue<'ctx>,
        ty: &Ty,
    ) -> Result<Value<'ctx>> {
        let zero = value.get_type().const_zero();
        let value = self.select_int(some, value, zero)?;
        self.build_tuple(&[(some.into(), &Ty::BOOL), (value.into(), ty)])
    }

    fn saturating_name(
        &self,
        form: Form,
        operation: Operation,
        call: &Call<'ctx, '_>,
    ) -> Option<&'static str> {
        if form != Form::Saturating {
            return None;
        }
        match (operation, call.ty.is_signed_int()) {
            (Operation::Add, true) => Some("llvm.sadd.sat"),
            (Operation::Add, false) => Some("llvm.uadd.sat"),
            (Operation::Sub, true) => Some("llvm.ssub.sat"),
            (Operation::Sub, false) => Some("llvm.usub.sat"),
            _ => None,
        }
    }

    fn emit_operation(
        &self,
        call: &Call<'ctx, '_>,
        form: Form,
        operation: Operation,
    ) -> Result<Flagged<'ctx>> {
        let ty = call.ty;
        let x = call.int(0)?;
        let zero = x.get_type().const_zero();
        let least = self.int_const(ty.bits(), 1 << (ty.bits() - 1));
        Ok(match operation {
            Operation::Add => self.flagged(form, BinaryOp::Add, call)?,
            Operation::Sub => self.flagged(form, BinaryOp::Sub, call)?,
            Operation::Mul => self.flagged(form, BinaryOp::Mul, call)?,
            // The sum of the bits overflows as one of the receiver's type; a negative or too large operand turns that around.
            Operation::AddSigned
            | Operation::AddUnsigned
            | Operation::SubSigned
            | Operation::SubUnsigned => {
                let op = match operation {
                    Operation::AddSigned | Operation::AddUnsigned => BinaryOp::Add,
                    _ => BinaryOp::Sub,
                };
                let sum = self.flagged(form, op, call)?;
                let has_top_bit = self.compare(IntPredicate::SLT, call.int(1)?, zero)?;
                let overflows = self.builder.build_xor(sum.overflows, has_top_bit, "")?;
                (sum.value, overflows).into()
            }
            Operation::Div | Operation::Rem | Operation::DivEuclid | Operation::RemEuclid => {
                self.emit_division(call, form, operation)?
            }
            Operation::Neg => {
                let overflows = match ty.is_signed_int() {
                    true => self.compare(IntPredicate::EQ, x, least)?,
                    false => self.compare(IntPredicate::NE, x, zero)?,
                };
                (self.builder.build_int_neg(x, "")?, overflows).into()
            }
            Operation::Abs => {
                let overflows = self.compare(IntPredicate::EQ, x, least)?;
                (self.wrapping_abs(x)?, overflows).into()
            }
            Operation::Pow => self.emit_pow(
                call,
                match form {
                    Form::Wrapping => Products::Wrap,
                    Form::Strict => Products::Trap(call.needed_site()?),
                    Form::Saturating | Form::Overflowing | Form::Checked => Products::Note,
                },
            )?,
            Operation::Shl | Operation::Shr => {
                let op = match operation {
                    Operation::Shl => BinaryOp::Shl,
                    _ => BinaryOp::Shr,
                };
                let overflows = self.shifts_too_far(call)?;
                let distance = self.resize_unsigned(call.int(1)?, ty.bits())?;
                (self.build_masked_shift(op, x, distance, ty)?, overflows).into()
            }
        })
    }

    /// Whether the second argument, a distance, is not below the width.
    pub(super) fn shifts_too_far(&self, call: &Call<'ctx, '_>) -> Result<IntValue<'ctx>> {
        let width = self.int_const(32, call.ty.bits().into());
        self.compare(IntPredicate::UGE, call.int(1)?, width)
    }

    /// The wrapped result of an operator of two arguments; whether it overflowed, unless nobody asks.
    fn flagged(&self, form: Form, op: BinaryOp, call: &Call<'ctx, '_>) -> Result<Flagged<'ctx>> {
        let operands = (call.int(0)?, call.int(1)?);
        if form == Form::Wrapping {
            return Ok((self.build_wrapping(op, operands)?, self.int_const(1, 0)).into());
        }
        Ok(self.with_overflow(op, operands, call.ty)?.into())
    }

    /// Only the least value by -1 overflows, to itself and a rest of 0. By zero, a `checked` method gives nothing and others trap.
    fn emit_division(
        &self,
        call: &Call<'ctx, '_>,
        form: Form,
        operation: Operation,
    ) -> Result<Flagged<'ctx>> {
        let ty = call.ty;
        let (x, rhs) = (call.int(0)?, call.int(1)?);
        let divide = |rhs| match operation {
            Operation::Div => int(self.build_division(BinaryOp::Div, (x, rhs), ty)?),
            Operation::Rem => int(self.build_division(BinaryOp::Rem, (x, rhs), ty)?),
            Operation::RemEuclid => self.build_rem_euclid((x, rhs), ty),
            _ => self.build_div_euclid((x, rhs), ty),
        };
        let never = self.int_const(1, 0);
        if form == Form::Strict {
            self.check_division((x, rhs), ty, true, call.needed_site()?)?;
            return Ok((divide(rhs)?, never).into());
        }
        let mut overflows = match ty.is_signed_int() {
            true => self.division_overflows((x, rhs), ty)?,
            false => never,
        };
        if form == Form::Checked {
            let by_zero = self.compare(IntPredicate::EQ, rhs, rhs.get_type().const_zero())?;
            overflows = self.builder.build_or(overflows, by_zero, "")?;
        } else {
            self.check_division((x, rhs), ty, false, call.needed_site()?)?;
        }
        // Dividing by 1 instead gives just the wrapped results.
        let rhs = self.select_int(overflows, self.int_const(ty.bits(), 1), rhs)?;
        Ok((divide(rhs)?, overflows).into())
    }

    /// What a `saturating` method gives on overflow.
    fn limit(&self, call: &Call<'ctx, '_>, operation: Operation) -> Result<IntValue<'ctx>> {
        let ty = call.ty;
        let x = call.int(0)?;
        let zero = x.get_type().const_zero();
        let (least, most) = match ty.is_signed_int() {
            true => (
                self.int_const(ty.bits(), 1 << (ty.bits() - 1)),
                self.int_const(ty.bits(), (1 << (ty.bits() - 1)) - 1),
            ),
            false => (zero, x.get_type().const_all_ones()),
        };
        let negative = |value| self.compare(IntPredicate::SLT, value, zero);
        match operation {
            Operation::Mul if ty.is_signed_int() => {
                let signs = self.builder.build_xor(x, call.int(1)?, "")?;
                self.select_int(negative(signs)?, least, most)
            }
            Operation::Pow if ty.is_signed_int() => {
                let one = self.context.bool_type();
                let odd = self.builder.build_int_truncate(call.int(1)?, one, "")?;
                let below = self.builder.build_and(negative(x)?, odd, "")?;
                self.select_int(below, least, most)
            }
            Operation::AddSigned => self.select_int(negative(call.int(1)?)?, least, most),
            Operation::SubSigned => self.select_int(negative(call.int(1)?)?, most, least),
            Operation::SubUnsigned => Ok(least),
            _ => Ok(most),
        }
    }
}

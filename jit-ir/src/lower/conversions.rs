//! Conversions of std between numbers: those that cannot fail, those that can, and those from and to bytes.

use super::externs::Question;
use super::infer::{ITy, Len};
use super::state::{Check, Lowering, Value};
use crate::expr::{BinaryOp, ExprId, ExprKind, Place, Projection};
use crate::hir::{self, Span};
use crate::instance::Extern;
use crate::intrinsic::Intrinsic;
use crate::stmt::{Block, StmtKind};
use crate::ty::ScalarTy;

/// The order of the bytes of a number in an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Little,
    Big,
}

impl Order {
    /// The order that the name of a method tells: `to_le_bytes` after `to_`.
    fn of_suffix(suffix: &str) -> Option<Order> {
        Some(match suffix {
            "le_bytes" => Order::Little,
            "be_bytes" => Order::Big,
            "ne_bytes" if cfg!(target_endian = "big") => Order::Big,
            "ne_bytes" => Order::Little,
            _ => return None,
        })
    }

    /// The byte of the number, counted from the least significant one, that is at this index of the array.
    fn byte_at(self, index: u32, n_bytes: u32) -> u32 {
        match self {
            Order::Little => index,
            Order::Big => n_bytes - 1 - index,
        }
    }
}

impl Lowering<'_> {
    /// `T::try_from(x)`, `x.try_into()`.
    pub(super) fn try_from(
        &mut self,
        operand: ExprId,
        target: ITy,
        name: Span,
        span: Span,
    ) -> ExprId {
        let from = self.ty_of(operand);
        self.checks.push(Check::TryFrom {
            from,
            to: target.clone(),
            span: name,
        });
        let operand = self.evaluate(operand);
        let again = self.copy_stable(operand);
        let kind = ExprKind::NumCastFits {
            operand,
            target: crate::ty::Ty::Unit,
        };
        let fits = self.push_expr(kind, ITy::BOOL, span);
        self.fits_targets.push((fits, target.clone()));
        let value = self.cast(again, target.clone(), span);
        let error = self.push_expr(ExprKind::Zeroed, ITy::TryFromIntError, span);
        let kind = ExprKind::Tuple(vec![fits, value, error]);
        let ty = ITy::Result(Box::new(target), Box::new(ITy::TryFromIntError));
        self.push_expr(kind, ty, span)
    }

    /// `x.into()` by an `impl` of the user's, says rustc, which is called as it is. `None`: it is another conversion, or too little is known.
    pub(super) fn call_users_into(&mut self, call: &hir::ExprMethodCall) -> Option<Value> {
        let node = call.method.span;
        let Some(Extern::Host(_)) = self.answer(node) else {
            return None;
        };
        let args = self.lower_jitted_arguments(std::slice::from_ref(&*call.receiver));
        Some(self.call_answer(node, "the method `into`", args, call.span()))
    }

    /// `f64::from(x)` by an `impl` of the user's, as [`Lowering::call_users_into`]; asks for it while the crate is built.
    pub(super) fn users_from(&mut self, node: Span, operand: ExprId, span: Span) -> Option<ExprId> {
        let ty = self.ty_of(operand);
        if self.context_is_open() {
            if self.is_left_open(&ty) {
                let args = self.witnessed(&[operand]);
                self.ask(node, Question::Outside { args });
            }
            return None;
        }
        let Some(Extern::Host(_)) = self.answer(node) else {
            return None;
        };
        if !matches!(
            self.behind_refs(&ty),
            ITy::Struct(_) | ITy::Enum(_) | ITy::DataEnum(_)
        ) {
            return None;
        }
        match self.call_answer(node, "the function `from`", vec![operand], span) {
            Value::Expr(value) => Some(value),
            Value::Unit | Value::Never => None,
        }
    }

    /// Asks for a conversion of a number, which was taken for one to a number.
    pub(super) fn ask_into_of_number(&mut self, node: Span, converted: ExprId) {
        let ExprKind::Cast { operand, .. } = self.exprs[converted].kind.clone() else {
            return;
        };
        // Of a reference, it may be another conversion.
        if let ExprKind::Load(place) = &self.exprs[operand].kind
            && place.projections.contains(&Projection::Deref)
        {
            return;
        }
        let receiver = self.infer.shallow(&self.ty_of(operand));
        if matches!(receiver, ITy::Scalar(_)) || self.infer.is_literal_var(&receiver) {
            let result = self.ty_of(converted);
            self.ask(node, Question::Into { receiver, result });
        }
    }

    /// `<[T; N]>::try_from(slice)`, `slice.try_into()`: a copy of the elements, if they are as many as the array's, which is known in the end.
    pub(super) fn array_from_slice(
        &mut self,
        slice: &Place,
        elem: ITy,
        array: ITy,
        span: Span,
    ) -> ExprId {
        let length = self.count(0, span);
        self.fits_targets.push((length, array.clone()));
        let n_elems = self.push_temp(ITy::USIZE, false, span);
        self.assign(n_elems, length);
        let (len, expected) = (self.len_of(slice, span), self.load_local(n_elems, span));
        let fits = self.compare(BinaryOp::Eq, len, expected, span);
        let fits = self.evaluate(fits);
        let temp = self.push_temp(array.clone(), true, span);
        let nothing = self.push_expr(ExprKind::Zeroed, array.clone(), span);
        self.assign(temp, nothing);
        let ((), stmts) = self.in_frame(|this| {
            let end = this.load_local(n_elems, span);
            this.count_to(end, span, |this, index| {
                let at = |this: &mut Self, mut place: Place| {
                    let index = this.load_local(index, span);
                    let step = Projection::Index { index, site: None };
                    place.projections.push(step);
                    place
                };
                let from = this.copy_place(slice);
                let from = at(this, from);
                let place = at(this, Place::local(temp));
                let value = this.push_expr(ExprKind::Load(from), elem, span);
                this.emit(StmtKind::Assign { place, value }, span);
            });
        });
        let cond = self.copy_stable(fits);
        self.emit_when(cond, Block { stmts }, Block::default(), span);
        let value = self.load_local(temp, span);
        let error = self.push_expr(ExprKind::Zeroed, ITy::TryFromSliceError, span);
        let ty = ITy::Result(Box::new(array), Box::new(ITy::TryFromSliceError));
        self.push_expr(ExprKind::Tuple(vec![fits, value, error]), ty, span)
    }

    /// `x.to_le_bytes()` and its like. `None`: it is another method.
    pub(super) fn bytes_of(&mut self, name: &str, operand: ExprId, span: Span) -> Option<ExprId> {
        let order = Order::of_suffix(name.strip_prefix("to_")?)?;
        let ITy::Scalar(scalar) = self.infer.shallow(&self.ty_of(operand)) else {
            return None;
        };
        let bits_ty = bits_ty(scalar)?;
        let bits = if scalar.is_float() {
            self.call_plain(Intrinsic::ToBits, operand, bits_ty, span)
        } else {
            operand
        };
        let bits = self.evaluate(bits);
        let n_bytes = bits_ty.bits() / 8;
        let mut bytes = Vec::new();
        for index in 0..n_bytes {
            let lhs = self.copy_stable(bits);
            let by = 8 * order.byte_at(index, n_bytes);
            let rhs = self.integer(u128::from(by), ScalarTy::U32.into(), span);
            let shifted = self.plain_binary(BinaryOp::Shr, lhs, rhs, bits_ty, span);
            bytes.push(self.cast(shifted, ScalarTy::U8.into(), span));
        }
        let ty = ITy::Array {
            elem: Box::new(ScalarTy::U8.into()),
            len: Len::Known(u64::from(n_bytes)),
        };
        Some(self.push_expr(ExprKind::Array(bytes), ty, span))
    }

    /// `T::from_le_bytes(bytes)` and its like. `None`: it is another function.
    pub(super) fn lower_from_bytes(
        &mut self,
        name: &str,
        owner: &ITy,
        args: &[hir::Expr],
        span: Span,
    ) -> Option<ExprId> {
        let order = Order::of_suffix(name.strip_prefix("from_")?)?;
        let (ITy::Scalar(scalar), [bytes]) = (owner, args) else {
            return None;
        };
        let bits_ty = bits_ty(*scalar)?;
        let n_bytes = bits_ty.bits() / 8;
        let array = ITy::Array {
            elem: Box::new(ScalarTy::U8.into()),
            len: Len::Known(u64::from(n_bytes)),
        };
        let bytes = self.lower_operand(bytes);
        self.expect_expr(bytes, &array);
        let (place, _) = self.hold_value(bytes);
        let mut number: Option<ExprId> = None;
        for index in 0..n_bytes {
            let mut place = self.copy_place(&place);
            let at = self.integer(u128::from(index), ITy::USIZE, span);
            place.projections.push(Projection::Index {
                index: at,
                site: None,
            });
            let byte = self.push_expr(ExprKind::Load(place), ScalarTy::U8.into(), span);
            let wide = self.cast(byte, bits_ty.into(), span);
            let by = 8 * order.byte_at(index, n_bytes);
            let by = self.integer(u128::from(by), ScalarTy::U32.into(), span);
            let part = self.plain_binary(BinaryOp::Shl, wide, by, bits_ty, span);
            number = Some(match number {
                Some(number) => self.plain_binary(BinaryOp::BitOr, number, part, bits_ty, span),
                None => part,
            });
        }
        let number = number?;
        Some(if scalar.is_float() {
            self.call_plain(Intrinsic::FromBits, number, *scalar, span)
        } else {
            number
        })
    }

    /// An operator that does not panic here.
    fn plain_binary(
        &mut self,
        op: BinaryOp,
        lhs: ExprId,
        rhs: ExprId,
        ty: ScalarTy,
        span: Span,
    ) -> ExprId {
        // A shift by less than the width; `wrapping_shl` is one that has no site.
        let kind = match op {
            BinaryOp::Shl | BinaryOp::Shr => ExprKind::Call {
                intrinsic: if op == BinaryOp::Shl {
                    Intrinsic::WrappingShl
                } else {
                    Intrinsic::WrappingShr
                },
                args: vec![lhs, rhs],
                site: None,
            },
            op => ExprKind::Binary {
                op,
                lhs,
                rhs,
                site: None,
            },
        };
        self.push_expr(kind, ty.into(), span)
    }

    /// A method of the table that does not panic, of one argument.
    fn call_plain(
        &mut self,
        intrinsic: Intrinsic,
        arg: ExprId,
        result: ScalarTy,
        span: Span,
    ) -> ExprId {
        let kind = ExprKind::Call {
            intrinsic,
            args: vec![arg],
            site: None,
        };
        self.push_expr(kind, result.into(), span)
    }
}

/// The integer that has the bits of a number; `None` for `bool`.
fn bits_ty(scalar: ScalarTy) -> Option<ScalarTy> {
    match scalar {
        ScalarTy::Bool => None,
        scalar if scalar.is_float() => scalar.bits_ty(),
        scalar => Some(scalar),
    }
}

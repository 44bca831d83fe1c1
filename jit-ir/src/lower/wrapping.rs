//! `Wrapping<T>` and `Saturating<T>` of std: structs of one number, whose operators say what happens on overflow.

use super::diag::Code;
use super::infer::ITy;
use super::state::Lowering;
use crate::expr::{BinaryOp, ExprId, ExprKind, Projection, UnaryOp};
use crate::hir::Span;
use crate::instance::StructInfo;
use crate::intrinsic::Intrinsic;
use crate::ty::ScalarTy;

/// What happens on overflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Overflow {
    Wraps,
    Saturates,
}

impl Overflow {
    fn of(info: &StructInfo) -> Option<Overflow> {
        if info.name.starts_with("core::num::wrapping::Wrapping<") {
            Some(Overflow::Wraps)
        } else if info.name.starts_with("core::num::saturating::Saturating<") {
            Some(Overflow::Saturates)
        } else {
            None
        }
    }

    /// The method of the number that an operator is. `None`: it is the number's own operator.
    fn method(self, op: BinaryOp) -> Option<Intrinsic> {
        Some(match (self, op) {
            (Overflow::Wraps, BinaryOp::Add) => Intrinsic::WrappingAdd,
            (Overflow::Wraps, BinaryOp::Sub) => Intrinsic::WrappingSub,
            (Overflow::Wraps, BinaryOp::Mul) => Intrinsic::WrappingMul,
            (Overflow::Saturates, BinaryOp::Add) => Intrinsic::SaturatingAdd,
            (Overflow::Saturates, BinaryOp::Sub) => Intrinsic::SaturatingSub,
            (Overflow::Saturates, BinaryOp::Mul) => Intrinsic::SaturatingMul,
            _ => return None,
        })
    }
}

/// Whether it is such a struct.
pub(super) fn is_wrapper(info: &StructInfo) -> bool {
    Overflow::of(info).is_some()
}

impl Lowering<'_> {
    fn overflow_of(&self, value: ExprId) -> Option<Overflow> {
        match self.infer.shallow(&self.ty_of(value)) {
            ITy::Struct(info) => Overflow::of(&info),
            _ => None,
        }
    }

    /// Whether a value is a literal of an open type that such a struct is made of.
    pub(super) fn is_wrapped_literal(&self, ty: &ITy, value: ExprId) -> bool {
        let is_wrapper = matches!(ty, ITy::Struct(info) if Overflow::of(info).is_some());
        is_wrapper && self.infer.is_literal_var(&self.ty_of(value))
    }

    /// The number in such a struct.
    fn number_in(&mut self, value: ExprId) -> ExprId {
        if let ExprKind::Struct(fields) = self.exprs[value].kind.clone()
            && let [number] = fields.as_slice()
        {
            self.discard(value);
            return *number;
        }
        let (ty, span) = (self.ty_of(value), self.span_of(value));
        let ty = self.infer.shallow(&ty);
        let Some(number) = self.field_ty(&ty, 0) else {
            return self.poison(span);
        };
        let mut place = match self.exprs[value].kind.clone() {
            ExprKind::Load(place) => {
                self.discard(value);
                place
            }
            _ => self.evaluate_place(value),
        };
        place.projections.push(Projection::Field(0));
        self.push_expr(ExprKind::Load(place), number, span)
    }

    /// An operator on such structs. `None`: the left operand is none.
    pub(super) fn wrapping_binary(
        &mut self,
        op: BinaryOp,
        lhs: ExprId,
        rhs: ExprId,
        (span, op_span): (Span, Span),
    ) -> Option<ExprId> {
        let overflow = self.overflow_of(lhs)?;
        let ty = self.ty_of(lhs);
        let left = self.number_in(lhs);
        // `w += 1` takes a number, `w << n` a `usize`.
        let right = match self.overflow_of(rhs) {
            Some(_) => self.number_in(rhs),
            None => rhs,
        };
        let number = self.ty_of(left);
        if op.is_comparison() {
            self.expect_expr(right, &number);
            return Some(self.plain_compare(op, left, right));
        }
        let value = match (overflow.method(op), op) {
            (Some(method), _) => {
                self.expect_expr(right, &number);
                let args = vec![left, right];
                self.intrinsic_call_on(method, number, op_span, args, span)
            }
            (None, BinaryOp::BitAnd | BinaryOp::BitOr | BinaryOp::BitXor) => {
                self.expect_expr(right, &number);
                let kind = ExprKind::Binary {
                    op,
                    lhs: left,
                    rhs: right,
                    site: None,
                };
                self.push_expr(kind, number, span)
            }
            (None, BinaryOp::Shl | BinaryOp::Shr) if overflow == Overflow::Wraps => {
                self.expect_expr(right, &ITy::USIZE);
                // The methods use as many of the low bits as matter.
                let count = self.cast(right, ScalarTy::U32.into(), span);
                let method = match op {
                    BinaryOp::Shl => Intrinsic::WrappingShl,
                    _ => Intrinsic::WrappingShr,
                };
                self.intrinsic_call_on(method, number, op_span, vec![left, count], span)
            }
            _ => {
                let shown = self.show(&ty);
                self.diags.report(
                    Code::Mismatch,
                    op_span,
                    format!("this operator of `{shown}` cannot be captured by `#[jit]`"),
                    "compute with the numbers, `a.0 / b.0`, and wrap the result",
                );
                return Some(self.poison(span));
            }
        };
        Some(self.push_expr(ExprKind::Struct(vec![value]), ty, span))
    }

    /// `-w`, `!w` of such a struct. `None`: it is none.
    pub(super) fn wrapping_unary(
        &mut self,
        op: UnaryOp,
        operand: ExprId,
        (span, op_span): (Span, Span),
    ) -> Option<ExprId> {
        let overflow = self.overflow_of(operand)?;
        let ty = self.ty_of(operand);
        let operand = self.number_in(operand);
        let number = self.ty_of(operand);
        let value = match (op, overflow) {
            (UnaryOp::Not, _) => {
                let site = None;
                self.push_expr(ExprKind::Unary { op, operand, site }, number, span)
            }
            (UnaryOp::Neg, overflow) => {
                let method = match overflow {
                    Overflow::Wraps => Intrinsic::WrappingNeg,
                    Overflow::Saturates => Intrinsic::SaturatingNeg,
                };
                self.intrinsic_call_on(method, number, op_span, vec![operand], span)
            }
        };
        Some(self.push_expr(ExprKind::Struct(vec![value]), ty, span))
    }
}

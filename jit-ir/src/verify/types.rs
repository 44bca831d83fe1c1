//! Types of expressions and places.

use super::{Rule, Verifier};
use crate::expr::{ExprId, ExprKind, Place, Projection};
use crate::intrinsic::{Intrinsic, SigTy};
use crate::rules::{cast_exists, num_cast_exists};
use crate::span::Span;
use crate::ty::{ScalarTy, Ty};

/// Whether `ty` is a scalar of which `holds` is true, or a type parameter.
pub(super) fn is_scalar_with(ty: &Ty, holds: impl FnOnce(ScalarTy) -> bool) -> bool {
    match ty {
        Ty::Scalar(scalar) => holds(*scalar),
        Ty::Param(_) => true,
        Ty::Unit
        | Ty::Tuple(_)
        | Ty::Array { .. }
        | Ty::Struct(_)
        | Ty::Ref { .. }
        | Ty::Slice { .. } => false,
    }
}

impl<'a> Verifier<'a> {
    /// The type of an expression; `check_handles` has succeeded.
    pub(super) fn ty(&self, id: ExprId) -> &'a Ty {
        &self.func.exprs[id].ty
    }

    pub(super) fn expect(&mut self, found: &Ty, expected: &Ty, what: &str, span: Span) {
        if found != expected {
            let (found, expected) = (self.name_of(found), self.name_of(expected));
            let message = format!("{what} has type `{found}`, expected `{expected}`");
            self.error(Rule::Types, span, message);
        }
    }

    pub(super) fn expect_operand(&mut self, id: ExprId, expected: &Ty, what: &str, span: Span) {
        self.expect(self.ty(id), expected, what, span);
    }

    /// The type for messages.
    pub(super) fn name_of(&self, ty: &Ty) -> String {
        crate::print::ty_text(self.func, ty)
    }

    pub(super) fn check_exprs(&mut self) {
        for id in self.func.exprs.handles() {
            self.check_expr(id);
        }
    }

    fn check_expr(&mut self, id: ExprId) {
        let func = self.func;
        let span = func.span_of(id);
        let expr = &func.exprs[id];
        match &expr.kind {
            ExprKind::Const(value) => {
                if !expr.ty.as_scalar().is_some_and(|ty| value.is_of(ty)) {
                    let message = format!("a constant is no `{}`", self.name_of(&expr.ty));
                    self.error(Rule::Types, span, message);
                }
            }
            ExprKind::Named(name) => {
                if !is_scalar_with(&expr.ty, |ty| name.value(ty).is_some()) {
                    let ty = self.name_of(&expr.ty);
                    let message = format!("`{ty}` has no constant `{}`", name.name());
                    self.error(Rule::Types, span, message);
                }
            }
            ExprKind::DebugAssertions => {
                self.expect(&expr.ty, &Ty::BOOL, "`cfg!(debug_assertions)`", span);
            }
            ExprKind::Load(place) => {
                if let Some(ty) = self.check_place(place, span) {
                    self.check_load(place, ty, span);
                    self.expect(&expr.ty, ty, "a load", span);
                }
            }
            ExprKind::Len(place) => {
                if let Some(ty) = self.check_place(place, span)
                    && ty.element().is_none()
                {
                    let message = format!("`{}` has no length", self.name_of(ty));
                    self.error(Rule::Places, span, message);
                }
                self.expect(&expr.ty, &Ty::USIZE, "a length", span);
            }
            ExprKind::Unary { op, operand, .. } => {
                let ty = self.ty(*operand);
                self.check_operator(ty, op.symbol(), |ty| op.applies_to(ty), span);
                self.expect(&expr.ty, ty, "the result of an operator", span);
            }
            ExprKind::Binary { op, lhs, rhs, .. } => {
                let (ty, right) = (self.ty(*lhs), self.ty(*rhs));
                self.check_operator(ty, op.symbol(), |ty| op.applies_to(ty), span);
                if op.is_shift() {
                    if !is_scalar_with(right, ScalarTy::is_int) {
                        let message = format!("shift by `{}`", self.name_of(right));
                        self.error(Rule::Types, span, message);
                    }
                } else {
                    self.expect(right, ty, "the right operand", span);
                }
                let result = if op.is_comparison() { &Ty::BOOL } else { ty };
                self.expect(&expr.ty, result, "the result of an operator", span);
            }
            ExprKind::ShortCircuit { lhs, rhs, .. } => {
                self.expect_operand(*lhs, &Ty::BOOL, "the left operand", span);
                self.expect_operand(*rhs, &Ty::BOOL, "the right operand", span);
                self.expect(&expr.ty, &Ty::BOOL, "the result of an operator", span);
            }
            ExprKind::Select {
                cond,
                then,
                otherwise,
            } => {
                self.expect_operand(*cond, &Ty::BOOL, "a condition", span);
                self.expect_operand(*then, &expr.ty, "the first choice", span);
                self.expect_operand(*otherwise, &expr.ty, "the second choice", span);
            }
            ExprKind::Cast { operand } => {
                self.check_conversion(self.ty(*operand), &expr.ty, cast_exists, span);
            }
            ExprKind::NumCast { operand, .. } => {
                self.check_conversion(self.ty(*operand), &expr.ty, num_cast_exists, span);
            }
            ExprKind::NumCastFits { operand, target } => {
                self.check_conversion(self.ty(*operand), target, num_cast_exists, span);
                self.expect(&expr.ty, &Ty::BOOL, "a conversion test", span);
            }
            ExprKind::Call {
                intrinsic, args, ..
            } => self.check_call(*intrinsic, args, &expr.ty, span),
            ExprKind::Borrow(_)
            | ExprKind::SubSlice { .. }
            | ExprKind::Table(_)
            | ExprKind::Array(_)
            | ExprKind::Repeat(_)
            | ExprKind::Struct(_)
            | ExprKind::Zeroed => self.check_memory_expr(expr, span),
            ExprKind::Tuple(elems) => self.check_tuple(elems, &expr.ty, span),
        }
    }

    fn check_operator(
        &mut self,
        ty: &Ty,
        symbol: &str,
        applies: impl FnOnce(ScalarTy) -> bool,
        span: Span,
    ) {
        if !is_scalar_with(ty, applies) {
            let message = format!("`{}` has no operator `{symbol}`", self.name_of(ty));
            self.error(Rule::Types, span, message);
        }
    }

    fn check_conversion(
        &mut self,
        from: &Ty,
        to: &Ty,
        exists: impl Fn(ScalarTy, ScalarTy) -> bool,
        span: Span,
    ) {
        let good = match (from, to) {
            (Ty::Scalar(from), Ty::Scalar(to)) => exists(*from, *to),
            (from, to) => is_scalar_with(from, |_| true) && is_scalar_with(to, |_| true),
        };
        if !good {
            let (from, to) = (self.name_of(from), self.name_of(to));
            let message = format!("`{from}` cannot be converted to `{to}`");
            self.error(Rule::Types, span, message);
        }
    }

    fn check_call(&mut self, intrinsic: Intrinsic, args: &[ExprId], result: &Ty, span: Span) {
        let info = intrinsic.info();
        if args.len() != info.args.len() {
            let message = format!(
                "`{}` takes {} arguments, found {}",
                info.name,
                info.args.len(),
                args.len()
            );
            self.error(Rule::Types, span, message);
            return;
        }
        let receiver = match args.first() {
            Some(&first) if intrinsic.receiver_is_self() => self.ty(first),
            Some(_) | None => result,
        };
        if !is_scalar_with(receiver, |ty| info.class.contains(ty)) {
            let message = format!("`{}` has no method `{}`", self.name_of(receiver), info.name);
            self.error(Rule::Types, span, message);
            return;
        }
        for (&arg, &sig) in args.iter().zip(info.args) {
            self.check_sig_ty(self.ty(arg), sig, receiver, "an argument", span);
        }
        self.check_sig_ty(result, info.result, receiver, "the result", span);
    }

    /// `found` is what a signature says of a method of type `receiver`.
    fn check_sig_ty(&mut self, found: &Ty, sig: SigTy, receiver: &Ty, what: &str, span: Span) {
        let expected = match (sig.resolve_ty(receiver), receiver) {
            (Some(ty), _) => ty,
            (None, Ty::Scalar(_)) => return, // not of the method's class: reported
            // A type that depends on a parameter in a way that no type can say: the specialized function is checked.
            (None, _) => {
                let found_good = match (sig, found) {
                    (SigTy::OptionOfSigned, Ty::Tuple(elems)) => matches!(
                        elems.as_slice(),
                        [some, number] if *some == Ty::BOOL && is_scalar_with(number, ScalarTy::is_int)
                    ),
                    (SigTy::OptionOfSigned, _) => false,
                    (_, found) => is_scalar_with(found, ScalarTy::is_int),
                };
                if !found_good {
                    let message = format!("{what} has type `{}`", self.name_of(found));
                    self.error(Rule::Types, span, message);
                }
                return;
            }
        };
        self.expect(found, &expected, what, span);
    }

    fn check_tuple(&mut self, elems: &[ExprId], ty: &Ty, span: Span) {
        if elems.is_empty() {
            self.error(Rule::Types, span, "a tuple without elements");
        }
        let expected = Ty::Tuple(elems.iter().map(|&elem| self.ty(elem).clone()).collect());
        self.expect(ty, &expected, "a tuple", span);
    }

    /// The type of a place, if its projections apply.
    pub(super) fn check_place(&mut self, place: &Place, span: Span) -> Option<&'a Ty> {
        let mut ty = &self.func.locals[place.local].ty;
        for projection in &place.projections {
            let (part, message) = match projection {
                Projection::Index { index, site: _ } => {
                    self.expect_operand(*index, &Ty::USIZE, "an index", span);
                    (ty.element(), "cannot be indexed".into())
                }
                Projection::Field(field) => (ty.field(*field), format!("has no field `{field}`")),
                Projection::Deref => match ty {
                    Ty::Ref { to, .. } => (Some(&**to), String::new()),
                    _ => (None, "is no reference".into()),
                },
            };
            let Some(part) = part else {
                let message = format!("`{}` {message}", self.name_of(ty));
                self.error(Rule::Places, span, message);
                return None;
            };
            ty = part;
        }
        Some(ty)
    }
}

//! `char`: constants, conversions, digits. In the IR it is its number.

use super::infer::ITy;
use super::state::Lowering;
use crate::expr::{BinaryOp, ConstValue, ExprId, ExprKind};
use crate::hir::{self, Span};
use crate::intrinsic::Intrinsic;
use crate::ty::ScalarTy;

const U32: ITy = ITy::Scalar(ScalarTy::U32);

impl Lowering<'_> {
    pub(super) fn char_const(&mut self, value: char, span: Span) -> ExprId {
        let value = ConstValue::Int(u128::from(u32::from(value)));
        self.push_expr(ExprKind::Const(value), ITy::Char, span)
    }

    /// `char::from_u32(x)`, `char::from(b)`, `char::from_digit(d, 10)`. `None`: it is another call.
    pub(super) fn lower_char_call(
        &mut self,
        call: &hir::ExprCall,
        path: &hir::ExprPath,
    ) -> Option<ExprId> {
        let [.., owner, last] = path.path.segments.as_slice() else {
            return None;
        };
        if path.qself.is_some() || owner.ident != "char" {
            return None;
        }
        let span = call.span();
        match (last.ident.name.as_str(), call.args.as_slice()) {
            ("from", [byte]) => {
                let byte = self.lower_operand(byte);
                if self.infer.shallow(&self.ty_of(byte)) == ITy::Char {
                    return Some(byte);
                }
                self.expect_expr(byte, &ScalarTy::U8.into());
                Some(self.cast(byte, ITy::Char, span))
            }
            ("from_u32", [number]) => {
                let number = self.lower_operand(number);
                self.expect_expr(number, &U32);
                let number = self.evaluate(number);
                let valid = self.is_between(number, 0, 0xd7ff, span);
                let above = self.is_between(number, 0xe000, 0x0010_ffff, span);
                let valid = self.short_circuit(true, valid, above, span);
                let number = self.copy_stable(number);
                let value = self.cast(number, ITy::Char, span);
                Some(self.option(valid, value, span))
            }
            ("from_digit", [digit, radix]) => {
                let radix = literal_radix(radix)?;
                let digit = self.lower_operand(digit);
                self.expect_expr(digit, &U32);
                let digit = self.evaluate(digit);
                let valid = self.is_between(digit, 0, radix - 1, span);
                let cond = self.is_between(digit, 0, 9, span);
                let then = self.moved(digit, u32::from('0'), span);
                let otherwise = self.moved(digit, u32::from('a') - 10, span);
                let kind = ExprKind::Select {
                    cond,
                    then,
                    otherwise,
                };
                let value = self.push_expr(kind, U32, span);
                let value = self.cast(value, ITy::Char, span);
                Some(self.option(valid, value, span))
            }
            _ => None,
        }
    }

    /// A method of `char`. `None`: it is none of these.
    pub(super) fn char_method(
        &mut self,
        call: &hir::ExprMethodCall,
        receiver: ExprId,
    ) -> Option<ExprId> {
        if self.behind_refs(&self.ty_of(receiver)) != ITy::Char {
            return None;
        }
        let span = call.span();
        let name = call.method.name.as_str();
        match (name, call.args.as_slice()) {
            ("clone" | "to_owned", []) => Some(self.auto_deref(receiver)),
            ("to_digit" | "is_digit", [radix]) => {
                let radix = literal_radix(radix)?;
                let receiver = self.auto_deref(receiver);
                let found = self.evaluate(receiver);
                let letters = u8::try_from(radix.saturating_sub(10)).unwrap_or(0);
                let digits = b'0' + u8::try_from(radix.min(10)).unwrap_or(10) - 1;
                let mut ranges = vec![(b'0', digits)];
                if letters > 0 {
                    ranges.extend([(b'a', b'a' + letters - 1), (b'A', b'A' + letters - 1)]);
                }
                let tag = self.is_in(found, &ranges, span);
                if name == "is_digit" {
                    return Some(tag);
                }
                // Upper-case letters come before lower-case ones.
                let number = self.copy_stable(found);
                let number = self.cast(number, U32, span);
                let number = self.evaluate(number);
                let mut value = self.moved(number, 0_u32.wrapping_sub(u32::from('a') - 10), span);
                for (last, first) in [('Z', u32::from('A') - 10), ('9', u32::from('0'))] {
                    let cond = self.is_between(number, 0, u32::from(last), span);
                    let then = self.moved(number, 0_u32.wrapping_sub(first), span);
                    let kind = ExprKind::Select {
                        cond,
                        then,
                        otherwise: value,
                    };
                    value = self.push_expr(kind, U32, span);
                }
                Some(self.option(tag, value, span))
            }
            ("cmp" | "partial_cmp" | "min" | "max", [other]) => {
                let receiver = self.auto_deref(receiver);
                let receiver = self.cast(receiver, U32, span);
                let receiver = self.evaluate(receiver);
                let other = self.lower_operand(super::methods::strip_reference(other));
                let other = self.auto_deref(other);
                self.expect_expr(other, &ITy::Char);
                let other = self.cast(other, U32, span);
                let intrinsic = Intrinsic::from_rust(name)?;
                let args = vec![receiver, other];
                let at = call.method.span();
                let value = self.intrinsic_call_on(intrinsic, U32, at, args, span);
                Some(match name {
                    "min" | "max" => self.cast(value, ITy::Char, span),
                    _ => value,
                })
            }
            _ => None,
        }
    }

    /// How many characters are below this one: its number, but for the gap of the surrogates.
    pub(super) fn char_ordinal(&mut self, char: ExprId, span: Span) -> ExprId {
        if let ExprKind::Const(ConstValue::Int(value)) = self.exprs[char].kind {
            let gap = if value >= 0xe000 { 0x800 } else { 0 };
            return self.u32_const(u32::try_from(value - gap).unwrap_or(0), span);
        }
        let number = self.cast(char, U32, span);
        self.with_gap(number, 0xe000, 0_u32.wrapping_sub(0x800), span)
    }

    /// The character of which [`Lowering::char_ordinal`] is this number.
    pub(super) fn char_at(&mut self, ordinal: ExprId, span: Span) -> ExprId {
        let number = self.with_gap(ordinal, 0xd800, 0x800, span);
        self.cast(number, ITy::Char, span)
    }

    /// A number, moved if it is not below another one.
    fn with_gap(&mut self, number: ExprId, first: u32, by: u32, span: Span) -> ExprId {
        let number = self.evaluate(number);
        let (copy, first) = (self.copy_stable(number), self.u32_const(first, span));
        let kind = ExprKind::Select {
            cond: self.compare(BinaryOp::Ge, copy, first, span),
            then: self.moved(number, by, span),
            otherwise: self.copy_stable(number),
        };
        self.push_expr(kind, U32, span)
    }

    /// Whether a stable number is in a range, both ends included.
    fn is_between(&mut self, number: ExprId, first: u32, last: u32, span: Span) -> ExprId {
        let (copy, last) = (self.copy_stable(number), self.u32_const(last, span));
        let below = self.compare(BinaryOp::Le, copy, last, span);
        if first == 0 {
            return below;
        }
        let (copy, first) = (self.copy_stable(number), self.u32_const(first, span));
        let above = self.compare(BinaryOp::Ge, copy, first, span);
        self.short_circuit(false, above, below, span)
    }

    /// A stable number plus another one, modulo 2³².
    fn moved(&mut self, number: ExprId, by: u32, span: Span) -> ExprId {
        let kind = ExprKind::Binary {
            op: BinaryOp::Add,
            lhs: self.copy_stable(number),
            rhs: self.u32_const(by, span),
            site: None,
        };
        self.push_expr(kind, U32, span)
    }

    fn u32_const(&mut self, value: u32, span: Span) -> ExprId {
        let value = ConstValue::Int(u128::from(value));
        self.push_expr(ExprKind::Const(value), U32, span)
    }
}

/// A radix that is written as a literal and is one.
fn literal_radix(radix: &hir::Expr) -> Option<u32> {
    let hir::Expr::Lit(hir::ExprLit {
        lit: hir::Lit::Int(lit),
        ..
    }) = radix
    else {
        return None;
    };
    let radix = lit.digits.parse().ok()?;
    (2..=36).contains(&radix).then_some(radix)
}

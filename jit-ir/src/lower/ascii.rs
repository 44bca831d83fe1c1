//! Methods of `u8` and `char` that ask for ASCII letters and digits.

use super::infer::ITy;
use super::state::{Lowering, Value};
use crate::expr::{BinaryOp, ConstValue, ExprId, ExprKind};
use crate::hir::{self, Span};
use crate::ty::ScalarTy;

/// The bytes that a method says `true` of, in ranges.
fn class(name: &str) -> Option<&'static [(u8, u8)]> {
    Some(match name {
        "is_ascii" => &[(0, 127)],
        "is_ascii_digit" => &[(b'0', b'9')],
        "is_ascii_hexdigit" => &[(b'0', b'9'), (b'a', b'f'), (b'A', b'F')],
        "is_ascii_lowercase" => &[(b'a', b'z')],
        "is_ascii_uppercase" => &[(b'A', b'Z')],
        "is_ascii_alphabetic" => &[(b'a', b'z'), (b'A', b'Z')],
        "is_ascii_alphanumeric" => &[(b'0', b'9'), (b'a', b'z'), (b'A', b'Z')],
        "is_ascii_whitespace" => &[(b' ', b' '), (b'\t', b'\n'), (0x0c, b'\r')],
        "is_ascii_punctuation" => &[(b'!', b'/'), (b':', b'@'), (b'[', b'`'), (b'{', b'~')],
        "is_ascii_graphic" => &[(b'!', b'~')],
        "is_ascii_control" => &[(0, 31), (127, 127)],
        _ => return None,
    })
}

impl Lowering<'_> {
    /// `c.is_ascii_digit()` and the like. `None`: it is none of them.
    pub(super) fn ascii_method(
        &mut self,
        call: &hir::ExprMethodCall,
        receiver: ExprId,
    ) -> Option<Value> {
        let ty = self.behind_refs(&self.ty_of(receiver));
        if ty != ITy::Scalar(ScalarTy::U8) && ty != ITy::Char {
            return None;
        }
        let span = call.span();
        let name = call.method.name.as_str();
        let ranges = class(name);
        match (name, call.args.as_slice()) {
            ("to_ascii_lowercase" | "to_ascii_uppercase", []) => {
                let receiver = self.auto_deref(receiver);
                let byte = self.evaluate(receiver);
                let to_lower = name == "to_ascii_lowercase";
                Some(Value::Expr(self.change_case(byte, to_lower, span)))
            }
            ("eq_ignore_ascii_case", [other]) => {
                let receiver = self.auto_deref(receiver);
                let byte = self.evaluate(receiver);
                let other = self.lower_operand(other);
                let other = self.auto_deref(other);
                self.expect_expr(other, &ty);
                let other = self.evaluate(other);
                let left = self.change_case(byte, true, span);
                let right = self.change_case(other, true, span);
                Some(Value::Expr(self.compare(BinaryOp::Eq, left, right, span)))
            }
            (_, []) => {
                let ranges = ranges?;
                let receiver = self.auto_deref(receiver);
                let byte = self.evaluate(receiver);
                Some(Value::Expr(self.is_in(byte, ranges, span)))
            }
            _ => None,
        }
    }

    /// A byte, as a value of the type of another one: `u8` or `char`.
    fn byte(&mut self, value: u8, like: ExprId, span: Span) -> ExprId {
        let value = ConstValue::Int(u128::from(value));
        let ty = self.behind_refs(&self.ty_of(like));
        self.push_expr(ExprKind::Const(value), ty, span)
    }

    /// Whether a byte or a `char` is in one of these ranges.
    pub(super) fn is_in(&mut self, byte: ExprId, ranges: &[(u8, u8)], span: Span) -> ExprId {
        let mut found = None;
        for (first, last) in ranges {
            let (copy, first) = (self.copy_stable(byte), self.byte(*first, byte, span));
            let above = self.compare(BinaryOp::Ge, copy, first, span);
            let (copy, last) = (self.copy_stable(byte), self.byte(*last, byte, span));
            let below = self.compare(BinaryOp::Le, copy, last, span);
            let inside = self.short_circuit(false, above, below, span);
            found = Some(match found {
                None => inside,
                Some(found) => self.short_circuit(true, found, inside, span),
            });
        }
        found.unwrap_or_else(|| self.truth(false, span))
    }

    /// The letter in the other case, if it is one.
    fn change_case(&mut self, byte: ExprId, to_lower: bool, span: Span) -> ExprId {
        let letters = match to_lower {
            true => (b'A', b'Z'),
            false => (b'a', b'z'),
        };
        let cond = self.is_in(byte, &[letters], span);
        // Bit 5 is what tells them apart.
        let kind = ExprKind::Binary {
            op: BinaryOp::BitXor,
            lhs: self.copy_stable(byte),
            rhs: self.byte(0x20, byte, span),
            site: None,
        };
        let ty = self.ty_of(byte);
        let kind = ExprKind::Select {
            cond,
            then: self.push_expr(kind, ty.clone(), span),
            otherwise: byte,
        };
        self.push_expr(kind, ty, span)
    }
}

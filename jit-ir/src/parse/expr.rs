//! Expressions, places and types.

use super::{ParseError, Parser};
use crate::expr::{BinaryOp, ConstValue, Expr, ExprId, ExprKind, NamedConst, SiteId, UnaryOp};
use crate::intrinsic::Intrinsic;
use crate::span::Span;
use crate::text::natural_ty;
use crate::ty::{ScalarTy, Ty};
use crate::walk::MAX_EXPR_DEPTH;

/// An expression that is read but not added: its type may still be written behind it.
struct Open {
    kind: ExprKind,
    ty: Option<Ty>,
    at: Span,
}

/// What stands between two operands.
enum Infix {
    And,
    Or,
    Binary(BinaryOp),
}

/// Written types and superfluous parentheses nest the text, but not the expressions.
const MAX_NESTING: usize = MAX_EXPR_DEPTH + 64;

impl Parser<'_> {
    pub(super) fn parse_expr(&mut self) -> Result<ExprId, ParseError> {
        let open = self.parse_open()?;
        self.close(open)
    }

    /// Adds an expression whose type is what its text says.
    fn close(&mut self, open: Open) -> Result<ExprId, ParseError> {
        match open.ty {
            Some(ty) => Ok(self.push(open.kind, ty, open.at)),
            None => Err(ParseError {
                line: open.at.line,
                column: open.at.column,
                message: "the type of this must be written: `(.. : type)`".into(),
            }),
        }
    }

    pub(super) fn push(&mut self, kind: ExprKind, ty: Ty, at: Span) -> ExprId {
        self.positions.push(at);
        self.func.exprs.push(Expr { kind, ty })
    }

    fn open(&self, kind: ExprKind, at: Span) -> Open {
        // Kinds whose type is written make their own `Open`; for others the type given here does not matter.
        let ty = natural_ty(&self.func, &kind, &Ty::Unit);
        Open { kind, ty, at }
    }

    fn parse_open(&mut self) -> Result<Open, ParseError> {
        if self.nesting >= MAX_NESTING {
            return Err(self.cursor.error("expressions are nested too deep"));
        }
        self.nesting += 1;
        let mut open = self.parse_primary()?;
        // `.name(..)` any number of times; `..` belongs to a range.
        while self.cursor.peek(".") && !self.cursor.peek("..") {
            self.cursor.expect(".")?;
            let intrinsic = self.parse_method()?;
            let at = open.at;
            let mut args = vec![self.close(open)?];
            self.cursor.expect("(")?;
            self.parse_list(&mut args, ")")?;
            let site = self.parse_site()?;
            let kind = ExprKind::Call {
                intrinsic,
                args,
                site,
            };
            open = self.open(kind, at);
        }
        self.nesting -= 1;
        Ok(open)
    }

    fn parse_method(&mut self) -> Result<Intrinsic, ParseError> {
        let before = self.cursor.clone();
        match Intrinsic::from_name(self.cursor.word()) {
            Some(intrinsic) => Ok(intrinsic),
            None => {
                self.cursor = before;
                Err(self.cursor.error("expected the name of a method"))
            }
        }
    }

    /// The rest of a list up to what closes it.
    pub(super) fn parse_list(
        &mut self,
        out: &mut Vec<ExprId>,
        close: &str,
    ) -> Result<(), ParseError> {
        while !self.cursor.eat(close) {
            out.push(self.parse_expr()?);
            if !self.cursor.peek(close) {
                self.cursor.expect(",")?;
            }
        }
        Ok(())
    }

    /// `@3`, if it is there.
    pub(super) fn parse_site(&mut self) -> Result<Option<SiteId>, ParseError> {
        Ok(if self.cursor.peek("@") {
            Some(self.expect_site()?)
        } else {
            None
        })
    }

    pub(super) fn expect_site(&mut self) -> Result<SiteId, ParseError> {
        self.cursor.expect("@")?;
        Ok(SiteId::from_index(self.cursor.number()? as usize))
    }

    // The functions that recurse are kept small, for the stack: what ends here is in `parse_atom`.
    fn parse_primary(&mut self) -> Result<Open, ParseError> {
        let at = self.cursor.position();
        if self.cursor.eat("(") {
            return self.parse_parenthesized(at);
        }
        if self.cursor.eat_word("if") {
            return self.parse_select(at);
        }
        if self.cursor.eat("[") {
            return self.parse_array(at);
        }
        if self.cursor.eat("&") {
            return self.parse_reference(at);
        }
        self.parse_atom(at)
    }

    /// `[a, b]` or `[a; 3]`, behind the `[`.
    fn parse_array(&mut self, at: Span) -> Result<Open, ParseError> {
        let mut elems = Vec::new();
        if !self.cursor.peek("]") {
            let first = self.parse_expr()?;
            if self.cursor.eat(";") {
                let len = self.cursor.number_u64()?;
                self.cursor.expect("]")?;
                let elem = Box::new(self.func.exprs[first].ty.clone());
                let ty = Some(Ty::Array { elem, len });
                let kind = ExprKind::Repeat(first);
                return Ok(Open { kind, ty, at });
            }
            elems.push(first);
            if !self.cursor.peek("]") {
                self.cursor.expect(",")?;
            }
        }
        self.parse_list(&mut elems, "]")?;
        Ok(self.open(ExprKind::Array(elems), at))
    }

    /// `&mut place` or `&mut base[start..end]@3`, behind the `&`.
    fn parse_reference(&mut self, at: Span) -> Result<Open, ParseError> {
        let mutable = self.cursor.eat_word("mut");
        let place = self.parse_local()?;
        let (place, range) = self.parse_projections(place, true)?;
        let unit = Box::new(Ty::Unit);
        let (kind, hint) = match range {
            Some((start, end)) => {
                let site = self.parse_site()?;
                let kind = ExprKind::SubSlice {
                    base: place,
                    start,
                    end,
                    site,
                };
                let elem = unit;
                (kind, Ty::Slice { elem, mutable })
            }
            None => (ExprKind::Borrow(place), Ty::Ref { to: unit, mutable }),
        };
        let ty = natural_ty(&self.func, &kind, &hint);
        Ok(Open { kind, ty, at })
    }

    fn parse_atom(&mut self, at: Span) -> Result<Open, ParseError> {
        if self.cursor.peek_digit()
            || self
                .cursor
                .peek_after('-')
                .is_some_and(|c| c.is_ascii_digit())
        {
            return self.parse_number(at);
        }
        if self.cursor.eat("<") {
            let ty = self.parse_ty()?;
            self.cursor.expect(">")?;
            return self.parse_named(ty, at);
        }
        if self.cursor.peek("?") {
            let ty = self.parse_ty()?;
            return self.parse_named(ty, at);
        }
        let before = self.cursor.clone();
        let word = self.cursor.word();
        match word {
            "true" | "false" => {
                Ok(self.open(ExprKind::Const(ConstValue::Bool(word == "true")), at))
            }
            "cfg" if self.cursor.peek_here("!(") => {
                self.cursor.expect("!(")?;
                self.cursor.expect_word("debug_assertions")?;
                self.cursor.expect(")")?;
                Ok(self.open(ExprKind::DebugAssertions, at))
            }
            "table" if self.cursor.peek_here("#") => {
                self.cursor.expect("#")?;
                let table = self.cursor.number()?;
                Ok(self.open(ExprKind::Table(table), at))
            }
            "struct" => {
                let ty = Some(self.parse_ty()?);
                self.cursor.expect("(")?;
                let mut fields = Vec::new();
                self.parse_list(&mut fields, ")")?;
                let kind = ExprKind::Struct(fields);
                Ok(Open { kind, ty, at })
            }
            "zeroed" if self.cursor.peek_here("::<") => {
                self.cursor.expect("::<")?;
                let ty = Some(self.parse_ty()?);
                self.cursor.expect(">")?;
                let kind = ExprKind::Zeroed;
                Ok(Open { kind, ty, at })
            }
            "num_cast" | "num_cast_fits" if self.cursor.peek_here("::<") => {
                self.parse_num_cast(word == "num_cast_fits", at)
            }
            "call" if !self.cursor.peek("(") && !self.cursor.peek_word().is_empty() => {
                let intrinsic = self.parse_method()?;
                self.cursor.expect("(")?;
                self.cursor.expect(")")?;
                let kind = ExprKind::Call {
                    intrinsic,
                    args: Vec::new(),
                    site: self.parse_site()?,
                };
                Ok(self.open(kind, at))
            }
            "int" | "f32" | "f64" if self.cursor.peek_here("(") => {
                self.cursor.expect("(")?;
                let bits = self.cursor.hex_number()?;
                self.cursor.expect(")")?;
                let value = match word {
                    "int" => Some(ConstValue::Int(bits)),
                    "f32" => u32::try_from(bits).ok().map(ConstValue::F32),
                    _ => u64::try_from(bits).ok().map(ConstValue::F64),
                };
                let value = value.ok_or_else(|| self.cursor.error("too many bits for a float"))?;
                Ok(self.open(ExprKind::Const(value), at))
            }
            _ if self.cursor.peek_here("::") => {
                self.cursor = before;
                let ty = self.parse_ty()?;
                self.parse_named(ty, at)
            }
            _ => {
                self.cursor = before;
                let place = self.parse_place()?;
                let after = self.cursor.clone();
                if self.cursor.eat(".") && self.cursor.eat_word("len") {
                    self.cursor.expect("(")?;
                    self.cursor.expect(")")?;
                    return Ok(self.open(ExprKind::Len(place), at));
                }
                self.cursor = after;
                Ok(self.open(ExprKind::Load(place), at))
            }
        }
    }

    fn parse_named(&mut self, ty: Ty, at: Span) -> Result<Open, ParseError> {
        self.cursor.expect("::")?;
        let name = NamedConst::from_name(self.cursor.peek_word());
        let name = name.ok_or_else(|| self.cursor.error("expected the name of a constant"))?;
        self.cursor.word();
        let kind = ExprKind::Named(name);
        let ty = Some(ty);
        Ok(Open { kind, ty, at })
    }

    fn parse_select(&mut self, at: Span) -> Result<Open, ParseError> {
        let cond = self.parse_expr()?;
        self.cursor.expect("{")?;
        let then = self.parse_expr()?;
        self.cursor.expect("}")?;
        self.cursor.expect_word("else")?;
        self.cursor.expect("{")?;
        let otherwise = self.parse_expr()?;
        self.cursor.expect("}")?;
        let kind = ExprKind::Select {
            cond,
            then,
            otherwise,
        };
        Ok(self.open(kind, at))
    }

    fn parse_num_cast(&mut self, fits: bool, at: Span) -> Result<Open, ParseError> {
        self.cursor.expect("::<")?;
        let ty = self.parse_ty()?;
        self.cursor.expect(">")?;
        self.cursor.expect("(")?;
        let operand = self.parse_expr()?;
        self.cursor.expect(")")?;
        if fits {
            let kind = ExprKind::NumCastFits {
                operand,
                target: ty,
            };
            return Ok(self.open(kind, at));
        }
        let site = self.expect_site()?;
        let kind = ExprKind::NumCast { operand, site };
        let ty = Some(ty);
        Ok(Open { kind, ty, at })
    }

    fn parse_number(&mut self, at: Span) -> Result<Open, ParseError> {
        let before = self.cursor.clone();
        let (digits, suffix) = self.cursor.literal();
        let value = ScalarTy::from_name(suffix).and_then(|ty| {
            let value = match ty {
                ScalarTy::Bool => return None,
                ScalarTy::F32 => ConstValue::F32(digits.parse::<f32>().ok()?.to_bits()),
                ScalarTy::F64 => ConstValue::F64(digits.parse::<f64>().ok()?.to_bits()),
                ScalarTy::U128 => ConstValue::Int(digits.parse().ok()?),
                ty => {
                    let value: i128 = digits.parse().ok()?;
                    let scalar = crate::Scalar::from_bits(ty, value as u128);
                    // As many bits as the type has, and the sign that was written.
                    let same = scalar.extended() == value as u128;
                    (same && (value >= 0 || ty.is_signed_int()))
                        .then_some(ConstValue::Int(scalar.bits))?
                }
            };
            Some((value, Ty::Scalar(ty)))
        });
        let Some((value, ty)) = value else {
            self.cursor = before;
            return Err(self
                .cursor
                .error("expected a number with a type that it fits, such as `1i32`"));
        };
        let kind = ExprKind::Const(value);
        let ty = Some(ty);
        Ok(Open { kind, ty, at })
    }

    /// What comes behind a `(`.
    fn parse_parenthesized(&mut self, at: Span) -> Result<Open, ParseError> {
        if self.cursor.eat(",") {
            self.cursor.expect(")")?;
            return Ok(self.open(ExprKind::Tuple(Vec::new()), at));
        }
        let next = self.cursor.peek_after('-');
        if !next.is_some_and(|c| c.is_ascii_digit()) {
            for op in [UnaryOp::Neg, UnaryOp::Not] {
                if self.cursor.eat(op.symbol()) {
                    let operand = self.parse_expr()?;
                    return self.finish_unary(op, operand, at);
                }
            }
        }
        let first = self.parse_open()?;
        if self.cursor.eat(")") {
            return Ok(first);
        }
        if self.cursor.eat(":") {
            return self.finish_typed(first);
        }
        let first = self.close(first)?;
        let Some(infix) = self.parse_infix()? else {
            return self.finish_cast_or_tuple(first, at);
        };
        let second = self.parse_expr()?;
        self.finish_infix(infix, first, second, at)
    }

    fn finish_unary(&mut self, op: UnaryOp, operand: ExprId, at: Span) -> Result<Open, ParseError> {
        self.cursor.expect(")")?;
        let site = self.parse_site()?;
        Ok(self.open(ExprKind::Unary { op, operand, site }, at))
    }

    fn finish_typed(&mut self, first: Open) -> Result<Open, ParseError> {
        let ty = Some(self.parse_ty()?);
        self.cursor.expect(")")?;
        Ok(Open { ty, ..first })
    }

    fn finish_cast_or_tuple(&mut self, first: ExprId, at: Span) -> Result<Open, ParseError> {
        if self.cursor.eat_word("as") {
            let ty = Some(self.parse_ty()?);
            self.cursor.expect(")")?;
            let kind = ExprKind::Cast { operand: first };
            return Ok(Open { kind, ty, at });
        }
        self.cursor.expect(",")?;
        let mut elems = vec![first];
        self.parse_list(&mut elems, ")")?;
        Ok(self.open(ExprKind::Tuple(elems), at))
    }

    /// The operator between two operands; `None` if something else comes that may come there.
    fn parse_infix(&mut self) -> Result<Option<Infix>, ParseError> {
        if self.cursor.peek(",") || self.cursor.peek_word() == "as" {
            return Ok(None);
        }
        for (symbol, infix) in [("&&", Infix::And), ("||", Infix::Or)] {
            if self.cursor.eat(symbol) {
                return Ok(Some(infix));
            }
        }
        match self.parse_binary_op() {
            Some(op) => Ok(Some(Infix::Binary(op))),
            None => Err(self.cursor.error("expected an operator or `)`")),
        }
    }

    pub(super) fn parse_binary_op(&mut self) -> Option<BinaryOp> {
        // The longest: `<<` and not `<`.
        let found = BinaryOp::ALL
            .into_iter()
            .filter(|op| self.cursor.peek(op.symbol()));
        let op = found.max_by_key(|op| op.symbol().len())?;
        self.cursor.eat(op.symbol()).then_some(op)
    }

    fn finish_infix(
        &mut self,
        infix: Infix,
        lhs: ExprId,
        rhs: ExprId,
        at: Span,
    ) -> Result<Open, ParseError> {
        self.cursor.expect(")")?;
        let kind = match infix {
            Infix::And | Infix::Or => ExprKind::ShortCircuit {
                or: matches!(infix, Infix::Or),
                lhs,
                rhs,
            },
            Infix::Binary(op) => {
                let site = self.parse_site()?;
                ExprKind::Binary { op, lhs, rhs, site }
            }
        };
        Ok(self.open(kind, at))
    }
}

//! Expressions, places and types.

use std::sync::Arc;

use super::{ParseError, Parser};
use crate::expr::{
    BinaryOp, ConstValue, Expr, ExprId, ExprKind, NamedConst, Place, Projection, SiteId, UnaryOp,
};
use crate::func::LocalId;
use crate::intrinsic::Intrinsic;
use crate::span::Span;
use crate::text::natural_ty;
use crate::ty::{ScalarTy, StructTy, Ty};
use crate::walk::{MAX_EXPR_DEPTH, MAX_TYPE_DEPTH};

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

/// Start and end of a sub-slice.
type Range = (Option<ExprId>, Option<ExprId>);

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
    fn parse_site(&mut self) -> Result<Option<SiteId>, ParseError> {
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

    /// The end of a sub-slice behind its `..`, and the `]`.
    fn parse_range_end(&mut self) -> Result<Option<ExprId>, ParseError> {
        let end = if self.cursor.peek("]") {
            None
        } else {
            Some(self.parse_expr()?)
        };
        self.cursor.expect("]")?;
        Ok(end)
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

    pub(super) fn parse_place(&mut self) -> Result<Place, ParseError> {
        let local = self.parse_local()?;
        Ok(self.parse_projections(local, false)?.0)
    }

    /// The steps behind a local; with `or_range`, the last may be the start and end of a sub-slice.
    fn parse_projections(
        &mut self,
        local: LocalId,
        or_range: bool,
    ) -> Result<(Place, Option<Range>), ParseError> {
        let mut place = Place::local(local);
        loop {
            if self.cursor.eat("[") {
                if or_range && self.cursor.eat("..") {
                    return Ok((place, Some((None, self.parse_range_end()?))));
                }
                let index = self.parse_expr()?;
                if or_range && self.cursor.eat("..") {
                    return Ok((place, Some((Some(index), self.parse_range_end()?))));
                }
                self.cursor.expect("]")?;
                let site = self.parse_site()?;
                place.projections.push(Projection::Index { index, site });
            } else if self
                .cursor
                .peek_after('.')
                .is_some_and(|c| c.is_ascii_digit())
            {
                self.cursor.expect(".")?;
                place
                    .projections
                    .push(Projection::Field(self.cursor.number()?));
            } else if self.cursor.peek(".*") {
                self.cursor.expect(".*")?;
                place.projections.push(Projection::Deref);
            } else {
                return Ok((place, None));
            }
        }
    }

    /// `x`, `x#3` or `_#3`.
    pub(super) fn parse_local(&mut self) -> Result<LocalId, ParseError> {
        let before = self.cursor.clone();
        let word = self.cursor.word();
        if !word.is_empty() && self.cursor.peek_here("#") {
            self.cursor.expect("#")?;
            let id = LocalId::from_index(self.cursor.number()? as usize);
            match self.func.locals.get(id) {
                Some(local) if word == "_" || local.name == word => return Ok(id),
                Some(_) | None => {}
            }
        } else {
            let locals = self.locals_by_name.get(word).map(Vec::as_slice);
            match locals {
                Some(&[id]) => return Ok(id),
                Some(_) => {
                    self.cursor = before;
                    return Err(self
                        .cursor
                        .error("more than one local has this name: add `#number`"));
                }
                None => {}
            }
        }
        self.cursor = before;
        Err(self
            .cursor
            .error("expected an expression or the name of a local"))
    }

    pub(super) fn parse_ty(&mut self) -> Result<Ty, ParseError> {
        self.parse_ty_within(MAX_TYPE_DEPTH)
    }

    pub(super) fn parse_ty_within(&mut self, depth: usize) -> Result<Ty, ParseError> {
        let Some(depth) = depth.checked_sub(1) else {
            return Err(self.cursor.error("types are nested too deep"));
        };
        if self.cursor.eat("&") {
            let mutable = self.cursor.eat_word("mut");
            let before = self.cursor.clone();
            if self.cursor.eat("[") {
                let elem = Box::new(self.parse_ty_within(depth)?);
                if self.cursor.eat("]") {
                    return Ok(Ty::Slice { elem, mutable });
                }
                self.cursor = before;
            }
            let to = Box::new(self.parse_ty_within(depth)?);
            return Ok(Ty::Ref { to, mutable });
        }
        if self.cursor.eat("[") {
            let elem = Box::new(self.parse_ty_within(depth)?);
            self.cursor.expect(";")?;
            let len = self.cursor.number_u64()?;
            self.cursor.expect("]")?;
            return Ok(Ty::Array { elem, len });
        }
        if self.cursor.eat("%") {
            let number = self.cursor.number()? as usize;
            let ty = self.structs.get(number).cloned();
            return self.finish_struct_ty(ty, depth);
        }
        if self.cursor.eat("?") {
            return Ok(Ty::Param(self.cursor.number()?));
        }
        if self.cursor.eat("(") {
            if self.cursor.eat(")") {
                return Ok(Ty::Unit);
            }
            let mut elems = Vec::new();
            if self.cursor.eat(",") {
                self.cursor.expect(")")?;
                return Ok(Ty::Tuple(elems));
            }
            while !self.cursor.eat(")") {
                elems.push(self.parse_ty_within(depth)?);
                if !self.cursor.peek(")") || elems.len() == 1 {
                    self.cursor.expect(",")?;
                }
            }
            return Ok(Ty::Tuple(elems));
        }
        let word = self.cursor.peek_word();
        if ScalarTy::from_name(word).is_none()
            && !self.func.type_params.iter().any(|param| param.name == word)
            && let Some(ty) = self.structs.iter().find(|ty| ty.name == word)
        {
            let ty = Some(ty.clone());
            self.cursor.word();
            return self.finish_struct_ty(ty, depth);
        }
        let ty = match ScalarTy::from_name(word) {
            Some(scalar) => Some(Ty::Scalar(scalar)),
            None => {
                let params = &self.func.type_params;
                let index = params.iter().position(|param| param.name == word);
                index.map(|index| Ty::Param(index as u32))
            }
        };
        let ty = ty.ok_or_else(|| self.cursor.error("expected a type"))?;
        self.cursor.word();
        Ok(ty)
    }

    /// A struct that was named, if it is one and fits.
    fn finish_struct_ty(
        &mut self,
        ty: Option<Arc<StructTy>>,
        depth: usize,
    ) -> Result<Ty, ParseError> {
        let ty = ty.ok_or_else(|| self.cursor.error("there is no struct of this number"))?;
        let ty = Ty::Struct(ty);
        if ty.depth() > depth + 1 {
            return Err(self.cursor.error("types are nested too deep"));
        }
        Ok(ty)
    }
}

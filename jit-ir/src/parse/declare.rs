//! Declarations: structs, tables, trap sites, host functions.

use std::sync::Arc;

use super::{ParseError, Parser};
use crate::func::{ArrayCheck, Host, HostTy, LengthCheck, Site, SiteKind, SliceBounds, Table};
use crate::intrinsic::Intrinsic;
use crate::ty::{FieldTy, ScalarTy, StructTy, Ty};
use crate::walk::MAX_TYPE_DEPTH;

impl Parser<'_> {
    /// The rest of `struct Point size 8 align 4 { x: f32 at 0, y: f32 at 4 };`.
    pub(super) fn parse_struct(&mut self) -> Result<(), ParseError> {
        let name = self.parse_name()?;
        self.cursor.expect_word("size")?;
        let size = self.cursor.number_u64()?;
        self.cursor.expect_word("align")?;
        let align = self.cursor.number_u64()?;
        let overlaps = self.cursor.eat_word("overlapping");
        self.cursor.expect("{")?;
        let mut fields = Vec::new();
        while !self.cursor.eat("}") {
            let name = self.parse_name()?;
            self.cursor.expect(":")?;
            let ty = self.parse_ty_within(MAX_TYPE_DEPTH - 1)?;
            self.cursor.expect_word("at")?;
            let offset = self.cursor.number_u64()?;
            fields.push(FieldTy { name, offset, ty });
            if !self.cursor.peek("}") {
                self.cursor.expect(",")?;
            }
        }
        self.structs.push(Arc::new(StructTy {
            name,
            size,
            align,
            fields,
            overlaps,
        }));
        self.cursor.expect(";")
    }

    /// The rest of `table#0 = "k::TABLE": [u8; 2] = "01ff";`.
    pub(super) fn parse_table(&mut self) -> Result<(), ParseError> {
        self.cursor.expect("#")?;
        if self.cursor.number()? as usize != self.func.tables.len() {
            return Err(self.cursor.error("tables are numbered in order, from 0"));
        }
        self.cursor.expect("=")?;
        let name = self.cursor.quoted()?;
        self.cursor.expect(":")?;
        let ty = self.parse_ty()?;
        self.cursor.expect("=")?;
        let bytes = bytes_of_digits(&self.cursor.quoted()?)
            .ok_or_else(|| self.cursor.error("expected hexadecimal digits in quotes"))?;
        self.func.tables.push(Table { name, ty, bytes });
        self.cursor.expect(";")
    }

    /// The rest of `site @0 = index of 1:17 with usize, usize at 3:4;`.
    pub(super) fn parse_site_declaration(&mut self) -> Result<(), ParseError> {
        let at = self.cursor.position();
        if self.expect_site()?.index() != self.func.sites.len() {
            return Err(self.cursor.error("sites are numbered in order, from 0"));
        }
        self.cursor.expect("=")?;
        let kind = self
            .parse_site_kind()
            .ok_or_else(|| self.cursor.error("expected what happens at the site"))?;
        let (mut origin, mut node) = (0, 0);
        if self.cursor.eat_word("of") {
            origin = self.cursor.number()?;
            self.cursor.expect(":")?;
            node = self.cursor.number()?;
        }
        let mut operands: Vec<Ty> = Vec::new();
        if self.cursor.eat_word("with") {
            operands.push(self.parse_ty()?);
            while self.cursor.eat(",") {
                operands.push(self.parse_ty()?);
            }
        }
        let span = self.parse_at(at)?;
        self.func.sites.push(Site {
            kind,
            span,
            origin,
            node,
            operands,
        });
        self.cursor.expect(";")
    }

    fn parse_site_kind(&mut self) -> Option<SiteKind> {
        let word = self.cursor.peek_word();
        let whole = match word {
            "neg" => Some(SiteKind::Neg),
            "index" => Some(SiteKind::Index),
            "num_cast" => Some(SiteKind::NumCast),
            "step_by" => Some(SiteKind::StepBy),
            "try_from" => Some(SiteKind::TryFrom),
            "try_from_slice" => Some(SiteKind::TryFromSlice),
            "panic" => Some(SiteKind::Panic),
            "binary" | "method" | "sub_slice" | "length" | "array" => None,
            _ => return None,
        };
        self.cursor.word();
        if whole.is_some() {
            return whole;
        }
        match word {
            "binary" => self.parse_binary_op().map(SiteKind::Binary),
            "method" => Intrinsic::from_name(self.cursor.word()).map(SiteKind::Intrinsic),
            "sub_slice" => SliceBounds::from_name(self.cursor.word()).map(SiteKind::SubSlice),
            "array" => ArrayCheck::from_name(self.cursor.word()).map(SiteKind::Array),
            _ => LengthCheck::from_name(self.cursor.word()).map(SiteKind::Length),
        }
    }

    /// The rest of `host "f"(f64, i32) -> f64;`.
    pub(super) fn parse_host(&mut self) -> Result<Host, ParseError> {
        let name = self.cursor.quoted()?;
        self.cursor.expect("(")?;
        let mut params = Vec::new();
        while !self.cursor.eat(")") {
            params.push(self.parse_host_ty()?);
            if !self.cursor.peek(")") {
                self.cursor.expect(",")?;
            }
        }
        let result = if self.cursor.eat("->") {
            Some(self.parse_host_ty()?)
        } else {
            None
        };
        self.cursor.expect(";")?;
        Ok(Host {
            name,
            params,
            result,
        })
    }

    fn parse_host_ty(&mut self) -> Result<HostTy, ParseError> {
        if self.cursor.eat("&") {
            let mutable = self.cursor.eat("mut");
            if !self.cursor.eat("[") {
                return Ok(HostTy::Ref { mutable });
            }
            self.cursor.expect("]")?;
            return Ok(HostTy::Slice { mutable });
        }
        if self.cursor.peek_word() != "bytes" {
            return self.parse_scalar_ty().map(HostTy::Scalar);
        }
        self.cursor.word();
        let (size, align) = (self.cursor.number_u64()?, self.cursor.number_u64()?);
        Ok(HostTy::Bytes { size, align })
    }

    fn parse_scalar_ty(&mut self) -> Result<ScalarTy, ParseError> {
        let ty = ScalarTy::from_name(self.cursor.peek_word());
        let ty = ty.ok_or_else(|| self.cursor.error("expected a scalar type"))?;
        self.cursor.word();
        Ok(ty)
    }
}

fn bytes_of_digits(digits: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<_>> = digits.chars().map(|c| c.to_digit(16)).collect();
    let pairs = digits?;
    let bytes = pairs.chunks(2).map(|pair| match pair {
        [high, low] => Some((high << 4 | low) as u8),
        _ => None,
    });
    bytes.collect()
}

//! Places and types.

use std::sync::Arc;

use super::{ParseError, Parser};
use crate::expr::{ExprId, Place, Projection};
use crate::func::LocalId;
use crate::ty::{ScalarTy, StructTy, Ty};
use crate::walk::MAX_TYPE_DEPTH;

/// Start and end of a sub-slice.
type Range = (Option<ExprId>, Option<ExprId>);

impl Parser<'_> {
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

    pub(super) fn parse_place(&mut self) -> Result<Place, ParseError> {
        let local = self.parse_local()?;
        Ok(self.parse_projections(local, false)?.0)
    }

    /// The steps behind a local; with `or_range`, the last may be the start and end of a sub-slice.
    pub(super) fn parse_projections(
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

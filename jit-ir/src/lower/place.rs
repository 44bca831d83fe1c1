//! Places: variables, elements of slices, elements of tuples.

use crate::hir::{self, Span};

use super::diag::Code;
use super::infer::{ITy, Unknown};
use super::state::{Lowering, Value};
use crate::expr::{ExprKind, Place, Projection};
use crate::func::SiteKind;
use crate::stmt::StmtKind;

impl Lowering<'_> {
    /// The value at `a[i]` or `t.0`.
    pub(super) fn lower_place_value(&mut self, expr: &hir::Expr) -> Value {
        let span = expr.span();
        match self.lower_place(expr) {
            Some((place, ty)) => Value::Expr(self.push_expr(ExprKind::Load(place), ty, span)),
            None => Value::Expr(self.poison(span)),
        }
    }

    /// A place and the type of what is there; reported if it is none.
    pub(super) fn lower_place(&mut self, expr: &hir::Expr) -> Option<(Place, ITy)> {
        match expr {
            hir::Expr::Paren(inner) => {
                let (place, ty) = self.lower_place(&inner.expr)?;
                // rustc locates the panic of an operation in parentheses at the parenthesis.
                if let Some(site) = place.index_site() {
                    self.sites[site.index()].span = inner.span();
                }
                Some((place, ty))
            }
            hir::Expr::Group(inner) => self.lower_place(&inner.expr),
            hir::Expr::Path(path) => {
                let local = self.lower_variable(path)?;
                Some((Place::local(local), self.local_tys[local.index()].clone()))
            }
            hir::Expr::Index(index) => self.lower_index(index),
            hir::Expr::Field(field) => self.lower_field(field),
            hir::Expr::Unary(unary) if matches!(unary.op, hir::UnOp::Deref(_)) => {
                let (place, ty) = self.lower_place(&unary.expr)?;
                if self.is_reported(&ty) {
                    return Some((place, ty));
                }
                self.refuse_dereference(unary.op.span());
                None
            }
            other => {
                // A value that has parts: keep it in a temporary.
                let value = self.lower_operand(other);
                let ty = self.ty_of(value);
                let temp = self.push_temp(ty.clone(), false, other.span());
                self.assign(temp, value);
                Some((Place::local(temp), ty))
            }
        }
    }

    /// A place that is assigned to.
    pub(super) fn lower_target(&mut self, expr: &hir::Expr) -> Option<(Place, ITy)> {
        let (place, ty) = self.lower_place(expr)?;
        if self.locals[place.local].name.starts_with('$') {
            self.refuse(
                expr.span(),
                "an assignment to this",
                "assign to a variable or an element",
            );
            return None;
        }
        Some((place, ty))
    }

    fn lower_index(&mut self, expr: &hir::ExprIndex) -> Option<(Place, ITy)> {
        let span = expr.span();
        if let hir::Expr::Range(range) = &*expr.index {
            self.refuse(
                range.limits.span(),
                "sub-slices",
                "index the whole slice with an offset",
            );
            return None;
        }
        if let hir::Expr::Array(array) = &*expr.index {
            self.refuse(
                array.bracket_token,
                "indices of several dimensions",
                "index a slice by `i * n_cols + j`",
            );
            return None;
        }
        let base = self.lower_place(&expr.expr);
        let then = self.now();
        let index = self.lower_operand(&expr.index);
        self.expect_expr(index, &ITy::USIZE);
        let (mut place, ty) = base?;
        if self.now() != then && !place.projections.is_empty() {
            self.refuse(
                span,
                "an index with statements inside a longer place",
                "bind the index with `let`",
            );
            return None;
        }
        match self.infer.shallow(&ty) {
            ITy::Slice { elem, .. } => {
                let site = self.push_site(SiteKind::Index, span, vec![ITy::USIZE, ITy::USIZE]);
                place.projections.push(Projection::Index {
                    index,
                    site: Some(site),
                });
                Some((place, *elem))
            }
            base @ ITy::Unknown(_) => Some((place, self.infer.unknown(Unknown::Index(base)))),
            other if self.is_reported(&other) => None,
            ITy::Var(_) => {
                self.diags.report(
                    Code::Annotation,
                    expr.expr.span(),
                    "the type of this is not known here",
                    "write it at the `let`",
                );
                None
            }
            other => {
                let shown = self.show(&other);
                self.diags.report(
                    Code::Mismatch,
                    expr.expr.span(),
                    format!("a value of type `{shown}` cannot be indexed"),
                    "index a slice parameter",
                );
                None
            }
        }
    }

    fn lower_field(&mut self, field: &hir::ExprField) -> Option<(Place, ITy)> {
        let index = match &field.member {
            hir::Member::Unnamed(index) => index.index,
            hir::Member::Named(name) => {
                let (place, ty) = self.lower_place(&field.base)?;
                if let base @ ITy::Unknown(_) = self.infer.shallow(&ty) {
                    let field = Unknown::Field(base, name.to_string());
                    return Some((place, self.infer.unknown(field)));
                }
                if self.is_reported(&ty) {
                    return None;
                }
                self.refuse(
                    name.span(),
                    "fields of structs",
                    "pass each field as a parameter",
                );
                return None;
            }
        };
        let (mut place, ty) = self.lower_place(&field.base)?;
        match self.infer.shallow(&ty) {
            ITy::Tuple(elems) if (index as usize) < elems.len() => {
                place.projections.push(Projection::Field(index));
                Some((place, elems[index as usize].clone()))
            }
            base @ ITy::Unknown(_) => {
                let field = Unknown::Field(base, index.to_string());
                Some((place, self.infer.unknown(field)))
            }
            other if self.is_reported(&other) => None,
            ITy::Var(_) => {
                self.diags.report(
                    Code::Annotation,
                    field.member.span(),
                    "the type of this tuple is not known here",
                    "write it at the `let`",
                );
                None
            }
            other => {
                let shown = self.show(&other);
                self.diags.report(
                    Code::Mismatch,
                    field.member.span(),
                    format!("`{shown}` has no element {index}"),
                    "index a tuple",
                );
                None
            }
        }
    }

    /// Whether the place holds a value of a type parameter, whose operators are methods. `None`: it is not a simple place.
    pub(super) fn is_generic_place(&mut self, expr: &hir::Expr) -> Option<bool> {
        let mut base = expr;
        loop {
            base = match base {
                hir::Expr::Paren(inner) => &inner.expr,
                hir::Expr::Group(inner) => &inner.expr,
                hir::Expr::Index(inner) => &inner.expr,
                hir::Expr::Field(inner) => &inner.base,
                _ => break,
            };
        }
        let hir::Expr::Path(path) = base else {
            return None;
        };
        let local = self.lookup(path.path.get_ident()?)?;
        let ty = self.local_tys[local.index()].clone();
        Some(match self.infer.shallow(&ty) {
            ITy::Param(_) => true,
            ITy::Slice { elem, .. } => matches!(self.infer.shallow(&elem), ITy::Param(_)),
            _ => false,
        })
    }

    pub(super) fn place_is_stable(&self, place: &Place) -> bool {
        place.projections.iter().all(|step| match step {
            Projection::Index { index, .. } => self.is_stable(*index),
            Projection::Field(_) | Projection::Deref => true,
        })
    }

    pub(super) fn place_may_trap(&self, place: &Place) -> bool {
        place
            .projections
            .iter()
            .any(|step| matches!(step, Projection::Index { .. }))
    }

    /// Evaluates the indices of a place now, so that it can be used twice; with `check`, out of bounds panics now, too.
    pub(super) fn fix_place(&mut self, mut place: Place, check: bool, span: Span) -> Place {
        for step in &mut place.projections {
            if let Projection::Index { index, .. } = step {
                *index = self.evaluate(*index);
            }
        }
        if check && self.place_may_trap(&place) {
            let again = self.copy_place(&place);
            let ty = self.infer.fresh();
            let elem = self.place_ty(&again);
            let _ = self.infer.unify(&ty, &elem);
            let load = self.push_expr(ExprKind::Load(again), ty, span);
            self.emit(StmtKind::Eval(load), span);
        }
        place
    }

    fn place_ty(&mut self, place: &Place) -> ITy {
        let mut ty = self.local_tys[place.local.index()].clone();
        for step in &place.projections {
            ty = match (self.infer.shallow(&ty), step) {
                (ITy::Slice { elem, .. }, Projection::Index { .. }) => *elem,
                (ITy::Tuple(elems), Projection::Field(index))
                    if (*index as usize) < elems.len() =>
                {
                    elems[*index as usize].clone()
                }
                (other, _) => other,
            };
        }
        ty
    }

    /// The same place with indices of its own; they are stable.
    pub(super) fn copy_place(&mut self, place: &Place) -> Place {
        let projections = place
            .projections
            .iter()
            .map(|step| match step {
                Projection::Index { index, site } => Projection::Index {
                    index: self.copy_stable(*index),
                    site: *site,
                },
                Projection::Field(index) => Projection::Field(*index),
                Projection::Deref => Projection::Deref,
            })
            .collect();
        Place {
            local: place.local,
            projections,
        }
    }
}

//! References, sub-slices, aggregates, and the ways through which something is stored or borrowed.

use super::{Rule, Verifier};
use crate::expr::{Expr, ExprId, ExprKind, Place, Projection};
use crate::span::Span;
use crate::ty::Ty;

/// How a place is reached.
#[derive(Clone, Copy)]
pub(super) struct Way {
    /// Whether it may be stored to, as far as the way says: through mutable references only, or in a local that is
    /// mutable.
    pub(super) mutable: bool,
    /// Whether it is behind a reference or slice.
    pub(super) behind: bool,
    /// Whether a reference or slice on the way is not mutable.
    pub(super) shared: bool,
}

impl<'a> Verifier<'a> {
    /// How a place is reached whose projections apply.
    pub(super) fn way(&self, place: &Place) -> Way {
        let local = &self.func.locals[place.local];
        let mut way = Way {
            mutable: local.mutable,
            behind: false,
            shared: false,
        };
        let mut ty = Some(&local.ty);
        for projection in &place.projections {
            ty = match (projection, ty) {
                (Projection::Index { .. }, Some(Ty::Slice { elem, mutable })) => {
                    way.step(*mutable);
                    Some(elem)
                }
                (Projection::Deref, Some(Ty::Ref { to, mutable })) => {
                    way.step(*mutable);
                    Some(to)
                }
                (Projection::Index { .. }, ty) => ty.and_then(Ty::element),
                (Projection::Field(field), ty) => ty.and_then(|ty| ty.field(*field)),
                (Projection::Deref, _) => None,
            };
        }
        way
    }

    pub(super) fn check_load(&mut self, place: &Place, ty: &Ty, span: Span) {
        if self.way(place).shared && ty.has_mutable_refs() {
            let message = "a mutable reference is read through one that is not mutable";
            self.error(Rule::Places, span, message);
        }
    }

    /// References, sub-slices, tables and aggregates.
    pub(super) fn check_memory_expr(&mut self, expr: &'a Expr, span: Span) {
        match &expr.kind {
            ExprKind::Borrow(place) => {
                let Some(ty) = self.check_place(place, span) else {
                    return;
                };
                let Ty::Ref { to, mutable } = &expr.ty else {
                    return self.wrong_type("a reference", &expr.ty, span);
                };
                self.expect(to, ty, "what is borrowed", span);
                let way = self.way(place);
                self.check_way(way, *mutable, span);
                if *mutable && self.is_loop_var(place) {
                    let message = "a loop variable is borrowed as mutable";
                    self.error(Rule::Loops, span, message);
                }
            }
            ExprKind::SubSlice {
                base, start, end, ..
            } => {
                for bound in start.iter().chain(end) {
                    self.expect_operand(*bound, &Ty::USIZE, "a bound", span);
                }
                let Some(ty) = self.check_place(base, span) else {
                    return;
                };
                let Some(elem) = ty.element() else {
                    let message = format!("`{}` has no parts", self.name_of(ty));
                    return self.error(Rule::Places, span, message);
                };
                let Ty::Slice {
                    elem: found,
                    mutable,
                } = &expr.ty
                else {
                    return self.wrong_type("a part of a slice", &expr.ty, span);
                };
                self.expect(found, elem, "an element", span);
                let mut way = self.way(base);
                if let Ty::Slice { mutable, .. } = ty {
                    way.step(*mutable);
                }
                self.check_way(way, *mutable, span);
            }
            ExprKind::Table(table) => match self.func.tables.get(*table as usize) {
                Some(table) => {
                    let to = Box::new(table.ty.clone());
                    let expected = Ty::Ref { to, mutable: false };
                    self.expect(&expr.ty, &expected, "a table", span);
                }
                None => {
                    let message = format!("there is no table {table}");
                    self.error(Rule::Handles, span, message);
                }
            },
            ExprKind::Array(elems) => {
                let Ty::Array { elem, len } = &expr.ty else {
                    return self.wrong_type("an array", &expr.ty, span);
                };
                if *len != elems.len() as u64 {
                    let message = format!("an array of {len} has {} elements", elems.len());
                    self.error(Rule::Types, span, message);
                }
                self.check_value_type(&expr.ty, span);
                for &value in elems {
                    self.expect_operand(value, elem, "an element", span);
                }
            }
            ExprKind::Repeat(value) => {
                let Ty::Array { elem, .. } = &expr.ty else {
                    return self.wrong_type("an array", &expr.ty, span);
                };
                self.check_value_type(&expr.ty, span);
                self.expect_operand(*value, elem, "an element", span);
            }
            ExprKind::Struct(values) => self.check_struct_expr(values, &expr.ty, span),
            ExprKind::Zeroed => self.check_value_type(&expr.ty, span),
            _ => {}
        }
    }

    fn check_struct_expr(&mut self, values: &[ExprId], ty: &Ty, span: Span) {
        let Ty::Struct(struct_ty) = ty else {
            return self.wrong_type("a struct", ty, span);
        };
        self.check_value_type(ty, span);
        if struct_ty.overlaps {
            let message = format!("`{}` is built field by field", self.name_of(ty));
            return self.error(Rule::Types, span, message);
        }
        if struct_ty.fields.len() != values.len() {
            let (name, fields) = (self.name_of(ty), struct_ty.fields.len());
            let message = format!("`{name}` has {fields} fields, found {}", values.len());
            return self.error(Rule::Types, span, message);
        }
        for (field, &value) in struct_ty.fields.iter().zip(values) {
            self.expect_operand(value, &field.ty, "a field", span);
        }
    }

    fn check_way(&mut self, way: Way, mutable: bool, span: Span) {
        if mutable && !way.mutable {
            let message = "what is not mutable is borrowed as mutable";
            self.error(Rule::Places, span, message);
        }
    }

    fn wrong_type(&mut self, what: &str, ty: &Ty, span: Span) {
        let message = format!("{what} has type `{}`", self.name_of(ty));
        self.error(Rule::Types, span, message);
    }

    fn is_loop_var(&self, place: &Place) -> bool {
        self.loop_vars.get(place.local.index()) == Some(&true)
    }
}

impl Way {
    fn step(&mut self, mutable: bool) {
        self.mutable = mutable && (self.mutable || !self.behind);
        self.behind = true;
        self.shared |= !mutable;
    }
}

//! Places: variables, elements of slices and arrays, fields, what references point to.

use crate::hir::{self, Span};

use super::binding::Binding;
use super::consts::Constant;
use super::diag::Code;
use super::expr::strip_groups;
use super::infer::{ITy, Unknown};
use super::paths::path_text;
use super::state::{Lowering, Value};
use super::types::{data_field_ty, field_index};
use crate::expr::{ExprId, ExprKind, Place, Projection};
use crate::func::SiteKind;
use crate::stmt::StmtKind;

/// What an expression denotes before it is read.
#[derive(Debug)]
pub(super) enum Base {
    /// A place, and the type of what is there.
    Place(Place, ITy),
    /// A value that is in no place; also a slice that `*a` or `a[i..j]` denotes, which `&` makes a value.
    Value(ExprId),
}

impl Lowering<'_> {
    /// The value at `a[i]`, `t.0` or `*r`.
    pub(super) fn lower_place_value(&mut self, expr: &hir::Expr) -> Value {
        let span = expr.span();
        Value::Expr(match self.lower_base(expr) {
            Some(Base::Place(place, ty)) => self.push_expr(ExprKind::Load(place), ty, span),
            Some(Base::Value(value)) => value,
            None => self.poison(span),
        })
    }

    /// A place and the type of what is there; a value is put into a temporary. `None`: reported.
    pub(super) fn lower_place(&mut self, expr: &hir::Expr) -> Option<(Place, ITy)> {
        Some(match self.lower_base(expr)? {
            Base::Place(place, ty) => (place, ty),
            Base::Value(value) => self.hold_value(value),
        })
    }

    /// A value in a temporary.
    pub(super) fn hold_value(&mut self, value: ExprId) -> (Place, ITy) {
        let ty = self.ty_of(value);
        let temp = self.push_temp(ty.clone(), false, self.span_of(value));
        self.assign(temp, value);
        (Place::local(temp), ty)
    }

    /// What an expression denotes. `None`: reported.
    pub(super) fn lower_base(&mut self, expr: &hir::Expr) -> Option<Base> {
        match expr {
            hir::Expr::Paren(inner) => {
                let base = self.lower_base(&inner.expr)?;
                // rustc locates the panic of an operation in parentheses at the parenthesis.
                let site = match &base {
                    Base::Place(place, _) => place.index_site(),
                    Base::Value(value) => {
                        self.include_parens(inner, &Value::Expr(*value));
                        None
                    }
                };
                if let Some(site) = site
                    && !self.is_of_user_index(&inner.expr, site)
                {
                    self.sites[site.index()].span = inner.span();
                }
                Some(base)
            }
            hir::Expr::Group(inner) => self.lower_base(&inner.expr),
            hir::Expr::Path(path) => {
                let ident = path.path.get_ident().filter(|_| path.qself.is_none());
                if let Some(Binding::Local(local)) =
                    ident.and_then(|ident| self.lookup_binding(ident))
                {
                    let ty = self.local_tys[local.index()].clone();
                    return Some(Base::Place(Place::local(local), ty));
                }
                if let Some(value) = self.known_const(path) {
                    return Some(Base::Value(value));
                }
                if self.names_extern_const(path) {
                    return Some(match self.extern_const(path) {
                        Constant::Value(value) => Base::Value(value),
                        Constant::Place(place, ty) => Base::Place(place, ty),
                    });
                }
                Some(Base::Value(self.lower_path(path)))
            }
            hir::Expr::Index(index) => self.lower_index(index),
            hir::Expr::Field(field) => {
                if let Some(value) = self.lower_range_field(field) {
                    return Some(Base::Value(value));
                }
                let (place, ty) = self.lower_field(field)?;
                Some(Base::Place(place, ty))
            }
            hir::Expr::Unary(unary) if matches!(unary.op, hir::UnOp::Deref(_)) => {
                let base = self.lower_base(&unary.expr)?;
                self.dereference(base, unary.op.span())
            }
            other => {
                let value = self.with_exclusive(false, |this| this.lower_operand(other));
                Some(Base::Value(value))
            }
        }
    }

    /// Lowers a place that is written to, or borrowed by `&mut`, or not.
    pub(super) fn with_exclusive<R>(
        &mut self,
        exclusive: bool,
        run: impl FnOnce(&mut Self) -> R,
    ) -> R {
        let outer = std::mem::replace(&mut self.exclusive, exclusive);
        let result = run(self);
        self.exclusive = outer;
        result
    }

    pub(super) fn base_ty(&self, base: &Base) -> ITy {
        let ty = match base {
            Base::Place(_, ty) => ty.clone(),
            Base::Value(value) => self.ty_of(*value),
        };
        self.infer.shallow(&ty)
    }

    /// `*base`.
    fn dereference(&mut self, base: Base, op_span: Span) -> Option<Base> {
        match self.base_ty(&base) {
            ITy::Ref { to, .. } => {
                let place = match base {
                    Base::Place(mut place, _) => {
                        place.projections.push(Projection::Deref);
                        place
                    }
                    Base::Value(value) => self.pointee(value),
                };
                Some(Base::Place(place, *to))
            }
            ITy::View(_) => Some(base),
            ITy::Slice { elem, mutable } => Some(match base {
                Base::Place(place, _) => {
                    Base::Value(self.whole_slice(place, *elem, mutable, op_span))
                }
                value @ Base::Value(_) => value,
            }),
            ty if self.is_reported(&ty) => {
                let value = self.poison(op_span);
                Some(Base::Value(value))
            }
            ITy::Var(_) => {
                self.report_open(op_span, "the type of this reference is not known here");
                None
            }
            ty => {
                let shown = self.show(&ty);
                self.diags.report(
                    Code::Mismatch,
                    op_span,
                    format!("`{shown}` cannot be dereferenced"),
                    "use the value",
                );
                None
            }
        }
    }

    pub(super) fn report_open(&mut self, span: Span, message: &str) {
        self.diags
            .report(Code::Annotation, span, message, "write it at the `let`");
    }

    /// `&place[..]`: all of a slice or an array.
    pub(super) fn whole_slice(
        &mut self,
        base: Place,
        elem: ITy,
        mutable: bool,
        span: Span,
    ) -> ExprId {
        let kind = ExprKind::SubSlice {
            base,
            start: None,
            end: None,
            site: None,
        };
        let elem = Box::new(elem);
        self.push_expr(kind, ITy::Slice { elem, mutable }, span)
    }

    /// The place of what is behind any references; that of a slice is where the slice is kept.
    pub(super) fn base_place(&mut self, base: Base) -> (Place, ITy) {
        let (mut place, mut ty) = match base {
            Base::Place(place, ty) => (place, ty),
            Base::Value(value) => self.value_place(value),
        };
        while let ITy::Ref { to, .. } = self.infer.shallow(&ty) {
            place.projections.push(Projection::Deref);
            ty = *to;
        }
        (place, ty)
    }

    /// As [`Lowering::base_place`], of a value.
    fn value_place(&mut self, value: ExprId) -> (Place, ITy) {
        let ty = self.ty_of(value);
        match (self.exprs[value].kind.clone(), self.infer.shallow(&ty)) {
            (ExprKind::Load(place), _) => {
                self.discard(value);
                (place, ty)
            }
            (
                ExprKind::SubSlice {
                    base,
                    start: None,
                    end: None,
                    site: None,
                },
                _,
            ) => {
                self.discard(value);
                let ty = self.place_ty(&base);
                (base, ty)
            }
            (_, ITy::Ref { to, .. }) => (self.pointee(value), *to),
            _ => self.hold_value(value),
        }
    }

    /// Whether a path is the name of something in the function.
    fn is_bound(&self, path: &hir::ExprPath) -> bool {
        let ident = path.path.get_ident().filter(|_| path.qself.is_none());
        ident.is_some_and(|ident| {
            self.lookup_binding(ident).is_some() || self.spelled(ident).is_some()
        })
    }

    /// A place that is assigned to.
    pub(super) fn lower_target(&mut self, expr: &hir::Expr) -> Option<(Place, ITy)> {
        if let hir::Expr::Path(path) = strip_groups(expr)
            && !self.is_bound(path)
        {
            let shown = path_text(&path.path);
            self.diags.report(
                Code::Name,
                path.span(),
                format!("`{shown}` is not a variable of this function"),
                "pass what is to change as a `&mut` parameter",
            );
            return None;
        }
        let n_sites = self.n_sites();
        let base = self.with_exclusive(true, |this| this.lower_base(expr))?;
        self.note_stored(n_sites);
        let (place, ty) = match base {
            Base::Place(place, ty) => (place, ty),
            Base::Value(value) => {
                let ty = self.ty_of(value);
                if self.is_reported(&ty) {
                    return None;
                }
                self.refuse_target(expr.span());
                return None;
            }
        };
        let is_temp = self.locals[place.local].name.starts_with('$');
        let is_unknown = self.context_is_open()
            && matches!(
                self.infer.shallow(&self.local_tys[place.local.index()]),
                ITy::Unknown(_)
            );
        if is_temp && !is_unknown && !self.is_behind_pointer(&place) {
            self.refuse_target(expr.span());
            return None;
        }
        Some((place, ty))
    }

    fn refuse_target(&mut self, span: Span) {
        self.refuse(
            span,
            "an assignment to this",
            "assign to a variable or an element",
        );
    }

    fn is_behind_pointer(&self, place: &Place) -> bool {
        let is_slice = matches!(
            self.infer.shallow(&self.local_tys[place.local.index()]),
            ITy::Slice { .. }
        );
        (is_slice && !place.projections.is_empty())
            || place.projections.contains(&Projection::Deref)
    }

    fn lower_index(&mut self, expr: &hir::ExprIndex) -> Option<Base> {
        let span = expr.span();
        if let hir::Expr::Range(range) = strip_groups(&expr.index) {
            return self.lower_sub_slice(expr, range);
        }
        if self.is_iter_expr(&expr.index) {
            let base = self.lower_base(&expr.expr)?;
            let (place, ty) = self.base_place(base);
            let (start, end, inclusive) = self.lower_range_index(&expr.index)?;
            for bound in start.iter().chain(&end) {
                self.expect_expr(*bound, &ITy::USIZE);
            }
            let part = self.sub_slice(place, ty, (start, end), inclusive, span);
            return part.map(Base::Value);
        }
        let base = self.lower_base(&expr.expr);
        if let Some(Base::Value(value)) = base
            && let ITy::View(view) = self.infer.shallow(&self.ty_of(value))
        {
            self.discard(value);
            return self.index_view(view, expr);
        }
        let base = base.map(|base| self.base_place(base));
        let ty = base.as_ref().map(|(_, ty)| self.infer.shallow(ty));
        let is_of_user = matches!(&ty, Some(ITy::Struct(_) | ITy::Unknown(_)));
        if let hir::Expr::Array(array) = &*expr.index
            && !is_of_user
        {
            self.refuse(
                array.bracket_token,
                "indices of several dimensions",
                "index a slice by `i * n_cols + j`",
            );
            return None;
        }
        let (index, stmts) = self.with_exclusive(false, |this| {
            this.in_frame(|this| this.lower_operand(&expr.index))
        });
        if let (true, Some((place, ty))) = (is_of_user, &base) {
            let (place, ty) = (place.clone(), ty.clone());
            return self.index_of_user(expr, (place, ty), index, stmts);
        }
        self.expect_expr(index, &ITy::USIZE);
        let Some((mut place, ty)) = base else {
            self.emit_all(stmts);
            return None;
        };
        if !stmts.is_empty() {
            // The place is looked at before the index is.
            if !place.projections.is_empty() {
                place = self.fix_place(place, true, span);
            }
            self.emit_all(stmts);
        }
        match self.infer.shallow(&ty) {
            ITy::Slice { elem, .. } | ITy::Array { elem, .. } => {
                let site = self.push_site(SiteKind::Index, span, vec![ITy::USIZE, ITy::USIZE]);
                place.projections.push(Projection::Index {
                    index,
                    site: Some(site),
                });
                Some(Base::Place(place, *elem))
            }
            other if self.is_reported(&other) => None,
            ITy::Var(_) => {
                self.report_open(expr.expr.span(), "the type of this is not known here");
                None
            }
            other => {
                self.refuse_indexing(&other, expr.expr.span());
                None
            }
        }
    }

    pub(super) fn refuse_indexing(&mut self, ty: &ITy, span: Span) {
        let shown = self.show(ty);
        self.diags.report(
            Code::Mismatch,
            span,
            format!("a value of type `{shown}` cannot be indexed"),
            "index a slice or an array",
        );
    }

    fn lower_field(&mut self, field: &hir::ExprField) -> Option<(Place, ITy)> {
        let base = self.lower_base(&field.base)?;
        let (mut place, ty) = self.base_place(base);
        let name = match &field.member {
            hir::Member::Unnamed(index) => index.index.to_string(),
            hir::Member::Named(name) => name.to_string(),
        };
        let ty = self.infer.shallow(&ty);
        let found = match &ty {
            ITy::Struct(info) => field_index(info, &name),
            _ => None,
        };
        if let Some((index, ty)) = found {
            place.projections.push(Projection::Field(index));
            return Some((place, ty));
        }
        let (index, ty) = match (&ty, &field.member) {
            (ITy::Tuple(elems), hir::Member::Unnamed(index))
                if (index.index as usize) < elems.len() =>
            {
                (index.index, elems[index.index as usize].clone())
            }
            (ITy::Unknown(_), _) => {
                let field = Unknown::Field(ty, name);
                return Some((place, self.infer.unknown(field)));
            }
            (other, _) if self.is_reported(other) => return None,
            (ITy::Var(_), _) => {
                let message = "the type of this is not known here";
                self.report_open(field.member.span(), message);
                return None;
            }
            (other, hir::Member::Unnamed(_)) => {
                let shown = self.show(other);
                self.diags.report(
                    Code::Mismatch,
                    field.member.span(),
                    format!("`{shown}` has no element {name}"),
                    "index a tuple",
                );
                return None;
            }
            (other, hir::Member::Named(_)) => {
                let shown = self.show(other);
                self.diags.report(
                    Code::Mismatch,
                    field.member.span(),
                    format!("`{shown}` has no field `{name}` that `#[jit]` can use"),
                    "fields are numbers, arrays, and structs of these with `#[derive(JitType)]`",
                );
                return None;
            }
        };
        place.projections.push(Projection::Field(index));
        Some((place, ty))
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
                hir::Expr::Unary(inner) if matches!(inner.op, hir::UnOp::Deref(_)) => &inner.expr,
                _ => break,
            };
        }
        let hir::Expr::Path(path) = base else {
            return None;
        };
        let mut ty = match self.lookup_binding(path.path.get_ident()?)? {
            Binding::Local(local) => self.local_tys[local.index()].clone(),
            Binding::Alias(value) => self.ty_of(value),
        };
        loop {
            ty = match self.infer.shallow(&ty) {
                ITy::Param(_) => return Some(true),
                ITy::Slice { elem, .. } | ITy::Array { elem, .. } => *elem,
                ITy::Ref { to, .. } => *to,
                _ => return Some(false),
            };
        }
    }

    pub(super) fn place_is_stable(&self, place: &Place) -> bool {
        place.projections.iter().all(|step| match step {
            Projection::Index { index, .. } => self.is_stable(*index),
            Projection::Field(_) | Projection::Deref => true,
        })
    }

    pub(super) fn place_may_trap(&self, place: &Place) -> bool {
        place.projections.iter().any(|step| match step {
            Projection::Index { index, site } => site.is_some() || self.may_trap(*index),
            Projection::Field(_) | Projection::Deref => false,
        })
    }

    /// Evaluates the indices of a place now, so that it can be used twice; with `check`, out of bounds panics now, too.
    pub(super) fn fix_place(&mut self, mut place: Place, check: bool, span: Span) -> Place {
        for step in &mut place.projections {
            if let Projection::Index { index, .. } = step {
                *index = self.evaluate(*index);
            }
        }
        if check && self.place_may_trap(&place) {
            self.check_place(&place, span);
        }
        place
    }

    /// Panics now if an index of the place, all of which are stable, is out of bounds.
    fn check_place(&mut self, place: &Place, span: Span) {
        let again = self.copy_place(place);
        let ty = self.place_ty(&again);
        let look = match self.infer.shallow(&ty) {
            // What is big is not read.
            ITy::Array { .. } | ITy::Struct(_) | ITy::Tuple(_) => {
                let to = Box::new(ty);
                let mutable = false;
                self.push_expr(ExprKind::Borrow(again), ITy::Ref { to, mutable }, span)
            }
            _ => self.push_expr(ExprKind::Load(again), ty, span),
        };
        self.emit(StmtKind::Eval(look), span);
    }

    /// The type of what is at a place.
    pub(super) fn place_ty(&self, place: &Place) -> ITy {
        let mut ty = self.local_tys[place.local.index()].clone();
        for step in &place.projections {
            ty = match (self.infer.shallow(&ty), step) {
                (ITy::Slice { elem, .. } | ITy::Array { elem, .. }, Projection::Index { .. }) => {
                    *elem
                }
                (ITy::Ref { to, .. }, Projection::Deref) => *to,
                (shallow, Projection::Field(index)) => match self.field_ty(&shallow, *index) {
                    Some(ty) => ty,
                    None => ITy::REPORTED,
                },
                (ITy::Unknown(_), _) => ITy::REPORTED,
                (other, _) => other,
            };
        }
        ty
    }

    /// The type of the element or field with this number in the IR.
    pub(super) fn field_ty(&self, ty: &ITy, index: u32) -> Option<ITy> {
        let index = index as usize;
        match ty {
            ITy::Tuple(elems) => elems.get(index).cloned(),
            ITy::Struct(info) => {
                let mut fields =
                    (info.fields.iter()).filter(|(.., ty)| *ty != crate::instance::TypeInfo::Unit);
                ITy::of_info(&fields.nth(index)?.2)
            }
            ITy::DataEnum(info) => data_field_ty(info, index),
            ITy::Option(_) | ITy::Result(..) if index == 0 => Some(ITy::BOOL),
            ITy::Option(some) => Some((**some).clone()),
            ITy::Result(ok, err) => {
                let payloads = [ok, err].map(|ty| self.infer.shallow(ty));
                let mut payloads = payloads.into_iter().filter(|ty| *ty != ITy::Unit);
                payloads.nth(index - 1)
            }
            _ => None,
        }
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

//! References: `&place`, what they become where another type is expected, and names for places.

use super::infer::{ITy, Len};
use super::place::Base;
use super::state::Lowering;
use crate::expr::{ExprId, ExprKind, Place, Projection};
use crate::hir::{self, Span};
use crate::instance::StructInfo;

impl Lowering<'_> {
    /// `&expr` or `&mut expr`.
    pub(super) fn lower_borrow(&mut self, expr: &hir::ExprReference) -> ExprId {
        let (span, mutable) = (expr.span(), expr.mutability.is_some());
        if let Some(callable) = self.borrowed_callable(&expr.expr) {
            return callable;
        }
        match self.with_exclusive(mutable, |this| this.lower_base(&expr.expr)) {
            None => self.poison(span),
            Some(Base::Place(place, ty)) => self.borrow(place, ty, mutable, span),
            Some(Base::Value(value)) => {
                let ty = self.ty_of(value);
                match self.infer.shallow(&ty) {
                    // `&*a`, `&a[i..j]`, and `&a` of a name for a slice.
                    ITy::Slice { elem, mutable: was } => {
                        self.reborrow_slice(value, *elem, mutable && was)
                    }
                    ITy::View(view) if !mutable => {
                        let view = self.with_mutability(view, false, span);
                        self.placeholder(ITy::View(view), span)
                    }
                    ITy::Unknown(_)
                    | ITy::Closure(_)
                    | ITy::Fn(_)
                    | ITy::Iter(_)
                    | ITy::View(_) => value,
                    _ => {
                        let temp = self.push_temp(ty.clone(), mutable, span);
                        self.assign(temp, value);
                        self.borrow(Place::local(temp), ty, mutable, span)
                    }
                }
            }
        }
    }

    /// A reference to a place. A shared one to a slice is the slice itself: nobody can tell them apart.
    pub(super) fn borrow(&mut self, place: Place, ty: ITy, mutable: bool, span: Span) -> ExprId {
        match self.infer.shallow(&ty) {
            ITy::Slice { elem, .. } if !mutable => self.whole_slice(place, *elem, false, span),
            ITy::Unknown(_) if self.infer.is_reported(&ty) => {
                self.push_expr(ExprKind::Load(place), ty, span)
            }
            _ => {
                let to = Box::new(ty);
                self.push_expr(ExprKind::Borrow(place), ITy::Ref { to, mutable }, span)
            }
        }
    }

    /// The same slice, mutable or not.
    fn reborrow_slice(&mut self, value: ExprId, elem: ITy, mutable: bool) -> ExprId {
        let span = self.span_of(value);
        match self.exprs[value].kind.clone() {
            ExprKind::SubSlice { .. } => {
                let elem = Box::new(elem);
                self.expr_tys[value.index()] = ITy::Slice { elem, mutable };
                value
            }
            ExprKind::Load(place) => {
                self.discard(value);
                self.whole_slice(place, elem, mutable, span)
            }
            _ => {
                let (place, _) = self.hold_value(value);
                self.whole_slice(place, elem, mutable, span)
            }
        }
    }

    /// The place that a reference leads to. Takes the expression apart.
    pub(super) fn pointee(&mut self, value: ExprId) -> Place {
        match self.exprs[value].kind.clone() {
            ExprKind::Borrow(place) => {
                self.discard(value);
                place
            }
            ExprKind::Load(mut place) => {
                self.discard(value);
                place.projections.push(Projection::Deref);
                place
            }
            _ => {
                let (mut place, _) = self.hold_value(value);
                place.projections.push(Projection::Deref);
                place
            }
        }
    }

    /// The value behind any references: operators and numeric methods look through them.
    pub(super) fn auto_deref(&mut self, mut value: ExprId) -> ExprId {
        while let ITy::Ref { .. } = self.infer.shallow(&self.ty_of(value)) {
            let span = self.span_of(value);
            value = self.deref_expr(value, span);
        }
        value
    }

    // Coercions.

    /// The value where one of another type is expected: what rustc converts without a word is converted, everything else has to agree.
    pub(super) fn coerce(&mut self, value: ExprId, expected: &ITy) -> ExprId {
        let span = self.span_of(value);
        self.expect_type_of_call(value, expected);
        let found = self.infer.shallow(&self.ty_of(value));
        let wanted = self.infer.shallow(expected);
        match (found, wanted) {
            (ITy::Slice { elem, mutable: was }, ITy::Slice { elem: e, mutable })
                if was != mutable =>
            {
                self.expect_ty(&elem, &e, span);
                if was {
                    self.reborrow_slice(value, *elem, false)
                } else {
                    self.expect_expr(value, expected);
                    value
                }
            }
            (ITy::Ref { to, mutable: was }, ITy::Slice { elem: e, mutable }) if was || !mutable => {
                match self.infer.shallow(&to) {
                    // A copy, as nothing changes it while it is borrowed.
                    ITy::Array { elem, len } if !mutable && self.has_other_tuples(&elem, &e) => {
                        let place = self.pointee(value);
                        let from = ITy::Array { elem, len };
                        let array = self.push_expr(ExprKind::Load(place), from, span);
                        let wanted = ITy::Array { elem: e, len };
                        let array = self.coerce(array, &wanted);
                        let found = self.ty_of(array);
                        if self.has_other_tuples(&found, &wanted) {
                            return self.poison(span);
                        }
                        let held = self.hold(array);
                        self.coerce(held, expected)
                    }
                    ITy::Array { elem, .. } => {
                        self.expect_ty(&elem, &e, span);
                        let place = self.pointee(value);
                        self.whole_slice(place, *elem, mutable, span)
                    }
                    ITy::Slice { elem, mutable: m } if m || !mutable => {
                        self.expect_ty(&elem, &e, span);
                        let place = self.pointee(value);
                        self.whole_slice(place, *elem, mutable, span)
                    }
                    ITy::Unknown(_) => {
                        self.discard(value);
                        self.push_expr(ExprKind::Zeroed, expected.clone(), span)
                    }
                    to @ ITy::Ref { .. } => {
                        let place = self.pointee(value);
                        let inner = self.push_expr(ExprKind::Load(place), to, span);
                        self.coerce(inner, expected)
                    }
                    _ => {
                        self.expect_expr(value, expected);
                        value
                    }
                }
            }
            (ITy::Ref { to, mutable: was }, ITy::Ref { to: want, mutable }) if was || !mutable => {
                let inner = self.infer.shallow(&to);
                let want = self.infer.shallow(&want);
                match (inner, want) {
                    // `&&T` where `&T` is expected.
                    (inner @ ITy::Ref { .. }, want)
                        if !matches!(want, ITy::Ref { .. } | ITy::Var(_) | ITy::Unknown(_)) =>
                    {
                        let place = self.pointee(value);
                        let inner = self.push_expr(ExprKind::Load(place), inner, span);
                        self.coerce(inner, expected)
                    }
                    // A tuple of rustc's, whose type is written as any tuple's.
                    (ITy::Struct(info), ITy::Tuple(elems)) if is_tuple(&info) => {
                        self.expect_fields(&info, &elems, span);
                        value
                    }
                    // A copy, as nothing changes it while it is borrowed.
                    (from @ (ITy::Tuple(_) | ITy::Array { .. }), want)
                        if !mutable && self.has_other_tuples(&from, &want) =>
                    {
                        let place = self.pointee(value);
                        let tuple = self.push_expr(ExprKind::Load(place), from, span);
                        let tuple = self.coerce(tuple, &want);
                        self.hold(tuple)
                    }
                    (_, want) if was && !mutable => {
                        self.expect_ty(&to, &want, span);
                        let place = self.pointee(value);
                        let ty = ITy::Ref { to, mutable: false };
                        self.push_expr(ExprKind::Borrow(place), ty, span)
                    }
                    _ => {
                        self.expect_expr(value, expected);
                        value
                    }
                }
            }
            // What only rustc knows is what is written.
            (found @ ITy::Unknown(_), ITy::Tuple(_))
                if self.context_is_open() && !self.infer.is_reported(&found) =>
            {
                self.discard(value);
                self.push_expr(ExprKind::Zeroed, expected.clone(), span)
            }
            (ITy::Tuple(elems), ITy::Struct(info)) if is_tuple(&info) => {
                self.expect_fields(&info, &elems, span);
                self.memory_tuple(value, &info)
            }
            (ITy::Struct(info), ITy::Tuple(elems)) if is_tuple(&info) => {
                self.expect_fields(&info, &elems, span);
                self.plain_tuple(value, &elems)
            }
            (
                ITy::Array { elem: found, len },
                ITy::Array {
                    elem: wanted,
                    len: n,
                },
            ) if !matches!((len, n), (Len::Known(len), Len::Known(n)) if len != n)
                && self.has_other_tuples(&found, &wanted) =>
            {
                match self.array_with_tuples(value, (&found, &wanted), len) {
                    Some(array) => array,
                    None => {
                        self.expect_expr(value, expected);
                        value
                    }
                }
            }
            (ITy::Tuple(found), ITy::Tuple(wanted)) if found.len() == wanted.len() => {
                if let ExprKind::Tuple(elems) = self.exprs[value].kind.clone() {
                    let elems: Vec<_> = (elems.into_iter().zip(&wanted))
                        .map(|(elem, wanted)| self.coerce(elem, wanted))
                        .collect();
                    let tys = elems.iter().map(|elem| self.ty_of(*elem)).collect();
                    self.exprs[value].kind = ExprKind::Tuple(elems);
                    self.expr_tys[value.index()] = ITy::Tuple(tys);
                } else {
                    self.expect_expr(value, expected);
                }
                value
            }
            _ => {
                self.expect_expr(value, expected);
                value
            }
        }
    }

    pub(super) fn expect_fields(&mut self, info: &StructInfo, elems: &[ITy], span: Span) {
        let fields = info.fields.iter().map(|(.., ty)| ITy::of_info(ty));
        let Some(mut fields) = fields.collect::<Option<Vec<_>>>() else {
            return;
        };
        // Tuples in it are of either kind, too.
        for (field, elem) in fields.iter_mut().zip(elems) {
            *field = self.with_tuples_of(field.clone(), elem, span);
        }
        let found = ITy::Tuple(elems.to_vec());
        self.expect_ty(&found, &ITy::Tuple(fields), span);
    }

    /// A tuple as rustc lays it out.
    fn memory_tuple(&mut self, value: ExprId, info: &std::sync::Arc<StructInfo>) -> ExprId {
        let span = self.span_of(value);
        let elems = match self.exprs[value].kind.clone() {
            ExprKind::Tuple(elems) => {
                self.discard(value);
                elems
            }
            _ => self.parts_of(value),
        };
        let fields = info.fields.iter().map(|(.., ty)| ITy::of_info(ty));
        let elems = (elems.into_iter().zip(fields))
            .map(|(elem, field)| match field {
                Some(field) => self.coerce(elem, &field),
                None => elem,
            })
            .collect();
        let ty = ITy::Struct(std::sync::Arc::clone(info));
        self.push_expr(ExprKind::Struct(elems), ty, span)
    }

    fn plain_tuple(&mut self, value: ExprId, elems: &[ITy]) -> ExprId {
        let span = self.span_of(value);
        let parts = match self.exprs[value].kind.clone() {
            ExprKind::Struct(parts) => {
                self.discard(value);
                parts
            }
            _ => self.parts_of(value),
        };
        let parts: Vec<_> = (parts.into_iter().zip(elems))
            .map(|(part, ty)| self.coerce(part, ty))
            .collect();
        let tys = parts.iter().map(|part| self.ty_of(*part)).collect();
        self.push_expr(ExprKind::Tuple(parts), ITy::Tuple(tys), span)
    }

    /// The elements of a tuple, through a temporary.
    fn parts_of(&mut self, value: ExprId) -> Vec<ExprId> {
        let span = self.span_of(value);
        let (place, ty) = self.hold_value(value);
        let tys = match self.infer.shallow(&ty) {
            ITy::Tuple(tys) => tys,
            ITy::Struct(info) => (info.fields.iter())
                .filter_map(|(.., ty)| ITy::of_info(ty))
                .collect(),
            _ => Vec::new(),
        };
        (tys.into_iter().enumerate())
            .map(|(index, ty)| {
                let mut part = place.clone();
                part.projections.push(Projection::Field(index as u32));
                self.push_expr(ExprKind::Load(part), ty, span)
            })
            .collect()
    }

    // Names for places.

    /// A reference that a name can stand for: its indices are checked and evaluated now. Any other stays as it is.
    pub(super) fn settle_borrow(&mut self, value: ExprId) -> ExprId {
        let ExprKind::Borrow(place) = self.exprs[value].kind.clone() else {
            return value;
        };
        if self.is_stable(value) || !self.can_stay(&place) {
            return value;
        }
        let (ty, span) = (self.ty_of(value), self.span_of(value));
        self.discard(value);
        let mut place = self.fix_place(place, true, span);
        for step in &mut place.projections {
            if let Projection::Index { site, .. } = step {
                *site = None;
            }
        }
        self.push_expr(ExprKind::Borrow(place), ty, span)
    }

    /// Whether a place is the same memory each time, if its indices are the same: at most one pointer leads there, in a variable that does not
    /// change.
    pub(super) fn can_stay(&self, place: &Place) -> bool {
        match self.n_pointers_to(place) {
            Some(0) => true,
            Some(1) => !self.locals[place.local].mutable,
            _ => false,
        }
    }

    /// How many pointers lead to a place; 0 if it is in the frame of this function.
    pub(super) fn n_pointers_to(&self, place: &Place) -> Option<usize> {
        let mut ty = self.local_tys[place.local.index()].clone();
        let mut n_pointers = 0;
        for step in &place.projections {
            let next = match (self.infer.shallow(&ty), step) {
                (ITy::Slice { elem, .. }, Projection::Index { .. }) => {
                    n_pointers += 1;
                    Some(*elem)
                }
                (ITy::Ref { to, .. }, Projection::Deref) => {
                    n_pointers += 1;
                    Some(*to)
                }
                (ITy::Array { elem, .. }, Projection::Index { .. }) => Some(*elem),
                (ty, Projection::Field(field)) => self.field_ty(&ty, *field),
                _ => None,
            };
            match next {
                Some(next) => ty = next,
                None => return None,
            }
        }
        Some(n_pointers)
    }
}

/// Whether this is a tuple, not a struct.
pub(super) fn is_tuple(info: &StructInfo) -> bool {
    info.name.starts_with('(')
}

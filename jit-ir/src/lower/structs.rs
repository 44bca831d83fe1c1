//! Struct literals and constructors.

use super::infer::ITy;
use super::state::{Lowering, Value};
use super::types::field_index;
use crate::expr::{ExprId, ExprKind, Place, Projection};
use crate::hir::{self, Span};
use crate::instance::StructInfo;

impl Lowering<'_> {
    /// `Point { x, y: 1.0, ..base }`.
    pub(super) fn lower_struct(&mut self, expr: &hir::ExprStruct) -> ExprId {
        let span = expr.span();
        let Some(ty) = self.constructed_ty(&expr.path) else {
            for field in &expr.fields {
                self.lower_expr(&field.expr);
            }
            return self.poison(span);
        };
        let info = match &ty {
            ITy::Struct(info) => Some(std::sync::Arc::clone(info)),
            _ => None,
        };
        let mut lowered = Vec::new();
        let mut names = Vec::new();
        for field in &expr.fields {
            let name = match &field.member {
                hir::Member::Named(name) => name.to_string(),
                hir::Member::Unnamed(index) => index.index.to_string(),
            };
            let value = match self.lower_expr(&field.expr) {
                Value::Expr(value) => value,
                // A field of type `()`.
                Value::Unit | Value::Never => continue,
            };
            let found = info.as_ref().and_then(|info| field_index(info, &name));
            let value = match &found {
                Some((_, ty)) => self.coerce(value, ty),
                None => value,
            };
            lowered.push((self.limit_depth(value), self.now()));
            names.push(found.map(|(index, _)| index));
        }
        let base = expr.rest.as_ref().and_then(|rest| {
            let base = self.lower_base(rest)?;
            let (place, _) = self.base_place(base);
            Some(self.fix_place(place, true, span))
        });
        let values = self.settle_all(lowered);
        let Some(info) = info else {
            return self.push_expr(ExprKind::Zeroed, ty, span);
        };
        self.build_struct(&info, names.into_iter().zip(values).collect(), base, span)
    }

    /// `P(x, y)`, of a struct.
    pub(super) fn lower_constructor(&mut self, call: &hir::ExprCall, path: &hir::Path) -> ExprId {
        let span = call.span();
        let Some(ty) = self.constructed_ty(path) else {
            for arg in &call.args {
                self.lower_expr(arg);
            }
            return self.poison(span);
        };
        let mut lowered = Vec::new();
        for (index, arg) in call.args.iter().enumerate() {
            let value = self.lower_operand(arg);
            let value = match &ty {
                ITy::Struct(info) => match field_index(info, &index.to_string()) {
                    Some((_, ty)) => self.coerce(value, &ty),
                    None => value,
                },
                _ => value,
            };
            lowered.push((self.limit_depth(value), self.now()));
        }
        let values = self.settle_all(lowered);
        let ITy::Struct(info) = ty else {
            return self.push_expr(ExprKind::Zeroed, ty, span);
        };
        let values = (values.into_iter().enumerate())
            .map(|(index, value)| {
                let field = field_index(&info, &index.to_string());
                (field.map(|(index, _)| index), value)
            })
            .collect();
        self.build_struct(&info, values, None, span)
    }

    /// The struct that a path names.
    fn constructed_ty(&mut self, path: &hir::Path) -> Option<ITy> {
        let shown = super::paths::path_text(path);
        let ty = self.extern_ty(path.span(), &shown)?;
        if matches!(ty, ITy::Struct(_) | ITy::Unknown(_)) {
            return Some(ty);
        }
        let what = format!("`{shown}`, which is no struct,");
        self.refuse(path.span(), &what, "name the struct itself");
        None
    }

    fn build_struct(
        &mut self,
        info: &std::sync::Arc<StructInfo>,
        values: Vec<(Option<u32>, ExprId)>,
        base: Option<Place>,
        span: Span,
    ) -> ExprId {
        let ty = ITy::Struct(std::sync::Arc::clone(info));
        let in_order = values.is_sorted_by_key(|(field, _)| *field);
        // The struct evaluates its fields in the order of the type.
        let values: Vec<_> = (values.into_iter())
            .map(|(field, value)| match in_order {
                true => (field, value),
                false => (field, self.evaluate(value)),
            })
            .collect();
        let mut fields = Vec::new();
        for index in 0.. {
            let Some(field_ty) = self.field_ty(&ty, index) else {
                break;
            };
            let given = values.iter().find(|(field, _)| *field == Some(index));
            let value = match (given, &base) {
                (Some((_, value)), _) => *value,
                (None, Some(base)) => {
                    let mut place = self.copy_place(base);
                    place.projections.push(Projection::Field(index));
                    self.push_expr(ExprKind::Load(place), field_ty, span)
                }
                (None, None) => {
                    self.refuse(span, "a struct without this field", "name every field");
                    return self.poison(span);
                }
            };
            fields.push(value);
        }
        self.push_expr(ExprKind::Struct(fields), ty, span)
    }
}

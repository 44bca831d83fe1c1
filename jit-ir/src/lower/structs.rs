//! Struct literals and constructors.

use super::externs::{MadeOf, Question};
use super::infer::{ITy, Unknown};
use super::state::{Lowering, Value};
use super::types::field_index;
use crate::expr::{ExprId, ExprKind, Place, Projection};
use crate::hir::{self, Span};
use crate::instance::StructInfo;

impl Lowering<'_> {
    /// `Point { x, y: 1.0, ..base }`.
    pub(super) fn lower_struct(&mut self, expr: &hir::ExprStruct) -> ExprId {
        let span = expr.span();
        let is_inferred = self.is_inferred(&expr.path);
        let Some(ty) = self.constructed_ty(&expr.path, is_inferred) else {
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
        let mut made = Vec::new();
        for field in &expr.fields {
            let name = match &field.member {
                hir::Member::Named(name) => name.to_string(),
                hir::Member::Unnamed(index) => index.index.to_string(),
            };
            let value = match self.lower_expr(&field.expr) {
                Value::Expr(value) => value,
                // A field of type `()`.
                Value::Unit | Value::Never => {
                    made.push((name, ITy::REPORTED));
                    continue;
                }
            };
            made.push((name.clone(), self.ty_of(value)));
            let found = info.as_ref().and_then(|info| field_index(info, &name));
            let value = match &found {
                Some((_, ty)) => self.coerce(value, ty),
                None => value,
            };
            lowered.push((self.limit_depth(value), self.now()));
            names.push(found.map(|(index, _)| index));
        }
        let mut base_ty = None;
        let base = expr.rest.as_ref().and_then(|rest| {
            let base = self.lower_base(rest)?;
            let (place, ty) = self.base_place(base);
            base_ty = Some(ty);
            Some(self.fix_place(place, true, span))
        });
        let values = self.settle_all(lowered);
        if is_inferred {
            let made = MadeOf {
                fields: made,
                base: base_ty,
                is_call: false,
            };
            return self.ask_made(expr.path.span(), made, span);
        }
        let Some(info) = info else {
            return self.push_expr(ExprKind::Zeroed, ty, span);
        };
        self.build_struct(&info, names.into_iter().zip(values).collect(), base, span)
    }

    /// `P(x, y)`, of a struct.
    pub(super) fn lower_constructor(&mut self, call: &hir::ExprCall, path: &hir::Path) -> ExprId {
        let span = call.span();
        let is_inferred = self.is_inferred(path);
        let Some(ty) = self.constructed_ty(path, is_inferred) else {
            for arg in &call.args {
                self.lower_expr(arg);
            }
            return self.poison(span);
        };
        let mut lowered = Vec::new();
        for (index, arg) in call.args.iter().enumerate() {
            let value = self.lower_operand(arg);
            let value = match &ty {
                // A literal finds its type where the number is used, as in `x * Wrapping(31)`.
                ITy::Struct(_) if self.is_wrapped_literal(&ty, value) => value,
                ITy::Struct(info) => match field_index(info, &index.to_string()) {
                    Some((_, ty)) => self.coerce(value, &ty),
                    None => value,
                },
                _ => value,
            };
            lowered.push((self.limit_depth(value), self.now()));
        }
        let values = self.settle_all(lowered);
        if is_inferred {
            let fields = (values.iter().enumerate())
                .map(|(index, value)| (index.to_string(), self.ty_of(*value)))
                .collect();
            let made = MadeOf {
                fields,
                base: None,
                is_call: true,
            };
            return self.ask_made(path.span(), made, span);
        }
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

    /// Whether rustc has to be asked for the type by what it is made of: while the crate is built, of a path without generic arguments, since
    /// nobody knows here whether it should have some.
    fn is_inferred(&self, path: &hir::Path) -> bool {
        let is_plain = |segment: &hir::PathSegment| segment.arguments.is_none();
        self.context_is_open() && path.segments.iter().all(is_plain) && !path.is_ident("Self")
    }

    /// What a literal or a constructor makes, which only rustc knows.
    fn ask_made(&mut self, node: Span, made: MadeOf, span: Span) -> ExprId {
        self.ask(node, Question::Made(made.clone()));
        let ty = self.infer.unknown(Unknown::Made(node, made));
        self.push_expr(ExprKind::Zeroed, ty, span)
    }

    /// The struct that a path names.
    fn constructed_ty(&mut self, path: &hir::Path, is_inferred: bool) -> Option<ITy> {
        if is_inferred {
            return Some(ITy::REPORTED);
        }
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

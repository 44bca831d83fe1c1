//! Struct literals and constructors.

use std::sync::Arc;

use super::expected::Expected;
use super::externs::{MadeOf, Question};
use super::infer::{ITy, Unknown};
use super::state::{Lowering, Value};
use super::types::{field_index, variant_field};
use crate::expr::{ExprId, ExprKind, Place, Projection};
use crate::hir::{self, Span};
use crate::instance::{DataEnumInfo, StructInfo, VariantInfo};

/// What a literal or a constructor makes.
enum MadeFrom {
    Struct(Arc<StructInfo>),
    Variant(Arc<DataEnumInfo>, VariantInfo),
}

impl MadeFrom {
    /// The number of a field in the IR's type, and its type.
    fn field(&self, name: &str) -> Option<(u32, ITy)> {
        match self {
            MadeFrom::Struct(info) => field_index(info, name),
            MadeFrom::Variant(info, variant) => variant_field(info, variant, name),
        }
    }
}

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
        let made_of = self.made_of(&ty, &expr.path);
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
            let found = made_of.as_ref().and_then(|made_of| made_of.field(&name));
            let value = match &found {
                Some((_, ty)) => self.coerce(value, ty),
                None => {
                    self.decided_by_field(value, &ty, &name);
                    value
                }
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
            let mut made = MadeOf {
                fields: made,
                base: None,
                is_call: false,
            };
            if let Some(base_ty) = base_ty {
                // `..Default::default()` is of the type of the whole.
                made.base = Some(ITy::REPORTED);
                let whole = Unknown::Made(expr.path.span(), made.clone());
                let whole = self.infer.unknown(whole);
                self.infer.expect_call(&base_ty, Expected::Type(whole));
                made.base = Some(base_ty);
            }
            return self.ask_made(expr.path.span(), made, span);
        }
        let values = names.into_iter().zip(values).collect();
        match made_of {
            Some(MadeFrom::Struct(info)) => self.build_struct(&info, values, base, span),
            Some(MadeFrom::Variant(info, variant)) => {
                self.build_variant(&info, &variant, values, span)
            }
            None => self.push_expr(ExprKind::Zeroed, ty, span),
        }
    }

    /// Notes that rustc decides the type of a value which is open here: it is that of a field of a type that only rustc knows.
    fn decided_by_field(&mut self, value: ExprId, of: &ITy, field: &str) {
        let ty = self.ty_of(value);
        let is_open = matches!(self.infer.shallow(&ty), ITy::Var(_));
        if is_open && matches!(of, ITy::Unknown(_)) && !self.infer.is_reported(of) {
            let field = self
                .infer
                .unknown(Unknown::Field(of.clone(), field.to_owned()));
            self.expect_expr(value, &field);
        }
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
        let made_of = self.made_of(&ty, path);
        let field = |index: usize| made_of.as_ref()?.field(&index.to_string());
        let mut lowered = Vec::new();
        for (index, arg) in call.args.iter().enumerate() {
            let value = match self.lower_expr(arg) {
                Value::Expr(value) => value,
                Value::Unit => self.unit(arg.span()),
                Value::Never => {
                    let help = "make it a statement of its own";
                    self.refuse(arg.span(), "an argument that never has a value", help);
                    self.poison(arg.span())
                }
            };
            let value = match field(index) {
                // A literal finds its type where the number is used, as in `x * Wrapping(31)`.
                Some(_) if self.is_wrapped_literal(&ty, value) => value,
                Some((_, ty)) => self.coerce(value, &ty),
                None => {
                    self.decided_by_field(value, &ty, &index.to_string());
                    value
                }
            };
            lowered.push((self.limit_depth(value), self.now()));
        }
        let values = self.settle_all(lowered);
        self.finish_constructor(path, ty, is_inferred, values, span)
    }

    /// Whether a path is that of a struct or a variant, by its name.
    pub(super) fn is_constructor(&self, path: &hir::ExprPath) -> bool {
        let last = path.path.segments.last();
        path.qself.is_none() && last.is_some_and(|last| Self::is_item_name(&last.ident.name))
    }

    /// A constructor as a function, called with arguments that were lowered in order.
    pub(super) fn construct(&mut self, path: &hir::Path, args: Vec<ExprId>, span: Span) -> ExprId {
        let is_inferred = self.is_inferred(path);
        let Some(ty) = self.constructed_ty(path, is_inferred) else {
            return self.poison(span);
        };
        let made_of = self.made_of(&ty, path);
        let values = (args.into_iter().enumerate())
            .map(|(index, value)| {
                let field = (made_of.as_ref()).and_then(|of| of.field(&index.to_string()));
                match field {
                    Some((_, ty)) => self.coerce(value, &ty),
                    None => value,
                }
            })
            .collect();
        self.finish_constructor(path, ty, is_inferred, values, span)
    }

    /// What a constructor makes of the values of the fields.
    fn finish_constructor(
        &mut self,
        path: &hir::Path,
        ty: ITy,
        is_inferred: bool,
        values: Vec<ExprId>,
        span: Span,
    ) -> ExprId {
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
        let made_of = self.made_of(&ty, path);
        let field = |index: usize| made_of.as_ref()?.field(&index.to_string());
        let values = (values.into_iter().enumerate())
            .map(|(index, value)| (field(index).map(|(index, _)| index), value))
            .collect();
        match made_of {
            Some(MadeFrom::Struct(info)) => self.build_struct(&info, values, None, span),
            Some(MadeFrom::Variant(info, variant)) => {
                self.build_variant(&info, &variant, values, span)
            }
            None => self.push_expr(ExprKind::Zeroed, ty, span),
        }
    }

    /// The struct or the variant that a literal or a constructor makes. `None`: it is not known, or reported.
    fn made_of(&mut self, ty: &ITy, path: &hir::Path) -> Option<MadeFrom> {
        match ty {
            ITy::Struct(info) => Some(MadeFrom::Struct(Arc::clone(info))),
            ITy::DataEnum(info) => {
                let variant = self.variant_named(info, path)?;
                Some(MadeFrom::Variant(Arc::clone(info), variant))
            }
            _ => None,
        }
    }

    /// Whether rustc has to be asked for the type by what it is made of: while the crate is built, of a path without generic arguments, since
    /// nobody knows here whether it should have some, and of variants, whose paths name no type.
    fn is_inferred(&self, path: &hir::Path) -> bool {
        let is_plain = |segment: &hir::PathSegment| segment.arguments.is_none();
        let owner = path.segments.iter().rev().nth(1);
        let of_type = owner.is_some_and(|owner| Self::is_item_name(&owner.ident.name));
        self.context_is_open()
            && (of_type || path.segments.iter().all(is_plain) && !path.is_ident("Self"))
    }

    /// What a literal or a constructor makes, which only rustc knows.
    fn ask_made(&mut self, node: Span, made: MadeOf, span: Span) -> ExprId {
        let ty = self.infer.unknown(Unknown::Made(node, made.clone()));
        let result = ty.clone();
        self.ask(node, Question::Made { made, result });
        let value = self.push_expr(ExprKind::Zeroed, ty, span);
        self.call_results.insert(value.index());
        value
    }

    /// The struct that a path names.
    fn constructed_ty(&mut self, path: &hir::Path, is_inferred: bool) -> Option<ITy> {
        if is_inferred {
            return Some(ITy::REPORTED);
        }
        let shown = super::paths::path_text(path);
        let ty = self.extern_ty(path.span(), &shown)?;
        if matches!(ty, ITy::Struct(_) | ITy::DataEnum(_) | ITy::Unknown(_)) {
            return Some(ty);
        }
        let what = format!("`{shown}`, which is no struct,");
        self.refuse(path.span(), &what, "name the struct itself");
        None
    }

    fn build_struct(
        &mut self,
        info: &Arc<StructInfo>,
        values: Vec<(Option<u32>, ExprId)>,
        base: Option<Place>,
        span: Span,
    ) -> ExprId {
        let ty = ITy::Struct(Arc::clone(info));
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

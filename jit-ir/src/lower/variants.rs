//! Enums whose variants have fields: their values are made, and matched on by their tags.

use std::sync::Arc;

use super::diag::Code;
use super::infer::{ITy, Unknown};
use super::state::Lowering;
use super::subject::Subject;
use super::types::{variant_field, variant_of};
use crate::expr::{BinaryOp, ConstValue, ExprId, ExprKind, Place};
use crate::hir::{self, Span};
use crate::instance::{ConstInfo, DataEnumInfo, Extern, TypeInfo, VariantInfo};
use crate::stmt::StmtKind;

impl Lowering<'_> {
    /// The variant that a path names, by its last name; reported if there is none.
    pub(super) fn variant_named(
        &mut self,
        info: &Arc<DataEnumInfo>,
        path: &hir::Path,
    ) -> Option<VariantInfo> {
        let last = &path.segments.last()?.ident;
        let found = variant_of(info, &last.name).cloned();
        if found.is_none() {
            let shown = self.show(&ITy::DataEnum(Arc::clone(info)));
            self.diags.report(
                Code::Name,
                last.span(),
                format!("`{}` is no variant of `{shown}` by its name", last.name),
                "name the variant by its own name: `Enum::Variant`",
            );
        }
        found
    }

    /// A value of a variant, of the values of its fields, which have been lowered in order.
    pub(super) fn build_variant(
        &mut self,
        info: &Arc<DataEnumInfo>,
        variant: &VariantInfo,
        values: Vec<(Option<u32>, ExprId)>,
        span: Span,
    ) -> ExprId {
        // Each of the values that may trap does so in order, as each is assigned before the next one is evaluated.
        let ty = ITy::DataEnum(Arc::clone(info));
        let temp = self.push_temp(ty.clone(), true, span);
        let nothing = self.push_expr(ExprKind::Zeroed, ty, span);
        self.assign(temp, nothing);
        let tag = ExprKind::Const(ConstValue::Int(variant.tag));
        let tag = self.push_expr(tag, ITy::Scalar(info.tag), span);
        self.set_field(temp, 0, tag, span);
        for (field, value) in values {
            match field {
                Some(field) => self.set_field(temp, field, value, span),
                // A field of type `()`.
                None => self.drop_value(value),
            }
        }
        self.load_local(temp, span)
    }

    fn set_field(&mut self, local: crate::func::LocalId, field: u32, value: ExprId, span: Span) {
        let place = Place::local(local).field(field);
        self.emit(StmtKind::Assign { place, value }, span);
    }

    /// Whether a subject of this type is the variant.
    pub(super) fn is_variant(
        &mut self,
        subject: &Subject,
        info: &DataEnumInfo,
        variant: &VariantInfo,
        span: Span,
    ) -> ExprId {
        let tag = ITy::Scalar(info.tag);
        let found = self.subject_field(subject, 0, tag.clone(), span);
        let found = self.subject_value(&found, span);
        let expected = ExprKind::Const(ConstValue::Int(variant.tag));
        let expected = self.push_expr(expected, tag, span);
        self.compare(BinaryOp::Eq, found, expected, span)
    }

    /// Whether the subject is the variant that a path without fields names: a unit variant, or a constant whose value is one.
    pub(super) fn test_unit_variant(
        &mut self,
        path: &hir::ExprPath,
        info: &Arc<DataEnumInfo>,
        subject: &Subject,
    ) -> Option<ExprId> {
        let span = path.span();
        let asked = self.current.context.and_then(|context| {
            let externs = &context.instance().externs;
            externs.get(&span.0).cloned()
        });
        let variant = match &asked {
            Some(Extern::Const(constant)) => variant_of_const(info, constant).cloned(),
            _ => self.variant_named(info, &path.path),
        };
        match variant {
            Some(variant) if variant.fields.is_empty() => {
                Some(self.is_variant(subject, info, &variant, span))
            }
            _ => {
                self.refuse_pat(
                    span,
                    "constants with fields as patterns",
                    "name the variant, and compare its fields in a guard",
                );
                None
            }
        }
    }

    /// The value that a path in a pattern names, `Enum::Variant`, if that is a variant by its name: its meaning follows from the type of what is
    /// matched on, and rustc is not asked, since there may be type parameters that only that type tells.
    pub(super) fn unit_variant(&mut self, path: &hir::ExprPath, subject: &ITy) -> Option<ExprId> {
        let span = path.span();
        if !names_variant(path) || self.is_of_param(path) {
            return None;
        }
        if self.context_is_open() {
            let ty = self.infer.unknown(Unknown::Const(span));
            return Some(self.push_expr(ExprKind::Zeroed, ty, span));
        }
        let ITy::Enum(info) = subject else {
            return None;
        };
        let last = &path.path.segments.last()?.ident;
        let (_, bits) = info.variants.iter().find(|(name, _)| *name == last.name)?;
        let value = ExprKind::Const(ConstValue::Int(*bits));
        Some(self.push_expr(value, subject.clone(), span))
    }

    /// The patterns inside of a variant's, each with its part of the subject. `None`: reported.
    pub(super) fn variant_parts<'p>(
        &mut self,
        pat: &'p hir::Pat,
        info: &Arc<DataEnumInfo>,
        subject: &Subject,
    ) -> Option<Vec<(&'p hir::Pat, Subject)>> {
        let span = pat.span();
        match pat {
            hir::Pat::TupleStruct(tuple) => {
                let variant = self.variant_named(info, &tuple.path.path)?;
                let pats = &tuple.elems;
                let arity = variant.fields.len();
                let rest = pats.iter().position(super::pat_bind::is_rest);
                let mut parts = Vec::new();
                for (at, pat) in pats.iter().enumerate() {
                    let index = match rest {
                        Some(rest) if at == rest => continue,
                        Some(rest) if at > rest => (arity + at).checked_sub(pats.len())?,
                        _ => at,
                    };
                    // A field of type `()` is no part of the value.
                    let name = index.to_string();
                    if let Some((field, ty)) = variant_field(info, &variant, &name) {
                        parts.push((pat, self.subject_field(subject, field, ty, span)));
                    }
                }
                Some(parts)
            }
            hir::Pat::Struct(fields) => {
                let variant = self.variant_named(info, &fields.path.path)?;
                let mut parts = Vec::new();
                for field in &fields.fields {
                    let name = super::pat_bind::member_name(&field.member);
                    if let Some((index, ty)) = variant_field(info, &variant, &name) {
                        parts.push((&field.pat, self.subject_field(subject, index, ty, span)));
                    }
                }
                Some(parts)
            }
            _ => {
                self.unmatched(pat, subject, "this");
                None
            }
        }
    }
}

/// Whether a path is that of a variant of a named enum by Rust's conventions, which lints hold users to: constants have no lower-case letters.
fn names_variant(path: &hir::ExprPath) -> bool {
    let [.., owner, last] = path.path.segments.as_slice() else {
        return false;
    };
    let is_item = |name: &str| name.trim_start_matches('_').starts_with(char::is_uppercase);
    path.qself.is_none()
        && owner.ident != "Ordering"
        && is_item(&owner.ident.name)
        && is_item(&last.ident.name)
        && last.ident.name.contains(char::is_lowercase)
}

/// The variant that a constant of the type is.
fn variant_of_const<'i>(info: &'i DataEnumInfo, constant: &ConstInfo) -> Option<&'i VariantInfo> {
    match &constant.ty {
        TypeInfo::DataEnum(of) if of.name == info.name => {}
        _ => return None,
    }
    let mut tag = [0; 16];
    let size = info.tag.size_bytes();
    tag[..size].copy_from_slice(constant.bytes.get(..size)?);
    let tag = u128::from_le_bytes(tag);
    info.variants.iter().find(|variant| variant.tag == tag)
}

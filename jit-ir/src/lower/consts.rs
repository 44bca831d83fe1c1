//! Constants: of other items, which only rustc can resolve, and of the function itself.

use super::diag::Code;
use super::externs::Question;
use super::infer::{ITy, Len, Unknown};
use super::state::Lowering;
use super::types::{memory_ty, scalar_of};
use crate::expr::{ConstValue, ExprId, ExprKind, Place, Projection};
use crate::func::{CONSTANT, Table};
use crate::hir::{self, Span};
use crate::instance::{ConstInfo, Extern};
use crate::ty::{ScalarTy, Ty};

/// What a constant is.
pub(super) enum Constant {
    /// A value of its own.
    Value(ExprId),
    /// A part of a table.
    Place(Place, ITy),
}

impl Lowering<'_> {
    /// Whether a name is that of a constant, a type or a variant by Rust's conventions, which lints hold users to.
    pub(super) fn is_item_name(name: &str) -> bool {
        name.trim_start_matches('_').starts_with(char::is_uppercase)
    }

    /// Whether only rustc knows what a path means: a constant, a static, a variant.
    pub(super) fn is_extern_const(&self, path: &hir::ExprPath) -> bool {
        let Some(last) = path.path.segments.last() else {
            return false;
        };
        // `<f64 as Trait>::NAME`, too.
        let by_trait = path.path.segments.len() > 1;
        let is_known = path.qself.is_none() || by_trait || self.is_of_param(path);
        is_known && Self::is_item_name(&last.ident.name)
    }

    /// Whether a path, where a value is meant, names a constant that only rustc knows.
    pub(super) fn names_extern_const(&mut self, path: &hir::ExprPath) -> bool {
        if self.means_none(path) {
            return false;
        }
        match path.path.get_ident() {
            // What is no variable is a constant, whatever its name.
            Some(ident) if path.qself.is_none() => self.spelled(ident).is_none(),
            _ => self.is_extern_const(path),
        }
    }

    /// Whether a path is `None`, with or without its type, and no variable of that name.
    pub(super) fn means_none(&mut self, path: &hir::ExprPath) -> bool {
        path.qself.is_none()
            && Self::is_none(&path.path)
            && (path.path.get_ident()).is_none_or(|ident| self.spelled(ident).is_none())
    }

    /// Whether a path is that of a variant without fields, by its names, of which the type's arguments are not written.
    fn may_be_variant(path: &hir::ExprPath) -> bool {
        let is_camel = |name: &str| name.contains(char::is_lowercase);
        // `Filter::<_>::Low`, too.
        let is_open = |arguments: &hir::PathArguments| match arguments {
            hir::PathArguments::None => true,
            hir::PathArguments::AngleBracketed(args) => args
                .iter()
                .any(|arg| matches!(arg, hir::GenericArgument::Type(hir::Type::Infer(_)))),
            hir::PathArguments::Parenthesized { .. } => false,
        };
        match path.path.segments.as_slice() {
            [.., ty, last] => {
                path.qself.is_none()
                    && is_open(&ty.arguments)
                    && is_camel(&last.ident.name)
                    && Self::is_item_name(&ty.ident.name)
            }
            _ => false,
        }
    }

    /// The constant that a path names, which only rustc can tell.
    pub(super) fn extern_const(&mut self, path: &hir::ExprPath) -> Constant {
        let span = path.span();
        let unknown = match Self::may_be_variant(path) {
            true => Unknown::Variant(span),
            false => Unknown::Const(span),
        };
        let result = self.infer.unknown(unknown);
        let question = Question::Const {
            result: result.clone(),
        };
        match self.ask(span, question) {
            Some(Extern::Const(info)) => {
                let name = super::paths::path_text(&path.path);
                if let Some(constant) = self.constant(name, &info, span) {
                    return constant;
                }
            }
            None if self.current.context.is_none() => {
                let value = self.push_expr(ExprKind::Zeroed, result, span);
                self.call_results.insert(value.index());
                return Constant::Value(value);
            }
            Some(Extern::OutOfReach(fact)) => {
                let shown = super::paths::path_text(&path.path);
                self.diags.report(
                    Code::Name,
                    span,
                    format!("`{shown}` is no constant: {fact}"),
                    "pass it as a parameter",
                );
                return Constant::Value(self.poison(span));
            }
            Some(_) | None => {}
        }
        let shown = super::paths::path_text(&path.path);
        self.diags.report(
            Code::Name,
            span,
            format!("the type of the constant `{shown}` is none that `#[jit]` knows"),
            "pass what is needed of it as a parameter",
        );
        Constant::Value(self.poison(span))
    }

    /// A constant as a value.
    pub(super) fn extern_const_value(&mut self, path: &hir::ExprPath) -> ExprId {
        match self.extern_const(path) {
            Constant::Value(value) => value,
            Constant::Place(place, ty) => self.push_expr(ExprKind::Load(place), ty, path.span()),
        }
    }

    fn constant(&mut self, name: String, info: &ConstInfo, span: Span) -> Option<Constant> {
        let ty = ITy::of_info(&info.ty)?;
        if let Some(scalar) = scalar_of(&ty) {
            let value = scalar_const(&info.bytes, scalar)?;
            let value = self.push_expr(ExprKind::Const(value), ty, span);
            return Some(Constant::Value(value));
        }
        if ty == ITy::Unit {
            return None;
        }
        // A reference stands for what it points to.
        let (table, pointer) = match (&info.ty, &ty) {
            (crate::instance::TypeInfo::Ref { to, .. }, ITy::Ref { .. }) => (memory_ty(to)?, ty),
            (of, _) => {
                let to = Box::new(ty);
                (memory_ty(of)?, ITy::Ref { to, mutable: false })
            }
        };
        let is_ref = matches!(info.ty, crate::instance::TypeInfo::Ref { .. });
        let table = Table {
            name,
            ty: table,
            bytes: info.bytes.clone(),
        };
        let pointer_expr = self.table(table, pointer.clone(), span)?;
        if is_ref {
            return Some(Constant::Value(pointer_expr));
        }
        let ITy::Ref { to, .. } = pointer.clone() else {
            return None;
        };
        let temp = self.push_temp(pointer, false, span);
        self.assign(temp, pointer_expr);
        let place = Place {
            local: temp,
            projections: vec![Projection::Deref],
        };
        Some(Constant::Place(place, *to))
    }

    /// A pointer to a table.
    fn table(&mut self, table: Table, pointer: ITy, span: Span) -> Option<ExprId> {
        let index = match self.tables.iter().position(|known| *known == table) {
            Some(index) => index,
            None => {
                self.tables.push(table);
                self.tables.len() - 1
            }
        };
        let kind = ExprKind::Table(u32::try_from(index).ok()?);
        Some(self.push_expr(kind, pointer, span))
    }

    /// `b"bytes"`.
    pub(super) fn byte_string(&mut self, bytes: &[u8], span: Span) -> ExprId {
        let (elem, len) = (ScalarTy::U8, bytes.len() as u64);
        let table = Table {
            name: "bytes".to_owned(),
            ty: Ty::Array {
                elem: Box::new(Ty::Scalar(elem)),
                len,
            },
            bytes: bytes.to_vec(),
        };
        let to = Box::new(ITy::Array {
            elem: Box::new(elem.into()),
            len: Len::Known(len),
        });
        let pointer = ITy::Ref { to, mutable: false };
        match self.table(table, pointer, span) {
            Some(pointer) => pointer,
            None => self.poison(span),
        }
    }

    /// Whether the first name of a path, or the type that it is qualified by, is a type parameter of the function.
    pub(super) fn is_of_param(&self, path: &hir::ExprPath) -> bool {
        let params = &self.current.type_params;
        let is_param = |name: &str| params.iter().any(|(param, _)| param == name);
        match path.qself.as_deref() {
            Some(hir::Type::Path(ty)) => {
                (ty.path.get_ident()).is_some_and(|name| is_param(&name.name))
            }
            Some(_) => false,
            None => {
                path.path.segments.len() > 1
                    && (path.path.segments.first()).is_some_and(|first| is_param(&first.ident.name))
            }
        }
    }

    /// `const NAME: T = value;` inside the function, and `static` without `mut`: a variable that is there from the start of its block.
    pub(super) fn lower_const_item(&mut self, item: &hir::ItemConst) {
        let Some(ty) = self.lower_ty(&item.ty) else {
            self.bind_reported(&item.ident);
            return;
        };
        // Nothing but other constants is in scope of its value.
        let items = self.item_scopes();
        let scopes = std::mem::replace(&mut self.scopes, items);
        let value = self.lower_operand(&item.expr);
        let value = self.coerce(value, &ty);
        self.scopes = scopes;
        let value = match self.fold(value) {
            // As a constant it may be the length of an array.
            Some(known)
                if !self.is_stable(value)
                    && scalar_of(&ty).is_some_and(ScalarTy::is_unsigned_int) =>
            {
                self.integer(known, ty.clone(), item.ident.span())
            }
            _ => value,
        };
        if self.is_stable(value) && !self.is_computed(value) {
            self.items.push(value);
            self.bind_as(&item.ident, super::binding::Binding::Alias(value));
            return;
        }
        let name = format!("{CONSTANT}{}", item.ident);
        let local = self.push_local(name, ty, false, item.ident.span());
        self.assign(local, value);
        self.constants.push(local);
        self.bind(&item.ident, local);
    }
}

impl Lowering<'_> {
    /// Whether a value is what statements have left in a variable of this function's frame.
    fn is_computed(&self, value: ExprId) -> bool {
        match &self.exprs[value].kind {
            ExprKind::Load(place) => {
                !self.constants.contains(&place.local) && self.n_pointers_to(place) == Some(0)
            }
            _ => false,
        }
    }
}

/// The value in these little-endian bytes.
pub(super) fn scalar_const(bytes: &[u8], scalar: ScalarTy) -> Option<ConstValue> {
    if bytes.len() != scalar.size_bytes() {
        return None;
    }
    let mut wide = [0; 16];
    wide[..bytes.len()].copy_from_slice(bytes);
    let bits = u128::from_le_bytes(wide);
    Some(match scalar {
        ScalarTy::Bool => ConstValue::Bool(bits & 1 == 1),
        ScalarTy::F32 => ConstValue::F32(bits as u32),
        ScalarTy::F64 => ConstValue::F64(bits as u64),
        _ => ConstValue::Int(bits),
    })
}

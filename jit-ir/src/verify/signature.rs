//! Types of parameters, locals, results and tables.

use super::{Rule, Verifier};
use crate::func::Table;
use crate::layout::{LayoutError, check_struct, field_offsets, layout_of};
use crate::span::Span;
use crate::ty::{ScalarTy, Ty};

impl Verifier<'_> {
    pub(super) fn check_signature(&mut self) {
        let func = self.func;
        for (position, param) in func.params.iter().enumerate() {
            let local = &func.locals[*param];
            if param.index() != position {
                let message = "the parameters are not the first locals";
                self.error(Rule::Signature, local.span, message);
            }
            if let Ty::Tuple(_) | Ty::Array { .. } | Ty::Struct(_) = &local.ty {
                let message = "a parameter is neither scalar nor slice nor reference";
                self.error(Rule::Signature, local.span, message);
            }
        }
        for (_, local) in func.locals.iter() {
            match &local.ty {
                Ty::Unit => self.error(Rule::Signature, local.span, "a local has type `()`"),
                ty => self.check_value_type(ty, local.span),
            }
        }
        if func.result != Ty::Unit {
            self.check_value_type(&func.result, Span::UNKNOWN);
        }
        if func.result.has_refs() {
            let message = "the result has references";
            self.error(Rule::Signature, Span::UNKNOWN, message);
        }
    }

    /// Anything but unit, made of such; of a size that can be counted, if it is known.
    pub(super) fn check_value_type(&mut self, ty: &Ty, span: Span) {
        let errors = self.errors.len();
        self.check_parts(ty, span);
        if self.errors.len() == errors
            && self.specialized
            && let Err(error) = check_sizes(ty)
        {
            self.error(Rule::Signature, span, error.to_string());
        }
    }

    fn check_parts(&mut self, ty: &Ty, span: Span) {
        match ty {
            Ty::Unit => self.error(Rule::Signature, span, "a value has type `()`"),
            Ty::Tuple(elems) if elems.is_empty() => {
                self.error(Rule::Signature, span, "a tuple type without elements");
            }
            Ty::Struct(ty) => {
                if let Err(error) = check_struct(ty) {
                    self.error(Rule::Signature, span, error.to_string());
                }
                let mut fields = ty.fields.iter();
                if fields.any(|field| field.ty.has_refs() || field.ty.has_params()) {
                    let message = format!("struct `{}` has references or parameters", ty.name);
                    self.error(Rule::Signature, span, message);
                }
            }
            Ty::Scalar(_)
            | Ty::Param(_)
            | Ty::Tuple(_)
            | Ty::Array { .. }
            | Ty::Ref { .. }
            | Ty::Slice { .. } => {}
        }
        for part in ty.parts() {
            self.check_parts(part, span);
        }
    }

    pub(super) fn check_tables(&mut self) {
        for table in &self.func.tables {
            let errors = self.errors.len();
            self.check_parts(&table.ty, Span::UNKNOWN);
            if self.errors.len() == errors
                && let Some(what) = table_error(table)
            {
                let message = format!("table `{}`: {what}", table.name);
                self.error(Rule::Signature, Span::UNKNOWN, message);
            }
        }
    }
}

/// Also of what references point to. Parameters have no size; that there are none is checked elsewhere.
fn check_sizes(ty: &Ty) -> Result<(), LayoutError> {
    match layout_of(ty) {
        Ok(_) | Err(LayoutError::Param) => ty.parts().try_for_each(check_sizes),
        Err(error) => Err(error),
    }
}

fn table_error(table: &Table) -> Option<&'static str> {
    if !is_plain(&table.ty) {
        return Some("it has references, parameters or tuples");
    }
    match layout_of(&table.ty) {
        Ok(layout) if layout.size == table.bytes.len() as u64 => {}
        Ok(_) | Err(_) => return Some("it has as many bytes as another type"),
    }
    if has_bools(&table.ty) && !bools_are_valid(&table.ty, &table.bytes) {
        return Some("a `bool` is neither 0 nor 1");
    }
    None
}

fn is_plain(ty: &Ty) -> bool {
    match ty {
        Ty::Unit | Ty::Param(_) | Ty::Tuple(_) | Ty::Ref { .. } | Ty::Slice { .. } => false,
        Ty::Scalar(_) | Ty::Array { .. } | Ty::Struct(_) => ty.parts().all(is_plain),
    }
}

fn has_bools(ty: &Ty) -> bool {
    *ty == Ty::Scalar(ScalarTy::Bool) || ty.parts().any(has_bools)
}

/// `bytes` are those of a value of this type, which has a layout.
fn bools_are_valid(ty: &Ty, bytes: &[u8]) -> bool {
    match ty {
        Ty::Scalar(ScalarTy::Bool) => matches!(bytes, [0 | 1]),
        Ty::Array { elem, .. } => match layout_of(elem) {
            Ok(layout) if layout.size > 0 => bytes
                .chunks(layout.size as usize)
                .all(|bytes| bools_are_valid(elem, bytes)),
            _ => true,
        },
        // Which variant it is, only its tag tells.
        Ty::Struct(of) if of.overlaps => true,
        Ty::Struct(_) => {
            let offsets = field_offsets(ty).unwrap_or_default();
            ty.parts().zip(offsets).all(|(field, offset)| {
                let start = offset as usize;
                let size = layout_of(field).map_or(0, |layout| layout.size as usize);
                bytes
                    .get(start..start.saturating_add(size))
                    .is_some_and(|bytes| bools_are_valid(field, bytes))
            })
        }
        _ => true,
    }
}

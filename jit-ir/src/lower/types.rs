//! Types that rustc described, as types of the IR and of inference.

use std::sync::Arc;

use super::infer::{ITy, Len};
use crate::instance::{StructInfo, TypeInfo};
use crate::ty::{FieldTy, ScalarTy, StructTy, Ty};

impl ITy {
    /// The type that rustc described. `None`: compiled code cannot use it.
    pub(super) fn of_info(info: &TypeInfo) -> Option<ITy> {
        Some(match info {
            TypeInfo::Unit => ITy::Unit,
            TypeInfo::Scalar(scalar) => ITy::Scalar(*scalar),
            TypeInfo::Tuple(info) | TypeInfo::Struct(info) => ITy::Struct(Arc::clone(info)),
            TypeInfo::Array(elem, len) => ITy::Array {
                elem: Box::new(ITy::of_info(elem)?),
                len: Len::Known(*len),
            },
            TypeInfo::Slice { elem, mutable } => ITy::Slice {
                elem: Box::new(ITy::of_info(elem)?),
                mutable: *mutable,
            },
            TypeInfo::Ref { to, mutable } => ITy::Ref {
                to: Box::new(ITy::of_info(to)?),
                mutable: *mutable,
            },
            TypeInfo::Enum(info) => ITy::Enum(Arc::clone(info)),
            TypeInfo::Option(some) => ITy::Option(Box::new(ITy::of_info(some)?)),
            TypeInfo::Result(ok, err) => {
                ITy::Result(Box::new(ITy::of_info(ok)?), Box::new(ITy::of_info(err)?))
            }
            TypeInfo::Unknown(_) => return None,
        })
    }
}

/// The IR's type for a type that lies in memory as rustc laid it out. `None`: it has none there.
pub(super) fn memory_ty(info: &TypeInfo) -> Option<Ty> {
    Some(match info {
        TypeInfo::Scalar(scalar) => Ty::Scalar(*scalar),
        TypeInfo::Tuple(info) | TypeInfo::Struct(info) => Ty::Struct(struct_ty(info)?),
        TypeInfo::Array(elem, len) => Ty::Array {
            elem: Box::new(memory_ty(elem)?),
            len: *len,
        },
        TypeInfo::Enum(info) => Ty::Scalar(info.repr),
        TypeInfo::Unit
        | TypeInfo::Slice { .. }
        | TypeInfo::Ref { .. }
        | TypeInfo::Option(_)
        | TypeInfo::Result(..)
        | TypeInfo::Unknown(_) => return None,
    })
}

/// The IR's type for a struct. Fields of type `()` are left out, as are those in [`field_index`].
pub(super) fn struct_ty(info: &StructInfo) -> Option<Arc<StructTy>> {
    let fields = info.fields.iter().filter(|(.., ty)| *ty != TypeInfo::Unit);
    let fields = fields.map(|(name, offset, ty)| {
        Some(FieldTy {
            name: name.clone(),
            offset: *offset,
            ty: memory_ty(ty)?,
        })
    });
    Some(Arc::new(StructTy {
        name: info.name.clone(),
        size: info.size,
        align: info.align,
        fields: fields.collect::<Option<_>>()?,
    }))
}

/// The number of a field in the IR's type, and its type. `None`: there is no such field, or it is of type `()`.
pub(super) fn field_index(info: &StructInfo, name: &str) -> Option<(u32, ITy)> {
    let mut fields = info.fields.iter().filter(|(.., ty)| *ty != TypeInfo::Unit);
    let index = fields.clone().position(|(field, ..)| field == name)?;
    let (.., ty) = fields.nth(index)?;
    Some((u32::try_from(index).ok()?, ITy::of_info(ty)?))
}

/// The scalar that a type is in the IR, if it is one there.
pub(super) fn scalar_of(ty: &ITy) -> Option<ScalarTy> {
    match ty {
        ITy::Scalar(scalar) => Some(*scalar),
        ITy::Enum(info) => Some(info.repr),
        ITy::Ordering => Some(ScalarTy::I8),
        _ => None,
    }
}

//! Types that rustc described, as types of the IR and of inference.

use std::sync::Arc;

use super::infer::{ITy, Len};
use crate::instance::{DataEnumInfo, StructInfo, TypeInfo, VariantInfo};
use crate::ty::{FieldTy, ScalarTy, StructTy, Ty};

impl ITy {
    /// The type that rustc described. `None`: compiled code cannot use it.
    pub(super) fn of_info(info: &TypeInfo) -> Option<ITy> {
        Some(match info {
            TypeInfo::Unit => ITy::Unit,
            TypeInfo::Scalar(scalar) => ITy::Scalar(*scalar),
            TypeInfo::Char => ITy::Char,
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
            TypeInfo::DataEnum(info) => ITy::DataEnum(Arc::clone(info)),
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
        TypeInfo::Char => Ty::Scalar(ScalarTy::U32),
        TypeInfo::Tuple(info) | TypeInfo::Struct(info) => Ty::Struct(struct_ty(info)?),
        TypeInfo::Array(elem, len) => Ty::Array {
            elem: Box::new(memory_ty(elem)?),
            len: *len,
        },
        TypeInfo::Enum(info) => Ty::Scalar(info.repr),
        TypeInfo::DataEnum(info) => Ty::Struct(data_enum_ty(info)?),
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
        overlaps: false,
    }))
}

/// The IR's type for an enum whose variants have fields: the tag, then the fields of all variants, but for those of type `()`.
pub(super) fn data_enum_ty(info: &DataEnumInfo) -> Option<Arc<StructTy>> {
    let mut fields = vec![FieldTy {
        name: "tag".to_owned(),
        offset: 0,
        ty: Ty::Scalar(info.tag),
    }];
    for (variant, (name, offset, ty)) in data_fields(info) {
        fields.push(FieldTy {
            name: format!("{}.{name}", variant.name),
            offset: *offset,
            ty: memory_ty(ty)?,
        });
    }
    Some(Arc::new(StructTy {
        name: info.name.clone(),
        size: info.size,
        align: info.align,
        fields,
        overlaps: true,
    }))
}

/// A field of a struct or a variant.
type Field = (String, u64, TypeInfo);

/// The fields behind the tag in [`data_enum_ty`].
fn data_fields(info: &DataEnumInfo) -> impl Iterator<Item = (&VariantInfo, &Field)> {
    (info.variants.iter())
        .flat_map(|variant| (variant.fields.iter()).map(move |field| (variant, field)))
        .filter(|(_, (.., ty))| *ty != TypeInfo::Unit)
}

/// The type of a field of an enum in the IR, by its number.
pub(super) fn data_field_ty(info: &DataEnumInfo, index: usize) -> Option<ITy> {
    match index.checked_sub(1) {
        None => Some(ITy::Scalar(info.tag)),
        Some(index) => {
            let (_, (.., ty)) = data_fields(info).nth(index)?;
            ITy::of_info(ty)
        }
    }
}

/// The number of a variant's field in the IR's type, and its type. `None`: there is no such field, or it is of type `()`.
pub(super) fn variant_field(
    info: &DataEnumInfo,
    variant: &VariantInfo,
    name: &str,
) -> Option<(u32, ITy)> {
    let is_it = |(of, field): (&VariantInfo, &Field)| of.name == variant.name && field.0 == name;
    let index = data_fields(info).position(is_it)? + 1;
    Some((u32::try_from(index).ok()?, data_field_ty(info, index)?))
}

/// The variant of this name.
pub(super) fn variant_of<'i>(info: &'i DataEnumInfo, name: &str) -> Option<&'i VariantInfo> {
    info.variants.iter().find(|variant| variant.name == name)
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
        ITy::Char => Some(ScalarTy::U32),
        ITy::Ordering => Some(ScalarTy::I8),
        _ => None,
    }
}

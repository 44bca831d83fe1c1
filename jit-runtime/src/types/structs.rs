//! Describes what has parts.

use std::cell::Cell;
use std::sync::Arc;

use hotloop_ir::ScalarTy;
use hotloop_ir::instance::{DataEnumInfo, EnumInfo, StructInfo, TypeInfo, VariantInfo};

/// A field: its name, its offset, and the description of its type.
pub type Field = (&'static str, usize, fn() -> TypeInfo);

thread_local! {
    /// How many structs are being described. A struct that contains a reference is none that compiled code can use, so what it refers to
    /// is not looked at: it may be the struct itself.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// The description of a struct, which `#[derive(JitType)]` calls.
pub fn describe_struct<T>(fields: &[Field]) -> TypeInfo {
    match struct_info::<T>(fields) {
        Ok(info) => TypeInfo::Struct(Arc::new(info)),
        Err(unknown) => unknown,
    }
}

/// The description of a tuple; `fields` are called `0`, `1` ..
pub fn describe_tuple<T>(fields: &[Field]) -> TypeInfo {
    let fields: Vec<_> = (fields.iter())
        .map(|(name, offset, describe)| ((*name).to_owned(), *offset as u64, describe()))
        .collect();
    TypeInfo::Tuple(Arc::new(StructInfo {
        name: std::any::type_name::<T>().to_owned(),
        size: size_of::<T>() as u64,
        align: align_of::<T>() as u64,
        fields,
    }))
}

/// The description of `[T; N]`.
pub fn describe_array(elem: TypeInfo, len: usize) -> TypeInfo {
    TypeInfo::Array(Arc::new(elem), len as u64)
}

/// The description of an enum without fields, which `#[derive(JitType)]` calls: the variants with their discriminants as `as i128` has them.
/// `repr` is the attribute's, if there is one; the last two say what [`EnumInfo::equality`] and [`EnumInfo::order`] are.
pub fn describe_enum<T>(
    repr: Option<ScalarTy>,
    variants: &[(&str, i128)],
    (equality, order): (bool, bool),
) -> TypeInfo {
    let name = std::any::type_name::<T>();
    let signed = variants.iter().any(|(_, value)| *value < 0);
    // Without an attribute, rustc takes the smallest integer that has all discriminants.
    let by_size = match (size_of::<T>(), signed) {
        (1, false) => Some(ScalarTy::U8),
        (1, true) => Some(ScalarTy::I8),
        (2, false) => Some(ScalarTy::U16),
        (2, true) => Some(ScalarTy::I16),
        (4, false) => Some(ScalarTy::U32),
        (4, true) => Some(ScalarTy::I32),
        (8, false) => Some(ScalarTy::U64),
        (8, true) => Some(ScalarTy::I64),
        (16, false) => Some(ScalarTy::U128),
        (16, true) => Some(ScalarTy::I128),
        _ => None,
    };
    match repr.or(by_size) {
        Some(repr) if repr.size_bytes() == size_of::<T>() && !std::mem::needs_drop::<T>() => {
            let mask = u128::MAX >> (128 - repr.bits());
            let variants = (variants.iter())
                .map(|(name, value)| ((*name).to_owned(), value.cast_unsigned() & mask))
                .collect();
            TypeInfo::Enum(Arc::new(EnumInfo {
                name: name.to_owned(),
                repr,
                variants,
                equality,
                order,
            }))
        }
        // An enum of a single variant takes no memory.
        _ => TypeInfo::Unknown(name.to_owned()),
    }
}

/// A field of a variant: its name, size and alignment, and the description of its type.
pub type VariantField = (&'static str, usize, usize, fn() -> TypeInfo);

/// The description of an enum whose variants have fields, which `#[derive(JitType)]` calls. `repr` is that of its attribute: whether `C` is there,
/// and the integer. Each variant has its discriminant and its fields in order.
///
/// # Source
///
/// [RFC 2195](https://rust-lang.github.io/rfcs/2195-really-tagged-unions.html): with an integer alone, the enum is a union of structs of C's layout
/// that begin with the tag; with `C`, it is such a struct of the tag and a union of structs.
pub fn describe_data_enum<T>(
    (is_c, repr): (bool, Option<ScalarTy>),
    variants: &[(&'static str, i128, &[VariantField])],
) -> TypeInfo {
    data_enum_info::<T>(is_c, repr, variants).map_or_else(
        || TypeInfo::Unknown(std::any::type_name::<T>().to_owned()),
        |info| TypeInfo::DataEnum(Arc::new(info)),
    )
}

/// Where a part of a value is in it, in bytes.
pub fn offset_in<T, F>(whole: &T, part: &F) -> usize {
    std::ptr::from_ref(part).addr() - std::ptr::from_ref(whole).addr()
}

fn data_enum_info<T>(
    is_c: bool,
    repr: Option<ScalarTy>,
    variants: &[(&'static str, i128, &[VariantField])],
) -> Option<DataEnumInfo> {
    // Compiled code copies values and drops none.
    if std::mem::needs_drop::<T>() {
        return None;
    }
    let _scope = Scope::new();
    let fits = |value: i128| i32::try_from(value).is_ok();
    let tag = match repr {
        Some(repr) => repr,
        // C's `int`, if that has all discriminants.
        None if is_c && variants.iter().all(|(_, value, _)| fits(*value)) => ScalarTy::I32,
        None => return None,
    };
    let (mut size, mut align) = (tag.size_bytes(), tag.size_bytes());
    let union_align = (variants.iter())
        .flat_map(|(.., fields)| fields.iter())
        .map(|(_, _, align, _)| *align)
        .max()
        .unwrap_or(1);
    let first = match is_c {
        true => size.next_multiple_of(union_align),
        false => size,
    };
    align = align.max(union_align);
    let mut described = Vec::with_capacity(variants.len());
    for (name, value, fields) in variants {
        let mut end = first;
        let mut laid_out = Vec::with_capacity(fields.len());
        for (field, field_size, field_align, describe) in *fields {
            let ty = describe();
            if !is_part(&ty) {
                return None;
            }
            let offset = end.next_multiple_of(*field_align);
            end = offset + field_size;
            laid_out.push(((*field).to_owned(), offset as u64, ty));
        }
        size = size.max(end);
        described.push(VariantInfo {
            name: (*name).to_owned(),
            tag: value.cast_unsigned() & (u128::MAX >> (128 - tag.bits())),
            fields: laid_out,
        });
    }
    // Where rustc disagrees, by `repr(align)` for example, the layout is another one.
    if size.next_multiple_of(align) != size_of::<T>() || align != align_of::<T>() {
        return None;
    }
    Some(DataEnumInfo {
        name: std::any::type_name::<T>().to_owned(),
        size: size_of::<T>() as u64,
        align: align_of::<T>() as u64,
        tag,
        variants: described,
    })
}

/// Says that what has parts is being described, until it is dropped.
pub(super) struct Scope;

impl Scope {
    pub(super) fn new() -> Self {
        DEPTH.set(DEPTH.get() + 1);
        Scope
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get() - 1);
    }
}

fn struct_info<T>(fields: &[Field]) -> Result<StructInfo, TypeInfo> {
    let unknown = || TypeInfo::Unknown(std::any::type_name::<T>().to_owned());
    // Compiled code copies values and drops none.
    if std::mem::needs_drop::<T>() {
        return Err(unknown());
    }
    let _scope = Scope::new();
    let mut described = Vec::with_capacity(fields.len());
    for (name, offset, describe) in fields {
        let ty = describe();
        if !is_part(&ty) {
            let of = std::any::type_name::<T>();
            let what = part_text(&ty);
            return Err(TypeInfo::Unknown(format!(
                "{of}, whose field {name} is {what}"
            )));
        }
        described.push(((*name).to_owned(), *offset as u64, ty));
    }
    Ok(StructInfo {
        name: std::any::type_name::<T>().to_owned(),
        size: size_of::<T>() as u64,
        align: align_of::<T>() as u64,
        fields: described,
    })
}

/// What a field is that a struct may not have, for people.
fn part_text(ty: &TypeInfo) -> String {
    match ty {
        TypeInfo::Option(_) => "an Option".to_owned(),
        TypeInfo::Result(..) => "a Result".to_owned(),
        TypeInfo::Slice { .. } | TypeInfo::Ref { .. } => "a reference".to_owned(),
        TypeInfo::Unknown(name) => name.clone(),
        _ => "of a type with such a field".to_owned(),
    }
}

/// Whether a struct may have a field of this type.
pub(super) fn is_part(ty: &TypeInfo) -> bool {
    match ty {
        TypeInfo::Unit
        | TypeInfo::Scalar(_)
        | TypeInfo::Char
        | TypeInfo::Struct(_)
        | TypeInfo::Enum(_)
        | TypeInfo::DataEnum(_) => true,
        TypeInfo::Array(elem, _) => is_part(elem),
        TypeInfo::Tuple(info) => info.fields.iter().all(|(_, _, ty)| is_part(ty)),
        TypeInfo::Slice { .. }
        | TypeInfo::Ref { .. }
        | TypeInfo::Option(_)
        | TypeInfo::Result(..)
        | TypeInfo::Unknown(_) => false,
    }
}

/// The description of `&[T]` or `&mut [T]`.
pub fn describe_slice(elem: impl FnOnce() -> TypeInfo, mutable: bool) -> TypeInfo {
    reference(|| TypeInfo::Slice {
        elem: Arc::new(elem()),
        mutable,
    })
}

/// The description of `&T` or `&mut T`.
pub fn describe_ref(to: impl FnOnce() -> TypeInfo, mutable: bool) -> TypeInfo {
    reference(|| TypeInfo::Ref {
        to: Arc::new(to()),
        mutable,
    })
}

/// Of a reference inside a struct: the struct is none that compiled code can use, so what it refers to does not matter.
fn reference(describe: impl FnOnce() -> TypeInfo) -> TypeInfo {
    if DEPTH.get() > 0 {
        return TypeInfo::Unknown("a reference".to_owned());
    }
    describe()
}

//! Describes what has parts.

use std::cell::Cell;
use std::sync::Arc;

use hotloop_ir::ScalarTy;
use hotloop_ir::instance::{EnumInfo, StructInfo, TypeInfo};

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
/// `repr` is the attribute's, if there is one.
pub fn describe_enum<T>(repr: Option<ScalarTy>, variants: &[(&str, i128)]) -> TypeInfo {
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
            }))
        }
        // An enum of a single variant takes no memory.
        _ => TypeInfo::Unknown(name.to_owned()),
    }
}

fn struct_info<T>(fields: &[Field]) -> Result<StructInfo, TypeInfo> {
    struct Scope;
    impl Drop for Scope {
        fn drop(&mut self) {
            DEPTH.set(DEPTH.get() - 1);
        }
    }
    let unknown = || TypeInfo::Unknown(std::any::type_name::<T>().to_owned());
    // Compiled code copies values and drops none.
    if std::mem::needs_drop::<T>() {
        return Err(unknown());
    }
    DEPTH.set(DEPTH.get() + 1);
    let _scope = Scope;
    let mut described = Vec::with_capacity(fields.len());
    for (name, offset, describe) in fields {
        let ty = describe();
        if !is_part(&ty) {
            return Err(unknown());
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

/// Whether a struct may have a field of this type.
fn is_part(ty: &TypeInfo) -> bool {
    match ty {
        TypeInfo::Unit | TypeInfo::Scalar(_) | TypeInfo::Struct(_) | TypeInfo::Enum(_) => true,
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
        return TypeInfo::Unknown("a reference in a struct".to_owned());
    }
    describe()
}

//! Enums whose variants have fields and that have no `repr`: rustc chooses their layout, so it is found out from values.
//!
//! A value of each variant is made, and where its fields are in it, rustc says. If no field of any variant has the first byte, that byte can only
//! be the tag's, which is little-endian and begins there; that the values made have their variants' numbers in it is checked nevertheless. Where
//! rustc put the tag into a gap in a field (`enum { Flag(bool), Nothing }`), the enum stays unknown.
//!
//! rustc widens the tag up to the alignment of what follows it, which cannot be told from padding behind it. So compiled code reads the first byte
//! alone, and a value that it makes is zero wherever no field is, which is right for a tag of any width.

use std::mem::MaybeUninit;
use std::sync::Arc;

use hotloop_ir::ScalarTy;
use hotloop_ir::instance::{DataEnumInfo, TypeInfo, VariantInfo};

use super::structs::{Scope, is_part};

/// A field of a variant: its name, the size of its type, and the description of that.
pub type FoundField = (&'static str, usize, fn() -> TypeInfo);

/// A variant: its name, its fields, a value of it for the descriptions of their types ([`sample`]), and where the fields are in a value of it.
pub type FoundVariant<'v, T> = (
    &'static str,
    &'v [FoundField],
    fn(&[TypeInfo]) -> Option<T>,
    fn(&T) -> Vec<usize>,
);

/// The description of an enum without `repr`, which `#[derive(JitType)]` calls with its variants in order.
pub fn describe_found_enum<T>(variants: &[FoundVariant<'_, T>]) -> TypeInfo {
    found_info(variants).map_or_else(
        || {
            let name = std::any::type_name::<T>();
            TypeInfo::Unknown(name.to_owned())
        },
        |info| TypeInfo::DataEnum(Arc::new(info)),
    )
}

fn found_info<T>(variants: &[FoundVariant<'_, T>]) -> Option<DataEnumInfo> {
    // Compiled code copies values and drops none. Of a single variant there is no tag.
    if std::mem::needs_drop::<T>() || !(2..=256).contains(&variants.len()) {
        return None;
    }
    let _scope = Scope::new();
    let mut described = Vec::with_capacity(variants.len());
    for (number, (name, fields, make, places)) in variants.iter().enumerate() {
        let tys: Vec<_> = fields.iter().map(|(.., describe)| describe()).collect();
        if !tys.iter().all(is_part) {
            return None;
        }
        let value = make(&tys)?;
        let offsets = places(&value);
        if offsets.len() != fields.len() {
            return None;
        }
        let mut laid_out = Vec::with_capacity(fields.len());
        for (((field, size, _), ty), offset) in fields.iter().zip(tys).zip(offsets) {
            // What has no size may be anywhere.
            if (offset == 0 && *size > 0) || offset + size > size_of::<T>() {
                return None;
            }
            laid_out.push(((*field).to_owned(), offset as u64, ty));
        }
        if usize::from(first_byte(&value)?) != number {
            return None;
        }
        described.push(VariantInfo {
            name: (*name).to_owned(),
            tag: number as u128,
            fields: laid_out,
        });
    }
    Some(DataEnumInfo {
        name: std::any::type_name::<T>().to_owned(),
        size: size_of::<T>() as u64,
        align: align_of::<T>() as u64,
        tag: ScalarTy::U8,
        variants: described,
    })
}

/// The first byte of a value, also where rustc would not let it be read because it is padding.
fn first_byte<T>(value: &T) -> Option<u8> {
    if size_of::<T>() == 0 {
        return None;
    }
    let at = std::ptr::from_ref(value).cast::<u8>();
    read_byte(at)
}

#[cfg(all(target_arch = "x86_64", not(miri)))]
fn read_byte(at: *const u8) -> Option<u8> {
    let byte: u32;
    // SAFETY: the byte is a part of a value, says `first_byte`, and to the processor all memory has a value.
    unsafe {
        std::arch::asm!(
            "movzx {byte:e}, byte ptr [{at}]",
            byte = out(reg) byte,
            at = in(reg) at,
            options(nostack, readonly, preserves_flags)
        );
    }
    u8::try_from(byte).ok()
}

#[cfg(all(target_arch = "aarch64", not(miri)))]
fn read_byte(at: *const u8) -> Option<u8> {
    let byte: u32;
    // SAFETY: the byte is a part of a value, says `first_byte`, and to the processor all memory has a value.
    unsafe {
        std::arch::asm!(
            "ldrb {byte:w}, [{at}]",
            byte = out(reg) byte,
            at = in(reg) at,
            options(nostack, readonly, preserves_flags)
        );
    }
    u8::try_from(byte).ok()
}

/// Nothing is compiled there.
#[cfg(any(miri, not(any(target_arch = "x86_64", target_arch = "aarch64"))))]
fn read_byte(_at: *const u8) -> Option<u8> {
    None
}

/// A value of a type that describes itself so: all numbers in it are 1, enums their first variants. `None`: it has parts of other kinds.
pub fn sample<T>(ty: Option<&TypeInfo>) -> Option<T> {
    let mut bytes = vec![0; size_of::<T>()];
    fill(ty?, &mut bytes)?;
    let mut value = MaybeUninit::<T>::zeroed();
    // SAFETY: there are as many bytes as the value has.
    unsafe {
        let to = value.as_mut_ptr().cast::<u8>();
        std::ptr::copy_nonoverlapping(bytes.as_ptr(), to, bytes.len());
    }
    // SAFETY: by the contract of `JitType` such bytes are a value of the type that is described so. None of the numbers is 0, which some types
    // exclude.
    Some(unsafe { value.assume_init() })
}

/// Fills the bytes of a value.
fn fill(ty: &TypeInfo, bytes: &mut [u8]) -> Option<()> {
    let mut number = |bits: u128, size: usize| {
        let source = bits.to_le_bytes();
        bytes.get_mut(..size)?.copy_from_slice(source.get(..size)?);
        Some(())
    };
    match ty {
        TypeInfo::Unit => {}
        TypeInfo::Scalar(scalar) => number(1, scalar.size_bytes())?,
        TypeInfo::Char => number(1, 4)?,
        TypeInfo::Enum(info) => number(info.variants.first()?.1, info.repr.size_bytes())?,
        TypeInfo::DataEnum(info) => {
            let variant = info.variants.first()?;
            number(variant.tag, info.tag.size_bytes())?;
            for (_, offset, ty) in &variant.fields {
                fill(ty, bytes.get_mut(usize::try_from(*offset).ok()?..)?)?;
            }
        }
        TypeInfo::Tuple(info) | TypeInfo::Struct(info) => {
            for (_, offset, ty) in &info.fields {
                fill(ty, bytes.get_mut(usize::try_from(*offset).ok()?..)?)?;
            }
        }
        TypeInfo::Array(elem, len) => {
            let stride = size_bytes(elem)?;
            for index in 0..usize::try_from(*len).ok()? {
                fill(elem, bytes.get_mut(index.checked_mul(stride)?..)?)?;
            }
        }
        TypeInfo::Slice { .. }
        | TypeInfo::Ref { .. }
        | TypeInfo::Option(_)
        | TypeInfo::Result(..)
        | TypeInfo::Unknown(_) => return None,
    }
    Some(())
}

/// The size of a type that is a part of another one.
fn size_bytes(ty: &TypeInfo) -> Option<usize> {
    let size = match ty {
        TypeInfo::Unit => 0,
        TypeInfo::Scalar(scalar) => return Some(scalar.size_bytes()),
        TypeInfo::Char => 4,
        TypeInfo::Enum(info) => return Some(info.repr.size_bytes()),
        TypeInfo::DataEnum(info) => info.size,
        TypeInfo::Tuple(info) | TypeInfo::Struct(info) => info.size,
        TypeInfo::Array(elem, len) => (size_bytes(elem)? as u64).checked_mul(*len)?,
        TypeInfo::Slice { .. }
        | TypeInfo::Ref { .. }
        | TypeInfo::Option(_)
        | TypeInfo::Result(..)
        | TypeInfo::Unknown(_) => return None,
    };
    usize::try_from(size).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{JitType, offset_in};

    enum Mixed {
        Nothing,
        Bytes([u8; 3]),
        Wide(f64, u8),
    }

    fn describe_mixed() -> TypeInfo {
        describe_found_enum::<Mixed>(&[
            ("Nothing", &[], |_| Some(Mixed::Nothing), |_| Vec::new()),
            (
                "Bytes",
                &[("0", 3, <[u8; 3]>::describe)],
                |tys| Some(Mixed::Bytes(sample(tys.first())?)),
                |value| match value {
                    Mixed::Bytes(bytes) => vec![offset_in(value, bytes)],
                    _ => Vec::new(),
                },
            ),
            (
                "Wide",
                &[("0", 8, f64::describe), ("1", 1, u8::describe)],
                |tys| Some(Mixed::Wide(sample(tys.first())?, sample(tys.get(1))?)),
                |value| match value {
                    Mixed::Wide(x, n) => vec![offset_in(value, x), offset_in(value, n)],
                    _ => Vec::new(),
                },
            ),
        ])
    }

    #[test]
    fn what_is_found_is_where_rustc_has_it() {
        let TypeInfo::DataEnum(info) = describe_mixed() else {
            panic!("not found")
        };
        assert_eq!(info.size, size_of::<Mixed>() as u64);
        assert_eq!(info.tag, ScalarTy::U8);
        let tags: Vec<_> = info.variants.iter().map(|variant| variant.tag).collect();
        assert_eq!(tags, [0, 1, 2]);
        let value = Mixed::Wide(1.5, 7);
        let Mixed::Wide(x, n) = &value else {
            unreachable!()
        };
        let offsets: Vec<_> = (info.variants[2].fields.iter())
            .map(|(_, offset, _)| *offset as usize)
            .collect();
        assert_eq!(offsets, [offset_in(&value, x), offset_in(&value, n)]);
    }

    #[test]
    fn a_tag_in_a_gap_of_a_field_is_not_guessed() {
        enum Gap {
            Flag(bool),
            Nothing,
        }
        let info = describe_found_enum::<Gap>(&[
            (
                "Flag",
                &[("0", 1, bool::describe)],
                |tys| Some(Gap::Flag(sample(tys.first())?)),
                |value| match value {
                    Gap::Flag(flag) => vec![offset_in(value, flag)],
                    Gap::Nothing => Vec::new(),
                },
            ),
            ("Nothing", &[], |_| Some(Gap::Nothing), |_| Vec::new()),
        ]);
        assert!(matches!(info, TypeInfo::Unknown(_)));
    }

    #[test]
    fn samples_are_valid() {
        type Parts = ([(u8, char); 2], bool, i64);
        let parts: Parts = sample(Some(&Parts::describe())).unwrap();
        assert_eq!(parts, ([(1, '\u{1}'); 2], true, 1));
        let number: std::num::NonZeroU16 = sample(Some(&std::num::NonZeroU16::describe())).unwrap();
        assert_eq!(number.get(), 1);
        assert!(sample::<&u8>(Some(&<&u8>::describe())).is_none());
    }
}

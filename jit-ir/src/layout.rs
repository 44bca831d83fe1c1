//! Where things are in memory: size, alignment and offsets of every type without parameters.
//!
//! Scalars are aligned to their size. Elements of an array lie one after the other. Structs are as rustc laid them out.
//! Tuples are laid out in order, each element at the next offset that is aligned for it: unlike rustc's, so a tuple
//! that Rust code sees in memory is a [`StructTy`] in the IR. A reference is a pointer, a slice a pointer and a length.

use crate::ty::{StructTy, Ty};

/// The greatest size of a type in bytes: offsets inside of a value fit `isize`.
pub const MAX_SIZE_BYTES: u64 = i64::MAX as u64;

/// Size and alignment of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Layout {
    /// In bytes, a multiple of `align`.
    pub size: u64,
    /// In bytes, a power of two.
    pub align: u64,
}

/// Why a type has no layout.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    /// It is greater than [`MAX_SIZE_BYTES`].
    #[error("the type is too big")]
    TooBig,
    /// It contains a type parameter.
    #[error("the size of a type parameter is not known")]
    Param,
    /// A struct contradicts itself.
    #[error("struct `{name}`: {what}")]
    Struct {
        /// Its name.
        name: String,
        /// What is wrong.
        what: &'static str,
    },
}

/// The layout of a type. Types may nest as deep as [`crate::walk`] says.
///
/// # Errors
///
/// If it contains a parameter or is too big. What is said of a struct is believed; see [`check_struct`].
pub fn layout_of(ty: &Ty) -> Result<Layout, LayoutError> {
    Ok(match ty {
        Ty::Unit => Layout { size: 0, align: 1 },
        Ty::Scalar(scalar) => {
            let size = scalar.size_bytes() as u64;
            Layout { size, align: size }
        }
        Ty::Param(_) => return Err(LayoutError::Param),
        Ty::Tuple(elems) => layout_tuple(elems, |_| {})?,
        Ty::Array { elem, len } => {
            let Layout { size, align } = layout_of(elem)?;
            let size = size.checked_mul(*len).ok_or(LayoutError::TooBig)?;
            check_size(Layout { size, align })?
        }
        Ty::Struct(ty) => check_size(Layout {
            size: ty.size,
            align: ty.align,
        })?,
        Ty::Ref { .. } => Layout { size: 8, align: 8 },
        Ty::Slice { .. } => Layout { size: 16, align: 8 },
    })
}

/// Where each element of a tuple or field of a struct starts, in bytes; nothing for other types.
///
/// # Errors
///
/// As [`layout_of`].
pub fn field_offsets(ty: &Ty) -> Result<Vec<u64>, LayoutError> {
    match ty {
        Ty::Tuple(elems) => {
            let mut offsets = Vec::with_capacity(elems.len());
            layout_tuple(elems, |offset| offsets.push(offset))?;
            Ok(offsets)
        }
        Ty::Struct(ty) => Ok(ty.fields.iter().map(|field| field.offset).collect()),
        _ => Ok(Vec::new()),
    }
}

fn layout_tuple(elems: &[Ty], mut visit: impl FnMut(u64)) -> Result<Layout, LayoutError> {
    let mut whole = Layout { size: 0, align: 1 };
    for elem in elems {
        let Layout { size, align } = layout_of(elem)?;
        let offset = align_up(whole.size, align)?;
        visit(offset);
        let end = offset.checked_add(size).ok_or(LayoutError::TooBig)?;
        whole = check_size(Layout {
            size: end,
            align: whole.align.max(align),
        })?;
    }
    let size = align_up(whole.size, whole.align)?;
    check_size(Layout { size, ..whole })
}

fn align_up(offset: u64, align: u64) -> Result<u64, LayoutError> {
    offset
        .checked_next_multiple_of(align)
        .ok_or(LayoutError::TooBig)
}

fn check_size(layout: Layout) -> Result<Layout, LayoutError> {
    if layout.size > MAX_SIZE_BYTES {
        return Err(LayoutError::TooBig);
    }
    Ok(layout)
}

/// Whether a struct is laid out as [`StructTy`] says: the alignment is a power of two that divides the size, and fields are
/// aligned, inside, and do not overlap.
///
/// # Errors
///
/// What does not hold, of the struct itself or of one inside.
pub fn check_struct(ty: &StructTy) -> Result<(), LayoutError> {
    let wrong = |what| LayoutError::Struct {
        name: ty.name.clone(),
        what,
    };
    if !ty.align.is_power_of_two() {
        return Err(wrong("its alignment is no power of two"));
    }
    if !ty.size.is_multiple_of(ty.align) || ty.size > MAX_SIZE_BYTES {
        return Err(wrong("its size is no multiple of its alignment"));
    }
    let mut ranges = Vec::with_capacity(ty.fields.len());
    for field in &ty.fields {
        check_structs(&field.ty)?;
        let Layout { size, align } = layout_of(&field.ty)?;
        if align > ty.align || !field.offset.is_multiple_of(align) {
            return Err(wrong("a field is not aligned"));
        }
        match field.offset.checked_add(size) {
            Some(end) if end <= ty.size => ranges.push((field.offset, end)),
            _ => return Err(wrong("a field is not inside")),
        }
    }
    if ty.overlaps {
        let Some(&(start, end)) = ranges.first() else {
            return Err(wrong("it has no tag"));
        };
        return match ranges[1..]
            .iter()
            .all(|other| other.1 <= start || end <= other.0)
        {
            true => Ok(()),
            false => Err(wrong("a field overlaps the tag")),
        };
    }
    ranges.retain(|(start, end)| start < end);
    ranges.sort_unstable();
    if ranges.windows(2).any(|pair| pair[1].0 < pair[0].1) {
        return Err(wrong("fields overlap"));
    }
    Ok(())
}

fn check_structs(ty: &Ty) -> Result<(), LayoutError> {
    match ty {
        Ty::Struct(ty) => check_struct(ty),
        _ => ty.parts().try_for_each(check_structs),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::ty::{FieldTy, ScalarTy};

    fn array(elem: Ty, len: u64) -> Ty {
        let elem = Box::new(elem);
        Ty::Array { elem, len }
    }

    fn struct_ty(size: u64, align: u64, fields: &[(u64, Ty)]) -> StructTy {
        let fields = fields.iter().enumerate().map(|(n, (offset, ty))| FieldTy {
            name: n.to_string(),
            offset: *offset,
            ty: ty.clone(),
        });
        StructTy {
            name: "S".into(),
            size,
            align,
            fields: fields.collect(),
            overlaps: false,
        }
    }

    const U8: Ty = Ty::Scalar(ScalarTy::U8);
    const U16: Ty = Ty::Scalar(ScalarTy::U16);
    const I128: Ty = Ty::Scalar(ScalarTy::I128);

    #[test]
    fn sizes_and_offsets() {
        let layout = |ty: &Ty| layout_of(ty).map(|layout| (layout.size, layout.align));
        assert_eq!(layout(&Ty::BOOL), Ok((1, 1)));
        assert_eq!(layout(&I128), Ok((16, 16)));
        assert_eq!(layout(&array(U16, 5)), Ok((10, 2)));
        assert_eq!(layout(&array(array(U16, 5), 0)), Ok((0, 2)));
        let tuple = Ty::Tuple(vec![U8, U16, U8, I128, U8]);
        assert_eq!(layout(&tuple), Ok((48, 16)));
        assert_eq!(field_offsets(&tuple), Ok(vec![0, 2, 4, 16, 32]));
        let to = Box::new(tuple.clone());
        assert_eq!(layout(&Ty::Ref { to, mutable: true }), Ok((8, 8)));
        let elem = Box::new(tuple);
        let mutable = false;
        assert_eq!(layout(&Ty::Slice { elem, mutable }), Ok((16, 8)));
        let point = Ty::Struct(Arc::new(struct_ty(8, 4, &[(4, U8), (0, U16)])));
        assert_eq!(layout(&array(point.clone(), 3)), Ok((24, 4)));
        assert_eq!(field_offsets(&point), Ok(vec![4, 0]));
    }

    #[test]
    fn what_has_no_layout() {
        let huge = array(U16, 1 << 62);
        assert_eq!(layout_of(&huge), Err(LayoutError::TooBig));
        assert_eq!(layout_of(&array(huge, u64::MAX)), Err(LayoutError::TooBig));
        let half = array(U8, (1 << 63) - 1);
        assert!(layout_of(&half).is_ok());
        let two = Ty::Tuple(vec![half.clone(), U16]);
        assert_eq!(layout_of(&two), Err(LayoutError::TooBig));
        assert_eq!(layout_of(&array(Ty::Param(0), 1)), Err(LayoutError::Param));
    }

    #[test]
    fn structs_that_contradict_themselves() {
        let check = |ty: &StructTy| match check_struct(ty) {
            Ok(()) => "",
            Err(LayoutError::Struct { what, .. }) => what,
            Err(LayoutError::TooBig | LayoutError::Param) => "no layout",
        };
        assert_eq!(check(&struct_ty(4, 2, &[(2, U16), (1, U8), (0, U8)])), "");
        assert_eq!(check(&struct_ty(0, 1, &[])), "");
        let zero = array(U16, 0);
        assert_eq!(check(&struct_ty(4, 2, &[(0, U16), (0, zero)])), "");
        let wrong = "its alignment is no power of two";
        assert_eq!(check(&struct_ty(0, 0, &[])), wrong);
        let wrong = "its size is no multiple of its alignment";
        assert_eq!(check(&struct_ty(3, 2, &[])), wrong);
        let wrong = "a field is not aligned";
        assert_eq!(check(&struct_ty(4, 2, &[(1, U16)])), wrong);
        assert_eq!(check(&struct_ty(4, 1, &[(0, U16)])), wrong);
        let wrong = "a field is not inside";
        assert_eq!(check(&struct_ty(4, 2, &[(4, U16)])), wrong);
        assert_eq!(check(&struct_ty(4, 2, &[(u64::MAX - 1, U16)])), wrong);
        let overlapping = struct_ty(4, 2, &[(0, U16), (1, U8)]);
        assert_eq!(check(&overlapping), "fields overlap");
        let variants = |fields| StructTy {
            overlaps: true,
            ..struct_ty(8, 4, fields)
        };
        assert_eq!(check(&variants(&[(0, U8), (2, U16), (2, U8), (3, U8)])), "");
        assert_eq!(check(&variants(&[])), "it has no tag");
        let wrong = "a field overlaps the tag";
        assert_eq!(check(&variants(&[(2, U16), (0, U16), (3, U8)])), wrong);
        let inside = Ty::Tuple(vec![Ty::Struct(Arc::new(overlapping))]);
        assert_eq!(check(&struct_ty(4, 2, &[(0, inside)])), "fields overlap");
        assert_eq!(check(&struct_ty(4, 2, &[(0, Ty::Param(0))])), "no layout");
    }
}

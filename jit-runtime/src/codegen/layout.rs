//! Where things are in memory: sizes, alignments and offsets in bytes.
//!
//! Structs are as rustc laid them out. Tuples never meet rustc's memory (those that do are structs by then), so their elements lie
//! one after the other, each aligned. A slice is its pointer, then its length.

use hotloop_ir::Ty;

use super::{CodegenError, Result};

/// Size and alignment of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) size: u64,
    pub(crate) align: u64,
}

/// A part of a value that is no tuple.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Leaf<'t> {
    /// Where it is in the value.
    pub(crate) offset: u64,
    pub(crate) ty: &'t Ty,
}

fn overflow() -> CodegenError {
    CodegenError::bug("a type that is larger than memory")
}

/// The layout of a type.
pub(crate) fn of(ty: &Ty) -> Result<Layout> {
    Ok(match ty {
        Ty::Unit => Layout { size: 0, align: 1 },
        Ty::Scalar(scalar) => {
            // `i128` is aligned to 16 since Rust 1.77.
            let size = scalar.size_bytes() as u64;
            Layout { size, align: size }
        }
        Ty::Ref { .. } => Layout { size: 8, align: 8 },
        Ty::Slice { .. } => Layout { size: 16, align: 8 },
        Ty::Array { elem, len } => {
            let elem = of(elem)?;
            let size = elem.size.checked_mul(*len).ok_or_else(overflow)?;
            Layout {
                size,
                align: elem.align,
            }
        }
        Ty::Struct(ty) => Layout {
            size: ty.size,
            align: ty.align,
        },
        Ty::Tuple(elems) => tuple(elems, |_, _| {})?,
        Ty::Param(_) => return Err(CodegenError::bug("the layout of a type parameter")),
    })
}

/// The layout of a tuple; `visit` sees each element's index and offset.
fn tuple(elems: &[Ty], mut visit: impl FnMut(usize, u64)) -> Result<Layout> {
    let mut end = 0_u64;
    let mut align = 1;
    for (index, elem) in elems.iter().enumerate() {
        let elem = of(elem)?;
        let offset = end
            .checked_next_multiple_of(elem.align)
            .ok_or_else(overflow)?;
        visit(index, offset);
        end = offset.checked_add(elem.size).ok_or_else(overflow)?;
        align = align.max(elem.align);
    }
    let size = end.checked_next_multiple_of(align).ok_or_else(overflow)?;
    Ok(Layout { size, align })
}

/// Offset and type of the fields of a struct, or of the elements of a tuple.
pub(crate) fn fields(ty: &Ty) -> Result<Vec<Leaf<'_>>> {
    match ty {
        Ty::Struct(ty) => Ok(ty
            .fields
            .iter()
            .map(|field| Leaf {
                offset: field.offset,
                ty: &field.ty,
            })
            .collect()),
        Ty::Tuple(elems) => {
            let mut fields = Vec::with_capacity(elems.len());
            tuple(elems, |index, offset| {
                fields.push(Leaf {
                    offset,
                    ty: &elems[index],
                });
            })?;
            Ok(fields)
        }
        other => Err(CodegenError::bug(format!("a field of a {other:?}"))),
    }
}

/// Offset and type of one field of a struct or element of a tuple.
pub(crate) fn field(ty: &Ty, index: u32) -> Result<Leaf<'_>> {
    let index = index as usize;
    if let Ty::Struct(ty) = ty
        && let Some(field) = ty.fields.get(index)
    {
        return Ok(Leaf {
            offset: field.offset,
            ty: &field.ty,
        });
    }
    let fields = fields(ty)?;
    let field = fields.get(index).copied();
    field.ok_or_else(|| CodegenError::bug("a field out of range"))
}

/// The parts of a value, tuples flattened.
pub(crate) fn leaves(ty: &Ty) -> Result<Vec<Leaf<'_>>> {
    let mut out = Vec::new();
    collect_leaves(Leaf { offset: 0, ty }, &mut out)?;
    Ok(out)
}

fn collect_leaves<'t>(of: Leaf<'t>, out: &mut Vec<Leaf<'t>>) -> Result<()> {
    match of.ty {
        Ty::Unit => Ok(()),
        Ty::Tuple(_) => fields(of.ty)?.into_iter().try_for_each(|field| {
            let offset = of.offset + field.offset;
            collect_leaves(Leaf { offset, ..field }, out)
        }),
        Ty::Param(_) => Err(CodegenError::bug("a type parameter in a result")),
        Ty::Scalar(_) | Ty::Array { .. } | Ty::Struct(_) | Ty::Ref { .. } | Ty::Slice { .. } => {
            out.push(of);
            Ok(())
        }
    }
}

/// The scalars, references and slices in a value, or `None` if there are more than `most`.
pub(crate) fn atoms(ty: &Ty, most: usize) -> Result<Option<Vec<Leaf<'_>>>> {
    let mut out = Vec::new();
    let all = collect_atoms(Leaf { offset: 0, ty }, most, &mut out)?;
    Ok(all.then_some(out))
}

fn collect_atoms<'t>(of: Leaf<'t>, most: usize, out: &mut Vec<Leaf<'t>>) -> Result<bool> {
    match of.ty {
        Ty::Unit => {}
        Ty::Param(_) => return Err(CodegenError::bug("a value of a type parameter")),
        Ty::Scalar(_) | Ty::Ref { .. } | Ty::Slice { .. } => out.push(of),
        Ty::Tuple(_) | Ty::Struct(_) => {
            for field in fields(of.ty)? {
                let offset = of.offset + field.offset;
                if !collect_atoms(Leaf { offset, ..field }, most, out)? {
                    return Ok(false);
                }
            }
        }
        Ty::Array { elem, len } => {
            let stride = self::of(elem)?.size;
            if stride > 0 && *len > most as u64 {
                return Ok(false);
            }
            for index in 0..if stride > 0 { *len } else { 0 } {
                let offset = of.offset + index * stride;
                if !collect_atoms(Leaf { offset, ty: elem }, most, out)? {
                    return Ok(false);
                }
            }
        }
    }
    Ok(out.len() <= most)
}

/// Whether values of this type live in memory; others are in registers.
pub(crate) fn in_memory(ty: &Ty) -> bool {
    match ty {
        Ty::Tuple(_) | Ty::Array { .. } | Ty::Struct(_) => true,
        Ty::Unit | Ty::Scalar(_) | Ty::Param(_) | Ty::Ref { .. } | Ty::Slice { .. } => false,
    }
}

/// Whether a reference or slice is inside.
pub(crate) fn has_pointers(ty: &Ty) -> bool {
    match ty {
        Ty::Unit | Ty::Scalar(_) | Ty::Param(_) => false,
        Ty::Ref { .. } | Ty::Slice { .. } => true,
        Ty::Tuple(elems) => elems.iter().any(has_pointers),
        Ty::Array { elem, .. } => has_pointers(elem),
        Ty::Struct(ty) => ty.fields.iter().any(|field| has_pointers(&field.ty)),
    }
}

/// The alignment of what lies `offset` bytes behind an address of this alignment.
pub(crate) fn align_at(align: u64, offset: u64) -> u64 {
    match offset {
        0 => align,
        _ => align.min(1 << offset.trailing_zeros()),
    }
}

//! The parts of values and where they are in memory, from [`hotloop_ir::layout`].

use hotloop_ir::layout::{LayoutError, field_offsets, layout_of};
use hotloop_ir::{ScalarTy, Ty};

use super::{CodegenError, Result};

pub(crate) use hotloop_ir::layout::Layout;

/// A part of a value that is no tuple.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Leaf<'t> {
    /// Where it is in the value.
    pub(crate) offset: u64,
    pub(crate) ty: &'t Ty,
}

/// The layout of a type.
pub(crate) fn of(ty: &Ty) -> Result<Layout> {
    layout_of(ty).map_err(no_layout)
}

fn no_layout(error: LayoutError) -> CodegenError {
    CodegenError::bug(error.to_string())
}

/// Offset and type of the fields of a struct, or of the elements of a tuple.
pub(crate) fn fields(ty: &Ty) -> Result<Vec<Leaf<'_>>> {
    let offsets = field_offsets(ty).map_err(no_layout)?;
    Ok(offsets
        .into_iter()
        .zip(ty.parts())
        .map(|(offset, ty)| Leaf { offset, ty })
        .collect())
}

/// Offset and type of one field of a struct or element of a tuple.
pub(crate) fn field(ty: &Ty, index: u32) -> Result<Leaf<'_>> {
    let field = fields(ty)?.get(index as usize).copied();
    field.ok_or_else(|| CodegenError::bug("a field that is not there"))
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

/// A part of a value that is loaded and stored at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Atom {
    pub(crate) offset: u64,
    pub(crate) align: u64,
    pub(crate) kind: AtomKind,
}

/// What an [`Atom`] is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum AtomKind {
    Scalar(ScalarTy),
    Pointer,
    Length,
}

/// The atoms of a value, or `None` if there are more than `most`, or if an enum's fields are among them.
pub(crate) fn atoms(ty: &Ty, most: usize) -> Result<Option<Vec<Atom>>> {
    let mut out = Vec::new();
    let all = collect_atoms(Leaf { offset: 0, ty }, most, &mut out)?;
    Ok(all.then_some(out))
}

/// Whether there are at most `most`.
fn collect_atoms(of: Leaf<'_>, most: usize, out: &mut Vec<Atom>) -> Result<bool> {
    let mut add = |offset, kind| {
        out.push(Atom {
            offset: of.offset + offset,
            align: match kind {
                AtomKind::Scalar(scalar) => scalar.size_bytes() as u64,
                AtomKind::Pointer | AtomKind::Length => 8,
            },
            kind,
        });
    };
    match of.ty {
        Ty::Unit => {}
        Ty::Param(_) => return Err(CodegenError::bug("a value of a type parameter")),
        Ty::Scalar(scalar) => add(0, AtomKind::Scalar(*scalar)),
        Ty::Ref { .. } => add(0, AtomKind::Pointer),
        Ty::Slice { .. } => {
            add(0, AtomKind::Pointer);
            add(8, AtomKind::Length);
        }
        // Which of the fields have a meaning is not known here.
        Ty::Struct(ty) if ty.overlaps => return Ok(false),
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
            let count = if stride > 0 { *len } else { 0 };
            if count > most as u64 {
                return Ok(false);
            }
            for index in 0..count {
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

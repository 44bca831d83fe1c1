//! Calls entry points whose signature is known only as data.

use hotloop_ir::ScalarTy;
use hotloop_ir::layout::{Layout, layout_of};

use super::abi::{EntryArg, EntryLayout, PackedEntry, STATUS_OK, TrapPayload};

/// One argument of a function.
#[derive(Clone, Copy, Debug)]
pub enum PackedArg {
    /// The bits of a scalar, zero-extended.
    Scalar(u128),
    /// The address of a value that is passed by reference.
    Ref(*mut u8),
    /// The first element and the number of elements of a slice.
    Slice {
        /// Not null, and aligned for the element, also if there is none.
        pointer: *mut u8,
        /// The number of elements.
        len: usize,
    },
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PackedOutcome {
    /// It returned these leaves, tuples flattened: each its bytes, in as many words as they take, the rest 0.
    Returned(Vec<u128>),
    /// It returned another status than that of a normal return. Operands that the site does not have are 0.
    Trapped(u32, TrapPayload),
}

/// Calls a packed entry point. `None` if the arguments do not have the number or the kinds that the layout says.
///
/// # Safety
///
/// `entry` is the packed entry point of a function with this layout, and its code stays loaded during the call. Each slice and reference is
/// valid for reads, and for writes if the parameter is mutable, and then overlaps no other one; scalars are valid for their types.
pub unsafe fn call_packed(
    entry: PackedEntry,
    layout: &EntryLayout,
    args: &[PackedArg],
) -> Option<PackedOutcome> {
    let mut slots: Vec<u128> = Vec::with_capacity(layout.arity());
    let mut args = args.iter();
    for arg in &layout.args {
        match arg {
            EntryArg::Scalar(_) => match args.next()? {
                PackedArg::Scalar(bits) => slots.push(*bits),
                PackedArg::Ref(_) | PackedArg::Slice { .. } => return None,
            },
            EntryArg::Ref { .. } => match args.next()? {
                PackedArg::Ref(pointer) => slots.push(pointer.expose_provenance() as u128),
                PackedArg::Scalar(_) | PackedArg::Slice { .. } => return None,
            },
            EntryArg::SlicePointer { .. } => match args.next()? {
                PackedArg::Slice { pointer, len } => {
                    slots.push(pointer.expose_provenance() as u128);
                    slots.push(*len as u128);
                }
                PackedArg::Scalar(_) | PackedArg::Ref(_) => return None,
            },
            EntryArg::SliceLength { .. } => {}
        }
    }
    if args.next().is_some() {
        return None;
    }
    // Little-endian, as all machines that we compile for: what a result leaves of its last word stays 0.
    let mut cells = Vec::with_capacity(layout.results.len());
    for ty in &layout.results {
        cells.push(Cell::new(layout_of(ty).ok()?)?);
    }
    let mut payload = TrapPayload::default();
    for cell in &mut cells {
        slots.push(cell.start().expose_provenance() as u128);
    }
    slots.push((&raw mut payload).expose_provenance() as u128);
    // SAFETY: the caller promises that `entry` and the arguments fit the layout; there is a slot for each argument, and the
    // results and the payload are valid for writes.
    let status = unsafe { entry(slots.as_ptr()) };
    Some(match status {
        STATUS_OK => PackedOutcome::Returned(cells.iter().flat_map(Cell::words).collect()),
        status => PackedOutcome::Trapped(status, payload),
    })
}

/// Memory for a result.
struct Cell {
    words: Vec<u128>,
    /// The first word with the result's alignment.
    first: usize,
    count: usize,
}

impl Cell {
    fn new(layout: Layout) -> Option<Self> {
        let count = usize::try_from(layout.size.div_ceil(16).max(1)).ok()?;
        let align = usize::try_from(layout.align).ok()?.max(16);
        let words = vec![0_u128; count.checked_add(align / 16)?];
        let first = words.as_ptr().align_offset(align);
        Some(Cell {
            words,
            first,
            count,
        })
    }

    fn start(&mut self) -> *mut u128 {
        self.words.as_mut_ptr().wrapping_add(self.first)
    }

    fn words(&self) -> impl Iterator<Item = u128> {
        self.words.iter().skip(self.first).take(self.count).copied()
    }
}

/// The part of a 128-bit word that a scalar of this type occupies.
pub fn bits_mask(ty: ScalarTy) -> u128 {
    u128::MAX >> (128 - ty.bits())
}

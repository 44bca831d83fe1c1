//! Calls entry points whose signature is known only as data.

use hotloop_ir::{ScalarTy, SiteId};

use super::abi::{EntryArg, EntryLayout, PackedEntry, TrapPayload, site_of_status};

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
    /// It returned these scalars, each as its bits, zero-extended; tuples are flattened.
    Returned(Vec<u128>),
    /// It trapped at this site. Operands that the site does not have are 0.
    Trapped(SiteId, TrapPayload),
}

/// Calls a packed entry point. `None` if the arguments do not have the number or the kinds that the layout says.
///
/// # Safety
///
/// `entry` is the packed entry point of a function with this layout, and its code stays loaded during the call. Each slice is
/// valid for reads, and for writes if the parameter is mutable, and then overlaps no other slice; scalars are valid for their types.
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
                PackedArg::Slice { .. } => return None,
            },
            EntryArg::SlicePointer { .. } => match args.next()? {
                PackedArg::Slice { pointer, len } => {
                    slots.push(pointer.expose_provenance() as u128);
                    slots.push(*len as u128);
                }
                PackedArg::Scalar(_) => return None,
            },
            EntryArg::SliceLength { .. } => {}
        }
    }
    if args.next().is_some() {
        return None;
    }
    // A result is narrower than its cell; the rest of the cell stays 0. Little-endian, as all machines that we compile for.
    let mut results = vec![0_u128; layout.results.len()];
    let mut payload = TrapPayload::default();
    let cells = results.as_mut_ptr();
    for index in 0..layout.results.len() {
        slots.push(cells.wrapping_add(index).expose_provenance() as u128);
    }
    slots.push((&raw mut payload).expose_provenance() as u128);
    // SAFETY: the caller promises that `entry` and the arguments fit the layout; there is a slot for each argument, and the
    // results and the payload are valid for writes.
    let status = unsafe { entry(slots.as_ptr()) };
    Some(match site_of_status(status) {
        Some(site) => PackedOutcome::Trapped(site, payload),
        None => PackedOutcome::Returned(results),
    })
}

/// The part of a 128-bit word that a scalar of this type occupies.
pub fn bits_mask(ty: ScalarTy) -> u128 {
    u128::MAX >> (128 - ty.bits())
}

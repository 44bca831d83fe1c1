//! The calling convention of generated code, described once: the emitter, the shim that the macro writes and the tests
//! read it here.
//!
//! An entry point is `unsafe extern "C" fn(args.., results.., trap) -> u32`. A slice is two arguments, pointer and length
//! in elements; a scalar is itself. Then one pointer for each scalar of the result, tuples flattened; last a
//! `*mut TrapPayload`. It returns a status. Results are written on a normal return only, and nothing unwinds.

use hotloop_ir::{Function, Handle, ScalarTy, SiteId, Ty};

use super::CodegenError;

/// What a trap carries to the shim that replays it: up to three operands, each the bits of a scalar, zero-extended.
/// What they are is said at [`hotloop_ir::SiteKind`]; operands that a site does not have are left as they were.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TrapPayload {
    /// The operands.
    pub operands: [u128; 3],
}

/// The status of a normal return.
pub const STATUS_OK: u32 = 0;

/// The status of a trap at this site: 1 and its number.
pub const fn status_of_site(site: SiteId) -> u32 {
    site.index() as u32 + 1
}

/// The site where a call trapped, or `None` for a normal return.
pub const fn site_of_status(status: u32) -> Option<SiteId> {
    match status.checked_sub(1) {
        Some(index) => Some(Handle::from_index(index as usize)),
        None => None,
    }
}

/// One argument of an entry point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryArg {
    /// A scalar by value. `bool` is a byte, 0 or 1.
    Scalar(ScalarTy),
    /// The first element of a slice; not null, aligned for the element.
    SlicePointer {
        /// The type of the elements.
        elem: ScalarTy,
        /// Whether it comes from `&mut [T]`.
        mutable: bool,
    },
    /// The number of elements of the slice before it; at most `isize::MAX` bytes in all.
    SliceLength {
        /// The type of the elements.
        elem: ScalarTy,
    },
}

/// The arguments and results of a function's entry point, in order. The trap payload's pointer comes after them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntryLayout {
    /// The arguments; a slice takes two.
    pub args: Vec<EntryArg>,
    /// The scalars that are returned through pointers.
    pub results: Vec<ScalarTy>,
}

impl EntryLayout {
    /// The layout of a specialized function.
    ///
    /// # Errors
    ///
    /// If the function still has type parameters, or types that no parameter or result can have; or if compilers disagree
    /// about how its arguments are passed (see `check_wide_args`).
    pub fn of(func: &Function) -> Result<Self, CodegenError> {
        let mut layout = EntryLayout::default();
        for &param in &func.params {
            match &func.locals[param].ty {
                Ty::Scalar(scalar) => layout.args.push(EntryArg::Scalar(*scalar)),
                Ty::Slice { elem, mutable } => {
                    let elem = scalar_of(elem)?;
                    layout.args.push(EntryArg::SlicePointer {
                        elem,
                        mutable: *mutable,
                    });
                    layout.args.push(EntryArg::SliceLength { elem });
                }
                other @ (Ty::Unit | Ty::Param(_) | Ty::Tuple(_)) => {
                    return Err(CodegenError::bug(format!("a parameter of type {other:?}")));
                }
            }
        }
        let leaves = func
            .result
            .leaves()
            .ok_or_else(|| CodegenError::bug("a result that contains a slice"))?;
        layout.results = leaves
            .into_iter()
            .map(scalar_of)
            .collect::<Result<_, _>>()?;
        layout.check_wide_args()?;
        Ok(layout)
    }

    /// On x86-64 a 128-bit integer for which one register is left goes to memory. Older LLVMs then leave that register
    /// unused (19 does), which the ABI does not say; later ones (22) use it for the next argument. Which of them compiled the
    /// caller is not ours to know, so such functions are declined.
    fn check_wide_args(&self) -> Result<(), CodegenError> {
        if !cfg!(target_arch = "x86_64") {
            return Ok(());
        }
        let mut free = 6_u32;
        for arg in &self.args {
            match arg {
                EntryArg::Scalar(ty) if ty.is_float() => {}
                EntryArg::Scalar(ty) if ty.bits() == 128 => match free {
                    1 => {
                        return Err(CodegenError::Unsupported(format!(
                            "a parameter of type `{ty}` for which one register is left"
                        )));
                    }
                    _ => free = free.saturating_sub(2),
                },
                EntryArg::Scalar(_)
                | EntryArg::SlicePointer { .. }
                | EntryArg::SliceLength { .. } => free = free.saturating_sub(1),
            }
        }
        Ok(())
    }

    /// How many arguments the entry point has in all: arguments, result pointers and the trap payload.
    pub fn arity(&self) -> usize {
        self.args.len() + self.results.len() + 1
    }
}

/// The packed form of an entry point, for callers that know a signature only as data, tests above all. It takes an
/// array with one 16-byte slot for each argument of the entry point ([`EntryLayout::arity`] of them), the argument at
/// the start of its slot, and returns the status.
pub type PackedEntry = unsafe extern "C" fn(*const u128) -> u32;

fn scalar_of(ty: &Ty) -> Result<ScalarTy, CodegenError> {
    ty.as_scalar()
        .ok_or_else(|| CodegenError::bug(format!("{ty:?} where a scalar is expected")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_and_site_are_inverse() {
        assert_eq!(site_of_status(STATUS_OK), None);
        for index in [0, 1, 41] {
            let site = Handle::from_index(index);
            assert_eq!(site_of_status(status_of_site(site)), Some(site));
        }
    }

    #[test]
    fn payload_is_three_aligned_words() {
        assert_eq!(size_of::<TrapPayload>(), 48);
        assert_eq!(align_of::<TrapPayload>(), 16);
    }
}

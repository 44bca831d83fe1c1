//! The calling convention of generated code, described once: the emitter, the shim that the macro writes and the tests
//! read it here.
//!
//! An entry point is `unsafe extern "C" fn(args.., results.., trap) -> u32`, and so is every function of a program. An argument is a
//! scalar, by value; a slice, as pointer and length in elements; or a reference, as a pointer. Then one pointer for each leaf of the
//! result ([`EntryLayout::results`]); last a `*mut TrapPayload`. The function returns a status. Scalars among the results are
//! written on a normal return only; what arrays and structs hold after a trap is open. Nothing unwinds.
//!
//! # Statuses
//!
//! Trap sites are numbered through all functions of a program, from 1: [`Program::site_of_status`](hotloop_ir::Program::site_of_status) says
//! which one a status is. [`HOST_PANICKED`](hotloop_ir::func::HOST_PANICKED), [`STATUS_BUG`] and [`STATUS_DECLINED`] stand for no site.

use hotloop_ir::func::MAX_TRAP_OPERANDS;
use hotloop_ir::{Function, ScalarTy, Ty};

use super::{CodegenError, layout};

/// What a trap carries to the shim that replays it: its operands, each the bits of a scalar, zero-extended.
/// What they are is said at [`hotloop_ir::SiteKind`]; operands that a site does not have are left as they were.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TrapPayload {
    /// The operands.
    pub operands: [u128; MAX_TRAP_OPERANDS],
}

/// The status of a normal return.
pub const STATUS_OK: u32 = 0;

/// The status of code that is never reached: the end of a function that returns a value. Only a bug leads there, for which no site
/// is better than undefined behaviour.
pub const STATUS_BUG: u32 = u32::MAX - 1;

/// The status of an entry point that has done nothing, and cannot do what it was called for: a deferred function could not be compiled. The
/// shim runs rustc's body.
pub const STATUS_DECLINED: u32 = u32::MAX - 2;

/// One argument of an entry point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryArg {
    /// A scalar by value. `bool` is a byte, 0 or 1.
    Scalar(ScalarTy),
    /// The first element of a slice; not null, aligned for the element.
    SlicePointer {
        /// The alignment of the elements in bytes.
        align: u64,
        /// Whether it comes from `&mut [T]`.
        mutable: bool,
    },
    /// The number of elements of the slice before it; at most `isize::MAX` bytes in all.
    SliceLength {
        /// The size of an element in bytes.
        elem_size: u64,
    },
    /// The address of a value; not null, aligned for it, and readable even if the function has no use for it (the payload of a `None`).
    Ref {
        /// The size of the value in bytes.
        size: u64,
        /// Its alignment in bytes.
        align: u64,
        /// Whether it comes from `&mut T`.
        mutable: bool,
    },
}

/// The arguments and results of a function's entry point, in order. The trap payload's pointer comes after them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntryLayout {
    /// The arguments; a slice takes two.
    pub args: Vec<EntryArg>,
    /// The leaves of the result, tuples flattened, each returned through a pointer of its own: scalars, arrays, structs; inside of a program also references
    /// (a pointer) and slices (pointer and length, one after the other).
    pub results: Vec<Ty>,
}

impl EntryLayout {
    /// The layout of a function that is called from outside.
    ///
    /// # Errors
    ///
    /// If the function still has type parameters, or types that no parameter or result can have; or if compilers disagree
    /// about how its arguments are passed (see `check_wide_args`).
    pub fn of(func: &Function) -> Result<Self, CodegenError> {
        let layout = Self::inside(func)?;
        layout.check_wide_args()?;
        Ok(layout)
    }

    /// The layout of a function that only functions of its program call.
    pub(crate) fn inside(func: &Function) -> Result<Self, CodegenError> {
        let mut entry = EntryLayout::default();
        for &param in &func.params {
            let Some(param) = func.locals.get(param) else {
                return Err(CodegenError::bug("a parameter that is no local"));
            };
            match &param.ty {
                Ty::Scalar(scalar) => entry.args.push(EntryArg::Scalar(*scalar)),
                Ty::Slice { elem, mutable } => {
                    let elem = layout::of(elem)?;
                    entry.args.push(EntryArg::SlicePointer {
                        align: elem.align,
                        mutable: *mutable,
                    });
                    entry.args.push(EntryArg::SliceLength {
                        elem_size: elem.size,
                    });
                }
                Ty::Ref { to, mutable } => {
                    let to = layout::of(to)?;
                    entry.args.push(EntryArg::Ref {
                        size: to.size,
                        align: to.align,
                        mutable: *mutable,
                    });
                }
                other @ (Ty::Unit
                | Ty::Param(_)
                | Ty::Tuple(_)
                | Ty::Array { .. }
                | Ty::Struct(_)) => {
                    return Err(CodegenError::bug(format!("a parameter of type {other:?}")));
                }
            }
        }
        let leaves = layout::leaves(&func.result)?;
        entry.results = leaves.into_iter().map(|leaf| leaf.ty.clone()).collect();
        Ok(entry)
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
                | EntryArg::SliceLength { .. }
                | EntryArg::Ref { .. } => free = free.saturating_sub(1),
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

/// The symbol that a call of the host function with this number refers to, an `extern "C" fn(args: *const u128, result: *mut u128) -> u32`.
/// [`HostCall`](crate::link::HostCall) says more; any status but 0 says that it panicked.
pub fn host_symbol(host: u32) -> String {
    format!("hotloop_host_{host}")
}

/// What the code of a deferred function calls with [`deferred_symbol`], `extern "C" fn(*const ()) -> *const ()`: gives the address of the
/// function, null if it could not be compiled.
pub const DEFERRED_ADDRESS: &str = "hotloop_deferred";

const DEFERRED_PREFIX: &str = "hotloop_deferred_";

/// The symbol that stands for the deferred function with this number.
pub fn deferred_symbol(number: usize) -> String {
    format!("{DEFERRED_PREFIX}{number}")
}

/// The number of the deferred function that a symbol stands for.
pub fn deferred_number(symbol: &str) -> Option<usize> {
    symbol.strip_prefix(DEFERRED_PREFIX)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payload_is_aligned_words() {
        assert_eq!(size_of::<TrapPayload>(), 16 * MAX_TRAP_OPERANDS);
        assert_eq!(align_of::<TrapPayload>(), 16);
    }
}

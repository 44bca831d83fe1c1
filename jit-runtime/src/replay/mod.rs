//! Panics that compiled code stopped for, done again in Rust.
//!
//! Compiled code never unwinds: it returns the number of the trap site and the operands. The expansion has an arm for each node that may
//! panic, which calls [`replay`] with the user's span. Everything here is `#[track_caller]`, and so are the operations of std that it
//! calls, or else they panic at a place inside of std; so file, line and column are those of rustc's body.

mod arg;
#[cfg(feature = "ndarray")]
mod arrays;
mod methods;
#[cfg(test)]
mod tests;

use std::panic::panic_any;

use hotloop_ir::{BinaryOp, LengthCheck, ScalarTy, SiteKind, SliceBounds};

pub use arg::Arg;
pub use methods::{
    replay_abs, replay_generic_abs, replay_generic_div_euclid, replay_generic_rem_euclid,
    replay_neg, replay_next_multiple_of, replay_next_power_of_two, replay_pow, replay_sum,
};

use crate::companion::Source;

/// A trap: what happened where, and with which values.
#[derive(Clone, Debug)]
pub struct TrapInfo {
    /// What happened.
    pub(crate) kind: SiteKind,
    /// The function whose source panics.
    pub(crate) source: &'static Source,
    /// The node of that function that panics.
    pub(crate) node: u32,
    /// The operands of the site, as [`SiteKind`] says.
    pub(crate) operands: Vec<Arg>,
}

impl TrapInfo {
    /// The node that panics, of the function whose expansion asks.
    pub fn node(&self) -> u32 {
        self.node
    }

    /// Whether it is a check of an array of ndarray.
    pub fn is_of_array(&self) -> bool {
        matches!(self.kind, SiteKind::Array(_))
    }

    /// An operand: the value of an argument of `panic!`.
    pub fn arg(&self, index: usize) -> Arg {
        self.operands.get(index).copied().unwrap_or(Arg {
            ty: ScalarTy::Bool,
            bits: 0,
        })
    }

    /// An operand that is the width or the precision of a format.
    pub fn count(&self, index: usize) -> usize {
        self.index(index)
    }

    /// An operand of type `usize`.
    fn index(&self, index: usize) -> usize {
        self.arg(index).bits as usize
    }
}

/// Does again what happened at a trap site that needs none of the user's tokens. Returns only if that does not panic, which is a bug.
#[track_caller]
#[inline(never)]
pub fn replay(trap: &TrapInfo) {
    match &trap.kind {
        SiteKind::Binary(op) => binary(*op, trap.arg(1)),
        SiteKind::Neg => panic_any("attempt to negate with overflow"),
        SiteKind::Index => {
            let _ = &unit_slice(trap.index(1))[trap.index(0)];
        }
        SiteKind::SubSlice(bounds) => sub_slice(*bounds, trap),
        SiteKind::Intrinsic(intrinsic) => methods::replay_method(*intrinsic, trap),
        SiteKind::NumCast => none().unwrap(),
        SiteKind::Panic => match trap.operands.first() {
            Some(error) => err(*error).unwrap(),
            None => none().unwrap(),
        },
        SiteKind::TryFrom => {
            no_u8().unwrap();
        }
        SiteKind::TryFromSlice => {
            no_array().unwrap();
        }
        SiteKind::StepBy => {
            let _ = (0..1).step_by(trap.index(0));
        }
        SiteKind::Length(check) => length(*check, trap),
        #[cfg(feature = "ndarray")]
        SiteKind::Array(check) => arrays::replay_array(*check, trap),
        // The macro refuses arrays.
        #[cfg(not(feature = "ndarray"))]
        SiteKind::Array(_) => {}
    }
}

/// The slice of a sub-slice that was out of bounds: indexed by `()`, it panics.
#[derive(Debug)]
pub struct Whole<'t>(pub &'t TrapInfo);

impl std::ops::Index<()> for Whole<'_> {
    type Output = ();

    #[track_caller]
    fn index(&self, (): ()) -> &() {
        replay(self.0);
        &()
    }
}

/// The same for `expect(message)`: of a numeric conversion, of `None`, of an `Err` whose value the trap carries.
#[track_caller]
#[inline(never)]
pub fn replay_expect(trap: &TrapInfo, message: &str) {
    match (&trap.kind, trap.operands.first()) {
        (SiteKind::TryFrom, _) => {
            no_u8().expect(message);
        }
        (SiteKind::TryFromSlice, _) => {
            no_array().expect(message);
        }
        (SiteKind::Panic, Some(error)) => err(*error).expect(message),
        _ => none().expect(message),
    }
}

/// Whether arithmetic panics is decided by the crate that contains it, so that this is rustc's text and not the operation.
#[track_caller]
fn binary(op: BinaryOp, rhs: Arg) {
    let zero = rhs.bits == 0;
    panic_any(match op {
        BinaryOp::Add => "attempt to add with overflow",
        BinaryOp::Sub => "attempt to subtract with overflow",
        BinaryOp::Mul => "attempt to multiply with overflow",
        BinaryOp::Div if zero => "attempt to divide by zero",
        BinaryOp::Div => "attempt to divide with overflow",
        BinaryOp::Rem if zero => "attempt to calculate the remainder with a divisor of zero",
        BinaryOp::Rem => "attempt to calculate the remainder with overflow",
        BinaryOp::Shl => "attempt to shift left with overflow",
        BinaryOp::Shr => "attempt to shift right with overflow",
        BinaryOp::BitAnd
        | BinaryOp::BitOr
        | BinaryOp::BitXor
        | BinaryOp::Eq
        | BinaryOp::Ne
        | BinaryOp::Lt
        | BinaryOp::Le
        | BinaryOp::Gt
        | BinaryOp::Ge => return,
    })
}

#[track_caller]
fn sub_slice(bounds: SliceBounds, trap: &TrapInfo) {
    let (start, end) = (trap.index(0), trap.index(1));
    // The last index is `end - 1`; an `end` of 0 stands for one that is too large for its type.
    let last = end.wrapping_sub(1);
    let slice = unit_slice(trap.index(2));
    let _ = match bounds {
        SliceBounds::Both => &slice[start..end],
        SliceBounds::Inclusive => &slice[start..=last],
        SliceBounds::From => &slice[start..],
        SliceBounds::To => &slice[..end],
        SliceBounds::ToInclusive => &slice[..=last],
    };
}

#[track_caller]
fn length(check: LengthCheck, trap: &TrapInfo) {
    match check {
        LengthCheck::CopyFromSlice => {
            unit_slice_mut(trap.index(0)).copy_from_slice(unit_slice(trap.index(1)));
        }
        LengthCheck::SplitAt => {
            let _ = unit_slice(trap.index(1)).split_at(trap.index(0));
        }
        LengthCheck::Swap => {
            unit_slice_mut(trap.index(2)).swap(trap.index(0), trap.index(1));
        }
        LengthCheck::Chunks => {
            let _ = unit_slice(0).chunks(zero());
        }
        LengthCheck::ChunksExact => {
            let _ = unit_slice(0).chunks_exact(zero());
        }
        LengthCheck::Windows => {
            let _ = unit_slice(0).windows(zero());
        }
        LengthCheck::RotateLeft => unit_slice_mut(trap.index(1)).rotate_left(trap.index(0)),
        LengthCheck::RotateRight => unit_slice_mut(trap.index(1)).rotate_right(trap.index(0)),
        LengthCheck::CloneFromSlice => {
            unit_slice_mut(trap.index(0)).clone_from_slice(unit_slice(trap.index(1)));
        }
        LengthCheck::SwapWithSlice => {
            unit_slice_mut(trap.index(0)).swap_with_slice(unit_slice_mut(trap.index(1)));
        }
        LengthCheck::CopyWithin => {
            let range = trap.index(0)..trap.index(1);
            unit_slice_mut(trap.index(3)).copy_within(range, trap.index(2));
        }
    }
}

/// Panics with a message that is not formatted, as a failed `assert!` does: its payload is a `&'static str`.
#[cold]
#[track_caller]
pub fn assertion_failed(message: &'static str) -> ! {
    panic_any(message)
}

/// `None`, to be unwrapped again; a literal would be linted.
fn none() -> Option<()> {
    None
}

/// What failed, to be unwrapped again.
fn err<E>(error: E) -> Result<(), E> {
    Err(error)
}

/// A failed conversion, to be unwrapped again.
fn no_u8() -> Result<u8, std::num::TryFromIntError> {
    u8::try_from(u16::MAX)
}

/// A failed conversion of a slice to an array, to be unwrapped again.
fn no_array() -> Result<[u8; 1], std::array::TryFromSliceError> {
    <[u8; 1]>::try_from(&[][..])
}

/// 0; a literal would be linted.
fn zero() -> usize {
    std::hint::black_box(0)
}

/// A slice of `len` elements that take no memory: indexing it panics as the user's slice did.
fn unit_slice(len: usize) -> &'static [()] {
    unit_slice_mut(len)
}

fn unit_slice_mut(len: usize) -> &'static mut [()] {
    // SAFETY: a slice of a type without size may have any length; the pointer is aligned and not null, and no memory is behind it.
    unsafe { std::slice::from_raw_parts_mut(std::ptr::NonNull::<()>::dangling().as_ptr(), len) }
}

/// The replay of a trap did not panic, or its site is unknown.
#[cold]
pub fn replay_failed(trap: &TrapInfo) -> ! {
    panic!(
        "this is a bug in hotloop, please report it: the compiled `{}` stopped at its node {} for {:?}, but the operation there does \
         not panic",
        trap.source.name, trap.node, trap.kind
    )
}

//! What the expansion of `#[jit]` calls: the call through an entry point, and the pieces that panics are replayed with.

use std::mem::MaybeUninit;

use crate::codegen::abi::TrapPayload;

/// Calls an entry point. `#[jit]` expands each jitted function to one use of it; `unsafe` tokens
/// stand here and not in the expansion, so that they are ours and not the user's.
///
/// - `entry`: an `EntryPoint` of code with the calling convention of the listed arguments and results;
/// - `args`: the flattened arguments, each with its type;
/// - `results`: the flattened results, each a name and its type, then the expression that the function returns;
/// - `trap`: a function that panics as the site did, from the status word and the payload.
#[doc(hidden)]
#[macro_export]
macro_rules! __call {
    (
        entry($entry:expr)
        args($($arg_ty:ty = $arg:expr),*)
        results($($result:ident: $result_ty:ty),*) $value:expr;
        trap($trap:expr)
    ) => {
        {
            $(let mut $result = ::core::mem::MaybeUninit::<$result_ty>::uninit();)*
            let mut __hotloop_trap = $crate::dispatch::Trap::uninit();
            // SAFETY: only the expansion uses this macro, with what the function's own dispatcher gave it (nothing outside of
            // hotloop makes an `EntryPoint`): made from the IR of this very function and for these very types,
            // so it has the calling convention of `codegen::abi`, which is the type that is written here. The
            // arguments are the function's own: pointers come from slices that live through the call, with
            // their lengths, and results and payload are ours and written to by nobody else.
            let __hotloop_status = unsafe {
                ::core::mem::transmute::<
                    $crate::dispatch::EntryPoint,
                    unsafe extern "C" fn(
                        $($arg_ty,)*
                        $(*mut $result_ty,)*
                        *mut $crate::codegen::abi::TrapPayload,
                    ) -> ::core::primitive::u32,
                >($entry)(
                    $($arg,)*
                    $($result.as_mut_ptr(),)*
                    __hotloop_trap.as_mut_ptr(),
                )
            };
            if __hotloop_status != 0 {
                $trap(__hotloop_status, &__hotloop_trap)
            }
            // SAFETY: a status of 0 says that the function returned normally and wrote each result.
            $(let $result = unsafe { $result.assume_init() };)*
            $value
        }
    };
}

/// Panics with a message that is not formatted, as a failed `assert!` does: its payload is a `&'static str`.
#[cold]
#[track_caller]
pub fn assertion_failed(message: &'static str) -> ! {
    std::panic::panic_any(message)
}

/// The payload of a call: compiled code writes the operands that the site has, before it returns the site's status.
pub type Trap = MaybeUninit<TrapPayload>;

/// An operand of the operation that trapped.
///
/// # Safety
///
/// The code that trapped has written operand `index`, which is below 3, as the bits of a `T`; `T` is a scalar.
pub unsafe fn operand<T>(trap: &Trap, index: usize) -> T {
    const { assert!(cfg!(target_endian = "little")) };
    assert!(index < 3 && size_of::<T>() <= 16 && align_of::<T>() <= 16);
    // SAFETY: the caller says that operand `index` holds the bits of a `T`. They are the low ones and hence the first, and
    // `u128` is aligned for every scalar.
    unsafe { trap.as_ptr().cast::<u128>().add(index).cast::<T>().read() }
}

/// Takes the result of a replayed operation, which did not panic then. Returns nothing, so that no lint misses a use of it; is
/// opaque, so that the operation is not optimized away for its missing use.
#[inline(never)]
pub fn replayed<T>(result: T) {
    std::hint::black_box(result);
}

/// `None`, to be unwrapped again; a literal would be linted.
pub fn none() -> Option<()> {
    None
}

/// 0, to step by again; a literal would be linted.
pub fn zero() -> usize {
    0
}

/// A slice of `len` elements that take no memory: indexing it panics as the user's slice did.
pub fn unit_slice(len: usize) -> &'static [()] {
    // SAFETY: a slice of a type without size may have any length; the pointer is aligned and not null.
    unsafe { std::slice::from_raw_parts(std::ptr::NonNull::<()>::dangling().as_ptr(), len) }
}

/// The replay of a trap did not panic, or its site is unknown.
#[cold]
pub fn replay_failed(function: &str, status: u32) -> ! {
    panic!(
        "this is a bug in hotloop, please report it: the compiled `{function}` stopped with status {status}, \
         but the operation that it names does not panic"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operands_are_read_back() {
        let mut trap = Trap::uninit();
        trap.write(TrapPayload {
            operands: std::array::from_fn(|index| match index {
                0 => f64::to_bits(-2.5).into(),
                2 => ((-3i32) as u32).into(),
                _ => 0,
            }),
        });
        // SAFETY: operands 0 and 2 were written just now, as an `f64` and an `i32`.
        let (a, b) = unsafe { (operand::<f64>(&trap, 0), operand::<i32>(&trap, 2)) };
        assert_eq!((a, b), (-2.5, -3));
    }

    #[test]
    fn unit_slices_have_any_length() {
        assert_eq!(unit_slice(usize::MAX).len(), usize::MAX);
        assert!(unit_slice(0).is_empty());
    }
}

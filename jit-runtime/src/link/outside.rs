//! Functions of Rust's that a jitted function calls although nobody asked for that: what is not jitted is a host function.
//!
//! The expansion writes a closure that calls the function with the arguments of one call, `|(a, b)| foo(a, b)`. Whether its types can pass
//! between compiled code and Rust's is found out at run time: nothing asks for it of rustc, so a function that takes a `String` is no
//! error, but a reason for which its caller is not compiled.

use hotloop_ir::ScalarTy;
use hotloop_ir::instance::HostInfo;

use super::host::{HostCall, caught, conjure, result_of};
use crate::types::scalar_of;

/// The arguments of a call.
pub trait HostArgs: Sized {
    /// The type of each, or the name of the first type that is no scalar.
    #[doc(hidden)]
    fn types() -> Result<Vec<ScalarTy>, &'static str>;

    /// The arguments, each from a word of its own.
    ///
    /// # Safety
    ///
    /// `words` points to a word for each type of [`HostArgs::types`], with the bits of a value of that type, zero-extended.
    #[doc(hidden)]
    unsafe fn read(words: *const u128) -> Self;
}

macro_rules! host_args {
    ($(($($param:ident $index:literal)*))*) => { $(
        impl<$($param),*> HostArgs for ($($param,)*) {
            fn types() -> Result<Vec<ScalarTy>, &'static str> {
                Ok(vec![$(scalar_of::<$param>().ok_or(std::any::type_name::<$param>())?),*])
            }

            #[allow(unused_variables, clippy::unused_unit)]
            unsafe fn read(words: *const u128) -> Self {
                // SAFETY: the words are there, says the caller, and have the bits of such values: the low ones and hence the first, since
                // only little-endian machines are compiled for.
                ($(unsafe { words.add($index).cast::<$param>().read() },)*)
            }
        }
    )* };
}
host_args! {
    ()
    (A 0)
    (A 0 B 1)
    (A 0 B 1 C 2)
    (A 0 B 1 C 2 D 3)
    (A 0 B 1 C 2 D 3 E 4)
    (A 0 B 1 C 2 D 3 E 4 F 5)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11)
}

/// The trampoline of a function, or what stands in its way.
pub(super) fn outside<A: HostArgs, R, F: Fn(A) -> R + Copy>(
    path: &str,
    _function: F,
) -> Result<(HostInfo, HostCall), String> {
    unsafe extern "C" fn trampoline<A: HostArgs, R, F: Fn(A) -> R + Copy>(
        args: *const u128,
        result: *mut u128,
    ) -> u32 {
        caught(|| {
            // SAFETY: only `outside` makes this trampoline, and it has an `F`.
            let function = unsafe { conjure::<F>() };
            // SAFETY: `outside` gives it away with the types that `A` asks for, and compiled code passes these.
            let value = function(unsafe { A::read(args) });
            // SAFETY: there are 16 bytes for the result, aligned for every scalar, and `outside` has seen that it is one, or `()`.
            unsafe { result.cast::<R>().write(value) };
        })
    }
    let params = A::types().map_err(|name| format!("an argument has type `{name}`"))?;
    let result = result_of::<R>()
        .ok_or_else(|| format!("its result has type `{}`", std::any::type_name::<R>()))?;
    let info = HostInfo {
        name: path.to_owned(),
        params,
        result,
    };
    Ok((info, trampoline::<A, R, F>))
}

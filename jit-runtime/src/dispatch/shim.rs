//! What the expansion of `#[jit]` calls: the call through an entry point, and the way from a trap to its replay.

use std::mem::MaybeUninit;

use hotloop_ir::func::HOST_PANICKED;

use super::{EntryPoint, Registry, fallback};
use crate::codegen::abi::{STATUS_DECLINED, TrapPayload};
use crate::config::config;
use crate::error::Error;
use crate::link::resume_host_panic;
use crate::replay::{Arg, TrapInfo};

/// Calls an entry point. `#[jit]` expands each jitted function to one use of it; `unsafe` tokens
/// stand here and not in the expansion, so that they are ours and not the user's.
///
/// - `entry`: an `EntryPoint` of code with the calling convention of the listed arguments and results;
/// - `args`: the flattened arguments, each with its type;
/// - `results`: the leaves of the result, each a name and its type;
/// - `value`: the result, made of leaves: `[leaf a]`, `[tuple v..]`, `[option flag v]`, `[result flag v e]`;
/// - `trap`: the function's registry; and the function that panics as its own nodes do, if that is to be called from here;
/// - `declined`: the result of rustc's body, or a way there, for calls that compiled code has not begun and cannot make. Without it, there are none:
///   the function takes scalars alone, which would have to be kept where the call does not change them.
#[doc(hidden)]
#[macro_export]
macro_rules! __call {
    (
        entry($entry:expr)
        args($($arg_ty:ty = $arg:expr),*)
        results($($result:ident: $result_ty:ty),*)
        value($($value:tt)*)
        trap($registry:expr $(, $trap:expr)?)
        $(declined($declined:expr))?
    ) => {
        {
            $(let mut $result = ::core::mem::MaybeUninit::<$result_ty>::uninit();)*
            let mut __hotloop_payload = $crate::dispatch::Trap::uninit();
            let __hotloop_status = {
                // SAFETY: only the expansion uses this macro, with what the function's own dispatcher gave it (nothing outside of
                // hotloop makes an `EntryPoint`): made from what was captured of this very function and for these very types,
                // so it has the calling convention of `codegen::abi`, which is the type that is written here: the first call compared their
                // numbers, and lowering goes by what is written as the expansion does (`Passing`), and has refused results that are passed
                // in another way than what is written shows; what a pointer leads to has the size that rustc told lowering. The
                // arguments are the function's own: pointers come from references that live through the call, slices with
                // their lengths, and results and payload are ours and written to by nobody else.
                unsafe {
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
                        __hotloop_payload.as_mut_ptr(),
                    )
                }
            };
            if __hotloop_status == 0 {
                $crate::__call!(@value $($value)*)
            } $(else if $crate::dispatch::Registry::is_declined($registry, $entry, __hotloop_status) {
                $declined
            })? else {
                $crate::__call!(@trap $registry, $entry, __hotloop_status, &__hotloop_payload $(, $trap)?)
            }
        }
    };
    (@trap $registry:expr, $entry:expr, $status:expr, $payload:expr) => {
        // SAFETY: the code behind this entry point returned this status, and wrote the operands that belong to it.
        unsafe { $crate::dispatch::Registry::panic($registry, $entry, $status, $payload) }
    };
    (@trap $registry:expr, $entry:expr, $status:expr, $payload:expr, $trap:expr) => {
        // SAFETY: as above.
        $trap(&unsafe { $crate::dispatch::Registry::trapped($registry, $entry, $status, $payload) })
    };
    // A status of 0 says that the function returned normally and wrote each leaf that belongs to the result: those of the payload
    // of `Some`, `Ok` or `Err` if that is what it returned. What it wrote is a valid value of the leaf's type: compiled code makes values from
    // values of the type, from literals and from variants, as rustc's body does (`JitType`).
    (@value [leaf $result:ident]) => {
        // SAFETY: a valid value was written, as said above.
        unsafe { $result.assume_init() }
    };
    (@value [tuple $($value:tt)*]) => {
        ($($crate::__call!(@value $value),)*)
    };
    (@value [option $flag:ident $value:tt]) => {
        // SAFETY: a valid value was written, as said above.
        if unsafe { $flag.assume_init() } {
            ::core::option::Option::Some($crate::__call!(@value $value))
        } else {
            ::core::option::Option::None
        }
    };
    (@value [result $flag:ident $ok:tt $err:tt]) => {
        // SAFETY: a valid value was written, as said above.
        if unsafe { $flag.assume_init() } {
            ::core::result::Result::Ok($crate::__call!(@value $ok))
        } else {
            ::core::result::Result::Err($crate::__call!(@value $err))
        }
    };
}

/// An argument as compiled code gets it: its bytes, taken out without the value being moved, so that rustc's body can have it if the call is
/// declined. `#[jit]` expands to it.
#[doc(hidden)]
#[macro_export]
macro_rules! __lend {
    ($place:expr) => {
        // SAFETY: only the expansion uses this macro, for parameters of the function, which are initialized. Where there is compiled code, what is
        // passed is made of scalars, references, views and types without `Drop`: dropping the copy, or not, does nothing. The place is
        // used again only after the call has declined, when nothing has used the copy and nothing will.
        unsafe { ::core::ptr::read(&raw const $place) }
    };
}

/// The payload of a call: compiled code writes the operands that the site has, before it returns the site's status.
pub type Trap = MaybeUninit<TrapPayload>;

impl Registry {
    /// Whether a call has done nothing, and rustc's body is to run.
    ///
    /// # Panics
    ///
    /// Where that is not allowed (`HOTLOOP_REQUIRE`).
    #[cold]
    #[inline(never)]
    pub fn is_declined(&'static self, entry: EntryPoint, status: u32) -> bool {
        if status != STATUS_DECLINED {
            return false;
        }
        if config().require
            && let Some(specialization) = self.by_entry(entry)
            && let Err(reason) = specialization.complete()
            && !matches!(reason, Error::Busy { .. })
        {
            fallback::report(specialization.signature(), &reason);
        }
        true
    }

    /// Panics for a call that stopped.
    ///
    /// # Safety
    ///
    /// As [`Registry::trapped`].
    #[cold]
    #[inline(never)]
    pub unsafe fn panic(&'static self, entry: EntryPoint, status: u32, payload: &Trap) -> ! {
        // SAFETY: the caller's promise.
        let trap = unsafe { self.trapped(entry, status, payload) };
        (self.source().replay)(&trap)
    }

    /// What a call stopped for, if a node of this very function is to panic. Panics itself if it is another function's node, or a host
    /// function's panic that goes on.
    ///
    /// # Safety
    ///
    /// The code at `entry`, which this registry has, returned `status`, and wrote to `payload`.
    #[cold]
    #[inline(never)]
    pub unsafe fn trapped(
        &'static self,
        entry: EntryPoint,
        status: u32,
        payload: &Trap,
    ) -> TrapInfo {
        if status == HOST_PANICKED {
            resume_host_panic();
        }
        let specialization = self.by_entry(entry);
        let site = specialization
            .as_ref()
            .and_then(|specialization| specialization.site_of_status(status));
        let Some((source, site)) = site else {
            panic!(
                "this is a bug in hotloop, please report it: the compiled `{}` stopped with status {status}, which no operation has",
                self.source().name
            );
        };
        let words = payload.as_ptr().cast::<u128>();
        let operands = (site
            .operands
            .iter()
            .take(hotloop_ir::func::MAX_TRAP_OPERANDS)
            .enumerate())
        .map(|(index, ty)| {
            // SAFETY: the code that stopped at this site has written as many operands as it has types; there is room for that
            // many, and a `TrapPayload` is made of them.
            let bits = unsafe { words.add(index).read() };
            let ty = ty.as_scalar().unwrap_or(hotloop_ir::ScalarTy::U128);
            Arg { ty, bits }
        })
        .collect();
        let trap = TrapInfo {
            kind: site.kind.clone(),
            source,
            node: site.node,
            operands,
        };
        if std::ptr::eq(source, self.source()) {
            return trap;
        }
        (source.replay)(&trap)
    }
}

//! Rust functions that compiled code calls.
//!
//! Compiled code knows one type for all of them, [`HostCall`]: the arguments as bits, one after the other, and where the result
//! goes. Nothing unwinds through compiled code: a panic is caught, kept in the thread, and the caller returns
//! [`HOST_PANICKED`](hotloop_ir::func::HOST_PANICKED), whereupon the shim resumes it.

use std::any::Any;
use std::cell::RefCell;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use hotloop_ir::ScalarTy;
use hotloop_ir::func::HOST_PANICKED;
use hotloop_ir::instance::{HostInfo, TypeInfo};

use crate::codegen::abi::STATUS_OK;
use crate::replay::Arg;
use crate::types::scalar_of;

/// A trampoline. `args` points to the arguments, each in 16 bytes of its own: the bits of a scalar, zero-extended; a reference or slice; a
/// struct, tuple or array of at most 16 bytes, or a pointer to a copy of a larger one. `result` points to room for the result, 16 bytes at
/// least. A macro that prints has no result: there, `result` holds the types of the arguments, four bits each, the first lowest, and behind them
/// their number in the highest four of 128.
pub type HostCall = unsafe extern "C" fn(args: *const u128, result: *mut u128) -> u32;

thread_local! {
    /// What the host function panicked with that compiled code just returned from.
    static PAYLOAD: RefCell<Option<Box<dyn Any + Send>>> = const { RefCell::new(None) };
}

/// Goes on with the panic that a trampoline caught.
pub(crate) fn resume_host_panic() -> ! {
    let payload = PAYLOAD.with(|payload| payload.borrow_mut().take());
    resume_unwind(payload.unwrap_or_else(|| Box::new("a host function panicked")))
}

/// Runs a host function.
pub(super) fn caught(run: impl FnOnce()) -> u32 {
    // What a panic leaves half done is the user's, as in any other call of the function.
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(()) => STATUS_OK,
        Err(payload) => {
            PAYLOAD.with(|kept| *kept.borrow_mut() = Some(payload));
            HOST_PANICKED
        }
    }
}

/// A function from scalars to a scalar or `()`; `M` tells functions of different signatures apart.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a function that compiled code can call",
    note = "a host function takes up to eight numbers or `bool`s and returns one or nothing"
)]
pub trait HostFn<M>: Copy {
    /// Its description, and the trampoline that calls it.
    fn host(self, path: &str) -> (HostInfo, HostCall);
}

/// A value of a type that has one value only and takes no memory.
///
/// # Safety
///
/// A value of the type exists.
pub(super) unsafe fn conjure<F: Copy>() -> F {
    const { assert!(size_of::<F>() == 0) };
    // SAFETY: there are no bytes to read; a value exists, says the caller, and may be copied.
    unsafe { std::ptr::NonNull::<F>::dangling().read() }
}

/// Types of arguments: scalars.
pub trait HostScalar: 'static {}
/// Types of results: scalars and `()`.
pub trait HostResult: 'static {}

macro_rules! host_scalars {
    ($($ty:ty)*) => { $(impl HostScalar for $ty {} impl HostResult for $ty {})* };
}
host_scalars!(bool i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize f32 f64);
impl HostResult for () {}

macro_rules! host_fns {
    ($(($($param:ident $index:literal)*))*) => { $(
        impl<Host, R, $($param),*> HostFn<fn($($param),*) -> R> for Host
        where
            Host: Fn($($param),*) -> R + Copy,
            R: HostResult,
            $($param: HostScalar,)*
        {
            fn host(self, path: &str) -> (HostInfo, HostCall) {
                #[allow(unused_variables)]
                unsafe extern "C" fn trampoline<Host: Fn($($param),*) -> R + Copy, R, $($param),*>(
                    args: *const u128,
                    result: *mut u128,
                ) -> u32 {
                    caught(|| {
                        // SAFETY: only `host` below makes this trampoline, and it has a `Host`.
                        let function = unsafe { conjure::<Host>() };
                        // SAFETY: compiled code passes the arguments that the description asks for, as bits: the low ones and hence the
                        // first, since only little-endian machines are compiled for.
                        let value = function($(unsafe { args.add($index).cast::<$param>().read() }),*);
                        // SAFETY: there are 16 bytes for the result, aligned for every scalar.
                        unsafe { result.cast::<R>().write(value) };
                    })
                }
                let params: Vec<Option<ScalarTy>> = vec![$(scalar_of::<$param>()),*];
                let params = params.into_iter().flatten().map(TypeInfo::Scalar);
                let info = HostInfo {
                    name: path.to_owned(),
                    params: params.collect(),
                    result: scalar_of::<R>().map_or(TypeInfo::Unit, TypeInfo::Scalar),
                };
                (info, trampoline::<Host, R, $($param),*>)
            }
        }
    )* };
}
host_fns! {
    ()
    (A 0)
    (A 0 B 1)
    (A 0 B 1 C 2)
    (A 0 B 1 C 2 D 3)
    (A 0 B 1 C 2 D 3 E 4)
    (A 0 B 1 C 2 D 3 E 4 F 5)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7)
}

/// Prints values; a closure that captures nothing.
pub trait Print: Fn(&[Arg]) + Copy {}

impl<P: Fn(&[Arg]) + Copy> Print for P {}

/// The trampoline of a macro that prints.
#[derive(Debug)]
pub struct PrintFn<P>(PhantomData<P>);

impl<P: Print> PrintFn<P> {
    pub(super) fn of(name: &str, _print: P) -> (HostInfo, HostCall) {
        let info = HostInfo {
            name: name.to_owned(),
            params: Vec::new(),
            result: TypeInfo::Unit,
        };
        (info, Self::trampoline)
    }

    unsafe extern "C" fn trampoline(args: *const u128, types: *mut u128) -> u32 {
        caught(|| {
            // SAFETY: `of` is the only way here, and has a `P`.
            let print = unsafe { conjure::<P>() };
            // SAFETY: compiled code passes the types of the arguments, as [`HostCall`] says.
            let types = unsafe { types.read() };
            let n_args = (types >> 124) as usize;
            let args: Vec<Arg> = (0..n_args)
                .filter_map(|index| {
                    let code = (types >> (4 * index)) & 15;
                    let ty = *ScalarTy::ALL.get(code as usize)?;
                    // SAFETY: there are as many arguments as types.
                    let bits = unsafe { args.add(index).read() };
                    Some(Arg { ty, bits })
                })
                .collect();
            print(&args);
        })
    }
}

//! Functions that are compiled when code first calls them: copies for calls that hardly ever happen ([`hotloop_ir::Function::deferred`]).

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

use super::dispatcher::EntryPoint;
use super::first_call::guarded;
use crate::error::Error;
use crate::stack::on_large_stack;

/// Compiles the function.
type Compile = Box<dyn Fn() -> Result<EntryPoint, Error> + Send + Sync>;

/// A function that code refers to and that nobody may have compiled yet.
pub(crate) struct Deferred {
    compile: Compile,
    /// The code, null until it is there.
    code: AtomicPtr<()>,
}

impl fmt::Debug for Deferred {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deferred")
            .field("code", &self.code)
            .finish_non_exhaustive()
    }
}

impl Deferred {
    pub(crate) fn new(
        compile: impl Fn() -> Result<EntryPoint, Error> + Send + Sync + 'static,
    ) -> Self {
        Deferred {
            compile: Box::new(compile),
            code: AtomicPtr::new(ptr::null_mut()),
        }
    }

    /// The code; compiles it if nobody has. Threads that come at the same time all compile it, and one of the versions stays: nobody waits.
    fn address(&self) -> *const () {
        let known = self.code.load(Ordering::Acquire);
        if !known.is_null() {
            return known;
        }
        // Nothing may unwind into the code that asks.
        let compiled = catch_unwind(AssertUnwindSafe(|| {
            on_large_stack(|| guarded(&self.compile))
        }));
        let Ok(Ok(entry)) = compiled else {
            return ptr::null();
        };
        let new = entry.address().cast_mut();
        match (self.code).compare_exchange(
            ptr::null_mut(),
            new,
            Ordering::AcqRel,
            Ordering::Acquire,
        ) {
            Ok(_) => new,
            Err(other) => other,
        }
    }
}

/// What code calls to get the address of a deferred function; null if it could not be compiled.
///
/// # Safety
///
/// `deferred` is what loading gave the code for the function, a [`Deferred`] that is never freed.
pub(crate) unsafe extern "C" fn address_of(deferred: *const Deferred) -> *const () {
    // SAFETY: as the caller says.
    unsafe { &*deferred }.address()
}

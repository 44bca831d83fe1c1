//! Functions that are compiled when code first calls them: copies for calls that hardly ever happen ([`hotloop_ir::Function::deferred`]).

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::OnceLock;

use super::dispatcher::EntryPoint;
use super::first_call::{compiles_here, guarded};
use crate::error::Error;
use crate::events::{collect, tell};
use crate::stack::on_large_stack;

/// Compiles the function.
type Compile = Box<dyn Fn() -> Result<EntryPoint, Error> + Send + Sync>;

/// A function that code refers to and that nobody may have compiled yet.
pub(crate) struct Deferred {
    /// The function that it belongs to, with its types.
    signature: String,
    compile: Compile,
    /// What became of it, for good: what could not be compiled once is not tried again.
    outcome: OnceLock<Result<EntryPoint, Error>>,
}

impl fmt::Debug for Deferred {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deferred")
            .field("signature", &self.signature)
            .field("outcome", &self.outcome)
            .finish_non_exhaustive()
    }
}

impl Deferred {
    pub(crate) fn new(
        signature: String,
        compile: impl Fn() -> Result<EntryPoint, Error> + Send + Sync + 'static,
    ) -> Self {
        Deferred {
            signature,
            compile: Box::new(compile),
            outcome: OnceLock::new(),
        }
    }

    /// The code; compiles it if nobody has, waits if somebody does. Compiling it calls nothing of the program, which could wait for this.
    ///
    /// # Errors
    ///
    /// Why there is none, the same each time; [`Error::Busy`] on a thread that compiles something.
    pub(crate) fn get(&self) -> Result<EntryPoint, Error> {
        if let Some(outcome) = self.outcome.get() {
            return outcome.clone();
        }
        if compiles_here() {
            return Err(Error::Busy {
                function: self.signature.clone(),
            });
        }
        let compile = || guarded(|| on_large_stack(|| guarded(&self.compile))?);
        let (outcome, events) = collect(|| {
            let decide = || {
                let outcome = compile();
                if let Err(error) = &outcome {
                    let signature = &self.signature;
                    let reason = error.to_string().replace('\n', " ");
                    tell!(
                        Warn,
                        "hotloop: `{signature}` runs as rustc compiled it in calls for which its checks cannot be made in advance: {reason}"
                    );
                }
                outcome
            };
            self.outcome.get_or_init(decide).clone()
        });
        events.tell();
        outcome
    }
}

/// What code calls to get the address of a deferred function; null if it could not be compiled.
///
/// # Safety
///
/// `deferred` is what loading gave the code for the function, a [`Deferred`] that is never freed.
pub(crate) unsafe extern "C" fn address_of(deferred: *const Deferred) -> *const () {
    // Nothing may unwind into the code that asks, not even a panic of the program's logger.
    let entry = catch_unwind(AssertUnwindSafe(|| {
        // SAFETY: as the caller says.
        unsafe { &*deferred }.get()
    }));
    match entry {
        Ok(Ok(entry)) => entry.address(),
        Ok(Err(_)) | Err(_) => ptr::null(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, Barrier};

    use super::*;
    use crate::dispatch::while_compiling;

    /// One whose compilation ends like this, and how often it was compiled.
    fn deferred(outcome: fn() -> Result<EntryPoint, Error>) -> (Deferred, Arc<AtomicUsize>) {
        let n_compiles = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&n_compiles);
        let compile = move || {
            counter.fetch_add(1, Ordering::Relaxed);
            outcome()
        };
        (Deferred::new("f()".to_owned(), compile), n_compiles)
    }

    fn no_memory() -> Result<EntryPoint, Error> {
        Err(Error::Io {
            what: "memory".to_owned(),
            message: "none".to_owned(),
        })
    }

    #[test]
    fn what_fails_is_not_tried_again() {
        for outcome in [no_memory, || std::panic::resume_unwind(Box::new("oops"))] {
            let (deferred, n_compiles) = deferred(outcome);
            let first = deferred.get().unwrap_err();
            for _ in 0..3 {
                assert_eq!(deferred.get().unwrap_err(), first);
                // SAFETY: it lives until the end of this function.
                assert!(unsafe { address_of(&deferred) }.is_null());
            }
            assert_eq!(n_compiles.load(Ordering::Relaxed), 1);
        }
    }

    #[test]
    fn threads_that_come_at_once_get_the_same() {
        const N_THREADS: usize = 4;
        let code = || Ok(EntryPoint::new(ptr::without_provenance(0x1000)).unwrap());
        let (deferred, n_compiles) = deferred(code);
        let barrier = Barrier::new(N_THREADS);
        std::thread::scope(|threads| {
            for _ in 0..N_THREADS {
                threads.spawn(|| {
                    barrier.wait();
                    assert_eq!(deferred.get().unwrap().address().addr(), 0x1000);
                });
            }
        });
        assert_eq!(n_compiles.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn a_thread_that_compiles_does_not_wait() {
        let (deferred, n_compiles) = deferred(no_memory);
        let outcome = while_compiling(|| deferred.get());
        assert!(matches!(outcome, Err(Error::Busy { .. })));
        assert_eq!(n_compiles.load(Ordering::Relaxed), 0);
        assert!(matches!(deferred.get(), Err(Error::Io { .. })));
    }
}

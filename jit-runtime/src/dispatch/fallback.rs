//! The way to rustc's body.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::config::config;
use crate::error::Error;
use crate::events::tell;

/// How many [`disabled`] scopes are open in the process, on whichever thread. Read by every call beside its slot; written
/// only by scopes, so that the line stays shared in every cache.
static SCOPES: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// How many [`disabled`] scopes are open on this thread.
    static SCOPES_HERE: Cell<usize> = const { Cell::new(0) };
}

/// Runs `f` with rustc's code: while it runs, jitted functions called *on this thread* execute the body that rustc compiled. Scopes nest, and
/// end also when `f` panics.
///
/// Use it to compare the two, or to keep compilation out of a measurement. `HOTLOOP_REQUIRE` does not object, since the
/// fallback is asked for.
pub fn disabled<R>(f: impl FnOnce() -> R) -> R {
    struct Scope;
    impl Drop for Scope {
        fn drop(&mut self) {
            SCOPES_HERE.with(|scopes| scopes.set(scopes.get() - 1));
            SCOPES.fetch_sub(1, Ordering::Relaxed);
        }
    }
    SCOPES_HERE.with(|scopes| scopes.set(scopes.get() + 1));
    SCOPES.fetch_add(1, Ordering::Relaxed);
    let _scope = Scope;
    f()
}

/// Whether a scope is open on some thread. Relaxed is enough: a thread sees the scopes that it opened itself, and those of
/// others do not matter to it.
#[inline(always)]
pub(super) fn any_scope() -> bool {
    SCOPES.load(Ordering::Relaxed) != 0
}

/// Whether a scope is open on this thread. None is, once the thread's variables are gone.
pub(crate) fn scope_here() -> bool {
    any_scope()
        && SCOPES_HERE
            .try_with(|scopes| scopes.get() != 0)
            .unwrap_or(false)
}

/// Says that `function` runs rustc's body: one line in the log for the first in the process, and a panic under `HOTLOOP_REQUIRE`.
pub(super) fn report(function: &str, reason: &Error) {
    static REPORTED: AtomicBool = AtomicBool::new(false);
    if config().require {
        panic!("HOTLOOP_REQUIRE is set, but `{function}` is not compiled: {reason}");
    }
    if !REPORTED.swap(true, Ordering::Relaxed) {
        let reason = reason.to_string().replace('\n', " ");
        tell!(
            Warn,
            "hotloop: `{function}` runs as rustc compiled it (said once; there may be more): {reason}"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_nest_and_end_with_a_panic() {
        assert!(!scope_here());
        disabled(|| {
            assert!(scope_here());
            disabled(|| assert!(scope_here()));
            assert!(scope_here());
            std::thread::scope(|threads| {
                threads.spawn(|| assert!(any_scope() && !scope_here()));
            });
        });
        assert!(!scope_here());
        let caught =
            std::panic::catch_unwind(|| disabled(|| std::panic::resume_unwind(Box::new(()))));
        assert!(caught.is_err() && !scope_here());
    }
}

//! Compiles each specialization once: the first caller compiles, others of the same one wait, other ones go on.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use hotloop_ir::ScalarTy;

use super::dispatcher::EntryPoint;
use super::outlook::{FunctionStats, NextCall};
use super::type_args::GenericArgs;
use crate::companion::Source;
use crate::compile::{self, Specialization};
use crate::config::config;
use crate::error::Error;
use crate::events::{collect, tell};
use crate::link::InstanceFn;

/// Everything known about one jitted function: what it was captured as, and what became of each specialization.
#[derive(Debug)]
pub struct Registry {
    source: Source,
    /// In order of the first request. Locked to look up and to add only, never while something compiles.
    requests: Mutex<Vec<Arc<Request>>>,
}

/// A specialization that somebody asked for.
#[derive(Debug)]
struct Request {
    args: GenericArgs,
    /// `None` while the thread that asked first compiles it.
    outcome: Mutex<Option<Result<Specialization, Error>>>,
    decided: Condvar,
}

/// A specialization that runs rustc's body, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Declined {
    /// The type arguments.
    pub type_args: Vec<ScalarTy>,
    /// Why it was not compiled.
    pub reason: Error,
}

thread_local! {
    /// Whether this thread is inside a compilation. A thread that compiles does not wait for another compilation: that
    /// one might be waiting for this one (each through the program's logger, say, which calls jitted functions).
    static COMPILES: Cell<bool> = const { Cell::new(false) };
}

impl Registry {
    pub(super) const fn new(source: Source) -> Self {
        Registry {
            source,
            requests: Mutex::new(Vec::new()),
        }
    }

    /// What was captured.
    pub const fn source(&self) -> &Source {
        &self.source
    }

    /// The specialization for these types; compiles it if nobody has, waits if somebody does.
    ///
    /// # Errors
    ///
    /// The reason for which it is not compiled, the same each time; [`Error::Busy`] if waiting could take forever.
    pub fn specialization(
        &'static self,
        args: &GenericArgs,
        instance: impl FnOnce() -> InstanceFn + Send,
    ) -> Result<Specialization, Error> {
        self.outcome_of(args, || match switched_off(&self.source) {
            _ if self.source.left.is_some() => Err(self.left()),
            Some(by) => Err(Error::Disabled { by }),
            None => compile::compile(instance, args),
        })
    }

    /// Why the function is left to rustc.
    fn left(&self) -> Error {
        Error::Type {
            function: self.source.name.to_owned(),
            message: self.source.left.unwrap_or_default().to_owned(),
        }
    }

    /// What [`Registry::specialization`] would do now. Nothing is compiled or loaded.
    pub fn next_call(
        &'static self,
        args: &GenericArgs,
        instance: impl FnOnce() -> InstanceFn + Send,
    ) -> NextCall {
        let known = {
            let requests = lock(&self.requests);
            let known = requests.iter().find(|known| known.args == *args);
            known.map(Arc::clone)
        };
        if let Some(request) = known {
            return match &*lock(&request.outcome) {
                Some(Ok(_)) => NextCall::Runs,
                Some(Err(error)) => NextCall::Declines(error.clone()),
                // Somebody is at it, and the call would wait.
                None => NextCall::Compiles,
            };
        }
        if self.source.left.is_some() {
            return NextCall::Declines(self.left());
        }
        if let Some(by) = switched_off(&self.source) {
            return NextCall::Declines(Error::Disabled { by });
        }
        let found = guarded(|| compile::is_cached(instance, args));
        match found.and_then(|is_cached| match is_cached {
            true => Ok(NextCall::Loads),
            false => compile::llvm_load_time().map(|_| NextCall::Compiles),
        }) {
            Ok(next) => next,
            Err(error) => NextCall::Declines(error),
        }
    }

    /// What became of it in this process.
    pub fn stats(&self) -> FunctionStats {
        let mut stats = FunctionStats::default();
        for (_, outcome) in self.decided() {
            match outcome {
                Ok(specialization) => stats.count(&specialization),
                Err(_) => stats.declined += 1,
            }
        }
        stats
    }

    /// The specialization whose code this is.
    pub(super) fn by_entry(&self, entry: EntryPoint) -> Option<Specialization> {
        (self.specializations().into_iter())
            .find(|specialization| specialization.entry_point() == entry)
    }

    /// The outcome for these types: what `compile` says, which the first request calls.
    fn outcome_of(
        &self,
        args: &GenericArgs,
        compile: impl FnOnce() -> Result<Specialization, Error>,
    ) -> Result<Specialization, Error> {
        let (request, is_new) = {
            let mut requests = lock(&self.requests);
            match requests.iter().find(|known| known.args == *args) {
                Some(known) => (Arc::clone(known), false),
                None => {
                    let request = Arc::new(Request {
                        args: args.clone(),
                        outcome: Mutex::new(None),
                        decided: Condvar::new(),
                    });
                    requests.push(Arc::clone(&request));
                    (request, true)
                }
            }
        };
        if is_new {
            let (outcome, events) = collect(|| {
                let outcome = guarded(compile);
                if let Err(reason) = &outcome {
                    let reason = reason.to_string().replace('\n', " ");
                    tell!(Debug, "hotloop: declined `{}`: {reason}", self.source.name);
                }
                outcome
            });
            *lock(&request.outcome) = Some(outcome.clone());
            request.decided.notify_all();
            events.tell();
            return outcome;
        }
        let mut outcome = lock(&request.outcome);
        loop {
            if let Some(decided) = &*outcome {
                return decided.clone();
            }
            if compiles_here() {
                return Err(Error::Busy {
                    function: self.source.name.to_owned(),
                });
            }
            outcome = request
                .decided
                .wait(outcome)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// What has been compiled, in order of the first request.
    pub fn specializations(&self) -> Vec<Specialization> {
        self.decided()
            .filter_map(|(_, outcome)| outcome.ok())
            .collect()
    }

    /// What was asked for and was not compiled, in order of the first request.
    pub fn declined(&self) -> Vec<Declined> {
        self.decided()
            .filter_map(|(args, outcome)| {
                let reason = outcome.err()?;
                Some(Declined {
                    type_args: args.types,
                    reason,
                })
            })
            .collect()
    }

    fn decided(&self) -> impl Iterator<Item = (GenericArgs, Result<Specialization, Error>)> {
        let requests = lock(&self.requests).clone();
        requests.into_iter().filter_map(|request| {
            let outcome = lock(&request.outcome).clone()?;
            Some((request.args.clone(), outcome))
        })
    }
}

/// A thread that panicked while it held one of our locks left nothing half done: each is held for one assignment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs `compile`. A panic in it is an error like others.
pub(super) fn guarded<R>(compile: impl FnOnce() -> Result<R, Error>) -> Result<R, Error> {
    // What a panic could leave half done is dropped with the unwinding.
    let outcome = catch_unwind(AssertUnwindSafe(|| while_compiling(compile)));
    outcome.unwrap_or_else(|payload| {
        Err(Error::Bug {
            message: format!("the compiler panicked: {}", message_of(&*payload)),
        })
    })
}

/// Whether this thread is inside a compilation.
pub(super) fn compiles_here() -> bool {
    COMPILES.get()
}

/// Runs a part of a compilation: this thread waits for no other one meanwhile.
pub(crate) fn while_compiling<R>(run: impl FnOnce() -> R) -> R {
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            COMPILES.set(self.0);
        }
    }
    let _outer = Restore(COMPILES.replace(true));
    run()
}

fn switched_off(source: &Source) -> Option<&'static str> {
    if cfg!(miri) {
        Some("Miri, which cannot run machine code")
    } else if source.coverage {
        Some("the coverage build of the calling crate")
    } else if config().disable {
        Some("HOTLOOP_DISABLE")
    } else {
        None
    }
}

fn message_of(payload: &(dyn Any + Send)) -> &str {
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message")
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use hotloop_ir::BuildOptions;

    use super::*;

    const OPTIONS: BuildOptions = BuildOptions {
        overflow_checks: false,
        debug_assertions: false,
        fastmath: hotloop_ir::FastMath::STRICT,
        parallel: None,
    };

    fn registry() -> Registry {
        Registry::new(Source::new(
            "f",
            "tests",
            b"",
            OPTIONS,
            false,
            |_| panic!(),
            None,
            false,
        ))
    }

    fn args(ty: ScalarTy) -> GenericArgs {
        GenericArgs {
            types: vec![ty],
            ..GenericArgs::default()
        }
    }

    fn refusal(message: &str) -> Result<Specialization, Error> {
        Err(Error::Type {
            function: "f".to_owned(),
            message: message.to_owned(),
        })
    }

    #[test]
    fn racing_requests_compile_once_and_get_the_same() {
        const N_THREADS: usize = 8;
        let registry = registry();
        let barrier = Barrier::new(N_THREADS);
        let n_compiles = AtomicUsize::new(0);
        thread::scope(|threads| {
            for _ in 0..N_THREADS {
                threads.spawn(|| {
                    barrier.wait();
                    let outcome = registry.outcome_of(&args(ScalarTy::F64), || {
                        n_compiles.fetch_add(1, Ordering::Relaxed);
                        thread::sleep(std::time::Duration::from_millis(20));
                        refusal("once")
                    });
                    assert!(outcome.unwrap_err().to_string().contains("once"));
                });
            }
        });
        assert_eq!(n_compiles.load(Ordering::Relaxed), 1);
        assert_eq!(registry.declined().len(), 1);
    }

    /// Each of two compilations waits until the other runs as well.
    #[test]
    fn other_specializations_compile_meanwhile() {
        let registry = registry();
        let both = Barrier::new(2);
        thread::scope(|threads| {
            for ty in [ScalarTy::F32, ScalarTy::F64] {
                let (registry, both) = (&registry, &both);
                threads.spawn(move || {
                    let _ = registry.outcome_of(&args(ty), || {
                        both.wait();
                        refusal("both")
                    });
                });
            }
        });
        assert_eq!(registry.declined().len(), 2);
    }

    #[test]
    fn a_request_from_inside_its_own_compilation_does_not_wait() {
        let registry = registry();
        let outcome = registry.outcome_of(&GenericArgs::default(), || {
            let inner = registry.outcome_of(&GenericArgs::default(), || refusal("not asked"));
            assert!(matches!(inner, Err(Error::Busy { .. })));
            refusal("outer")
        });
        assert!(outcome.unwrap_err().to_string().contains("outer"));
        let again = registry.outcome_of(&GenericArgs::default(), || refusal("not asked"));
        assert!(again.unwrap_err().to_string().contains("outer"));
    }

    #[test]
    fn a_panic_of_the_compiler_is_an_error_and_poisons_nothing() {
        let registry = registry();
        for _ in 0..2 {
            let outcome = registry.outcome_of(&GenericArgs::default(), || {
                std::panic::resume_unwind(Box::new("oops"))
            });
            let error = outcome.unwrap_err();
            assert!(matches!(&error, Error::Bug { message } if message.contains("oops")));
        }
        assert!(!COMPILES.get());
    }
}

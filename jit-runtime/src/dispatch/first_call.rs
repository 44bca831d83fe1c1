//! Compiles each specialization once: the first caller compiles, others of the same one wait, other ones go on.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use hotloop_ir::ScalarTy;

use crate::companion::Source;
use crate::compile::{self, Specialization};
use crate::config::config;
use crate::error::Error;

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
    type_args: Vec<ScalarTy>,
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
    pub fn specialization(&'static self, type_args: &[ScalarTy]) -> Result<Specialization, Error> {
        let (request, is_new) = {
            let mut requests = lock(&self.requests);
            match requests.iter().find(|known| known.type_args == type_args) {
                Some(known) => (Arc::clone(known), false),
                None => {
                    let request = Arc::new(Request {
                        type_args: type_args.to_vec(),
                        outcome: Mutex::new(None),
                        decided: Condvar::new(),
                    });
                    requests.push(Arc::clone(&request));
                    (request, true)
                }
            }
        };
        if is_new {
            let outcome = compile_guarded(&self.source, type_args);
            *lock(&request.outcome) = Some(outcome.clone());
            request.decided.notify_all();
            return outcome;
        }
        let mut outcome = lock(&request.outcome);
        loop {
            if let Some(decided) = &*outcome {
                return decided.clone();
            }
            if COMPILES.get() {
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
            .filter_map(|(type_args, outcome)| {
                let reason = outcome.err()?;
                Some(Declined { type_args, reason })
            })
            .collect()
    }

    fn decided(&self) -> impl Iterator<Item = (Vec<ScalarTy>, Result<Specialization, Error>)> {
        let requests = lock(&self.requests).clone();
        requests.into_iter().filter_map(|request| {
            let outcome = lock(&request.outcome).clone()?;
            Some((request.type_args.clone(), outcome))
        })
    }
}

/// A thread that panicked while it held one of our locks left nothing half done: each is held for one assignment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Compiles, unless the environment is against it. A panic of the compiler is an error like others.
fn compile_guarded(
    source: &'static Source,
    type_args: &[ScalarTy],
) -> Result<Specialization, Error> {
    if let Some(by) = switched_off(source) {
        return Err(Error::Disabled { by });
    }
    let outer = COMPILES.replace(true);
    // What a panic could leave half done is dropped with the unwinding.
    let outcome = catch_unwind(AssertUnwindSafe(|| compile::compile(source, type_args)));
    COMPILES.set(outer);
    outcome.unwrap_or_else(|payload| {
        Err(Error::Bug {
            message: format!("the compiler panicked: {}", message_of(&*payload)),
        })
    })
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

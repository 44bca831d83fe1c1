//! What the next call of a function would do, and what its calls have done.

use std::time::Duration;

use crate::compile::Specialization;
use crate::error::Error;

/// What a call of a function would do if it were made now.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NextCall {
    /// It runs code that is loaded.
    Runs,
    /// It loads code from the cache, and runs it.
    Loads,
    /// It compiles, or waits for a thread that does. What only a compilation finds out may still stand in the way.
    Compiles,
    /// It runs rustc's version, for this reason.
    Declines(Error),
}

/// What became of one function in this process, over all types that it was called with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FunctionStats {
    /// Specializations that were compiled.
    pub compiled: u64,
    /// Specializations that were loaded from the cache.
    pub hits: u64,
    /// Specializations that were compiled although the function has the option `cache`: there was no entry that could be used.
    pub misses: u64,
    /// Specializations that run rustc's version.
    pub declined: u64,
    /// How long the compilations took, without the time that LLVM took to open.
    pub compile_time: Duration,
    /// How long it took to find entries of the cache, to check and to load them.
    pub load_time: Duration,
}

impl FunctionStats {
    pub(super) fn count(&mut self, specialization: &Specialization) {
        let time = specialization.times().total();
        if specialization.is_from_cache() {
            self.hits += 1;
            self.load_time += time;
            return;
        }
        self.compiled += 1;
        self.misses += u64::from(specialization.source().cache);
        self.compile_time += time;
    }
}

//! Compiled code on disk, for the next process: found without LLVM, never stale, never trusted unread.
//!
//! `#[jit(cache)]` functions ask here before they compile. A [`Key`] is the hash of everything that decides the code ([`key`]); an entry is
//! one file that describes itself ([`entry`]), in a folder that must be the user's own ([`directory`]), published by a rename ([`store`]).
//! Whatever is wrong with folder or file, the answer is that there is no entry, and the function is compiled as without a cache.

pub mod directory;
pub mod entry;
pub mod key;
pub mod store;

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::companion::Source;
use crate::config::config;
use crate::cpu;
use crate::dispatch::GenericArgs;
use crate::link::Gathered;
use crate::llvm;
use directory::Untrusted;
use entry::{Entry, FileId, Meta};
use key::{Collector, Inputs};
use store::{Announcement, ReadError, Removed, Store};

pub use key::{Key, Part};

/// What the cache did in this process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Specializations that were loaded from an entry.
    pub hits: u64,
    /// Specializations for which there was no entry, or none that could be used.
    pub misses: u64,
    /// Entries that were there and could not be used: damaged, of another version, not the user's own.
    pub rejected: u64,
    /// Entries written.
    pub stored: u64,
    /// Entries that could not be written.
    pub not_stored: u64,
}

static HITS: AtomicU64 = AtomicU64::new(0);
static MISSES: AtomicU64 = AtomicU64::new(0);
static REJECTED: AtomicU64 = AtomicU64::new(0);
static STORED: AtomicU64 = AtomicU64::new(0);
static NOT_STORED: AtomicU64 = AtomicU64::new(0);

/// What the cache did in this process.
pub fn stats() -> Stats {
    let value = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    Stats {
        hits: value(&HITS),
        misses: value(&MISSES),
        rejected: value(&REJECTED),
        stored: value(&STORED),
        not_stored: value(&NOT_STORED),
    }
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// The folder that is in use.
enum State {
    /// Nobody asked yet.
    Unasked,
    /// There is none that can be used; a warning has said so.
    None,
    Open(Store),
}

static STATE: Mutex<State> = Mutex::new(State::Unasked);

fn state() -> MutexGuard<'static, State> {
    // Held for assignments only: a panic leaves nothing half done.
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Uses this folder from now on, whatever the environment says. It is made if it is not there.
///
/// # Errors
///
/// If it cannot be made, or is not the user's own: somebody else owns it or may write to it. What was used before stays in use.
pub fn set_dir(folder: impl Into<PathBuf>) -> Result<(), Untrusted> {
    let store = Store::open(folder.into())?;
    *state() = State::Open(store);
    Ok(())
}

/// The folder in use; `None` if there is none that can be used.
pub fn dir() -> Option<PathBuf> {
    current().map(|store| store.folder().to_owned())
}

/// Throws away all entries of the folder in use.
///
/// # Errors
///
/// If the folder cannot be read.
pub fn clear() -> io::Result<Removed> {
    current().map_or_else(|| Ok(Removed::default()), |store| store.clear())
}

/// The store in use.
pub(crate) fn current() -> Option<Store> {
    if let State::Open(store) = &*state() {
        return Some(store.clone());
    }
    if let State::None = &*state() {
        return None;
    }
    let opened = open_from_environment();
    let mut state = state();
    // Another thread may have been here meanwhile.
    if matches!(*state, State::Unasked) {
        *state = opened.map_or(State::None, State::Open);
    }
    match &*state {
        State::Open(store) => Some(store.clone()),
        State::Unasked | State::None => None,
    }
}

/// Warns where there is something to mend.
fn open_from_environment() -> Option<Store> {
    let (folder, _) = directory::place(|name| std::env::var_os(name))?;
    match Store::open(folder.clone()) {
        Ok(store) => Some(store),
        Err(error) => {
            static WARNED: AtomicBool = AtomicBool::new(false);
            if !WARNED.swap(true, Ordering::Relaxed) {
                let folder = folder.display();
                log::warn!("hotloop: the cache in {folder} is not used: {error}");
            }
            None
        }
    }
}

/// One specialization's business with the cache.
pub(crate) struct Request {
    store: Store,
    inputs: Inputs,
    /// `hotloop::kernels::dot`.
    path: String,
    options: String,
}

/// What there is instead of an entry.
pub(crate) enum Found {
    Entry(Box<Entry>),
    /// Compile it; others wait for a moment while this lives.
    Nothing(Option<Announcement>),
}

impl Request {
    /// For a function with the option `cache`; `None` for others, and where there is no cache.
    pub(crate) fn new(
        source: &'static Source,
        gathered: &Gathered,
        args: &GenericArgs,
    ) -> Option<Self> {
        // Dumps are of what is compiled.
        if !source.cache || config().dump.any() {
            return None;
        }
        let store = current()?;
        Some(Request {
            store,
            inputs: inputs(source, gathered, args),
            path: format!("{}::{}", source.module, source.name),
            options: options_text(source),
        })
    }

    /// The entry, if there is one that can be used.
    pub(crate) fn find(&self) -> Found {
        let key = self.inputs.key();
        let llvm = self.inputs.llvm_name();
        let mut found = self.store.find(key, llvm.as_deref());
        let mut announced = None;
        if let (Err(ReadError::Absent), Some(llvm)) = (&found, &llvm) {
            announced = self.store.announce(key, llvm);
            if announced.is_none() {
                found = self.store.wait(key, llvm);
            }
        }
        match found {
            Ok(entry) if is_current(&entry.meta) => Found::Entry(Box::new(entry)),
            Ok(_) | Err(ReadError::Absent) => {
                count(&MISSES);
                Found::Nothing(announced)
            }
            Err(error) => {
                count(&MISSES);
                count(&REJECTED);
                log::debug!(
                    "hotloop: a cache entry of `{}` is not used: {error}",
                    self.path
                );
                Found::Nothing(announced)
            }
        }
    }

    /// The entry was loaded.
    pub(crate) fn hit(&self) {
        count(&HITS);
        log::debug!("hotloop: loaded `{}` from the cache", self.path);
    }

    /// The entry could not be loaded.
    pub(crate) fn rejected(&self, why: &dyn std::fmt::Display) {
        count(&MISSES);
        count(&REJECTED);
        log::debug!(
            "hotloop: a cache entry of `{}` is not used: {why}",
            self.path
        );
    }

    /// Writes an entry. If that is not possible, the next process compiles again.
    pub(crate) fn store(&self, mut meta: Meta, program: &[u8], object: &[u8]) {
        let Some(llvm) = self.inputs.llvm_name() else {
            return;
        };
        meta.parts.clone_from(&self.inputs.parts);
        meta.options.clone_from(&self.options);
        let bytes = match entry::to_bytes(&meta, program, object) {
            Ok(bytes) => bytes,
            Err(error) => return self.not_stored(&error),
        };
        match self.store.publish(self.inputs.key(), &llvm, &bytes) {
            Ok(()) => count(&STORED),
            Err(error) => return self.not_stored(&error),
        }
        // Looking through the folder takes longer than a write, so not each time.
        if stats().stored % 32 == 1
            && let Err(error) = self.store.collect_garbage(config().cache_limit)
        {
            log::debug!("hotloop: the cache cannot be looked through: {error}");
        }
    }

    fn not_stored(&self, why: &dyn std::fmt::Display) {
        count(&NOT_STORED);
        log::debug!("hotloop: the code of `{}` is not cached: {why}", self.path);
    }
}

/// Everything that decides the code.
fn inputs(source: &Source, gathered: &Gathered, args: &GenericArgs) -> Inputs {
    let mut collector = Collector::new();
    collector.add("type arguments", &args.types);
    collector.add("calling convention", &source.convention);
    collector.add("processor", &cpu::host().fingerprint);
    collector.add("processor's features", &cpu::host().features);
    collector.add("math library", &cpu::libc_version());
    for (n, (found, externs)) in gathered.functions().enumerate() {
        let path = format!("{}::{}", found.source.module, found.source.name);
        // A function may be there for several types.
        let of = match n {
            0 => String::new(),
            n => format!(" of `{path}` ({n})"),
        };
        let instance = (&found.type_args, &found.const_args);
        collector.add(format!("body{of}"), found.source.hir);
        collector.add(format!("options and profile{of}"), &found.source.options);
        // Code that was compiled without requirements was not held to them.
        collector.add(format!("requirements{of}"), &found.source.requirements);
        collector.add(format!("instance{of}"), &(path.as_str(), instance));
        collector.add(format!("types, constants and callees{of}"), externs);
    }
    collector.finish(llvm::library_file().and_then(FileId::of))
}

/// Whether the LLVM that compiled the entry is what it was, if it is there at all.
fn is_current(meta: &Meta) -> bool {
    let Some(file) = &meta.llvm_file else {
        return true;
    };
    FileId::of(file.path.clone()).is_none_or(|now| now == *file)
}

/// The options of the attribute as the user writes them.
fn options_text(source: &Source) -> String {
    let mut options = Vec::new();
    let fastmath = source.options.fastmath;
    if fastmath == hotloop_ir::FastMath::ALGEBRAIC {
        options.push("fastmath".to_owned());
    } else if fastmath != hotloop_ir::FastMath::STRICT {
        options.push("fastmath(..)".to_owned());
    }
    match source.options.parallel {
        Some(hotloop_ir::Parallelism::AUTO) => options.push("parallel".to_owned()),
        Some(_) => options.push("parallel(..)".to_owned()),
        None => {}
    }
    options.push("cache".to_owned());
    if source.options.overflow_checks {
        options.push("overflow checks".to_owned());
    }
    options.join(", ")
}

#[cfg(test)]
mod tests;

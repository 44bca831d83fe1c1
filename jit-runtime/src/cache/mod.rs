//! Compiled code on disk, for the next process: found without LLVM, never stale, never trusted unread.
//!
//! `#[jit(cache)]` functions ask here before they compile. A [`Key`] is the hash of everything that decides the code ([`key`]); an entry is
//! one file that describes itself ([`entry`]), in a folder that must be the user's own ([`directory`]), published by a rename ([`store`]).
//! Whatever is wrong with folder or file, the answer is that there is no entry, and the function is compiled as without a cache.

pub mod bundle;
pub mod directory;
pub mod entry;
pub mod key;
mod layers;
pub mod store;
pub mod trace;

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use crate::companion::Source;
use crate::config::config;
use crate::cpu::CpuLevel;
use crate::dispatch::GenericArgs;
use crate::events::tell;
use crate::link::Gathered;
use crate::llvm;
use directory::Untrusted;
use entry::{Entry, FileId, Meta};
use key::{Collector, Inputs};
pub(crate) use store::Announcement;
use store::{ReadError, Removed, Store};
use trace::{Answer, Asked};

pub use key::{Key, Part};
pub use layers::{add_bundle, add_layer, include};

/// What the cache did in this process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Specializations that were loaded from an entry, of the user's own folder or of a layer.
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
                tell!(Warn, "hotloop: the cache in {folder} is not used: {error}");
            }
            None
        }
    }
}

/// One specialization's business with the cache.
pub(crate) struct Request {
    /// The user's own folder, if it can be used.
    store: Option<Store>,
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
        let store = current();
        if store.is_none() && layers::all().is_empty() {
            return None;
        }
        Some(Request {
            store,
            inputs: inputs(source, gathered, args, CpuLevel::Native),
            path: format!("{}::{}", source.module, source.name),
            options: options_text(source),
        })
    }

    /// For which other processors code is to be stored as well.
    pub(crate) fn levels(&self) -> &'static [CpuLevel] {
        match self.store {
            Some(_) => &config().cache_levels,
            None => &[],
        }
    }

    /// Whether there is an entry that can be used. Nobody is waited for.
    pub(crate) fn is_there(&self) -> bool {
        self.in_store(self.inputs.key()).is_ok() || self.in_layers().is_some()
    }

    /// The entry, if there is one that can be used.
    pub(crate) fn find(&self) -> Found {
        let key = self.inputs.key();
        let mut found = self.in_store(key);
        if let Err(error) = &found
            && !matches!(error, ReadError::Absent)
        {
            self.refuse(error);
        }
        if found.is_err()
            && let Some(entry) = self.in_layers()
        {
            self.trace(|| Answer::Layer);
            return Found::Entry(Box::new(entry));
        }
        let mut announced = None;
        if let (Err(ReadError::Absent), Some(store), Some(llvm)) =
            (&found, &self.store, self.inputs.llvm_name())
        {
            announced = store.announce(key, &llvm);
            if announced.is_none() {
                found = store.wait(key, &llvm);
            }
        }
        self.trace(|| match &found {
            Ok(_) => Answer::Hit,
            Err(ReadError::Absent) => Answer::Miss,
            Err(error) => Answer::Refused(error.to_string()),
        });
        match found {
            Ok(entry) => Found::Entry(Box::new(entry)),
            Err(error) => {
                count(&MISSES);
                if matches!(error, ReadError::Absent) {
                    tell!(
                        Debug,
                        "hotloop: `{}` is not in the cache (key {key})",
                        self.path
                    );
                }
                Found::Nothing(announced)
            }
        }
    }

    /// Tells who asks what programs ask for.
    fn trace(&self, answer: impl FnOnce() -> Answer) {
        if let Some(file) = &config().cache_trace {
            let asked = Asked {
                path: self.path.clone(),
                parts: self.inputs.parts.clone(),
                llvm_file: self.inputs.llvm.clone(),
                answer: answer(),
            };
            asked.append_to(file);
        }
    }

    /// The entry in the user's own folder.
    fn in_store(&self, key: Key) -> Result<Entry, ReadError> {
        let store = self.store.as_ref().ok_or(ReadError::Absent)?;
        let llvm = self.inputs.llvm_name();
        let entry = store.find(key, llvm.as_deref())?;
        // What is compiled for all levels at once is there for all or for none.
        let lacks = |level: &CpuLevel| {
            let key = self.inputs.for_level(*level).key();
            store.find(key, llvm.as_deref()).is_err()
        };
        match self.is_current(&entry.meta) && !self.levels().iter().any(lacks) {
            true => Ok(entry),
            false => Err(ReadError::Absent),
        }
    }

    /// The entry in a layer: for this very processor, or for the highest level that it has.
    fn in_layers(&self) -> Option<Entry> {
        // Code that is to be stored for levels is compiled here.
        if !self.levels().is_empty() {
            return None;
        }
        let layers = layers::all();
        if layers.is_empty() {
            return None;
        }
        // The user may rather wait once.
        let compiles = config().cache_prefer_native && self.inputs.llvm.is_some();
        let levels = CpuLevel::LEVELS
            .iter()
            .filter(|level| level.is_here() && !compiles);
        let level_keys = levels.map(|level| self.inputs.for_level(*level).key());
        std::iter::once(self.inputs.key())
            .chain(level_keys)
            .find_map(|key| {
                layers.iter().find_map(|layer| match layer.find(key) {
                    Ok(entry) => Some(entry),
                    Err(ReadError::Absent) => None,
                    Err(error) => {
                        self.refuse(&error);
                        None
                    }
                })
            })
    }

    /// Whether the LLVM that compiled the entry is what it was, if it is there at all.
    fn is_current(&self, meta: &Meta) -> bool {
        let Some(file) = &meta.llvm_file else {
            return true;
        };
        self.inputs.llvm.as_ref() == Some(file)
            || FileId::of(file.path.clone()).is_none_or(|now| now == *file)
    }

    /// The entry was loaded.
    pub(crate) fn hit(&self) {
        count(&HITS);
        tell!(Debug, "hotloop: loaded `{}` from the cache", self.path);
    }

    /// The entry could not be loaded.
    pub(crate) fn rejected(&self, why: &dyn std::fmt::Display) {
        count(&MISSES);
        self.trace(|| Answer::Refused(why.to_string()));
        self.refuse(why);
    }

    fn refuse(&self, why: &dyn std::fmt::Display) {
        count(&REJECTED);
        tell!(
            Debug,
            "hotloop: a cache entry of `{}` is not used: {why}",
            self.path
        );
    }

    /// Writes an entry for the processors that `meta` says. If that is not possible, the next process compiles again.
    pub(crate) fn store(&self, mut meta: Meta, program: &[u8], object: &[u8]) {
        let (Some(store), Some(llvm)) = (&self.store, self.inputs.llvm_name()) else {
            return;
        };
        let inputs = self.inputs.for_level(meta.level);
        let key = inputs.key();
        meta.parts = inputs.parts;
        meta.options.clone_from(&self.options);
        let bytes = match entry::to_bytes(&meta, program, object) {
            Ok(bytes) => bytes,
            Err(error) => return self.not_stored(&error),
        };
        match store.publish(key, &llvm, &bytes) {
            Ok(()) => {
                count(&STORED);
                let (path, length) = (&self.path, bytes.len());
                tell!(
                    Debug,
                    "hotloop: stored `{path}` in the cache (key {key}, {length} bytes)"
                );
            }
            Err(error) => return self.not_stored(&error),
        }
        // Looking through the folder takes longer than a write, so not each time.
        if stats().stored % 32 == 1
            && let Err(error) = store.collect_garbage(config().cache_limit)
        {
            tell!(
                Debug,
                "hotloop: the cache cannot be looked through: {error}"
            );
        }
    }

    fn not_stored(&self, why: &dyn std::fmt::Display) {
        count(&NOT_STORED);
        tell!(
            Debug,
            "hotloop: the code of `{}` is not cached: {why}",
            self.path
        );
    }
}

/// Everything that decides the code.
fn inputs(source: &Source, gathered: &Gathered, args: &GenericArgs, level: CpuLevel) -> Inputs {
    let mut collector = Collector::new(level);
    collector.add("type arguments", &args.types);
    collector.add("calling convention", &source.convention);
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
    collector.finish(llvm_file())
}

/// The library that compiles here, as it was when the first function asked.
fn llvm_file() -> Option<FileId> {
    static FILE: OnceLock<Option<FileId>> = OnceLock::new();
    FILE.get_or_init(|| llvm::library_file().and_then(FileId::of))
        .clone()
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
mod fuzz;
#[cfg(test)]
mod tests;

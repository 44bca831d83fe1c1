//! Code that comes from the cache, and what its entry does not say.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use hotloop_ir::analysis::{LoopOutline, outline};
use hotloop_ir::lower::lower_program;
use hotloop_ir::{Program, Remark, ScalarTy, optimize};

use super::{
    Inner, Specialization, compile_new, hosts_by_symbol, load, lower_error, specialize_verified,
};
use crate::cache::entry::Entry;
use crate::cache::{self, Found};
use crate::cpu::{self, CpuLevel};
use crate::dispatch::GenericArgs;
use crate::error::Error;
use crate::link::{Gathered, InstanceFn, gather};
use crate::pipeline::CompileTimes;

/// What our passes made of the program.
#[derive(Debug, Default)]
pub(super) struct PassResults {
    /// The loops as they were before.
    pub(super) before: Vec<LoopOutline>,
    pub(super) remarks: Vec<Remark>,
}

/// [`PassResults`], of a compilation here or of one whose code came from the cache.
pub(super) enum Passes {
    Known(PassResults),
    Forgotten(InstanceFn, OnceLock<Result<PassResults, Error>>),
}

/// Does what a compilation does before code generation. The key of the cache has everything that decides it, so it is what happened.
pub(super) fn run_passes_again(
    instance: &InstanceFn,
    type_args: &[ScalarTy],
    level: CpuLevel,
) -> Result<PassResults, Error> {
    let gathered = gather(instance.clone())?;
    let lowered = lower_program(&gathered.instances()?)
        .map_err(|error| lower_error(&error, instance.source, type_args))?;
    let mut program = specialize_verified(&lowered, instance.source, type_args)?;
    let before = outline(&program);
    let remarks = optimize(&mut program, &cpu::target(level));
    Ok(PassResults { before, remarks })
}

/// A program that was compiled here, or one from the cache, which few ever look at.
pub(super) enum Lazy {
    Known(Arc<Program>),
    Encoded(Box<Entry>, OnceLock<Result<Program, Error>>),
}

impl Lazy {
    pub(super) fn get(&self) -> Result<&Program, Error> {
        match self {
            Lazy::Known(program) => Ok(program),
            Lazy::Encoded(entry, decoded) => {
                let decode = || {
                    entry.decode_program().map_err(|error| Error::Bug {
                        message: format!("a cache entry cannot be used: {error}"),
                    })
                };
                decoded.get_or_init(decode).as_ref().map_err(Error::clone)
            }
        }
    }
}

/// What the cache has.
pub(super) enum Ready {
    Loaded(Specialization),
    Missing(Box<Missing>),
}

/// What is to be compiled.
pub(super) struct Missing {
    instance: InstanceFn,
    gathered: Gathered,
    request: Option<cache::Request>,
    /// Others wait for a moment while this lives.
    announced: Option<cache::Announcement>,
}

/// Looks into the cache.
pub(super) fn find(instance: InstanceFn, args: &GenericArgs) -> Result<Ready, Error> {
    let start = Instant::now();
    let gathered = gather(instance.clone())?;
    let request = cache::Request::new(instance.source, &gathered, args);
    let mut announced = None;
    if let Some(request) = &request {
        match request.find() {
            Found::Entry(entry) => match load_entry(entry, &instance, &gathered, args, start) {
                Ok(specialization) => {
                    request.hit();
                    return Ok(Ready::Loaded(specialization));
                }
                Err(error) => request.rejected(&error),
            },
            Found::Nothing(announcement) => announced = announcement,
        }
    }
    Ok(Ready::Missing(Box::new(Missing {
        instance,
        gathered,
        request,
        announced,
    })))
}

impl Missing {
    pub(super) fn compile(self: Box<Self>, args: &GenericArgs) -> Result<Specialization, Error> {
        let compiled = compile_new(&self.instance, &self.gathered, args, self.request.as_ref());
        drop(self.announced);
        compiled
    }
}

/// Loads the code of a cache entry.
fn load_entry(
    entry: Box<Entry>,
    instance: &InstanceFn,
    gathered: &Gathered,
    args: &GenericArgs,
    start: Instant,
) -> Result<Specialization, Error> {
    let meta = &entry.meta;
    let hosts = hosts_by_symbol(meta.hosts.iter().map(String::as_str), gathered)?;
    let loaded = load(
        entry.object(),
        &meta.entry_symbol,
        &meta.signature,
        &hosts,
        None,
    )?;
    let times = CompileTimes {
        load: start.elapsed(),
        ..CompileTimes::default()
    };
    let (signature, entry_symbol) = (meta.signature.clone(), meta.entry_symbol.clone());
    Ok(Specialization {
        inner: Arc::new(Inner {
            source: instance.source,
            signature,
            type_args: args.types.clone(),
            level: meta.level,
            program: Lazy::Encoded(entry, OnceLock::new()),
            passes: Passes::Forgotten(instance.clone(), OnceLock::new()),
            sources: gathered.sources(),
            times,
            entry: loaded.entry,
            entry_symbol,
            object: loaded.object,
            callees: loaded.callees,
            deferred: loaded.deferred,
        }),
    })
}

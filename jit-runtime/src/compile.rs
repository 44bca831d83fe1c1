//! From captured functions to a loaded specialization: link, lower, verify, specialize, compile, load.

mod cached;
mod messages;
mod specialization;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ptr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hotloop_ir::analysis::outline;
use hotloop_ir::lower::{Lowered, lower_keeping_references, lower_program};
use hotloop_ir::{
    Program, ScalarTy, Target, keep_constants, lets_copies_out, optimize, optimize_deferred,
    specialize_program, verify_program, verify_specialized_program,
};

use crate::cache;
use crate::cache::entry::{self, FileId, Meta};
use crate::codegen::abi::{EntryLayout, deferred_number, host_symbol};
use crate::companion::Source;
use crate::config::config;
use crate::cpu::{self, CpuLevel};
use crate::dispatch::{Deferred, EntryPoint, GenericArgs, while_compiling};
use crate::dump;
use crate::error::Error;
use crate::events::tell;
use crate::link::{Gathered, HostCall, InstanceFn, gather};
use crate::llvm;
use crate::object::{LoadedObject, code_of, load_object};
use crate::pipeline::{self, CompileRequest, CompileTimes};
use crate::report;
use crate::stack::{has_room_to_load, on_large_stack};
use crate::symbols;
use cached::{Lazy, PassResults, Passes, Ready, find};
use messages::*;
use specialization::Inner;
pub use specialization::Specialization;

/// How long it took to find and open LLVM, once in the process. Opens it, unless that was done.
///
/// # Errors
///
/// [`Error::Llvm`] says what was looked for and where.
pub fn llvm_load_time() -> Result<Duration, Error> {
    open_llvm().map(|llvm| llvm.load_time)
}

fn open_llvm() -> Result<&'static llvm::Llvm, Error> {
    llvm::load().map_err(|error| Error::Llvm {
        message: error.to_string(),
    })
}

/// Compiles a captured function and all that it calls for these types, or takes it from the cache, and loads it. Takes the time it takes:
/// locks nothing, and reads no clock but for [`CompileTimes`].
pub(crate) fn compile(
    instance: impl FnOnce() -> InstanceFn + Send,
    args: &GenericArgs,
) -> Result<Specialization, Error> {
    if !has_room_to_load() {
        return on_large_stack(|| {
            while_compiling(|| match find(instance(), args)? {
                Ready::Loaded(specialization) => Ok(specialization),
                Ready::Missing(missing) => missing.compile(args),
            })
        })?;
    }
    match find(instance(), args)? {
        Ready::Loaded(specialization) => Ok(specialization),
        Ready::Missing(missing) => on_large_stack(|| while_compiling(|| missing.compile(args)))?,
    }
}

/// Whether there is code in the cache. Loads nothing.
///
/// # Errors
///
/// Why it can neither be loaded nor compiled.
pub(crate) fn is_cached(
    instance: impl FnOnce() -> InstanceFn + Send,
    args: &GenericArgs,
) -> Result<bool, Error> {
    let look = || {
        let instance = instance();
        let source = instance.source;
        let gathered = gather(instance)?;
        let request = cache::Request::new(source, &gathered, args);
        Ok(request.is_some_and(|request| request.is_there()))
    };
    match has_room_to_load() {
        true => look(),
        false => on_large_stack(look)?,
    }
}

/// Compiles, and stores what came out where `request` says.
fn compile_new(
    instance: &InstanceFn,
    gathered: &Gathered,
    args: &GenericArgs,
    request: Option<&cache::Request>,
) -> Result<Specialization, Error> {
    let llvm = open_llvm()?;
    let source = instance.source;

    let start = Instant::now();
    let type_args = args.types.as_slice();
    let instances = gathered.instances()?;
    let mut lowered =
        lower_program(&instances).map_err(|error| lower_error(&error, source, type_args))?;
    let mut program = specialize_verified(&lowered, source, type_args)?;
    if lets_copies_out(&program) {
        lowered = lower_keeping_references(&instances)
            .map_err(|error| lower_error(&error, source, type_args))?;
        program = specialize_verified(&lowered, source, type_args)?;
    }
    let captured = &lowered.program;
    let host_names = captured.hosts.iter().map(|host| host.name.as_str());
    let hosts = hosts_by_symbol(host_names, gathered)?;
    let levels = request.map_or(&[][..], |request| request.levels());
    let for_levels = (!levels.is_empty()).then(|| program.clone());
    let before = outline(&program);
    let specialized = config()
        .dump
        .ir
        .then(|| hotloop_ir::print_program(&program));
    let target = Target {
        // What comes from the cache may run where there is no LLVM.
        defers: request.is_none(),
        ..cpu::target(CpuLevel::Native)
    };
    let remarks = optimize(&mut program, &target);
    verify_specialized_program(&program)
        .map_err(|errors| malformed(source, "optimized", errors))?;
    let serial = report::serial_pranges(&program, &remarks, &gathered.sources());
    let signature = match program.functions.first() {
        Some(function) => signature_text(source.name, function, type_args),
        None => source.name.to_owned(),
    };
    check_convention(&program, lowered.is_renamed, source, &signature)?;
    if !serial.is_empty() {
        return Err(Error::Prange {
            function: signature,
            message: serial.join("; "),
        });
    }
    let specialize = start.elapsed();

    let dump = config().dump;
    let compile_request = CompileRequest {
        keep_llvm_ir: dump.llvm,
        observe: source.requirements.any(),
        ..CompileRequest::default()
    };
    let compiled = pipeline::compile(&program, &compile_request)
        .map_err(|error| codegen_error(error, &signature))?;
    if compile_request.observe {
        let input = report::Input {
            program: &program,
            before: &before,
            remarks: &remarks,
            sources: &gathered.sources(),
            observed: compiled.observed.as_ref(),
        };
        check_requirements(input, source, &signature, CpuLevel::Native)?;
    }

    let start = Instant::now();
    let program = Arc::new(program);
    let deferred = Deferrals {
        program: &program,
        hosts: &hosts,
    };
    let (bytes, symbol) = (&compiled.bytes, &compiled.entry_symbol);
    let loaded = load(bytes, symbol, &signature, &hosts, Some(&deferred))?;
    let times = CompileTimes {
        specialize,
        load: start.elapsed(),
        ..compiled.times
    };
    tell!(
        Debug,
        "hotloop: compiled `{signature}` in {:?}",
        times.total()
    );
    if let Some(request) = request {
        let meta = Meta {
            level: CpuLevel::Native,
            function: source.name.to_owned(),
            module: source.module.to_owned(),
            signature: signature.clone(),
            parts: Vec::new(),
            hotloop: env!("CARGO_PKG_VERSION").to_owned(),
            llvm: version_text(llvm.version),
            llvm_file: FileId::of(llvm.path.clone()),
            cpu: cpu::host().name.clone(),
            options: String::new(),
            created: entry::now(),
            compile_ns: entry::nanoseconds(&times),
            entry_symbol: compiled.entry_symbol.clone(),
            hosts: (program.hosts.iter())
                .map(|host| host.name.clone())
                .collect(),
            code_bytes: loaded.object.code().bytes.len() as u64,
            files: (instances.iter())
                .map(|instance| instance.function.file.clone())
                .collect(),
        };
        for &level in levels {
            let Some(program) = for_levels.clone() else {
                break;
            };
            if let Err(error) = compile_for(level, program, &gathered.sources(), &meta, request) {
                tell!(
                    Warn,
                    "hotloop: `{signature}` is not cached for {level}: {error}"
                );
            }
        }
        match hotloop_ir::encode_program(&program) {
            Ok(bytes) => request.store(meta, &bytes, &compiled.bytes),
            Err(error) => tell!(Debug, "hotloop: `{signature}` is not cached: {error}"),
        }
    }

    let specialization = Specialization {
        inner: Arc::new(Inner {
            source,
            signature,
            type_args: type_args.to_vec(),
            level: CpuLevel::Native,
            program: Lazy::Known(program),
            passes: Passes::Known(PassResults { before, remarks }),
            sources: gathered.sources(),
            times,
            entry: loaded.entry,
            entry_symbol: compiled.entry_symbol,
            object: loaded.object,
            callees: loaded.callees,
            deferred: loaded.deferred,
        }),
    };
    if dump.any() {
        dump::write(
            &hotloop_ir::print_program(captured),
            specialized,
            &specialization,
            compiled.llvm_before.as_deref(),
            compiled.llvm_after.as_deref(),
        );
    }
    Ok(specialization)
}

/// Compiles a specialized program for other processors than this one, and stores the code. Nothing of it is loaded.
fn compile_for(
    level: CpuLevel,
    mut program: Program,
    sources: &[&'static Source],
    meta: &Meta,
    request: &cache::Request,
) -> Result<(), Error> {
    let signature = &meta.signature;
    let Some(source) = sources.first() else {
        return Ok(());
    };
    let start = Instant::now();
    let before = outline(&program);
    let remarks = optimize(&mut program, &cpu::target(level));
    let specialize = start.elapsed();
    let compile_request = CompileRequest {
        level,
        observe: source.requirements.any(),
        ..CompileRequest::default()
    };
    let compiled = pipeline::compile(&program, &compile_request)
        .map_err(|error| codegen_error(error, signature))?;
    if compile_request.observe {
        let input = report::Input {
            program: &program,
            before: &before,
            remarks: &remarks,
            sources,
            observed: compiled.observed.as_ref(),
        };
        check_requirements(input, source, signature, level)?;
    }
    let times = CompileTimes {
        specialize,
        ..compiled.times
    };
    let meta = Meta {
        level,
        compile_ns: entry::nanoseconds(&times),
        entry_symbol: compiled.entry_symbol,
        code_bytes: code_of(&compiled.bytes).map_or(0, |(code, _)| code.len() as u64),
        ..meta.clone()
    };
    let bytes = hotloop_ir::encode_program(&program).map_err(|error| Error::Bug {
        message: format!("`{signature}`: {error}"),
    })?;
    request.store(meta, &bytes, &compiled.bytes);
    Ok(())
}

/// Whether the code is what the attribute requires.
fn check_requirements(
    input: report::Input<'_>,
    source: &Source,
    signature: &str,
    level: CpuLevel,
) -> Result<(), Error> {
    let requirements = source.requirements;
    if requirements.violations(&input).is_empty() {
        return Ok(());
    }
    // Once more, for LLVM's reasons.
    let request = CompileRequest {
        observe: true,
        remarks: true,
        level,
        ..CompileRequest::default()
    };
    let explained = pipeline::compile(input.program, &request);
    let explained = explained.ok().and_then(|compiled| compiled.observed);
    let input = report::Input {
        observed: explained.as_ref().or(input.observed),
        ..input
    };
    Err(Error::Requirement {
        function: signature.to_owned(),
        message: requirements.violations(&input).join("; "),
    })
}

/// Code in memory.
struct Loaded {
    object: LoadedObject,
    entry: EntryPoint,
    /// The names of what it calls, by address.
    callees: HashMap<u64, String>,
    deferred: Option<&'static Deferred>,
}

/// The program whose deferred function code may ask for.
struct Deferrals<'a> {
    program: &'a Arc<Program>,
    hosts: &'a [(String, HostCall)],
}

impl Deferrals<'_> {
    /// What stands for a deferred function in code. Never freed, like the code.
    fn get(&self, number: usize, signature: &str) -> Option<&'static Deferred> {
        self.program.functions.get(number)?.deferred?;
        let (program, hosts) = (Arc::clone(self.program), self.hosts.to_vec());
        let name = signature.to_owned();
        let compile = move || compile_deferred(&program, number, &hosts, &name);
        let deferred = Deferred::new(signature.to_owned(), compile);
        Some(Box::leak(Box::new(deferred)))
    }
}

/// Compiles and loads a deferred function of a program, and returns its address. The code stays loaded.
fn compile_deferred(
    program: &Arc<Program>,
    number: usize,
    hosts: &[(String, HostCall)],
    signature: &str,
) -> Result<EntryPoint, Error> {
    let mut program = Program::clone(program);
    optimize_deferred(&mut program, number, &cpu::target(CpuLevel::Native));
    verify_specialized_program(&program).map_err(|errors| Error::Bug {
        message: format!("`{signature}` as optimized: {errors:?}"),
    })?;
    let request = CompileRequest {
        root: number,
        ..CompileRequest::default()
    };
    let compiled =
        pipeline::compile(&program, &request).map_err(|error| codegen_error(error, signature))?;
    let (bytes, symbol) = (&compiled.bytes, &compiled.entry_symbol);
    let loaded = load(bytes, symbol, signature, hosts, None)?;
    tell!(
        Debug,
        "hotloop: compiled the second version of `{signature}`"
    );
    std::mem::forget(loaded.object);
    Ok(loaded.entry)
}

/// Loads an object and finds its entry point.
fn load(
    bytes: &[u8],
    entry_symbol: &str,
    signature: &str,
    hosts: &[(String, HostCall)],
    deferred: Option<&Deferrals<'_>>,
) -> Result<Loaded, Error> {
    let callees = RefCell::new(HashMap::new());
    let found = Cell::new(None);
    let object = load_object(bytes, &|name| {
        let host = hosts.iter().find(|(symbol, _)| symbol == name);
        let address = match (host, deferred_number(name)) {
            (Some((_, call)), _) => *call as *const (),
            (None, Some(number)) => {
                let deferred = deferred?.get(number, signature)?;
                found.set(Some(deferred));
                ptr::from_ref(deferred).cast()
            }
            (None, None) => symbols::resolve(name)?,
        };
        let mut callees = callees.borrow_mut();
        callees.insert(address as u64, name.to_owned());
        Some(address)
    })
    .map_err(|error| load_error(error, signature))?;
    let entry = object
        .symbol(entry_symbol)
        .and_then(EntryPoint::new)
        .ok_or_else(|| Error::Bug {
            message: format!("the code of `{signature}` has no entry point"),
        })?;
    Ok(Loaded {
        object,
        entry,
        callees: callees.into_inner(),
        deferred: found.get(),
    })
}

/// Verifies a program, before and after its type parameters are replaced.
fn specialize_verified(
    lowered: &Lowered,
    source: &Source,
    type_args: &[ScalarTy],
) -> Result<Program, Error> {
    let captured = &lowered.program;
    verify_program(captured).map_err(|errors| malformed(source, "captured", errors))?;
    // The types of the first function's parameters are known to lowering; one that it left open has its place here.
    let is_open = (captured.functions.first()).is_some_and(|first| !first.type_params.is_empty());
    let open: &[ScalarTy] = if is_open { type_args } else { &[] };
    let mut program = specialize_program(captured, open, &lowered.builds)
        .map_err(|error| specialize_error(&error, source.name, type_args))?;
    keep_constants(&mut program).map_err(|error| Error::Type {
        function: source.name.to_owned(),
        message: error.to_string(),
    })?;
    verify_specialized_program(&program)
        .map_err(|errors| malformed(source, "specialized", errors))?;
    Ok(program)
}

/// The trampolines of a program, by the names that its code calls them by. `names` are in the order of their numbers.
fn hosts_by_symbol<'a>(
    names: impl Iterator<Item = &'a str>,
    gathered: &Gathered,
) -> Result<Vec<(String, HostCall)>, Error> {
    let hosts = (0..).zip(names);
    let hosts = hosts.map(|(number, name)| match gathered.hosts.get(name) {
        Some(call) => Ok((host_symbol(number), *call)),
        None => Err(Error::Bug {
            message: format!("there is no trampoline for `{name}`"),
        }),
    });
    hosts.collect()
}

/// Whether compiled code takes as many arguments as the shim passes. The macro sees how a type is written: behind an alias there may be
/// one that is passed in another way than a struct, which lowering has looked for (`is_renamed`), since numbers do not show what is of no size.
fn check_convention(
    program: &Program,
    is_renamed: bool,
    source: &Source,
    signature: &str,
) -> Result<(), Error> {
    let Some(function) = program.functions.first() else {
        return Ok(());
    };
    let layout = EntryLayout::of(function).map_err(|error| codegen_error(error, signature))?;
    // Without a shim nothing calls it but compiled code.
    let taken = (layout.args.len(), layout.results.len());
    if (source.convention).is_none_or(|shim| shim == taken && !is_renamed) {
        return Ok(());
    }
    Err(Error::Type {
        function: signature.to_owned(),
        message: "a type in its signature is written by another name than its own, so that it would be passed wrongly"
            .to_owned(),
    })
}

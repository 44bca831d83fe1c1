//! From captured functions to a loaded specialization: link, lower, verify, specialize, compile, load.

mod cached;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt;
use std::ptr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hotloop_ir::analysis::outline;
use hotloop_ir::lower::{LowerError, Lowered, lower_keeping_references, lower_program};
use hotloop_ir::{
    Function, Program, Remark, ScalarTy, Site, SpecializeError, Target, Ty, VerifyError,
    keep_constants, lets_copies_out, optimize, optimize_deferred, specialize_program,
    verify_program, verify_specialized_program,
};

use crate::cache;
use crate::cache::entry::{self, FileId, Meta};
use crate::codegen::CodegenError;
use crate::codegen::abi::{EntryLayout, deferred_number, host_symbol};
use crate::companion::Source;
use crate::config::config;
use crate::cpu::{self, CpuLevel};
use crate::dispatch::{Deferred, EntryPoint, GenericArgs, while_compiling};
use crate::dump;
use crate::error::Error;
use crate::events::tell;
use crate::inspect::disassemble;
use crate::link::{Gathered, HostCall, InstanceFn, gather};
use crate::llvm;
use crate::object::{LoadError, LoadedObject, code_of, load_object};
use crate::pipeline::{self, CompileRequest, CompileTimes};
use crate::report::{self, SpecializationReport};
use crate::stack::{has_room_to_load, on_large_stack};
use crate::symbols;
use cached::{Lazy, PassResults, Passes, Ready, find, run_passes_again};

/// A jitted function, compiled for one tuple of types. Cheap to clone; the code stays loaded for as long as the process runs.
#[derive(Clone)]
pub struct Specialization {
    inner: Arc<Inner>,
}

struct Inner {
    source: &'static Source,
    signature: String,
    type_args: Vec<ScalarTy>,
    /// The specialized functions, after our passes.
    program: Lazy,
    /// What it was compiled for.
    level: CpuLevel,
    /// What our passes did.
    passes: Passes,
    /// Where the functions come from that were lowered together, by the numbers that trap sites have for them.
    sources: Vec<&'static Source>,
    times: CompileTimes,
    entry: EntryPoint,
    entry_symbol: String,
    /// The registry keeps a clone of the specialization for good, so the code is never unmapped.
    object: LoadedObject,
    /// The names of what the code calls, by address.
    callees: HashMap<u64, String>,
    /// What the code calls where its checks cannot be made in advance.
    deferred: Option<&'static Deferred>,
}

impl Specialization {
    /// The function's name.
    pub fn name(&self) -> &str {
        self.inner.source.name
    }

    /// The path of the module that contains the function.
    pub fn module(&self) -> &str {
        self.inner.source.module
    }

    /// The function with its types: `dot<f64>(&[f64], &[f64]) -> f64`.
    pub fn signature(&self) -> &str {
        &self.inner.signature
    }

    /// What the type parameters stand for.
    pub fn type_args(&self) -> &[ScalarTy] {
        &self.inner.type_args
    }

    /// Whether the code comes from the cache. What is known of its loops then is what a compilation would say again.
    pub fn is_from_cache(&self) -> bool {
        matches!(self.inner.passes, Passes::Forgotten(..))
    }

    /// What the code was compiled for: this very processor, or a level that a shipped cache has.
    pub fn level(&self) -> CpuLevel {
        self.inner.level
    }

    /// What our own passes did with its loops, and why they left others alone. The cache does not keep it: for code that comes from there
    /// the passes run once more.
    pub fn remarks(&self) -> &[Remark] {
        self.pass_results().map_or(&[], |results| &results.remarks)
    }

    fn pass_results(&self) -> Result<&PassResults, Error> {
        let inner = &*self.inner;
        match &inner.passes {
            Passes::Known(results) => Ok(results),
            Passes::Forgotten(instance, again) => again
                .get_or_init(|| {
                    on_large_stack(|| run_passes_again(instance, &inner.type_args, inner.level))?
                })
                .as_ref()
                .map_err(Error::clone),
        }
    }

    /// How long the stages of the compilation took.
    pub fn times(&self) -> &CompileTimes {
        &self.inner.times
    }

    /// The size of the machine code in bytes.
    pub fn code_size_bytes(&self) -> usize {
        self.inner.object.code().bytes.len()
    }

    /// The address of the first instruction, for tools such as profilers.
    pub fn entry_address(&self) -> *const () {
        self.inner.entry.address()
    }

    pub(crate) fn source(&self) -> &'static Source {
        self.inner.source
    }

    pub(crate) fn entry_point(&self) -> EntryPoint {
        self.inner.entry
    }

    /// Compiles what would be compiled when it is first called, unless that was done.
    ///
    /// # Errors
    ///
    /// Why it cannot be compiled: calls that need it run rustc's version.
    pub(crate) fn complete(&self) -> Result<(), Error> {
        self.inner
            .deferred
            .map_or(Ok(()), |deferred| deferred.get().map(drop))
    }

    /// The site of a status, and the function whose source contains it.
    pub(crate) fn site_of_status(&self, status: u32) -> Option<(&'static Source, &Site)> {
        let program = self.inner.program.get().ok()?;
        let (function, site) = program.site_of_status(status)?;
        let site = program.functions.get(function)?.sites.get(site)?;
        let source = self.inner.sources.get(site.origin as usize)?;
        Some((source, site))
    }

    /// The specialized function and all that it calls, as text.
    pub fn ir(&self) -> String {
        match self.inner.program.get() {
            Ok(program) => hotloop_ir::print_program(program),
            Err(error) => format!("; {error}\n"),
        }
    }

    /// The optimized LLVM IR. Texts are not kept: this compiles the function once more.
    ///
    /// # Errors
    ///
    /// As for the compilation; it succeeded before.
    pub fn llvm_ir(&self) -> Result<String, Error> {
        let request = CompileRequest {
            keep_llvm_ir: true,
            level: self.inner.level,
            ..CompileRequest::default()
        };
        let program = self.inner.program.get()?;
        on_large_stack(|| pipeline::compile(program, &request))?
            .map_err(|error| codegen_error(error, &self.inner.signature))?
            .llvm_after
            .ok_or_else(|| Error::Bug {
                message: "the LLVM IR was not kept".to_owned(),
            })
    }

    /// What became of its loops, and why. Compiles the function once more, as [`Specialization::llvm_ir`] does.
    pub fn report(&self) -> SpecializationReport {
        let inner = &*self.inner;
        let empty = Program {
            functions: Vec::new(),
            hosts: Vec::new(),
        };
        let (program, mut problem) = match inner.program.get() {
            Ok(program) => (program, None),
            Err(error) => (&empty, Some(error.to_string())),
        };
        let request = CompileRequest {
            observe: true,
            remarks: true,
            level: inner.level,
            ..CompileRequest::default()
        };
        let mut observed = None;
        if problem.is_none() {
            match on_large_stack(|| pipeline::compile(program, &request)) {
                Ok(Ok(compiled)) => observed = compiled.observed,
                Ok(Err(error)) => problem = Some(error.to_string()),
                Err(error) => problem = Some(error.to_string()),
            }
        }
        let nothing = PassResults::default();
        let results = self.pass_results().unwrap_or_else(|error| {
            problem.get_or_insert(error.to_string());
            &nothing
        });
        let input = report::Input {
            program,
            before: &results.before,
            remarks: &results.remarks,
            sources: &inner.sources,
            observed: observed.as_ref(),
        };
        report::report_of(&input, self, problem)
    }

    /// The machine code as it is loaded, disassembled. x86-64 is in Intel syntax.
    ///
    /// # Errors
    ///
    /// None today; a `Result` because other texts can fail.
    pub fn asm(&self) -> Result<String, Error> {
        let inner = &*self.inner;
        let code = inner.object.code();
        let name_of = |address: u64| {
            if address == inner.entry.address() as u64 {
                return Some(inner.entry_symbol.clone());
            }
            let symbol = inner.object.symbols().find(|(_, at)| *at == address);
            symbol
                .map(|(name, _)| name.to_owned())
                .or_else(|| inner.callees.get(&address).cloned())
        };
        Ok(disassemble(code.bytes, code.address, &name_of))
    }
}

impl fmt::Debug for Specialization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Specialization")
            .field("signature", &self.inner.signature)
            .field("times", &self.inner.times)
            .finish_non_exhaustive()
    }
}

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

fn version_text((major, minor, patch): (u32, u32, u32)) -> String {
    format!("{major}.{minor}.{patch}")
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

fn malformed(source: &Source, stage: &str, errors: Vec<VerifyError>) -> Error {
    let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
    Error::Bug {
        message: format!("`{}` as {stage}: {}", source.name, errors.join("; ")),
    }
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

/// What can be known while the crate is built was reported then; what is left depends on types.
fn lower_error(error: &LowerError, source: &Source, type_args: &[ScalarTy]) -> Error {
    Error::Type {
        function: format!("{}{}", source.name, type_args_text(type_args)),
        message: error.to_string(),
    }
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

fn specialize_error(error: &SpecializeError, name: &str, type_args: &[ScalarTy]) -> Error {
    match error {
        // The bounds of a type parameter allow more types than the body's operations exist for, as with
        // `NumCast` and a custom trait. rustc's body knows what to do.
        SpecializeError::Missing { .. } => Error::Type {
            function: format!("{name}{}", type_args_text(type_args)),
            message: error.to_string(),
        },
        SpecializeError::TypeArgCount { .. } | SpecializeError::Malformed { .. } => Error::Bug {
            message: format!("`{name}`: {error}"),
        },
    }
}

fn codegen_error(error: CodegenError, signature: &str) -> Error {
    match error {
        CodegenError::Llvm(message) => Error::Llvm {
            message: format!("`{signature}`: {message}"),
        },
        CodegenError::Unsupported(_) => Error::Type {
            function: signature.to_owned(),
            message: error.to_string(),
        },
        CodegenError::Bug(message) => Error::Bug {
            message: format!("`{signature}`: {message}"),
        },
    }
}

fn load_error(error: LoadError, signature: &str) -> Error {
    match error {
        LoadError::Memory(error) => Error::Io {
            what: format!("executable memory for `{signature}`"),
            message: error.to_string(),
        },
        error => Error::Bug {
            message: format!("`{signature}`: {error}"),
        },
    }
}

/// `dot<f64>(&[f64], &[f64]) -> f64`.
fn signature_text(name: &str, function: &Function, type_args: &[ScalarTy]) -> String {
    let params: Vec<_> = function
        .params
        .iter()
        .map(|&param| type_text(&function.locals[param].ty))
        .collect();
    let mut text = format!(
        "{}{}({})",
        name,
        type_args_text(type_args),
        params.join(", ")
    );
    if function.result != Ty::Unit {
        text += &format!(" -> {}", type_text(&function.result));
    }
    text
}

fn type_args_text(type_args: &[ScalarTy]) -> String {
    if type_args.is_empty() {
        return String::new();
    }
    let names: Vec<_> = type_args.iter().map(|ty| ty.name()).collect();
    format!("<{}>", names.join(", "))
}

/// The type as Rust writes it. Specialized functions have no parameters left.
fn type_text(ty: &Ty) -> String {
    match ty {
        Ty::Unit => "()".to_owned(),
        Ty::Scalar(scalar) => scalar.name().to_owned(),
        Ty::Param(index) => format!("T{index}"),
        Ty::Tuple(elems) => {
            let elems: Vec<_> = elems.iter().map(type_text).collect();
            match elems.as_slice() {
                [only] => format!("({only},)"),
                several => format!("({})", several.join(", ")),
            }
        }
        Ty::Array { elem, len } => format!("[{}; {len}]", type_text(elem)),
        Ty::Struct(info) => info.name.clone(),
        Ty::Ref { to, mutable } => {
            let mutable = if *mutable { "mut " } else { "" };
            format!("&{mutable}{}", type_text(to))
        }
        Ty::Slice { elem, mutable } => {
            let mutable = if *mutable { "mut " } else { "" };
            format!("&{mutable}[{}]", type_text(elem))
        }
    }
}

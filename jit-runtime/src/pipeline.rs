//! From a specialized program to object bytes: emit LLVM IR, optimize, generate code. Which of LLVM's passes run is in `passes`.
//!
//! Each compile has a context of its own, so threads compile at the same time without a lock. LLVM can still end the process:
//! it aborts when memory runs out and on internal errors in code generation that it calls fatal. Errors that it reports as
//! diagnostics become [`CodegenError::Llvm`].

mod passes;

use std::ffi::{CStr, c_void};
use std::sync::{Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use hotloop_ir::Program;
use inkwell::OptimizationLevel;
use inkwell::attributes::AttributeLoc;
use inkwell::context::Context;
use inkwell::llvm_sys::LLVMDiagnosticSeverity;
use inkwell::llvm_sys::core as llvm;
use inkwell::llvm_sys::prelude::LLVMDiagnosticInfoRef;
use inkwell::module::Module;
use inkwell::passes::PassBuilderOptions;
use inkwell::targets::{CodeModel, FileType, RelocMode, Target, TargetMachine};

use crate::codegen::{self, CodegenError, Locations};
use crate::cpu::{self, CpuLevel};
use crate::observe::{LlvmRemark, Observed, enable_remarks, observe_module, parse_remark};

/// For `.ci/tsan`, in the syntax of `opt -passes`: loads and stores are watched. It knows those of at most 16 bytes, so vectors are taken apart.
#[cfg(hotloop_tsan)]
const WATCHED: &str = "function(scalarizer<load-store>,scalarize-masked-mem-intrin,tsan)";

/// How to compile a program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompileRequest {
    /// The number of the function that is compiled, with all that it calls. Any but the first is called as the program's own functions call
    /// it; deferred functions are compiled so.
    pub root: usize,
    /// Keep the LLVM IR as text, before and after optimization. Printing takes about as long as a compile does.
    pub keep_llvm_ir: bool,
    /// Also emit the packed entry point ([`codegen::abi::PackedEntry`]).
    pub packed_entry: bool,
    /// Find out what LLVM makes of the loops: [`CompiledObject::observed`]. The code is the same.
    pub observe: bool,
    /// And what LLVM says of them itself.
    pub remarks: bool,
    /// Let LLVM check what was emitted. Always done in debug builds.
    pub verify_llvm: bool,
    /// The widest vectors in bits that loops should use, 0 for none. If not given: what LLVM prefers for this processor, and all that
    /// there is where library functions are approximated.
    pub vector_bits: Option<u32>,
    /// Put a table into the object that leads from its instructions to lines of the source. The code is the same.
    pub line_table: bool,
    /// Which processor to compile for.
    pub level: CpuLevel,
}

/// A program as an object file.
#[derive(Clone, Debug)]
pub struct CompiledObject {
    /// The object file.
    pub bytes: Vec<u8>,
    /// The symbol of the entry point, which is that of the first function.
    pub entry_symbol: String,
    /// The symbol of the packed entry point, if it was asked for.
    pub packed_symbol: Option<String>,
    /// The LLVM IR as emitted, if it was asked for.
    pub llvm_before: Option<String>,
    /// The LLVM IR after optimization, if it was asked for.
    pub llvm_after: Option<String>,
    /// What LLVM made of the loops, if it was asked for.
    pub observed: Option<Observed>,
    /// The library functions that are called one number at a time, by their C names, sorted: what keeps loops that call them from being
    /// vectorized, without `fastmath(afn)` or where this platform has no vector form.
    pub scalar_math: Vec<&'static str>,
    /// How long the stages took.
    pub times: CompileTimes,
}

/// How long the stages of a compile took. [`compile`] fills `lower`, `optimize` and `emit`, its caller the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CompileTimes {
    /// Making types concrete, and verification.
    pub specialize: Duration,
    /// Building LLVM IR.
    pub lower: Duration,
    /// LLVM's passes.
    pub optimize: Duration,
    /// Code generation.
    pub emit: Duration,
    /// Loading the object.
    pub load: Duration,
}

impl CompileTimes {
    /// All stages together.
    pub fn total(&self) -> Duration {
        self.specialize + self.lower + self.optimize + self.emit + self.load
    }
}

/// Compiles a specialized, verified program.
///
/// # Errors
///
/// [`CodegenError::Llvm`] if no LLVM can be loaded or it reports an error, [`CodegenError::Bug`] if the program is not what
/// verification promises, or LLVM's verifier rejects what was emitted for it.
pub fn compile(
    program: &Program,
    request: &CompileRequest,
) -> Result<CompiledObject, CodegenError> {
    let func = (program.functions.get(request.root))
        .ok_or_else(|| CodegenError::Bug("a program without the function".into()))?;
    crate::llvm::load().map_err(|error| CodegenError::Llvm(error.to_string()))?;
    if request.remarks {
        let _alone = COMPILING.write().unwrap_or_else(PoisonError::into_inner);
        enable_remarks();
    }
    let _compiling = COMPILING.read().unwrap_or_else(PoisonError::into_inner);
    let machine = Machine::take(request.level)?;
    let diagnostics = Mutex::new(Diagnostics::default());
    let context = Context::create();
    capture_diagnostics(&context, &diagnostics);
    // SAFETY: the context is alive. Names of values serve readers only; functions keep theirs.
    unsafe { llvm::LLVMContextSetDiscardValueNames(context.raw(), (!request.keep_llvm_ir).into()) };
    let mut times = CompileTimes::default();

    let start = Instant::now();
    let module = context.create_module(&func.name);
    module.set_triple(&machine.get().get_triple());
    module.set_data_layout(&machine.get().get_target_data().get_data_layout());
    let entry_symbol = symbol_for(&func.name);
    let locations = match (request.line_table, request.observe) {
        (true, _) => Locations::Table,
        (false, true) => Locations::Report,
        (false, false) => Locations::None,
    };
    let math = codegen::emit_program(
        &context,
        &module,
        program,
        (&entry_symbol, request.root),
        locations,
        request.level,
    )?;
    let vector_bits = (request.vector_bits)
        .or_else(|| math.vectors.then(|| cpu::target(request.level).vector_bits));
    if let Some(bits) = vector_bits {
        prefer_width(&context, &module, bits);
    }
    let packed_symbol = request
        .packed_entry
        .then(|| format!("{entry_symbol}.packed"));
    if let Some(packed) = &packed_symbol {
        codegen::emit_packed(&context, &module, func, &entry_symbol, packed)?;
    }
    times.lower = start.elapsed();

    let llvm_before = request.keep_llvm_ir.then(|| module.to_string());
    if cfg!(debug_assertions) || request.verify_llvm {
        module.verify().map_err(|error| {
            CodegenError::Bug(format!("LLVM's verifier: {error}\n{}", module.to_string()))
        })?;
    }

    let start = Instant::now();
    let vectorizes = request.vector_bits != Some(0);
    #[cfg(hotloop_tsan)]
    {
        codegen::watch(&context, &module);
        run_passes(&module, machine.get(), WATCHED, vectorizes)?;
    }
    let (passes, otherwise) = passes::passes_for(program, request.root);
    // What it cannot read, LLVM refuses before it has changed anything.
    match (
        run_passes(&module, machine.get(), passes, vectorizes),
        otherwise,
    ) {
        (Err(_), Some(passes)) => run_passes(&module, machine.get(), passes, vectorizes)?,
        (outcome, _) => outcome?,
    }
    if codegen::define_lanes(&context, &module)? {
        run_passes(&module, machine.get(), codegen::LANES_PASSES, vectorizes)?;
    }
    times.optimize = start.elapsed();
    let llvm_after = request.keep_llvm_ir.then(|| module.to_string());
    let observed = (request.observe).then(|| observe_module(&context, &module));

    let start = Instant::now();
    let bytes = emit(&module, machine.get())?;
    times.emit = start.elapsed();
    machine.put_back();

    drop(module);
    drop(context);
    let diagnostics = diagnostics.into_inner();
    let Diagnostics { errors, remarks } = diagnostics.unwrap_or_else(PoisonError::into_inner);
    if !errors.is_empty() {
        return Err(CodegenError::Llvm(errors.join("\n")));
    }
    let observed = observed.map(|observed| Observed {
        remarks,
        ..observed
    });
    Ok(CompiledObject {
        bytes,
        entry_symbol,
        packed_symbol,
        llvm_before,
        llvm_after,
        observed,
        scalar_math: math.scalar,
        times,
    })
}

/// The symbol for a function of this name. Not in any library's name space: a kernel may be called `sin`.
fn symbol_for(name: &str) -> String {
    format!("hotloop.{name}")
}

/// Lets loops of all functions use vectors up to this width. LLVM's own preference leaves out the widest where they may lower the clock: arithmetic of
/// library functions gains more than that.
fn prefer_width(context: &Context, module: &Module<'_>, bits: u32) {
    let attribute = context.create_string_attribute("prefer-vector-width", &bits.to_string());
    for function in module.get_functions() {
        if function.count_basic_blocks() > 0 {
            function.add_attribute(AttributeLoc::Function, attribute);
        }
    }
}

/// Runs LLVM's passes.
fn run_passes(
    module: &Module<'_>,
    machine: &TargetMachine,
    passes: &str,
    vectorizes: bool,
) -> Result<(), CodegenError> {
    let options = PassBuilderOptions::create();
    options.set_verify_each(false);
    options.set_loop_vectorization(vectorizes);
    options.set_loop_interleaving(true);
    options.set_loop_slp_vectorization(vectorizes);
    options.set_loop_unrolling(true);
    module
        .run_passes(passes, machine, options)
        .map_err(|error| CodegenError::Llvm(error.to_string()))
}

/// Generates code.
fn emit(module: &Module<'_>, machine: &TargetMachine) -> Result<Vec<u8>, CodegenError> {
    let buffer = machine
        .write_to_memory_buffer(module, FileType::Object)
        .map_err(|error| CodegenError::Llvm(error.to_string()))?;
    Ok(buffer.as_slice().to_vec())
}

/// A target machine. It costs as much as a small compile, so machines are kept for the next one.
struct Machine {
    machine: TargetMachine,
    level: CpuLevel,
}

// SAFETY: a target machine has no ties to the thread that made it, and a `Machine` is used by one thread at a time.
unsafe impl Send for Machine {}

/// The machines that no thread is using now.
static IDLE: Mutex<Vec<Machine>> = Mutex::new(Vec::new());

impl Machine {
    fn take(level: CpuLevel) -> Result<Self, CodegenError> {
        let mut idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = idle.iter().position(|machine| machine.level == level) {
            return Ok(idle.swap_remove(index));
        }
        drop(idle);
        Self::create(level)
    }

    fn put_back(self) {
        IDLE.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(self);
    }

    fn get(&self) -> &TargetMachine {
        &self.machine
    }

    fn create(level: CpuLevel) -> Result<Self, CodegenError> {
        let triple = TargetMachine::get_default_triple();
        let target =
            Target::from_triple(&triple).map_err(|error| CodegenError::Llvm(error.to_string()))?;
        let (cpu, features) = match level {
            CpuLevel::Native => {
                let name = TargetMachine::get_host_cpu_name().to_string();
                (name, TargetMachine::get_host_cpu_features().to_string())
            }
            _ => (level.name().to_owned(), String::new()),
        };
        let machine = target
            .create_target_machine(
                &triple,
                &cpu,
                &features,
                OptimizationLevel::Aggressive,
                RelocMode::PIC,
                CodeModel::Small,
            )
            .ok_or_else(|| CodegenError::Llvm(format!("it cannot compile for {level}")))?;
        Ok(Machine { machine, level })
    }
}

/// Held for reading while LLVM compiles something, and for writing while options of the process are set.
static COMPILING: RwLock<()> = RwLock::new(());

/// What LLVM says during a compile.
#[derive(Default)]
struct Diagnostics {
    errors: Vec<String>,
    remarks: Vec<LlvmRemark>,
}

/// Collects what LLVM reports; without a handler it would print errors and exit.
fn capture_diagnostics(context: &Context, diagnostics: &Mutex<Diagnostics>) {
    extern "C" fn handle(info: LLVMDiagnosticInfoRef, diagnostics: *mut c_void) {
        // SAFETY: `info` is valid during this call. `diagnostics` is what `LLVMContextSetDiagnosticHandler` was given below.
        // The description is a C string that is ours to free.
        unsafe {
            let severity = llvm::LLVMGetDiagInfoSeverity(info);
            let is_error = matches!(severity, LLVMDiagnosticSeverity::LLVMDSError);
            if !is_error && !matches!(severity, LLVMDiagnosticSeverity::LLVMDSRemark) {
                return;
            }
            let text = llvm::LLVMGetDiagInfoDescription(info);
            let diagnostics = &*diagnostics.cast::<Mutex<Diagnostics>>();
            let mut diagnostics = diagnostics.lock().unwrap_or_else(PoisonError::into_inner);
            let description = CStr::from_ptr(text).to_string_lossy();
            if is_error {
                diagnostics.errors.push(description.into_owned());
            } else {
                diagnostics.remarks.extend(parse_remark(&description));
            }
            llvm::LLVMDisposeMessage(text);
        }
    }
    let diagnostics = std::ptr::from_ref(diagnostics).cast_mut().cast();
    // SAFETY: `compile` drops the context before the diagnostics.
    unsafe { llvm::LLVMContextSetDiagnosticHandler(context.raw(), Some(handle), diagnostics) };
}

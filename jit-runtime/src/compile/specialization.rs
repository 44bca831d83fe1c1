//! What callers get: a compiled function, and what is known of it.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use hotloop_ir::{Program, Remark, ScalarTy, Site};

use super::cached::{Lazy, PassResults, Passes, run_passes_again};
use super::messages::codegen_error;
use crate::companion::Source;
use crate::cpu::CpuLevel;
use crate::dispatch::{Deferred, EntryPoint};
use crate::error::Error;
use crate::inspect::disassemble;
use crate::object::LoadedObject;
use crate::pipeline::{self, CompileRequest, CompileTimes};
use crate::report::{self, SpecializationReport};
use crate::stack::on_large_stack;

/// A jitted function, compiled for one tuple of types. Cheap to clone; the code stays loaded for as long as the process runs.
#[derive(Clone)]
pub struct Specialization {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) source: &'static Source,
    pub(super) signature: String,
    pub(super) type_args: Vec<ScalarTy>,
    /// The specialized functions, after our passes.
    pub(super) program: Lazy,
    /// What it was compiled for.
    pub(super) level: CpuLevel,
    /// What our passes did.
    pub(super) passes: Passes,
    /// Where the functions come from that were lowered together, by the numbers that trap sites have for them.
    pub(super) sources: Vec<&'static Source>,
    pub(super) times: CompileTimes,
    pub(super) entry: EntryPoint,
    pub(super) entry_symbol: String,
    /// The registry keeps a clone of the specialization for good, so the code is never unmapped.
    pub(super) object: LoadedObject,
    /// The names of what the code calls, by address.
    pub(super) callees: HashMap<u64, String>,
    /// What the code calls where its checks cannot be made in advance.
    pub(super) deferred: Option<&'static Deferred>,
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

    pub(super) fn pass_results(&self) -> Result<&PassResults, Error> {
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

//! Compares compiled programs with the evaluator.

#![allow(dead_code)] // Each test binary uses a part.

mod hosts;
mod memory;
mod values;

use hotloop_ir::func::HOST_PANICKED;
use hotloop_ir::{
    Argument, EvalError, ExprKind, Function, Intrinsic, Outcome, Parallel, Parallelism, Program,
    ScalarTy, StmtKind, eval_program,
};
use hotloop_runtime::codegen::CodegenError;
use hotloop_runtime::codegen::abi::{EntryLayout, PackedEntry};
use hotloop_runtime::codegen::packed::{PackedArg, PackedOutcome, call_packed};
use hotloop_runtime::object::{LoadedObject, load_object};
use hotloop_runtime::pipeline::{CompileRequest, compile};
use hotloop_runtime::symbols;
use memory::{Memory, agrees, flatten, size_of_ty};
#[allow(unused_imports)] // Likewise.
pub(crate) use values::{Rng, interesting, random_args, random_scalar};

/// How much the evaluator may do for one call.
const FUEL: u64 = 200_000;

/// A program, compiled and loaded.
pub(crate) struct Compiled {
    program: Program,
    /// What was compiled.
    optimized: Program,
    layout: EntryLayout,
    entry: PackedEntry,
    _code: LoadedObject,
}

/// What came of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Checked {
    /// Both returned, and agree.
    Returned,
    /// Both trapped, and agree.
    Trapped,
    /// A host function panicked in both.
    HostPanicked,
    /// The evaluator has no answer in the time given.
    NoAnswer,
    /// They differ where Rust leaves it open: the sign of a zero from `min` or `max`, the bits of a NaN.
    Open,
}

impl Compiled {
    /// `None` if there is no code for such a program yet.
    pub(crate) fn try_new(program: &Program) -> Result<Option<Self>, String> {
        match program.functions.first().map(EntryLayout::of) {
            Some(Err(CodegenError::Unsupported(_))) => Ok(None),
            _ => Self::new(program).map(Some),
        }
    }

    /// A program of one function.
    pub(crate) fn alone(func: &Function) -> Result<Self, String> {
        Self::new(&Program {
            functions: vec![func.clone()],
            hosts: Vec::new(),
        })
    }

    pub(crate) fn new(program: &Program) -> Result<Self, String> {
        Self::with(program, program.clone())
    }

    /// Of the program as our passes leave it. `None` if there is no code for such a program yet.
    pub(crate) fn try_optimized(program: &Program) -> Result<Option<Self>, String> {
        Self::try_optimized_with(program, None)
    }

    /// The same, with parallel loops if there are settings for them.
    pub(crate) fn try_optimized_with(
        program: &Program,
        parallel: Option<Parallelism>,
    ) -> Result<Option<Self>, String> {
        if let Some(Err(CodegenError::Unsupported(_))) =
            program.functions.first().map(EntryLayout::of)
        {
            return Ok(None);
        }
        let mut optimized = program.clone();
        for func in &mut optimized.functions {
            func.parallel = parallel;
        }
        hotloop_ir::optimize(&mut optimized, &hotloop_ir::Target::default());
        hotloop_ir::verify_specialized_program(&optimized).map_err(|errors| {
            let at = errors.first().map_or(0, |error| error.function);
            format!("{errors:?}\n{}", optimized.functions[at])
        })?;
        Self::with(program, optimized).map(Some)
    }

    /// How many loops run in parallel.
    pub(crate) fn parallel_loops(&self) -> u64 {
        let mut loops = 0;
        self.for_each_parallel(|_| loops += 1);
        loops
    }

    fn for_each_parallel(&self, mut visit: impl FnMut(&Parallel)) {
        for func in &self.optimized.functions {
            func.body.for_each_stmt(|stmt| {
                if let StmtKind::Parallel(parallel) = &stmt.kind {
                    visit(parallel);
                }
            });
        }
    }

    fn with(program: &Program, optimized: Program) -> Result<Self, String> {
        let request = CompileRequest {
            packed_entry: true,
            verify_llvm: true,
            ..CompileRequest::default()
        };
        let object = compile(&optimized, &request).map_err(|error| error.to_string())?;
        let resolve = |name: &str| hosts::resolve(name).or_else(|| symbols::resolve(name));
        let code = load_object(&object.bytes, &resolve).map_err(|error| error.to_string())?;
        let symbol = object.packed_symbol.ok_or("no packed entry")?;
        let address = code
            .symbol(&symbol)
            .ok_or("no symbol of the packed entry")?;
        let layout = EntryLayout::of(&program.functions[0]);
        Ok(Compiled {
            program: program.clone(),
            optimized,
            layout: layout.map_err(|error| error.to_string())?,
            // SAFETY: the symbol is that of a packed entry point.
            entry: unsafe { std::mem::transmute::<*const (), PackedEntry>(address) },
            _code: code,
        })
    }

    /// Runs both with these arguments. The error says how they differ.
    pub(crate) fn check(&self, args: &[Argument]) -> Result<Checked, String> {
        let mut evaluated = args.to_vec();
        let mut expected_calls = Vec::new();
        let hosts = &self.program.hosts;
        let mut call_host = |host: &hotloop_ir::Host, args: &[hotloop_ir::Scalar]| {
            let number = hosts.iter().position(|other| std::ptr::eq(other, host))?;
            hosts::call(number, host, args, &mut expected_calls)
        };
        let expected = match eval_program(&self.program, &mut evaluated, FUEL, &mut call_host) {
            Ok(outcome) => outcome,
            Err(
                EvalError::OutOfFuel
                | EvalError::ReadBeforeInit { .. }
                | EvalError::TooDeep
                | EvalError::ZeroStep,
            ) => {
                return Ok(Checked::NoAnswer);
            }
            Err(error) => return Err(format!("the evaluator fails: {error}")),
        };
        let func = &self.program.functions[0];
        let params = func.params.iter().map(|&param| &func.locals[param].ty);
        let mut memory = (args.iter().zip(params))
            .map(|(arg, ty)| Memory::new(arg, ty))
            .collect::<Result<Vec<_>, _>>()?;
        let packed: Vec<PackedArg> = memory.iter_mut().map(Memory::arg).collect();
        hosts::start(hosts);
        // SAFETY: the layout is the function's, what pointers lead to is in memory of their own.
        let outcome = unsafe { call_packed(self.entry, &self.layout, &packed) }
            .ok_or("the arguments do not fit the layout")?;
        let calls = hosts::take_calls();
        let result = self.agree(&expected, &outcome).and_then(|checked| {
            // Behind the iteration of a parallel loop that traps, others may have run.
            let mut stores = false;
            self.for_each_parallel(|parallel| stores |= parallel.stores);
            if checked != Checked::Trapped || !stores {
                for (memory, arg) in memory.iter().zip(&evaluated) {
                    memory.agrees_with(arg)?;
                }
            }
            if calls != expected_calls {
                return Err(format!("expected {expected_calls:x?}, found {calls:x?}"));
            }
            Ok(checked)
        });
        match result {
            Err(_) if self.program.functions.iter().any(leaves_open) => Ok(Checked::Open),
            other => other,
        }
    }

    fn agree(&self, expected: &Outcome, outcome: &PackedOutcome) -> Result<Checked, String> {
        let differ = || format!("expected {expected:x?}, found {outcome:x?}");
        match (expected, outcome) {
            (Outcome::Return(value), PackedOutcome::Returned(words)) => {
                let mut leaves = Vec::new();
                flatten(value, &mut leaves);
                if leaves.len() != self.layout.results.len() {
                    return Err(differ());
                }
                let mut words = words.as_slice();
                for (leaf, ty) in leaves.into_iter().zip(&self.layout.results) {
                    let size = size_of_ty(ty)?;
                    let (own, rest) = words.split_at(size.div_ceil(16).max(1));
                    words = rest;
                    let bytes: Vec<u8> = own.iter().flat_map(|word| word.to_le_bytes()).collect();
                    agrees(leaf, &bytes[..size], ty)?;
                }
                Ok(Checked::Returned)
            }
            (
                Outcome::Trap {
                    function,
                    site,
                    operands,
                },
                PackedOutcome::Trapped(status, payload),
            ) => {
                // A loop may be in a function of its own by now, with its sites.
                let found = self.optimized.site_of_status(*status);
                let found =
                    found.map(|(function, site)| &self.optimized.functions[function].sites[site]);
                let agree = found == self.program.functions[*function].sites.get(*site)
                    && operands
                        .iter()
                        .zip(payload.operands)
                        .all(|(&expected, found)| expected == found || are_nans(expected, found));
                agree.then_some(Checked::Trapped).ok_or_else(differ)
            }
            (Outcome::HostPanicked, PackedOutcome::Trapped(HOST_PANICKED, _)) => {
                Ok(Checked::HostPanicked)
            }
            _ => Err(differ()),
        }
    }
}

/// Whether both are the bits of NaNs of one width: which NaN an operand is is open.
fn are_nans(lhs: u128, rhs: u128) -> bool {
    let nan_of = |bits: u128| match (u32::try_from(bits), u64::try_from(bits)) {
        (Ok(bits), _) => f32::from_bits(bits).is_nan(),
        (_, Ok(bits)) => f64::from_bits(bits).is_nan(),
        _ => false,
    };
    nan_of(lhs) && nan_of(rhs)
}

/// Whether the function can see something that Rust leaves open.
fn leaves_open(func: &Function) -> bool {
    func.exprs.iter().any(|(_, expr)| match &expr.kind {
        ExprKind::Call {
            intrinsic, args, ..
        } => {
            let is_float = args
                .first()
                .and_then(|&arg| func.exprs[arg].ty.as_scalar())
                .is_some_and(ScalarTy::is_float);
            match intrinsic {
                Intrinsic::Min | Intrinsic::Max => is_float,
                Intrinsic::ToBits
                | Intrinsic::Copysign
                | Intrinsic::IsSignPositive
                | Intrinsic::IsSignNegative => true,
                _ => false,
            }
        }
        _ => false,
    })
}

//! Our own passes: from a specialized program to one that means the same and runs faster.
//!
//! They run between specialization and code generation, and each is a module here with a function `run`. What they keep, to the bit:
//! results, which trap comes first, and the stores before it; with [`crate::FastMath`] what those liberties grant. A pass that cannot
//! prove that leaves the loop alone and says why in a [`Remark`].

mod checks;
pub mod copy;
mod counted;
mod distribution;
mod edit;
mod extrema;
mod fields;
mod fusion;
mod guard;
mod jam;
mod launches;
mod nest;
mod nests;
mod outer_vectors;
mod parallel;
mod register_blocks;
mod scans;
mod splits;
mod statics;
mod tiling;
mod updates;

pub use nest::Refusal;
pub use statics::{Temporary, keep_constants, lets_copies_out};

use self::checks::Deferral;
use crate::func::{Function, Program};
use crate::remark::{Remark, Remarks};
use crate::ty::Ty;

/// What the machine that the code is for is like. This crate asks no machine: who calls [`optimize`] knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Bits of a vector register that code should use; 128 at least.
    pub vector_bits: u32,
    /// How many vector registers there are.
    pub vector_registers: u32,
    /// Whether `a * b + c` is one instruction.
    pub fma: bool,
    /// Bytes of the first-level data cache.
    pub l1_bytes: u64,
    /// Bytes of the second-level cache.
    pub l2_bytes: u64,
    /// Whether functions can be compiled when they are first called ([`Function::deferred`]).
    pub defers: bool,
}

impl Default for Target {
    /// AVX2.
    fn default() -> Self {
        Target {
            vector_bits: 256,
            vector_registers: 16,
            fma: true,
            l1_bytes: 32 << 10,
            l2_bytes: 512 << 10,
            defers: false,
        }
    }
}

/// What comes before all that looks for parallel loops.
#[cfg(feature = "frontend")]
pub(crate) fn prepare(func: &mut crate::Function) {
    fields::run(func);
    counted::run(func);
    updates::run(func);
}

/// Makes bounds locals, as the pass does first.
#[cfg(all(test, feature = "frontend"))]
pub(crate) fn name_bounds(func: &mut crate::Function) {
    let body = std::mem::take(&mut func.body);
    func.body = parallel::name_bounds(func, body);
}

/// The same, and sums behind references, of a function that calls no other one.
#[cfg(feature = "frontend")]
pub(crate) fn prepare_alone(mut func: crate::Function) -> Option<crate::Function> {
    prepare(&mut func);
    let mut program = Program {
        functions: vec![func],
        hosts: Vec::new(),
    };
    parallel::promote(&mut program, 0);
    program.functions.pop()
}

/// Runs all passes, and returns what they have to say. The program is specialized and verified, before and after.
pub fn optimize(program: &mut Program, target: &Target) -> Vec<Remark> {
    let mut all = Vec::new();
    for func in &mut program.functions {
        if parallel::asks(func) {
            fields::run(func);
        }
        counted::run(func);
        updates::run(func);
    }
    // A copy that cannot be compiled must not be missed before something has happened; and who calls with scalars alone does not keep them.
    let keeps_arguments = (program.functions.first()).is_some_and(|first| {
        let is_scalar = |param| matches!(first.locals[param].ty, Ty::Scalar(_));
        !first.params.iter().all(|&param| is_scalar(param))
    });
    let defers = target.defers && keeps_arguments && !program.is_called(0);
    let originals = parallel::originals(program);
    let mut jammed = jam::run_early(program, target, &mut all);
    let entries = parallel::run(program, originals, &mut jammed, &mut all);
    let mut copies = Vec::new();
    let count = program.functions.len();
    for (number, func) in program.functions.iter_mut().enumerate() {
        let mut remarks = Remarks::new(number, &mut all);
        let deferral = (defers && number == 0).then_some(Deferral {
            original: number,
            copy: count + copies.len(),
        });
        let jam = jammed.iter().all(|jammed| jammed.function != number);
        copies.extend(optimize_loops(func, deferral, target, jam, &mut remarks));
    }
    program.functions.extend(copies);
    for entry in entries {
        parallel::begin(program, entry);
    }
    launches::run(program);
    all
}

/// Makes a deferred function one like others: as fast as can be for the calls that it gets. It has as many trap sites as before.
pub fn optimize_deferred(program: &mut Program, number: usize, target: &Target) {
    if let Some(func) = program.functions.get_mut(number) {
        func.deferred = None;
        let mut remarks = Vec::new();
        let mut remarks = Remarks::new(number, &mut remarks);
        optimize_loops(func, None, target, true, &mut remarks);
    }
}

fn optimize_loops(
    func: &mut Function,
    deferral: Option<Deferral>,
    target: &Target,
    jam: bool,
    remarks: &mut Remarks<'_>,
) -> Option<Function> {
    let copy = checks::run(func, deferral, remarks);
    let products = match jam {
        true => jam::run(func, target, remarks),
        false => Vec::new(),
    };
    nests::run(func, target, &products, remarks);
    tiling::run(func, remarks);
    splits::run(func, remarks);
    extrema::run(func, remarks);
    scans::run(func, remarks);
    outer_vectors::run(func, target, remarks);
    fusion::run(func, remarks);
    copy
}

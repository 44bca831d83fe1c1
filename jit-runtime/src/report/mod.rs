//! `f::report()`: what became of each loop, and why.
//!
//! A report has three sources: the program before and after our passes (what loops there are, which checks), what those passes say
//! ([`hotloop_ir::Remark`]), and what LLVM made of it, for which the function is compiled once more, with the same result
//! ([`crate::observe`]).

mod build;
mod json;
mod parallel;
mod reasons;
mod require;
mod text;

pub use hotloop_ir::analysis::LoopKind;
use hotloop_ir::{FastMath, Parallelism};

pub(crate) use build::{Input, report_of, reports};
pub(crate) use parallel::serial_pranges;
pub use require::Requirements;

use crate::dispatch::Declined;
use crate::pipeline::CompileTimes;

/// What became of a jitted function: the result of `f::report()`.
///
/// It is a text by `Display`, JSON by [`Report::to_json`], and data for tests that hold a loop to what it should be:
///
/// ```ignore
/// let report = dot::report();
/// assert!(report.loops().all(|found| found.vectorized.is_some()), "{report}");
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Report {
    /// The function's name.
    pub name: String,
    /// The path of the module that contains it.
    pub module: String,
    /// What has been compiled, in order of the first request.
    pub specializations: Vec<SpecializationReport>,
    /// What runs rustc's code although it was asked for, and why.
    pub declined: Vec<Declined>,
    /// The processor that code is compiled for, by LLVM's name; `None` without LLVM.
    pub cpu: Option<String>,
    /// The version of LLVM; `None` without LLVM.
    pub llvm: Option<String>,
}

impl Report {
    /// The loops of all specializations.
    pub fn loops(&self) -> impl Iterator<Item = &LoopReport> {
        (self.specializations.iter()).flat_map(|specialization| &specialization.loops)
    }
}

/// What became of a function for one tuple of types.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SpecializationReport {
    /// The function with its types.
    pub signature: String,
    /// The loops, each before those inside of it; those of closures and contained functions where they are called, those of called
    /// functions behind those of the function itself. A loop that is there several times (because its function is contained in several
    /// places, or because there is a version of it for arguments of some kind) is listed once, as the best of them.
    pub loops: Vec<LoopReport>,
    /// The calls of functions that are not compiled, `println!` among them, each in its place. They cost about as much as a call through a
    /// pointer, and keep loops from being vectorized.
    pub host_calls: Vec<CallReport>,
    /// The calls of jitted functions that LLVM left as calls.
    pub calls: Vec<CallReport>,
    /// The liberties of its float arithmetic.
    pub fastmath: FastMath,
    /// Whether integer arithmetic that overflows panics.
    pub overflow_checks: bool,
    /// The size of the machine code in bytes.
    pub code_size_bytes: usize,
    /// How long the stages of the compilation took.
    pub times: CompileTimes,
    /// Whether the code was in the cache. What our passes did with it is not: checks that they removed are not counted then, and there are no
    /// [`LoopReport::notes`].
    pub from_cache: bool,
    /// Why what LLVM made of the loops is not known, if it is not.
    pub problem: Option<String>,
}

/// What became of a loop.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LoopReport {
    /// The function whose source contains it.
    pub function: String,
    /// The file, as rustc names it in panic messages.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
    /// How many loops are around it.
    pub depth: usize,
    /// Whether it has no loops inside of it that are left in the code.
    pub innermost: bool,
    /// What kind it is, after iterators have become loops.
    pub kind: LoopKind,
    /// How many iterations it has, where that is constant.
    pub trip_count: Option<u128>,
    /// How it is vectorized, if it is.
    pub vectorized: Option<Vectorized>,
    /// How it is unrolled, if it is, vectorization aside.
    pub unrolled: Option<Unrolled>,
    /// Whether no loop is left of it: it is unrolled completely, or became something else, such as a copy of memory or a formula.
    pub eliminated: bool,
    /// Whether it runs in parallel, in functions with the option `parallel`; `None` for loops inside of one that does. In code from the cache,
    /// for loops that run in parallel alone.
    pub parallel: Option<ParallelReport>,
    /// The checks of its own body, loops inside of it left out.
    pub checks: Checks,
    /// Why it is not vectorized, for innermost loops that are not; the first is the most important one.
    pub reasons: Vec<String>,
    /// The functions of the vector math library that it calls.
    pub vector_math: Vec<String>,
    /// The functions of the math library, one value at a time, that it calls.
    pub scalar_math: Vec<String>,
    /// What hotloop's own passes did with it, or why they did not.
    pub notes: Vec<String>,
    /// What LLVM says of it, in its own words. They change from release to release.
    pub llvm_remarks: Vec<String>,
}

/// Whether and how a loop runs in parallel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParallelReport {
    /// Whether its iterations run in parallel, where they have enough to do.
    pub is_parallel: bool,
    /// Whether it was asked for by `prange`.
    pub requested: bool,
    /// How many conditions are checked before it; where one does not hold, it runs on one thread.
    pub conditions: usize,
    /// The variables that all iterations combine values into, each with how that is done: `+`, `min`, `the least`.
    pub reductions: Vec<(String, &'static str)>,
    /// The variables of its surroundings that each iteration has for itself.
    pub privates: Vec<String>,
    /// The number of threads, the least number of iterations, that of a chunk and the schedule, where the option says them.
    pub settings: Parallelism,
    /// Why it does not run in parallel: a sentence without its subject, which is the loop.
    pub reason: Option<String>,
    /// The lines and columns of what stands in the way: two accesses, or one place.
    pub conflict: Vec<(u32, u32)>,
}

/// How a loop is vectorized.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Vectorized {
    /// How many elements an instruction works on.
    pub width: u32,
    /// How many vectors an iteration works on, where LLVM says so.
    pub interleave: Option<u32>,
}

/// How a loop is unrolled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unrolled {
    /// Its iterations follow each other, and no loop is left.
    Completely,
    /// One iteration does the work of so many.
    By(u32),
}

/// The checks of a loop's body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Checks {
    /// How many there are in the source: of bounds, of overflow, of divisors. What can never fail for these types is left out, and so are
    /// `assert!` and `panic!`.
    pub total: usize,
    /// Those that each iteration still makes, in the version of the loop that ordinarily runs.
    pub left: Vec<CheckReport>,
}

impl Checks {
    /// How many the loop does not make: they were proved, or are made before it.
    pub fn removed(&self) -> usize {
        self.total.saturating_sub(self.left.len())
    }
}

/// A check that is made in each iteration.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CheckReport {
    /// What is checked: `bounds`, `overflow` and so on.
    pub what: &'static str,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
}

/// A call that is left.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallReport {
    /// What is called, as the source names it.
    pub name: String,
    /// The file; empty if unknown.
    pub file: String,
    /// The line, from 1; 0 if unknown.
    pub line: u32,
    /// The column, from 1; 0 if unknown.
    pub column: u32,
    /// Whether it is in a loop.
    pub in_loop: bool,
}

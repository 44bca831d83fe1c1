//! What our own passes did with a loop, or why they did not: the lines of a report.

use std::fmt;

use crate::analysis::parallel::{Finding, Reason, ReductionKind, Verdict};
use crate::func::{Function, LocalId};
use crate::parallel::Parallelism;
use crate::span::Span;

/// Something that a pass has to say about a loop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The function that contains the loop, by its number in [`crate::Program::functions`].
    pub function: usize,
    /// Where the loop starts in the user's source.
    pub span: Span,
    /// What there is to say.
    pub kind: RemarkKind,
}

/// What there is to say about a loop. Each pass has its variants; `Display` is a line for the user.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RemarkKind {
    /// A nest is computed in blocks of this size that stay in registers.
    Blocked {
        /// Rows: values of the outer variable.
        rows: u64,
        /// Columns: values of the variable that is vectorized.
        columns: u64,
    },
    /// Several iterations run side by side, so that those of the loops inside need not wait for each other.
    Jammed {
        /// How many.
        rows: u64,
    },
    /// An elimination goes through the matrix once for many iterations, and the rest of it is a product of matrices.
    Eliminated,
    /// Two loops go through blocks of this size, in which rows of one array and of another, across it, stay in the cache.
    Tiled {
        /// Values of the outer variable.
        rows: u64,
        /// Values of the inner variable.
        columns: u64,
    },
    /// A loop is split where it stores to an element that all its iterations use.
    Split,
    /// Least and greatest values are found block by block, then their places.
    ExtremaByBlocks,
    /// A nest is not computed in blocks, although it has nearly the form for it.
    NotBlocked(crate::transform::Refusal),
    /// Its iterations are computed side by side, in vectors, around the loops inside of it.
    OuterVectors {
        /// How many at a time.
        lanes: u64,
    },
    /// Its iterations run in parallel, where they have enough to do.
    Parallel(Box<ParallelLoop>),
    /// Its iterations do not run in parallel, in a function with the option.
    Serial {
        /// Whether it was asked for by `prange`.
        requested: bool,
        /// Why not.
        reason: Reason,
    },
    /// Bounds and overflow are checked once, before the loop.
    ChecksRemoved {
        /// How many checks left the loop.
        removed: usize,
        /// How many conditions are checked before it instead; 0 if the checks never fail.
        conditions: usize,
        /// How many checks stayed, divisions not counted.
        kept: usize,
    },
    /// It became several loops, one after the other, because only a part of it has to be serial.
    Distributed {
        /// How many.
        loops: usize,
        /// How many of them may run in parallel.
        parallel: usize,
    },
    /// A loop behind it became part of it.
    Fused {
        /// Where that one starts.
        with: Span,
    },
    /// It became part of a loop before it.
    FusedInto {
        /// Where that one starts.
        first: Span,
    },
    /// A running sum, several iterations of which are done together.
    Scan {
        /// How many.
        together: u64,
    },
    /// Indices that are data are checked for many iterations at once.
    ChecksByBlocks {
        /// How many checks left the loop.
        removed: usize,
    },
}

/// How a loop runs in parallel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParallelLoop {
    /// Whether it was asked for by `prange`.
    pub requested: bool,
    /// How many conditions are checked before it; where one does not hold, it runs serially.
    pub conditions: usize,
    /// The variables that all iterations combine values into, each with how it is done: `+`, `min`, `the least`.
    pub reductions: Vec<(String, &'static str)>,
    /// The user's variables that each iteration has for itself although they are declared before the loop.
    pub privates: Vec<String>,
    /// How chunks are cut and run.
    pub plan: Parallelism,
}

impl ParallelLoop {
    /// For a loop of a function that is legal. `declared_inside` says of a local that is private whether it is declared in the loop.
    pub fn new(
        func: &Function,
        finding: &Finding,
        requested: bool,
        plan: Parallelism,
        declared_inside: impl Fn(LocalId) -> bool,
    ) -> Self {
        let name = |local: LocalId| match func.locals.get(local) {
            Some(local) if !local.name.starts_with('$') => Some(local.name.clone()),
            _ => None,
        };
        let mut reductions = Vec::new();
        for reduction in &finding.reductions {
            let (how, with) = match &reduction.kind {
                ReductionKind::Op(op) => (op.name(), &[][..]),
                ReductionKind::Extremum { least, with, .. } => match least {
                    true => ("the least", &with[..]),
                    false => ("the greatest", &with[..]),
                },
            };
            let result = name(reduction.local).unwrap_or_else(|| "the result".to_owned());
            reductions.push((result, how));
            reductions.extend(
                with.iter()
                    .filter_map(|&local| Some((name(local)?, GOES_ALONG))),
            );
        }
        for array in &finding.arrays {
            let result = name(array.local).unwrap_or_else(|| "the result".to_owned());
            reductions.push((result, array.op.name()));
        }
        let mut privates: Vec<String> = Vec::new();
        for &local in &finding.privates {
            // Several variables of one name are told once.
            let name = name(local).filter(|name| !privates.contains(name));
            privates.extend(name.filter(|_| !declared_inside(local)));
        }
        ParallelLoop {
            requested,
            conditions: match &finding.verdict {
                Verdict::LegalIf(conditions) => conditions.len(),
                Verdict::Legal | Verdict::Illegal(_) => 0,
            },
            reductions,
            privates,
            plan,
        }
    }
}

/// How variables are reduced that say where the least or greatest value was found.
const GOES_ALONG: &str = "where";

impl fmt::Display for ParallelLoop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("parallel")?;
        match self.conditions {
            0 => {}
            1 => f.write_str(" if a condition holds that is checked before it")?,
            n => write!(f, " if {n} conditions hold that are checked before it")?,
        }
        let mut separator = ": ";
        for (name, how) in &self.reductions {
            match *how {
                GOES_ALONG => write!(f, "{separator}`{name}` goes with it")?,
                "the least" | "the greatest" => write!(f, "{separator}`{name}` is {how}")?,
                how => write!(f, "{separator}`{name}` is reduced by {how}")?,
            }
            separator = ", ";
        }
        for name in &self.privates {
            write!(f, "{separator}`{name}` is private")?;
            separator = ", ";
        }
        let Parallelism {
            threads,
            min_len,
            chunk,
            schedule,
        } = self.plan;
        let mut setting = |name: &str, value: Option<String>| match value {
            Some(value) => {
                write!(f, "{separator}{name} {value}")?;
                separator = ", ";
                Ok(())
            }
            None => Ok(()),
        };
        setting("threads", threads.map(|n| n.to_string()))?;
        setting("min_len", min_len.map(|n| n.to_string()))?;
        setting("chunk", chunk.map(|n| n.to_string()))?;
        setting(
            "schedule",
            schedule.map(|schedule| schedule.name().to_owned()),
        )
    }
}

impl fmt::Display for RemarkKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RemarkKind::Blocked { rows, columns } => write!(
                f,
                "computed in blocks of {rows} by {columns} that stay in registers, where the nest is large enough"
            ),
            RemarkKind::OuterVectors { lanes } => write!(
                f,
                "{lanes} iterations at a time are computed side by side in vectors"
            ),
            RemarkKind::Jammed { rows } => write!(
                f,
                "{rows} iterations at a time run side by side, jammed in the loops inside, which wait for results otherwise"
            ),
            RemarkKind::Eliminated => f.write_str(
                "many iterations at a time: first in a part of the rows and columns, then as a product of matrices in the others",
            ),
            RemarkKind::Tiled { rows, columns } => write!(
                f,
                "computed in blocks of {rows} by {columns} iterations, since some elements lie next to each other in one direction and some in the other"
            ),
            RemarkKind::Split => f.write_str(
                "split at the iteration that stores to an element which all iterations use",
            ),
            RemarkKind::ExtremaByBlocks => f.write_str(
                "the block of iterations that decides is found first, by least and greatest values in vectors",
            ),
            RemarkKind::ChecksByBlocks { removed } => write!(
                f,
                "indices that are data are checked for a block of iterations at once ({removed} of them)"
            ),
            RemarkKind::Distributed { loops, parallel } => write!(
                f,
                "became {loops} loops, one after the other, of which {parallel} may run in parallel"
            ),
            RemarkKind::Fused { with } => write!(
                f,
                "fused with the loop at {}:{}, which has the same range",
                with.line, with.column
            ),
            RemarkKind::FusedInto { first } => write!(
                f,
                "became part of the loop at {}:{}, which has the same range",
                first.line, first.column
            ),
            RemarkKind::Scan { together } => write!(
                f,
                "a running sum whose additions are regrouped: {together} iterations at a time wait for each other only once"
            ),
            RemarkKind::Parallel(how) => how.fmt(f),
            RemarkKind::Serial { reason, .. } => {
                write!(f, "not parallel: it {reason}")?;
                let places = match reason.second == reason.first {
                    true => [Span::UNKNOWN, reason.first],
                    false => [reason.first, reason.second],
                };
                let mut before = " (";
                for place in places.iter().filter(|place| !place.is_unknown()) {
                    write!(f, "{before}{}:{}", place.line, place.column)?;
                    before = " and ";
                }
                match before {
                    " and " => f.write_str(")"),
                    _ => Ok(()),
                }
            }
            RemarkKind::NotBlocked(why) => write!(f, "not computed in blocks: {why}"),
            RemarkKind::ChecksRemoved {
                removed,
                conditions,
                kept,
            } => {
                match removed {
                    1 => write!(f, "1 check for a panic left the loop")?,
                    _ => write!(f, "{removed} checks for panics left the loop")?,
                }
                match (conditions, removed) {
                    (0, 1) => write!(f, ": it cannot fail")?,
                    (0, _) => write!(f, ": none of them can fail")?,
                    (_, 1) => write!(f, ", and is made once before it")?,
                    _ => write!(f, ", and are made once before it")?,
                }
                // Later passes, and LLVM, remove more of them.
                match kept {
                    0 => Ok(()),
                    1 => write!(f, "; 1 was left to later passes"),
                    _ => write!(f, "; {kept} were left to later passes"),
                }
            }
        }
    }
}

/// Collects the remarks of one function.
#[derive(Debug)]
pub struct Remarks<'a> {
    function: usize,
    all: &'a mut Vec<Remark>,
}

impl<'a> Remarks<'a> {
    /// For the function of this number.
    pub fn new(function: usize, all: &'a mut Vec<Remark>) -> Self {
        Remarks { function, all }
    }

    /// Adds a remark about the loop at `span`.
    pub fn add(&mut self, span: Span, kind: RemarkKind) {
        let function = self.function;
        self.all.push(Remark {
            function,
            span,
            kind,
        });
    }
}

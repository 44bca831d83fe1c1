//! What our own passes did with a loop, or why they did not: the lines of a report.

use std::fmt;

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
    /// Bounds and overflow are checked once, before the loop.
    ChecksRemoved {
        /// How many checks left the loop.
        removed: usize,
        /// How many conditions are checked before it instead; 0 if the checks never fail.
        conditions: usize,
        /// How many checks stayed, divisions not counted.
        kept: usize,
    },
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
            RemarkKind::Split => f.write_str(
                "split at the iteration that stores to an element which all iterations use",
            ),
            RemarkKind::ExtremaByBlocks => f.write_str(
                "the block of iterations that decides is found first, by least and greatest values in vectors",
            ),
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
                match conditions {
                    0 => write!(f, ": none of them can fail")?,
                    _ => write!(f, ", and are made once before it")?,
                }
                match kept {
                    0 => Ok(()),
                    1 => write!(f, "; 1 stayed in it"),
                    _ => write!(f, "; {kept} stayed in it"),
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

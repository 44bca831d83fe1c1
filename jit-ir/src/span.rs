//! Where in the user's source something stands.

use serde::{Deserialize, Serialize};

/// A place in the user's file: where an expression or statement starts. The file is the function's
/// ([`crate::Function::file`]). Line and column count from 1; 0 means unknown (IR that was built by hand).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
pub struct Span {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

impl Span {
    /// A span that says nothing.
    pub const UNKNOWN: Span = Span { line: 0, column: 0 };

    /// A span at this line and column.
    pub const fn new(line: u32, column: u32) -> Self {
        Span { line, column }
    }
}

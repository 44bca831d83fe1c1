//! Where in the user's source something stands.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A place in the user's source: where an expression or statement starts. Line and column count from 1; 0 means unknown (IR that was
/// built by hand).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
pub struct Span {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// The function whose source it is in, by its number among the instances that were lowered together, as for [`crate::Site::origin`]: a
    /// closure or a contained function is part of another function, perhaps of another file.
    pub origin: u32,
}

impl Span {
    /// A span that says nothing.
    pub const UNKNOWN: Span = Span {
        line: 0,
        column: 0,
        origin: 0,
    };

    /// A span at this line and column, of the instance 0.
    pub const fn new(line: u32, column: u32) -> Self {
        Span {
            line,
            column,
            origin: 0,
        }
    }

    /// The same line and column in the source of another instance.
    #[must_use]
    pub const fn of_instance(self, origin: u32) -> Self {
        if self.is_unknown() {
            return Span::UNKNOWN;
        }
        Span { origin, ..self }
    }

    /// Whether it says nothing.
    pub const fn is_unknown(self) -> bool {
        self.line == 0
    }
}

/// `12:5`, with the number of the instance behind it unless that is 0: `12:5:3`.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)?;
        match self.origin {
            0 => Ok(()),
            origin => write!(f, ":{origin}"),
        }
    }
}

/// How a captured function keeps its spans: lines and columns, as they are all its own.
pub(crate) mod own {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Span;

    #[derive(Serialize, Deserialize)]
    struct Position {
        line: u32,
        column: u32,
    }

    pub(crate) fn serialize<S: Serializer>(
        spans: &[Span],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(spans.iter().map(|span| Position {
            line: span.line,
            column: span.column,
        }))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<Span>, D::Error> {
        let positions = Vec::<Position>::deserialize(deserializer)?;
        let spans = positions.into_iter();
        Ok(spans
            .map(|position| Span::new(position.line, position.column))
            .collect())
    }
}

//! Macros, and functions inside functions.

use serde::{Deserialize, Serialize};

use super::{Block, Expr, Ident, Pat, Path, Signature, Span};

/// A use of a macro.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Macro {
    /// Its path.
    pub path: Path,
    /// What stands in it.
    pub args: MacroArgs,
    /// All of it.
    pub span: Span,
}

impl Macro {
    /// Its name.
    pub fn name(&self) -> &str {
        (self.path.segments.last()).map_or("", |last| last.ident.name.as_str())
    }
}

/// The arguments of a macro, parsed for those of std that may be captured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum MacroArgs {
    /// `panic!`, `unreachable!`, `todo!`, `unimplemented!`, `println!`, `print!`, `eprintln!`, `eprint!`: a message.
    Message(Format),
    /// `assert!`, `debug_assert!`.
    Assert {
        /// What is to hold.
        condition: Box<Expr>,
        /// The condition as rustc prints it.
        text: String,
        /// The message.
        message: Format,
    },
    /// `assert_eq!`, `assert_ne!` and their `debug_` forms.
    AssertEq {
        /// One side.
        left: Box<Expr>,
        /// The other side.
        right: Box<Expr>,
        /// The message.
        message: Format,
    },
    /// `dbg!`, `vec![a, b]`.
    List(Vec<Expr>),
    /// `vec![expr; len]`.
    Repeat {
        /// The element.
        expr: Box<Expr>,
        /// How many.
        len: Box<Expr>,
    },
    /// `matches!(expr, pat if guard)`.
    Matches {
        /// The value.
        expr: Box<Expr>,
        /// The pattern.
        pat: Box<Pat>,
        /// What stands behind `if`.
        guard: Option<Box<Expr>>,
    },
    /// `cfg!(..)`: the tokens as text.
    Cfg(String),
    /// A macro that only rustc knows: the names in it, each once, some of which may be variables.
    Names(Vec<Ident>),
    /// As `Names`, with a `return` among the tokens, and with nothing else that leaves.
    Returning(Vec<Ident>),
    /// As `Names`, with a `break`, `continue` or `?` among the tokens, perhaps also a `return`; without labels.
    Leaving(Vec<Ident>),
    /// The arguments of a macro of the above that cannot be parsed, and where.
    Malformed(Span),
    /// The arguments of a macro that leaves the expression that it stands in, or names none of what it uses.
    Unknown,
}

/// The arguments of `format!` and its like: a format string, then what is formatted. A named argument is a
/// [`Expr::Assign`] to the name. Nothing if there is no message.
///
/// What a trap carries for it are the values of the arguments behind the format string, in order, then those of the variables that the
/// format string names itself (`"{x}"`), each once, in order of appearance.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Format {
    /// The arguments, the format string included: a literal unless the program does not compile.
    pub args: Vec<Expr>,
}

/// A function inside a function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ItemFn {
    /// `fn`.
    pub fn_token: Span,
    /// Its signature.
    pub sig: Signature,
    /// Its body.
    pub block: Block,
}

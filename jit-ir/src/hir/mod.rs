//! The syntax of a captured function, as data: what the macro embeds, and what [`crate::lower`] reads.
//!
//! The types mirror those of syn and have their names, without what means nothing here (punctuation, lifetimes, visibility). What
//! Rust has and this has not, stands here as a [`Refusal`]: the message that lowering reports where it meets it.
//!
//! A [`Span`] is the name of a node: no two nodes of a function share one. It says where the node starts in the source
//! ([`Function::spans`]), and whatever is said about a node (a problem, a trap site, what a name means) is said by its number.

/// Structures that know where they stand: their field `span`.
macro_rules! spanned {
    ($($ty:ident),*) => {
        $(
            impl $ty {
                /// All of it.
                pub fn span(&self) -> Span {
                    self.span
                }
            }
        )*
    };
}

mod control;
mod encode;
mod expr;
mod format;
mod lit;
mod mac;
mod op;
mod pat;
mod path;
mod signature;
mod stmt;
#[cfg(all(test, feature = "frontend"))]
mod tests;
mod ty;

pub use control::*;
pub use encode::{HirError, MAGIC, SCHEMA_VERSION, decode, encode};
pub use expr::*;
pub use format::{Use, captures};
pub use lit::*;
pub use mac::*;
pub use op::*;
pub use pat::*;
pub use path::*;
use serde::{Deserialize, Serialize};
pub use signature::*;
pub use stmt::*;
pub use ty::*;

use crate::lower::Code;

/// How deep expressions, patterns and types may nest in each other; operands on the left of binary operators do not count.
pub const MAX_NESTING: usize = 192;

/// A captured function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Function {
    /// The file that contains it, as rustc names it in panic messages; empty if unknown.
    pub file: String,
    /// Where each node starts, by the number of its [`Span`].
    #[serde(with = "crate::span::own")]
    pub spans: Vec<crate::Span>,
    /// `Self` of the `impl` that contains the function, if it is a method or an associated function.
    pub self_ty: Option<Type>,
    /// The paths of `#[jit(host(..))]`, as they are written, without spaces.
    pub hosts: Vec<String>,
    /// Problems of tokens that are no nodes.
    pub refusals: Vec<Refusal>,
    /// Name, type parameters, parameters, result; the type parameters begin with those of the `impl`.
    pub sig: Signature,
    /// The body.
    pub block: Block,
}

impl Function {
    /// The function's name, with `r#` if it is written so.
    pub fn name(&self) -> &str {
        &self.sig.ident.name
    }

    /// Where a node starts.
    pub fn position(&self, span: Span) -> crate::Span {
        self.spans
            .get(span.0 as usize)
            .copied()
            .unwrap_or(crate::Span::UNKNOWN)
    }
}

/// A node of a function: an index into [`Function::spans`].
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
pub struct Span(pub u32);

/// A name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ident {
    /// Its spelling, with `r#` if it is written so.
    pub name: String,
    /// Which macro it comes from: names of different hygiene are different names. 0 where the function itself is written.
    pub hygiene: u32,
    /// Where it stands.
    pub span: Span,
}

impl Ident {
    /// Where it stands.
    pub fn span(&self) -> Span {
        self.span
    }
}

impl std::fmt::Display for Ident {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)
    }
}

impl PartialEq<str> for Ident {
    fn eq(&self, other: &str) -> bool {
        self.name == other
    }
}

impl PartialEq<&str> for Ident {
    fn eq(&self, other: &&str) -> bool {
        self.name == *other
    }
}

/// The name of a loop or block, with its `'`; and a [`Label`] is the same with a colon.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lifetime {
    /// The name without `'`.
    pub ident: Ident,
}

impl Lifetime {
    /// Where it stands.
    pub fn span(&self) -> Span {
        self.ident.span
    }
}

impl std::fmt::Display for Lifetime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "'{}", self.ident)
    }
}

/// `'name:` before a loop or block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// The name.
    pub name: Lifetime,
}

/// A field: `x` or `0`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Member {
    /// Of a struct with names.
    Named(Ident),
    /// Of a tuple or tuple struct.
    Unnamed(Index),
}

/// The number of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    /// From 0.
    pub index: u32,
    /// Where it stands.
    pub span: Span,
}

impl Member {
    /// Where it stands.
    pub fn span(&self) -> Span {
        match self {
            Member::Named(ident) => ident.span,
            Member::Unnamed(index) => index.span,
        }
    }
}

/// Syntax that cannot be captured, with what is to be said about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The kind of the problem.
    pub code: Code,
    /// The fact.
    pub message: String,
    /// The way out.
    pub help: String,
    /// The smallest token that is wrong.
    pub span: Span,
}

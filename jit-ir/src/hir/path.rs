//! Paths.

use serde::{Deserialize, Serialize};

use super::{Expr, Ident, Span, Type};

/// `std::f64::consts::PI`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Path {
    /// Whether it starts with `::`.
    pub leading_colon: bool,
    /// The parts, at least one.
    pub segments: Vec<PathSegment>,
    /// All of it.
    pub span: Span,
}

impl Path {
    /// Whether it may be the path of a macro of std: its name, or a path from std's root.
    pub fn may_be_of_std(&self) -> bool {
        let first = self.segments.first().map(|first| first.ident.name.as_str());
        self.segments.len() < 2 || matches!(first, Some("std" | "core" | "alloc"))
    }
}

/// A part of a path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PathSegment {
    /// Its name.
    pub ident: Ident,
    /// What is written behind the name.
    pub arguments: PathArguments,
}

/// The generic arguments of a part of a path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum PathArguments {
    /// None are written.
    None,
    /// `<A, B>` or `::<A, B>`.
    AngleBracketed(Vec<GenericArgument>),
    /// `(A, B) -> C`, of `Fn` and its like.
    Parenthesized {
        /// The types of the parameters.
        inputs: Vec<Type>,
        /// The type of the result, if it is written.
        output: Option<Box<Type>>,
    },
}

impl PathArguments {
    /// Whether there are none.
    pub fn is_none(&self) -> bool {
        matches!(self, PathArguments::None)
    }
}

/// A generic argument. Lifetimes are left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum GenericArgument {
    /// A type, or a constant that looks like one.
    Type(Type),
    /// A constant.
    Const(Expr),
    /// `Item = T`.
    AssocType(Ident, Type),
    /// Another constraint.
    Other(Span),
}

impl Path {
    /// All of it.
    pub fn span(&self) -> Span {
        self.span
    }

    /// The name, if the path is a single name without arguments.
    pub fn get_ident(&self) -> Option<&Ident> {
        match self.segments.as_slice() {
            [only] if !self.leading_colon && only.arguments.is_none() => Some(&only.ident),
            _ => None,
        }
    }

    /// Whether the path is this single name.
    pub fn is_ident(&self, name: &str) -> bool {
        self.get_ident().is_some_and(|ident| ident.name == name)
    }
}

//! Literals.

use serde::{Deserialize, Serialize};

use super::Span;

/// A literal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Lit {
    /// `"text"`.
    Str(LitStr),
    /// `b"bytes"`.
    ByteStr(Vec<u8>, Span),
    /// `b'x'`.
    Byte(u8, Span),
    /// `'x'`.
    Char(char, Span),
    /// `1`, `1u8`, `1f32`.
    Int(LitInt),
    /// `1.0`, `1e9f32`.
    Float(LitFloat),
    /// `true`, `false`.
    Bool(bool, Span),
    /// Another literal.
    Other(Span),
}

/// `"text"`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LitStr {
    /// The text.
    pub value: String,
    /// The hygiene of names in it, as that of an [`Ident`](super::Ident).
    pub hygiene: u32,
    /// Where it stands.
    pub span: Span,
}

/// An integer, or a float that looks like one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LitInt {
    /// The decimal digits; in patterns behind a `-`, perhaps.
    pub digits: String,
    /// A type, perhaps of a float; empty if there is none.
    pub suffix: String,
    /// Where it stands.
    pub span: Span,
}

/// A float.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LitFloat {
    /// The decimal digits with point and exponent; in patterns behind a `-`, perhaps.
    pub digits: String,
    /// A type; empty if there is none.
    pub suffix: String,
    /// Where it stands.
    pub span: Span,
}

impl Lit {
    /// Where it stands.
    pub fn span(&self) -> Span {
        match self {
            Lit::Str(lit) => lit.span,
            Lit::Int(lit) => lit.span,
            Lit::Float(lit) => lit.span,
            Lit::ByteStr(_, span)
            | Lit::Byte(_, span)
            | Lit::Char(_, span)
            | Lit::Bool(_, span)
            | Lit::Other(span) => *span,
        }
    }
}

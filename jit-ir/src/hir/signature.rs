//! Signatures.

use serde::{Deserialize, Serialize};

use super::{Ident, Pat, Path, Refusal, Span, Type};

/// The traits of std that make a parameter an iterator, by their names.
pub const ITERATORS: &[&str] = &[
    "Iterator",
    "IntoIterator",
    "DoubleEndedIterator",
    "ExactSizeIterator",
    "FusedIterator",
];

/// The signature of a function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Signature {
    /// The name.
    pub ident: Ident,
    /// `unsafe`.
    pub unsafety: Option<Span>,
    /// What else stands before `fn` (`async`, `const`, `extern`) or makes it variadic.
    pub refusals: Vec<Refusal>,
    /// Type and const parameters with their bounds.
    pub generics: Generics,
    /// The parameters.
    pub inputs: Vec<FnArg>,
    /// The type of the result, if one is written.
    pub output: Option<Type>,
}

/// Type and const parameters. Lifetimes are left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Generics {
    /// The parameters in order.
    pub params: Vec<GenericParam>,
    /// The predicates of the `where` clause that are about types.
    pub predicates: Vec<WherePredicate>,
}

/// A type or const parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum GenericParam {
    /// `T: A + B`.
    Type(TypeParam),
    /// `const N: usize`.
    Const(ConstParam),
}

/// `T: A + B`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TypeParam {
    /// `T`.
    pub ident: Ident,
    /// The traits.
    pub bounds: Vec<Path>,
}

/// `const N: usize`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConstParam {
    /// `const`.
    pub const_token: Span,
    /// `N`.
    pub ident: Ident,
    /// Its type.
    pub ty: Type,
}

/// `T: A + B` of a `where` clause.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WherePredicate {
    /// `T`.
    pub bounded_ty: Type,
    /// The traits.
    pub bounds: Vec<Path>,
}

/// A parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FnArg {
    /// `self` in one of its forms.
    Receiver(Receiver),
    /// `pat: ty`.
    Typed(Param),
}

/// `self`, `&self`, `&mut self`, `self: T`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Receiver {
    /// `self`.
    pub ident: Ident,
    /// Whether it is `mut self`.
    pub mutability: bool,
    /// Its type, in terms of `Self`.
    pub ty: Type,
}

/// `pat: ty`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Param {
    /// An attribute.
    pub refusal: Option<Refusal>,
    /// What it is bound to.
    pub pat: Pat,
    /// Its type; of `x: impl Into<T>`, `T`.
    pub ty: Type,
    /// Whether it is `impl Into<T>`: then numbers are passed as what they are converted to.
    pub into: bool,
}

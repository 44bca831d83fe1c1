//! Types.

use serde::{Deserialize, Serialize};

use super::encode::nested;
use super::{Expr, Path, Refusal, Span};

/// A type as it is written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self")]
pub enum Type {
    /// `[T; N]`.
    Array(TypeArray),
    /// In invisible delimiters, which a macro puts around its arguments.
    Group(TypeGroup),
    /// `impl Fn(A) -> B`.
    ImplFn(TypeImplFn),
    /// `_`.
    Infer(Span),
    /// `!`.
    Never(Span),
    /// `(T)`.
    Paren(TypeParen),
    /// A path.
    Path(TypePath),
    /// `&T`.
    Reference(TypeReference),
    /// `[T]`.
    Slice(TypeSlice),
    /// `(A, B)`.
    Tuple(TypeTuple),
    /// Cannot be captured.
    Refused(Refusal),
}

nested!(Type);

/// `[T; N]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TypeArray {
    /// `T`.
    pub elem: Box<Type>,
    /// `N`.
    pub len: Box<Expr>,
    /// All of it.
    pub span: Span,
}

/// A type in invisible delimiters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TypeGroup {
    /// The type.
    pub elem: Box<Type>,
    /// All of it.
    pub span: Span,
}

/// `impl Fn(A) -> B`, of a parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TypeImplFn {
    /// The bounds, one of which is `Fn`, `FnMut` or `FnOnce`.
    pub bounds: Vec<Path>,
    /// All of it.
    pub span: Span,
}

/// `(T)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TypeParen {
    /// `T`.
    pub elem: Box<Type>,
    /// All of it.
    pub span: Span,
}

/// A path to a type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TypePath {
    /// `T` of `<T as Trait>::Item`.
    pub qself: Option<Box<Type>>,
    /// The path.
    pub path: Path,
    /// All of it.
    pub span: Span,
}

/// `&T`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TypeReference {
    /// `&`.
    pub and_token: Span,
    /// Whether it is `&mut T`.
    pub mutability: bool,
    /// `T`.
    pub elem: Box<Type>,
    /// All of it.
    pub span: Span,
}

/// `[T]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TypeSlice {
    /// `T`.
    pub elem: Box<Type>,
    /// All of it.
    pub span: Span,
}

/// `(A, B)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TypeTuple {
    /// The types of the elements.
    pub elems: Vec<Type>,
    /// All of it.
    pub span: Span,
}

impl Type {
    /// All of it.
    pub fn span(&self) -> Span {
        match self {
            Type::Array(ty) => ty.span,
            Type::Group(ty) => ty.span,
            Type::ImplFn(ty) => ty.span,
            Type::Infer(span) | Type::Never(span) => *span,
            Type::Paren(ty) => ty.span,
            Type::Path(ty) => ty.span,
            Type::Reference(ty) => ty.span,
            Type::Slice(ty) => ty.span,
            Type::Tuple(ty) => ty.span,
            Type::Refused(refusal) => refusal.span,
        }
    }
}

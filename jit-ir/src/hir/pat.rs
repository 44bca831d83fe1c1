//! Patterns.

use serde::{Deserialize, Serialize};

use super::encode::nested;
use super::{Expr, ExprLit, ExprPath, Ident, Member, RangeLimits, Refusal, Span, Type};

/// A pattern.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self")]
pub enum Pat {
    /// A name, or a constant or variant that looks like one.
    Ident(PatIdent),
    /// A literal; a negative number is one, too.
    Lit(ExprLit),
    /// `A | B`.
    Or(PatOr),
    /// `(P)`.
    Paren(PatParen),
    /// A constant or variant.
    Path(ExprPath),
    /// `0..=9`.
    Range(PatRange),
    /// `&P`.
    Reference(PatReference),
    /// `..`.
    Rest(Span),
    /// `[A, B]`.
    Slice(PatSlice),
    /// `Point { x, .. }`.
    Struct(PatStruct),
    /// `(A, B)`.
    Tuple(PatTuple),
    /// `Some(P)`.
    TupleStruct(PatTupleStruct),
    /// `P: T`.
    Type(PatType),
    /// `_`.
    Wild(Span),
    /// A `const` block.
    Expr(Box<Expr>),
    /// Cannot be captured.
    Refused(Refusal),
}

nested!(Pat);

/// A name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PatIdent {
    /// `ref`.
    pub by_ref: Option<Span>,
    /// Whether `mut` is written before the name.
    pub mutability: bool,
    /// The name.
    pub ident: Ident,
    /// `@` and the pattern behind it.
    pub subpat: Option<(Span, Box<Pat>)>,
    /// All of it.
    pub span: Span,
}

/// `A | B`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PatOr {
    /// The patterns.
    pub cases: Vec<Pat>,
    /// All of it.
    pub span: Span,
}

/// `(P)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PatParen {
    /// `P`.
    pub pat: Box<Pat>,
    /// All of it.
    pub span: Span,
}

/// `0..=9`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PatRange {
    /// The first value: a literal, perhaps with a `-` in its digits, or a constant.
    pub start: Option<Box<Expr>>,
    /// `..` or `..=`.
    pub limits: RangeLimits,
    /// The end.
    pub end: Option<Box<Expr>>,
    /// All of it.
    pub span: Span,
}

/// `&P`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PatReference {
    /// `&`.
    pub and_token: Span,
    /// Whether it is `&mut P`.
    pub mutability: bool,
    /// `P`.
    pub pat: Box<Pat>,
    /// All of it.
    pub span: Span,
}

/// `[A, B]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PatSlice {
    /// The patterns.
    pub elems: Vec<Pat>,
    /// All of it.
    pub span: Span,
}

/// `Point { x, .. }`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PatStruct {
    /// The struct or variant.
    pub path: ExprPath,
    /// The fields.
    pub fields: Vec<FieldPat>,
    /// `..`.
    pub rest: Option<Span>,
    /// All of it.
    pub span: Span,
}

/// `x: P`; `x` alone is `x: x`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldPat {
    /// The field.
    pub member: Member,
    /// Its pattern.
    pub pat: Pat,
}

/// `(A, B)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PatTuple {
    /// The patterns.
    pub elems: Vec<Pat>,
    /// All of it.
    pub span: Span,
}

/// `Some(P)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PatTupleStruct {
    /// The struct or variant.
    pub path: ExprPath,
    /// The patterns.
    pub elems: Vec<Pat>,
    /// All of it.
    pub span: Span,
}

/// `P: T`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PatType {
    /// `P`.
    pub pat: Box<Pat>,
    /// `T`.
    pub ty: Box<Type>,
    /// All of it.
    pub span: Span,
}

impl Pat {
    /// All of it.
    pub fn span(&self) -> Span {
        match self {
            Pat::Ident(pat) => pat.span,
            Pat::Lit(pat) => pat.span,
            Pat::Or(pat) => pat.span,
            Pat::Paren(pat) => pat.span,
            Pat::Path(pat) => pat.span,
            Pat::Range(pat) => pat.span,
            Pat::Reference(pat) => pat.span,
            Pat::Rest(span) | Pat::Wild(span) => *span,
            Pat::Slice(pat) => pat.span,
            Pat::Struct(pat) => pat.span,
            Pat::Tuple(pat) => pat.span,
            Pat::TupleStruct(pat) => pat.span,
            Pat::Type(pat) => pat.span,
            Pat::Expr(expr) => expr.span(),
            Pat::Refused(refusal) => refusal.span,
        }
    }

    /// Calls `visit` with each name in it, in order.
    pub fn for_each_ident<'p>(&'p self, visit: &mut dyn FnMut(&'p PatIdent)) {
        match self {
            Pat::Ident(pat) => {
                visit(pat);
                if let Some((_, pat)) = &pat.subpat {
                    pat.for_each_ident(visit);
                }
            }
            Pat::Or(pat) => pat.cases.iter().for_each(|pat| pat.for_each_ident(visit)),
            Pat::Paren(pat) => pat.pat.for_each_ident(visit),
            Pat::Reference(pat) => pat.pat.for_each_ident(visit),
            Pat::Slice(pat) => pat.elems.iter().for_each(|pat| pat.for_each_ident(visit)),
            Pat::Struct(pat) => {
                (pat.fields.iter()).for_each(|field| field.pat.for_each_ident(visit))
            }
            Pat::Tuple(pat) => pat.elems.iter().for_each(|pat| pat.for_each_ident(visit)),
            Pat::TupleStruct(pat) => pat.elems.iter().for_each(|pat| pat.for_each_ident(visit)),
            Pat::Type(pat) => pat.pat.for_each_ident(visit),
            Pat::Lit(_)
            | Pat::Path(_)
            | Pat::Range(_)
            | Pat::Rest(_)
            | Pat::Wild(_)
            | Pat::Expr(_)
            | Pat::Refused(_) => {}
        }
    }

    /// The patterns directly inside, in order.
    fn parts(&self) -> Vec<&Pat> {
        match self {
            Pat::Or(or) => or.cases.iter().collect(),
            Pat::Ident(pat) => pat.subpat.iter().map(|(_, pat)| &**pat).collect(),
            Pat::Paren(pat) => vec![&pat.pat],
            Pat::Reference(pat) => vec![&pat.pat],
            Pat::Slice(pat) => pat.elems.iter().collect(),
            Pat::Struct(pat) => pat.fields.iter().map(|field| &field.pat).collect(),
            Pat::Tuple(pat) => pat.elems.iter().collect(),
            Pat::TupleStruct(pat) => pat.elems.iter().collect(),
            Pat::Type(pat) => vec![&pat.pat],
            Pat::Lit(_)
            | Pat::Path(_)
            | Pat::Range(_)
            | Pat::Rest(_)
            | Pat::Wild(_)
            | Pat::Expr(_)
            | Pat::Refused(_) => Vec::new(),
        }
    }

    /// As [`Pat::parts`].
    fn parts_mut(&mut self) -> Vec<&mut Pat> {
        match self {
            Pat::Or(or) => or.cases.iter_mut().collect(),
            Pat::Ident(pat) => pat.subpat.iter_mut().map(|(_, pat)| &mut **pat).collect(),
            Pat::Paren(pat) => vec![&mut pat.pat],
            Pat::Reference(pat) => vec![&mut pat.pat],
            Pat::Slice(pat) => pat.elems.iter_mut().collect(),
            Pat::Struct(pat) => (pat.fields.iter_mut())
                .map(|field| &mut field.pat)
                .collect(),
            Pat::Tuple(pat) => pat.elems.iter_mut().collect(),
            Pat::TupleStruct(pat) => pat.elems.iter_mut().collect(),
            Pat::Type(pat) => vec![&mut pat.pat],
            Pat::Lit(_)
            | Pat::Path(_)
            | Pat::Range(_)
            | Pat::Rest(_)
            | Pat::Wild(_)
            | Pat::Expr(_)
            | Pat::Refused(_) => Vec::new(),
        }
    }

    /// All alternatives in it, in order, also those inside of others.
    pub fn alternatives(&self) -> Vec<&PatOr> {
        let mut found = Vec::new();
        if let Pat::Or(or) = self {
            found.push(or);
        }
        for part in self.parts() {
            found.extend(part.alternatives());
        }
        found
    }

    /// Puts one of the cases in the place of the alternatives at `or`.
    pub fn choose(&mut self, or: Span, case: &Pat) {
        if matches!(self, Pat::Or(found) if found.span == or) {
            *self = case.clone();
            return;
        }
        for part in self.parts_mut() {
            part.choose(or, case);
        }
    }
}

//! Blocks and statements.

use serde::{Deserialize, Serialize};

use super::{Expr, Ident, ItemFn, Macro, Pat, Refusal, Span, Type};

/// `{ .. }`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// What is in it.
    pub stmts: Vec<Stmt>,
    /// All of it.
    pub span: Span,
}

impl Block {
    /// All of it.
    pub fn span(&self) -> Span {
        self.span
    }
}

/// A statement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Stmt {
    /// `let`.
    Local(Local),
    /// An item.
    Item(Item),
    /// An expression; whether a semicolon follows.
    Expr(Expr, bool),
    /// A macro.
    Macro(StmtMacro),
}

/// `let`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Local {
    /// What is bound; a [`Pat::Type`] if a type is written.
    pub pat: Pat,
    /// The value.
    pub init: Option<LocalInit>,
    /// `let`; the node that the type of the variable is known by.
    pub let_token: Span,
}

/// `= expr else { diverge }`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LocalInit {
    /// The value.
    pub expr: Box<Expr>,
    /// `else` and its block.
    pub diverge: Option<(Span, Box<Expr>)>,
}

/// A macro as a statement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StmtMacro {
    /// The macro.
    pub mac: Macro,
    /// Whether a semicolon follows.
    pub semi_token: bool,
}

/// An item inside a function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Item {
    /// `use`: the names that it brings.
    Use(Vec<UseName>),
    /// `const N: T = ..;`.
    Const(ItemConst),
    /// `static N: T = ..;`.
    Static(ItemConst),
    /// A function.
    Fn(ItemFn),
    /// Cannot be captured.
    Refused(Refusal),
}

/// A name that a `use` brings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UseName {
    /// The path that it names.
    pub path: Vec<Ident>,
    /// The name in this function; `_` for none, `*` for all that there are.
    pub name: Ident,
}

/// `const N: T = ..;` or `static N: T = ..;`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ItemConst {
    /// `const` or `static`.
    pub token: Span,
    /// Whether it is `static mut`.
    pub mutability: bool,
    /// `N`.
    pub ident: Ident,
    /// `T`.
    pub ty: Type,
    /// The value.
    pub expr: Box<Expr>,
}

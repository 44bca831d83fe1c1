//! Expressions that decide what runs next: blocks, conditions, loops and what leaves them.

use serde::{Deserialize, Serialize};

use super::{Block, Expr, Label, Lifetime, Pat, Span};

/// `{ .. }`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExprBlock {
    /// Its name.
    pub label: Option<Label>,
    /// The block.
    pub block: Block,
    /// All of it.
    pub span: Span,
}

/// `break 'label expr`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExprBreak {
    /// `break`.
    pub break_token: Span,
    /// What is left.
    pub label: Option<Lifetime>,
    /// Its value.
    pub expr: Option<Box<Expr>>,
    /// All of it.
    pub span: Span,
}

/// `const { .. }`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExprConst {
    /// `const`.
    pub const_token: Span,
    /// The block.
    pub block: Block,
    /// All of it.
    pub span: Span,
}

/// `continue 'label`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExprContinue {
    /// `continue`.
    pub continue_token: Span,
    /// The loop.
    pub label: Option<Lifetime>,
    /// All of it.
    pub span: Span,
}

/// `for pat in expr { .. }`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExprForLoop {
    /// Its name.
    pub label: Option<Label>,
    /// `for`.
    pub for_token: Span,
    /// What is bound.
    pub pat: Box<Pat>,
    /// What is iterated over.
    pub expr: Box<Expr>,
    /// What is repeated.
    pub body: Block,
    /// All of it.
    pub span: Span,
}

/// `if cond { .. } else { .. }`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExprIf {
    /// `if`.
    pub if_token: Span,
    /// The condition; may be or contain a [`Expr::Let`].
    pub cond: Box<Expr>,
    /// Runs if it holds.
    pub then_branch: Block,
    /// Runs otherwise: a block or another `if`.
    pub else_branch: Option<Box<Expr>>,
    /// All of it.
    pub span: Span,
}

/// `let pat = expr` in a condition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExprLet {
    /// `let`.
    pub let_token: Span,
    /// The pattern.
    pub pat: Box<Pat>,
    /// The value.
    pub expr: Box<Expr>,
    /// All of it.
    pub span: Span,
}

/// `loop { .. }`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExprLoop {
    /// Its name.
    pub label: Option<Label>,
    /// `loop`.
    pub loop_token: Span,
    /// What is repeated.
    pub body: Block,
    /// All of it.
    pub span: Span,
}

/// `match expr { .. }`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExprMatch {
    /// `match`.
    pub match_token: Span,
    /// The value.
    pub expr: Box<Expr>,
    /// The arms.
    pub arms: Vec<Arm>,
    /// All of it.
    pub span: Span,
}

/// `return expr`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExprReturn {
    /// `return`.
    pub return_token: Span,
    /// The result.
    pub expr: Option<Box<Expr>>,
    /// All of it.
    pub span: Span,
}

/// `expr?`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExprTry {
    /// The value.
    pub expr: Box<Expr>,
    /// `?`.
    pub question_token: Span,
    /// All of it.
    pub span: Span,
}

/// `unsafe { .. }`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExprUnsafe {
    /// `unsafe`.
    pub unsafe_token: Span,
    /// The block.
    pub block: Block,
    /// All of it.
    pub span: Span,
}

/// `while cond { .. }`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExprWhile {
    /// Its name.
    pub label: Option<Label>,
    /// `while`.
    pub while_token: Span,
    /// The condition; may be or contain a [`Expr::Let`].
    pub cond: Box<Expr>,
    /// What is repeated.
    pub body: Block,
    /// All of it.
    pub span: Span,
}

/// An arm of a `match`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Arm {
    /// The pattern.
    pub pat: Pat,
    /// What stands behind `if`.
    pub guard: Option<Box<Expr>>,
    /// The value.
    pub body: Box<Expr>,
}

spanned!(
    ExprBlock,
    ExprBreak,
    ExprConst,
    ExprContinue,
    ExprForLoop,
    ExprIf,
    ExprLet,
    ExprLoop,
    ExprMatch,
    ExprReturn,
    ExprTry,
    ExprUnsafe,
    ExprWhile
);

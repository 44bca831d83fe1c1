//! Expressions.

use serde::{Deserialize, Serialize};

use super::control::*;
use super::encode::{chain, nested};
use super::{
    BinOp, GenericArgument, Ident, Lit, Macro, Member, Pat, Path, RangeLimits, Refusal, Span, Type,
    UnOp,
};

/// An expression.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self")]
pub enum Expr {
    /// `[a, b]`.
    Array(ExprArray),
    /// `left = right`.
    Assign(ExprAssign),
    /// `left op right`, `left op= right`.
    #[serde(with = "chain")]
    Binary(ExprBinary),
    /// `{ .. }`.
    Block(ExprBlock),
    /// `break 'label expr`.
    Break(ExprBreak),
    /// `func(args)`.
    Call(ExprCall),
    /// `expr as ty`.
    Cast(ExprCast),
    /// `|inputs| body`.
    Closure(ExprClosure),
    /// `const { .. }`.
    Const(ExprConst),
    /// `continue 'label`.
    Continue(ExprContinue),
    /// `base.member`.
    Field(ExprField),
    /// `for pat in expr { .. }`.
    ForLoop(ExprForLoop),
    /// An expression in invisible delimiters.
    Group(ExprGroup),
    /// `if cond { .. } else { .. }`.
    If(ExprIf),
    /// `expr[index]`.
    Index(ExprIndex),
    /// `let pat = expr` in a condition.
    Let(ExprLet),
    /// A literal.
    Lit(ExprLit),
    /// `loop { .. }`.
    Loop(ExprLoop),
    /// `name!(..)`.
    Macro(ExprMacro),
    /// `match expr { .. }`.
    Match(ExprMatch),
    /// `receiver.method(args)`.
    MethodCall(ExprMethodCall),
    /// `(expr)`.
    Paren(ExprParen),
    /// A path: a variable, a constant, a function.
    Path(ExprPath),
    /// `start..end`.
    Range(ExprRange),
    /// `&expr`.
    Reference(ExprReference),
    /// `[expr; len]`.
    Repeat(ExprRepeat),
    /// `return expr`.
    Return(ExprReturn),
    /// `Point { x: 1, ..rest }`.
    Struct(ExprStruct),
    /// `expr?`.
    Try(ExprTry),
    /// `(a, b)`.
    Tuple(ExprTuple),
    /// `-expr`, `!expr`, `*expr`.
    Unary(ExprUnary),
    /// `unsafe { .. }`.
    Unsafe(ExprUnsafe),
    /// `while cond { .. }`.
    While(ExprWhile),
    /// `_`, as the target of an assignment.
    Infer(Span),
    /// Cannot be captured.
    Refused(Refusal),
}

nested!(Expr);

impl Expr {
    /// All of it.
    pub fn span(&self) -> Span {
        match self {
            Expr::Array(expr) => expr.span,
            Expr::Assign(expr) => expr.span,
            Expr::Binary(expr) => expr.span,
            Expr::Block(expr) => expr.span,
            Expr::Break(expr) => expr.span,
            Expr::Call(expr) => expr.span,
            Expr::Cast(expr) => expr.span,
            Expr::Closure(expr) => expr.span,
            Expr::Const(expr) => expr.span,
            Expr::Continue(expr) => expr.span,
            Expr::Field(expr) => expr.span,
            Expr::ForLoop(expr) => expr.span,
            Expr::Group(expr) => expr.span,
            Expr::If(expr) => expr.span,
            Expr::Index(expr) => expr.span,
            Expr::Let(expr) => expr.span,
            Expr::Lit(expr) => expr.span,
            Expr::Loop(expr) => expr.span,
            Expr::Macro(expr) => expr.span,
            Expr::Match(expr) => expr.span,
            Expr::MethodCall(expr) => expr.span,
            Expr::Paren(expr) => expr.span,
            Expr::Path(expr) => expr.span,
            Expr::Range(expr) => expr.span,
            Expr::Reference(expr) => expr.span,
            Expr::Repeat(expr) => expr.span,
            Expr::Return(expr) => expr.span,
            Expr::Struct(expr) => expr.span,
            Expr::Try(expr) => expr.span,
            Expr::Tuple(expr) => expr.span,
            Expr::Unary(expr) => expr.span,
            Expr::Unsafe(expr) => expr.span,
            Expr::While(expr) => expr.span,
            Expr::Infer(span) => *span,
            Expr::Refused(refusal) => refusal.span,
        }
    }
}

/// `[a, b]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExprArray {
    /// `[`.
    pub bracket_token: Span,
    /// The elements.
    pub elems: Vec<Expr>,
    /// All of it.
    pub span: Span,
}

/// `left = right`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExprAssign {
    /// What is assigned to.
    pub left: Box<Expr>,
    /// The value.
    pub right: Box<Expr>,
    /// All of it.
    pub span: Span,
}

/// `left op right`, `left op= right`.
#[derive(Clone, Debug, PartialEq)]
pub struct ExprBinary {
    /// The left operand, or what is assigned to.
    pub left: Box<Expr>,
    /// The operator.
    pub op: BinOp,
    /// The right operand.
    pub right: Box<Expr>,
    /// All of it.
    pub span: Span,
}

/// `func(args)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExprCall {
    /// What is called.
    pub func: Box<Expr>,
    /// The arguments.
    pub args: Vec<Expr>,
    /// All of it.
    pub span: Span,
}

/// `expr as ty`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExprCast {
    /// The value.
    pub expr: Box<Expr>,
    /// `as`.
    pub as_token: Span,
    /// The type.
    pub ty: Box<Type>,
    /// All of it.
    pub span: Span,
}

/// `|inputs| body`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExprClosure {
    /// The first `|`.
    pub inputs_begin: Span,
    /// `move`.
    pub capture: Option<Span>,
    /// The parameters, each a [`Pat::Type`] if its type is written.
    pub inputs: Vec<Pat>,
    /// The type of the result, if it is written.
    pub output: Option<Box<Type>>,
    /// The result.
    pub body: Box<Expr>,
    /// All of it.
    pub span: Span,
}

/// `base.member`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExprField {
    /// What has the field.
    pub base: Box<Expr>,
    /// The field.
    pub member: Member,
    /// All of it.
    pub span: Span,
}

/// An expression in invisible delimiters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExprGroup {
    /// The expression.
    pub expr: Box<Expr>,
    /// All of it.
    pub span: Span,
}

/// `expr[index]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExprIndex {
    /// What is indexed.
    pub expr: Box<Expr>,
    /// The index.
    pub index: Box<Expr>,
    /// `[`.
    pub bracket: Span,
    /// All of it.
    pub span: Span,
}

/// A literal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExprLit {
    /// The literal.
    pub lit: Lit,
    /// All of it.
    pub span: Span,
}

/// `name!(..)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExprMacro {
    /// The macro.
    pub mac: Macro,
    /// All of it.
    pub span: Span,
}

/// `receiver.method(args)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExprMethodCall {
    /// The receiver.
    pub receiver: Box<Expr>,
    /// The name.
    pub method: Ident,
    /// `::<T>`.
    pub turbofish: Option<Vec<GenericArgument>>,
    /// The other arguments.
    pub args: Vec<Expr>,
    /// All of it.
    pub span: Span,
}

/// `(expr)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExprParen {
    /// The expression.
    pub expr: Box<Expr>,
    /// All of it.
    pub span: Span,
}

/// A path: a variable, a constant, a function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExprPath {
    /// `T` of `<T as Trait>::zero`.
    pub qself: Option<Box<Type>>,
    /// The path.
    pub path: Path,
    /// All of it.
    pub span: Span,
}

/// `start..end`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExprRange {
    /// The first value.
    pub start: Option<Box<Expr>>,
    /// `..` or `..=`.
    pub limits: RangeLimits,
    /// The end.
    pub end: Option<Box<Expr>>,
    /// All of it.
    pub span: Span,
}

/// `&expr`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExprReference {
    /// `&`.
    pub and_token: Span,
    /// `mut`.
    pub mutability: Option<Span>,
    /// What is referred to.
    pub expr: Box<Expr>,
    /// All of it.
    pub span: Span,
}

/// `[expr; len]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExprRepeat {
    /// `[`.
    pub bracket_token: Span,
    /// The element.
    pub expr: Box<Expr>,
    /// How many.
    pub len: Box<Expr>,
    /// All of it.
    pub span: Span,
}

/// `Point { x: 1, ..rest }`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExprStruct {
    /// `T` of `<T as Trait>::Item { .. }`.
    pub qself: Option<Box<Type>>,
    /// The type.
    pub path: Path,
    /// The fields.
    pub fields: Vec<FieldValue>,
    /// What the other fields are taken from.
    pub rest: Option<Box<Expr>>,
    /// All of it.
    pub span: Span,
}

/// `(a, b)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExprTuple {
    /// The elements.
    pub elems: Vec<Expr>,
    /// All of it.
    pub span: Span,
}

/// `-expr`, `!expr`, `*expr`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExprUnary {
    /// The operator.
    pub op: UnOp,
    /// The operand.
    pub expr: Box<Expr>,
    /// All of it.
    pub span: Span,
}

/// `x: expr`; `x` alone is `x: x`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldValue {
    /// The field.
    pub member: Member,
    /// Its value.
    pub expr: Expr,
}

spanned!(
    ExprArray,
    ExprAssign,
    ExprBinary,
    ExprCall,
    ExprCast,
    ExprClosure,
    ExprField,
    ExprGroup,
    ExprIndex,
    ExprLit,
    ExprMacro,
    ExprMethodCall,
    ExprParen,
    ExprPath,
    ExprRange,
    ExprReference,
    ExprRepeat,
    ExprStruct,
    ExprTuple,
    ExprUnary
);

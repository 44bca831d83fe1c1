//! Expressions.

use serde::{Deserialize, Serialize};

use super::encode::{chain, nested};
use super::{
    Block, GenericArgument, Ident, Label, Lifetime, Macro, Member, Pat, Path, Refusal, Span, Type,
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

impl ExprArray {
    /// All of it.
    pub fn span(&self) -> Span {
        self.span
    }
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

impl ExprAssign {
    /// All of it.
    pub fn span(&self) -> Span {
        self.span
    }
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

impl ExprBinary {
    /// All of it.
    pub fn span(&self) -> Span {
        self.span
    }
}

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

impl ExprBlock {
    /// All of it.
    pub fn span(&self) -> Span {
        self.span
    }
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

impl ExprBreak {
    /// All of it.
    pub fn span(&self) -> Span {
        self.span
    }
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

impl ExprCall {
    /// All of it.
    pub fn span(&self) -> Span {
        self.span
    }
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

impl ExprCast {
    /// All of it.
    pub fn span(&self) -> Span {
        self.span
    }
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

impl ExprClosure {
    /// All of it.
    pub fn span(&self) -> Span {
        self.span
    }
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

impl ExprConst {
    /// All of it.
    pub fn span(&self) -> Span {
        self.span
    }
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

impl ExprContinue {
    /// All of it.
    pub fn span(&self) -> Span {
        self.span
    }
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

impl ExprField {
    /// All of it.
    pub fn span(&self) -> Span {
        self.span
    }
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

impl ExprForLoop {
    /// All of it.
    pub fn span(&self) -> Span {
        self.span
    }
}

/// An expression in invisible delimiters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExprGroup {
    /// The expression.
    pub expr: Box<Expr>,
    /// All of it.
    pub span: Span,
}

impl ExprGroup {
    /// All of it.
    pub fn span(&self) -> Span {
        self.span
    }
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

impl ExprIf {
    /// All of it.
    pub fn span(&self) -> Span {
        self.span
    }
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

impl ExprIndex {
    /// All of it.
    pub fn span(&self) -> Span {
        self.span
    }
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

impl ExprLet {
    /// All of it.
    pub fn span(&self) -> Span {
        self.span
    }
}

/// A literal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExprLit {
    /// The literal.
    pub lit: Lit,
    /// All of it.
    pub span: Span,
}

impl ExprLit {
    /// All of it.
    pub fn span(&self) -> Span {
        self.span
    }
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

impl ExprLoop {
    /// All of it.
    pub fn span(&self) -> Span {
        self.span
    }
}

/// `name!(..)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExprMacro {
    /// The macro.
    pub mac: Macro,
    /// All of it.
    pub span: Span,
}

impl ExprMacro {
    /// All of it.
    pub fn span(&self) -> Span {
        self.span
    }
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

impl ExprMatch {
    /// All of it.
    pub fn span(&self) -> Span {
        self.span
    }
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

impl ExprMethodCall {
    /// All of it.
    pub fn span(&self) -> Span {
        self.span
    }
}

/// `(expr)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExprParen {
    /// The expression.
    pub expr: Box<Expr>,
    /// All of it.
    pub span: Span,
}

impl ExprParen {
    /// All of it.
    pub fn span(&self) -> Span {
        self.span
    }
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

impl ExprPath {
    /// All of it.
    pub fn span(&self) -> Span {
        self.span
    }
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

impl ExprRange {
    /// All of it.
    pub fn span(&self) -> Span {
        self.span
    }
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

impl ExprReference {
    /// All of it.
    pub fn span(&self) -> Span {
        self.span
    }
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

impl ExprRepeat {
    /// All of it.
    pub fn span(&self) -> Span {
        self.span
    }
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

impl ExprReturn {
    /// All of it.
    pub fn span(&self) -> Span {
        self.span
    }
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

impl ExprStruct {
    /// All of it.
    pub fn span(&self) -> Span {
        self.span
    }
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

impl ExprTry {
    /// All of it.
    pub fn span(&self) -> Span {
        self.span
    }
}

/// `(a, b)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExprTuple {
    /// The elements.
    pub elems: Vec<Expr>,
    /// All of it.
    pub span: Span,
}

impl ExprTuple {
    /// All of it.
    pub fn span(&self) -> Span {
        self.span
    }
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

impl ExprUnary {
    /// All of it.
    pub fn span(&self) -> Span {
        self.span
    }
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

impl ExprUnsafe {
    /// All of it.
    pub fn span(&self) -> Span {
        self.span
    }
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

impl ExprWhile {
    /// All of it.
    pub fn span(&self) -> Span {
        self.span
    }
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

/// `x: expr`; `x` alone is `x: x`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldValue {
    /// The field.
    pub member: Member,
    /// Its value.
    pub expr: Expr,
}

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
    /// The hygiene of names in it, as that of an [`Ident`].
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

/// `..` or `..=`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum RangeLimits {
    /// `..`.
    HalfOpen(Span),
    /// `..=`.
    Closed(Span),
}

impl RangeLimits {
    /// Where it stands.
    pub fn span(self) -> Span {
        match self {
            RangeLimits::HalfOpen(span) | RangeLimits::Closed(span) => span,
        }
    }
}

/// A unary operator.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum UnOp {
    /// `*`.
    Deref(Span),
    /// `!`.
    Not(Span),
    /// `-`.
    Neg(Span),
}

impl UnOp {
    /// Where it stands.
    pub fn span(self) -> Span {
        match self {
            UnOp::Deref(span) | UnOp::Not(span) | UnOp::Neg(span) => span,
        }
    }
}

macro_rules! binary_operators {
    ($($name:ident $symbol:literal,)*) => {
        /// A binary operator.
        #[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
        pub enum BinOp {
            $(
                #[doc = concat!("`", $symbol, "`.")]
                $name(Span),
            )*
        }

        impl BinOp {
            /// Where it stands.
            pub fn span(self) -> Span {
                match self {
                    $(BinOp::$name(span) => span,)*
                }
            }

            /// As it is written.
            pub fn symbol(self) -> &'static str {
                match self {
                    $(BinOp::$name(_) => $symbol,)*
                }
            }
        }
    };
}

impl BinOp {
    /// Whether it changes its left operand: `+=` and its like.
    pub fn is_assignment(self) -> bool {
        let symbol = self.symbol();
        symbol.ends_with('=') && !matches!(symbol, "==" | "<=" | "!=" | ">=")
    }
}

binary_operators! {
    Add "+",
    Sub "-",
    Mul "*",
    Div "/",
    Rem "%",
    And "&&",
    Or "||",
    BitXor "^",
    BitAnd "&",
    BitOr "|",
    Shl "<<",
    Shr ">>",
    Eq "==",
    Lt "<",
    Le "<=",
    Ne "!=",
    Ge ">=",
    Gt ">",
    AddAssign "+=",
    SubAssign "-=",
    MulAssign "*=",
    DivAssign "/=",
    RemAssign "%=",
    BitXorAssign "^=",
    BitAndAssign "&=",
    BitOrAssign "|=",
    ShlAssign "<<=",
    ShrAssign ">>=",
}

//! Operators.

use serde::{Deserialize, Serialize};

use super::Span;

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

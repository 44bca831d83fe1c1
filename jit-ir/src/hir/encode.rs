//! Versioned bytes of the syntax: magic, schema version, postcard.

use std::cell::Cell;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{BinOp, Expr, ExprBinary, Function, MAX_NESTING, Span};

/// The version of the encoding. Increase it with every change of a type inside [`Function`] that changes the bytes. A test compares with
/// a recorded encoding and notices.
pub const SCHEMA_VERSION: u16 = 6;

/// What encoded syntax starts with.
pub const MAGIC: [u8; 4] = *b"hlHR";

/// Why bytes are no encoded function, or a function cannot be encoded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HirError {
    /// The bytes do not start with [`MAGIC`].
    #[error("not encoded syntax: wrong magic number")]
    Magic,
    /// Another version of hotloop wrote the bytes.
    #[error("syntax of schema version {found}, this is version {SCHEMA_VERSION}")]
    Version {
        /// The version that the bytes name.
        found: u16,
    },
    /// There are bytes behind the end of the function.
    #[error("{bytes} bytes behind the end")]
    TrailingBytes {
        /// How many.
        bytes: usize,
    },
    /// The bytes end early, or mean nothing, or what they mean is nested too deep.
    #[error("damaged syntax: {0}")]
    Damaged(String),
    /// The function is nested too deep.
    #[error("the function is nested too deep")]
    TooDeep,
}

/// The bytes of a function.
///
/// # Errors
///
/// If it nests deeper than [`MAX_NESTING`].
pub fn encode(function: &Function) -> Result<Vec<u8>, HirError> {
    let mut bytes = Vec::from(MAGIC);
    bytes.extend(SCHEMA_VERSION.to_le_bytes());
    NESTING.set(0);
    // Nothing else can go wrong with memory to write to.
    postcard::to_extend(function, bytes).map_err(|_| HirError::TooDeep)
}

/// The function in these bytes.
///
/// # Errors
///
/// If the bytes are anything else than what [`encode`] of this schema version returned.
pub fn decode(bytes: &[u8]) -> Result<Function, HirError> {
    let rest = bytes.strip_prefix(&MAGIC).ok_or(HirError::Magic)?;
    let Some((version, rest)) = rest.split_first_chunk() else {
        return Err(HirError::Damaged("no schema version".into()));
    };
    let found = u16::from_le_bytes(*version);
    if found != SCHEMA_VERSION {
        return Err(HirError::Version { found });
    }
    NESTING.set(0);
    let (function, rest) =
        postcard::take_from_bytes(rest).map_err(|error| HirError::Damaged(error.to_string()))?;
    if !rest.is_empty() {
        return Err(HirError::TrailingBytes { bytes: rest.len() });
    }
    Ok(function)
}

thread_local! {
    /// How many expressions, patterns and types this thread is inside of, encoding or decoding.
    static NESTING: Cell<usize> = const { Cell::new(0) };
}

/// Runs inside one more of them; `None` if that is one too many. Damaged bytes could ask for any depth, and postcard would follow them until
/// the stack is used up.
pub(super) fn enter<R>(run: impl FnOnce() -> R) -> Option<R> {
    struct Leave;
    impl Drop for Leave {
        fn drop(&mut self) {
            NESTING.set(NESTING.get().saturating_sub(1));
        }
    }
    if NESTING.get() >= MAX_NESTING {
        return None;
    }
    NESTING.set(NESTING.get() + 1);
    let _leave = Leave;
    Some(run())
}

/// The encoding of a recursive type: derived, with the depth counted. The type has `#[serde(remote = "Self")]`, so that what is
/// derived are functions of the type.
macro_rules! nested {
    ($ty:ident) => {
        impl serde::Serialize for $ty {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                crate::hir::encode::enter(|| $ty::serialize(self, serializer))
                    .unwrap_or_else(|| Err(serde::ser::Error::custom("nested too deep")))
            }
        }

        impl<'de> serde::Deserialize<'de> for $ty {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::hir::encode::enter(|| $ty::deserialize(deserializer))
                    .unwrap_or_else(|| Err(serde::de::Error::custom("nested too deep")))
            }
        }
    };
}
pub(super) use nested;

/// Binary operators: `a + b + c ..` may be long, so it is encoded as the leftmost operand and a list of the others.
pub(super) mod chain {
    use super::*;

    /// How many operators may follow each other: to walk over the operands, and to drop them, takes some stack for each.
    const MAX_CHAIN: usize = 4000;

    #[derive(Serialize)]
    struct Chain<'a> {
        first: &'a Expr,
        rest: Vec<(BinOp, &'a Expr, Span)>,
    }

    #[derive(Deserialize)]
    struct OwnedChain {
        first: Box<Expr>,
        rest: Vec<(BinOp, Box<Expr>, Span)>,
    }

    pub(in crate::hir) fn serialize<S: Serializer>(
        expr: &ExprBinary,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let mut first = &*expr.left;
        let mut rest = vec![(expr.op, &*expr.right, expr.span)];
        while let Expr::Binary(expr) = first {
            rest.push((expr.op, &*expr.right, expr.span));
            first = &*expr.left;
        }
        if rest.len() > MAX_CHAIN {
            return Err(serde::ser::Error::custom("too many operators"));
        }
        rest.reverse();
        serde::Serialize::serialize(&Chain { first, rest }, serializer)
    }

    pub(in crate::hir) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<ExprBinary, D::Error> {
        let OwnedChain { mut first, rest } = serde::Deserialize::deserialize(deserializer)?;
        if rest.len() > MAX_CHAIN || matches!(*first, Expr::Binary(_)) {
            return Err(serde::de::Error::custom("too many operators"));
        }
        let mut last = None;
        for (op, right, span) in rest {
            if let Some(expr) = last.take() {
                *first = Expr::Binary(expr);
            }
            last = Some(ExprBinary {
                left: std::mem::replace(&mut first, Box::new(Expr::Infer(span))),
                op,
                right,
                span,
            });
        }
        last.ok_or_else(|| serde::de::Error::custom("an operator without operands"))
    }
}

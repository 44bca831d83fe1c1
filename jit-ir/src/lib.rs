//! The typed loop IR of hotloop.
pub mod arena;
pub mod builder;
pub mod encode;
pub mod eval;
pub mod expr;
#[cfg(feature = "frontend")]
pub mod frontend;
pub mod func;
#[cfg(any(test, feature = "generate"))]
pub mod generate;
pub mod intrinsic;
pub mod parse;
pub mod print;
pub mod rules;
pub mod span;
pub mod specialize;
pub mod stmt;
mod text;
pub mod ty;
pub mod verify;
pub mod walk;

pub use arena::{Arena, Handle};
pub use builder::FunctionBuilder;
pub use encode::{EncodeError, SCHEMA_VERSION, decode, encode};
pub use eval::{Argument, EvalError, Outcome, Scalar, Value, eval};
pub use expr::{
    BinaryOp, ConstValue, Expr, ExprId, ExprKind, NamedConst, Place, Projection, SiteId, UnaryOp,
};
pub use func::{FastMath, Function, Local, LocalId, Site, SiteKind, TypeParam};
#[cfg(any(test, feature = "generate"))]
pub use generate::{ENOUGH_FUEL, GenerateConfig, generate_arguments, generate_function};
pub use intrinsic::{Class, Intrinsic, IntrinsicInfo, SigTy, Traps};
pub use parse::{ParseError, parse, parse_with_text_spans};
pub use print::{print, print_short};
pub use span::Span;
pub use specialize::{BuildOptions, SpecializeError, specialize};
pub use stmt::{Block, Label, Loop, LoopRequest, Stmt, StmtKind};
pub use ty::{ScalarTy, Ty};
pub use verify::{Rule, VerifyError, verify, verify_specialized};

//! The typed loop IR of hotloop: what a captured function is, and what it means. This page is the manual of its
//! semantics; where it says nothing, the function means what rustc says of the Rust that it was captured from.
//!
//! # A function
//!
//! A [`Function`] has parameters, locals, expressions in an [`Arena`], trap sites, and a body of statements.
//! Expressions are pure trees: they read locals and memory and may trap, and write nothing. Statements write. Loops
//! stay loops. In the text form ([`print`](fn@print), [`parse`](fn@parse)):
//!
//! ```
//! # let text = r#"
//! fn dot(a: &[f64], b: &[f64]) -> f64 {
//!     let mut acc: f64;
//!     let i: usize;
//!     site @0 = index;
//!     site @1 = index;
//!     acc = 0.0f64;
//!     '0: for i in 0usize..a.len() {
//!         acc = (acc + (a[i]@0 * b[i]@1));
//!     }
//!     return acc;
//! }
//! # "#;
//! # use hotloop_ir::{Argument, Outcome, eval, parse};
//! # let func = parse(text).unwrap();
//! # let mut args = [[1.0, 2.0], [3.0, 4.0]].map(|v| Argument::Slice(v.map(f64::into).into()));
//! # assert_eq!(eval(&func, &mut args, 1000), Ok(Outcome::Return(11.0f64.into())));
//! ```
//!
//! A [`Program`] is a function and all that it calls. A function alone is one without calls.
//!
//! It is *captured* with type parameters, perhaps; [`verify()`](fn@verify) says what is well-formed;
//! [`specialize()`](fn@specialize) makes types concrete; [`verify_specialized`] says what every later stage may rely
//! on; [`eval()`](fn@eval) says what the result is.
//!
//! # Order of evaluation
//!
//! Statements run in order. Operands are evaluated left to right, each once. Three expressions are lazy: `&&` and
//! `||` evaluate their right operand only if the left one does not decide, and a choice evaluates one of its two
//! values. An assignment evaluates the value, then the indices of the place in order, each checked, then stores: so
//! in `a[i] = x / y`, a division by zero comes before an index out of bounds. A counted loop evaluates start, end and
//! step once, in this order, before it starts; a `while` loop its condition before each iteration. What a later stage
//! reorders must not be observable: results, which trap comes first, and the stores before it.
//!
//! # Traps
//!
//! A trap is a panic of the source, known by the number of its [`Site`] and some operands ([`SiteKind`] says which),
//! which the caller replays in Rust. Every store that comes before it in order of evaluation has happened, and none
//! that comes after. In a specialized function an operation traps if and only if it has a site:
//!
//! - **Overflow.** With a site, `+`, `-`, `*`, negation, `abs`, `pow` and `next_power_of_two` of integers trap when
//!   the exact result does not fit, and shifts when the distance is negative or not below the width. Without one they
//!   wrap, as in a release profile, and distances are taken modulo the width; `next_power_of_two` yields 0.
//! - **Division.** `/`, `%`, `div_euclid` and `rem_euclid` of integers trap for a divisor of 0 and for MIN and -1, in
//!   every profile.
//! - **Bounds.** An index with a site traps if it is not below the length, a sub-slice with one unless
//!   start <= end <= length, in every profile. Without a site they are in bounds: who made the IR knows it, and if that is
//!   wrong, the behaviour is undefined (the evaluator notices).
//! - **Statements.** [`StmtKind::Trap`] evaluates its operands, in order, and traps with them.
//! - **Methods** trap where std's panic: `isqrt` of what is negative, `ilog` of what is not positive, `clamp` with
//!   bounds in the wrong order or NaN, `div_ceil`, `wrapping_div` and `wrapping_rem` by 0.
//! - **Conversions.** `as` never traps: integers are truncated or extended, floats saturate, NaN becomes 0. An
//!   unwrapped numeric conversion (num-traits' `NumCast`) truncates a float and traps if the value does not fit;
//!   everything fits a float.
//!
//! # Memory
//!
//! A [`Place`] is a local, or a part of it: a field of a tuple or struct, an element of an array, an element of what a slice
//! points to, what a reference points to. Loading copies, an aggregate as a whole; assigning stores a copy, so two locals
//! never share memory. [`ExprKind::Borrow`] and [`ExprKind::SubSlice`] give references and slices to places: they are values, which
//! are copied (also mutable ones, as Rust reborrows), compared with nothing, and may be assigned again. Whoever loads through them
//! sees the last store, by whichever way.
//!
//! - References and slices point to what is alive: the IR comes from Rust that was checked. The evaluator notices where that
//!   is wrong, no other stage does.
//! - What a mutable *parameter* points to is reached through it alone while the function runs: through no other parameter, and
//!   through no local that was not derived from it. What an immutable parameter points to does not change. Of references in
//!   locals nothing of the kind is known.
//! - The result of a function has no references. Parameters are scalars, slices and references; aggregates go through
//!   references.
//! - Constant tables are memory that is never stored to.
//! - [`ExprKind::Zeroed`] is a value that nobody looks at, such as the payload of `None`.
//! - The layout of every type is fixed ([`layout`]); padding has no value.
//!
//! # Calls
//!
//! A call evaluates its arguments, runs the function, then evaluates the indices of the place of the result and stores. A trap
//! in the callee ends the caller at once, and so on outwards: the trap is that of the call from outside, with its own site and operands.
//! Each call has locals of its own; recursion is allowed, and how deep is the stack's affair. What host functions do is
//! unknown, but of the memory that the program reaches they touch only what their arguments point to, and store only through mutable ones.
//! The evaluator knows those that take and return scalars. One that panics ends the call like a
//! trap, with no site.
//!
//! # Counted loops
//!
//! The values are exact: nothing overflows, `0..=255` of `u8` has 256 iterations and ends. `continue` goes to the
//! next value. A reversed loop has the same values from the back. The body does not assign the variable, and nothing
//! outside of the loop reads it.
//!
//! # Floats
//!
//! `f32` and `f64` are IEEE 754's, in its default environment: round to nearest, ties to even, subnormals kept. Each
//! operator and each method of [`Intrinsic`] is std's, to the bit, without [`FastMath`]; nothing is fused or
//! regrouped. Open, as in Rust: the sign and the payload of a NaN that an operation produces, and which zero `min`
//! and `max` of zeros of both signs return. With liberties in [`FastMath`] a result may be any that some use of them
//! explains; the evaluator uses none.
//!
//! # Parallel loops
//!
//! A [`LoopRequest`] is a wish. A [`For`](StmtKind::For) is serial, and a stage that runs it in parallel keeps what it means: only
//! where it has proved that no iteration depends on another, but for reductions, whose order is fixed by the trip
//! count.
//!
//! [`Parallel`] is what such a stage makes: [`ChunkPlan`] cuts the iterations into chunks, and each chunk is a call of the body
//! function. Chunk 0 starts from the accumulators' values, all others from the identities, and the results are combined from the left, in the
//! order of the chunks. Chunks run in any order or at the same time: whoever makes a `Parallel` has proved that none reads what another
//! stores. If chunks trap, the trap of the lowest one ends the function. Each chunk below it has run, and of those above it some may have.
//! Only where the loop stores nothing, a trap of a chunk or of the combiner has no such meaning: then the body function is called once for
//! all iterations, and what it does is what the loop does.
//!
//! # Limits
//!
//! `usize` has 64 bits. Blocks, expressions and types nest at most as deep as [`walk`] says, so that later stages may
//! recurse; whatever comes from outside (text, bytes, a `Function` that somebody made) gives an error before that.
//!
//! # Modules
//!
//! Data: [`arena`], [`span`], [`ty`], [`expr`], [`stmt`], [`func`], [`intrinsic`] (the table of methods). Facts:
//! [`rules`] (what exists for which type and may trap), [`layout`], [`walk`]. Making: [`builder`], [`parse`](mod@parse),
//! [`encode`](mod@encode), `generate` (random functions, feature `generate`). Judging: [`verify`](mod@verify).
//! Knowing: [`analysis`], [`remark`]. Changing: [`specialize`](mod@specialize), [`transform`]. Showing: [`print`](mod@print). Running: [`eval`](mod@eval).

/// The version of this crate: code that an earlier one made may be wrong.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

pub mod analysis;
pub mod arena;
pub mod arrays;
pub mod builder;
pub mod encode;
pub mod eval;
pub mod expr;
#[cfg(feature = "frontend")]
pub mod frontend;
pub mod func;
#[cfg(any(test, feature = "generate"))]
pub mod generate;
pub mod hir;
pub mod instance;
pub mod intrinsic;
pub mod layout;
pub mod lower;
pub mod parallel;
pub mod parse;
pub mod print;
pub mod remark;
pub mod rules;
pub mod span;
pub mod specialize;
pub mod stmt;
mod text;
pub mod transform;
pub mod ty;
pub mod verify;
pub mod walk;

pub use arena::{Arena, Handle};
pub use builder::FunctionBuilder;
pub use encode::{EncodeError, SCHEMA_VERSION, decode, decode_program, encode, encode_program};
pub use eval::{
    Argument, ChunkOrder, EvalError, HostFn, Outcome, Reference, Scalar, Value, eval, eval_program,
    eval_program_in,
};
pub use expr::{
    BinaryOp, ConstValue, Expr, ExprId, ExprKind, NamedConst, Place, Projection, SiteId, UnaryOp,
};
pub use func::{
    ArrayCheck, FastMath, Function, Host, HostTy, LengthCheck, Local, LocalId, Program, Site,
    SiteKind, SliceBounds, Table, TypeParam,
};
#[cfg(any(test, feature = "generate"))]
pub use generate::{
    ENOUGH_FUEL, GenerateConfig, generate_arguments, generate_function, generate_loop_arguments,
    generate_loops, generate_nest, generate_nest_arguments, generate_program,
};
pub use intrinsic::{Class, Intrinsic, IntrinsicInfo, SigTy, Traps};
pub use layout::{Layout, LayoutError, layout_of};
pub use parallel::{ChunkPlan, Parallelism, Schedule};
pub use parse::{
    ParseError, parse, parse_program, parse_program_with_text_spans, parse_with_text_spans,
};
pub use print::{print, print_program, print_short};
pub use remark::{ParallelLoop, Remark, RemarkKind, Remarks};
pub use span::Span;
pub use specialize::{BuildOptions, SpecializeError, specialize, specialize_program};
pub use stmt::{Block, Label, Loop, LoopHints, LoopRequest, Parallel, Stmt, StmtKind};
pub use transform::{
    Target, Temporary, keep_constants, lets_copies_out, optimize, optimize_deferred,
};
pub use ty::{FieldTy, ScalarTy, StructTy, Ty};
pub use verify::{
    Rule, VerifyError, verify, verify_program, verify_specialized, verify_specialized_program,
};

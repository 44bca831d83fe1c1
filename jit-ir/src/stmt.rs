//! Statements: what happens, in order. Loops stay loops.

use serde::{Deserialize, Serialize};

use crate::arena::Handle;
use crate::expr::{ExprId, Place, SiteId};
use crate::func::Local;
use crate::parallel::Parallelism;
use crate::span::Span;

/// Statements that run in order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// The statements.
    #[serde(deserialize_with = "crate::encode::deserialize_nested")]
    pub stmts: Vec<Stmt>,
}

/// A statement and where it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stmt {
    /// What it does.
    pub kind: StmtKind,
    /// Where it starts in the user's source.
    pub span: Span,
}

/// The name of a loop or labelled block inside its function; each is used once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Label(pub u32);

/// What a statement does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum StmtKind {
    /// Evaluates `value`, then the indices of `place` in order (each checked), then stores. The types agree. A local
    /// that is stored to is mutable, or this is its only assignment (deferred initialization: the verifier checks that
    /// no path assigns it twice or reads it first only as far as rustc has not).
    Assign {
        /// Where to.
        place: Place,
        /// What.
        value: ExprId,
    },
    /// Evaluates and drops the value: it may trap. The address of an element whose index has no site ([`Function::advice`](crate::Function::advice)) is
    /// advice that the element will be read soon: nothing is evaluated, and there need be no such element.
    Eval(ExprId),
    /// `if cond { then } else { otherwise }`.
    If {
        /// A `bool`.
        cond: ExprId,
        /// Runs if true.
        then: Block,
        /// Runs if false.
        otherwise: Block,
    },
    /// A counted loop.
    For(Loop),
    /// `while cond { body }`: `cond` is evaluated before each iteration, also after `continue`.
    While {
        /// The name for `break` and `continue`.
        label: Label,
        /// A `bool`.
        cond: ExprId,
        /// What is repeated.
        body: Block,
    },
    /// `loop { body }`.
    Forever {
        /// The name for `break` and `continue`.
        label: Label,
        /// What is repeated.
        body: Block,
    },
    /// `'label: { body }`: only `break` may name it.
    Labeled {
        /// The name for `break`.
        label: Label,
        /// What runs once.
        body: Block,
    },
    /// Leaves the enclosing loop or block of this name.
    Break(Label),
    /// Starts the next iteration of the enclosing loop of this name.
    Continue(Label),
    /// Leaves the function with this result (`None` if the result is `()`).
    Return(Option<ExprId>),
    /// Panics at this site (`panic!`, a failed `assert!`, `unreachable!`), after evaluating the operands.
    Trap {
        /// Where.
        site: SiteId,
        /// The scalars of the message, at most [`crate::func::MAX_TRAP_OPERANDS`].
        operands: Vec<ExprId>,
    },
    /// Evaluates the arguments, calls a function of the same [`crate::Program`], and stores its result. A trap of the callee ends the
    /// caller, too, with the same status and operands.
    Call {
        /// Its number in [`crate::Program::functions`].
        function: u32,
        /// The arguments, of the types of its parameters.
        args: Vec<ExprId>,
        /// Where the result goes, for results other than `()` that are used.
        result: Option<Place>,
    },
    /// Evaluates the arguments and calls a Rust function that was not captured, through a trampoline. It may panic: the caller then
    /// returns the status [`crate::func::HOST_PANICKED`], and the shim resumes the panic.
    HostCall {
        /// Its number in [`crate::Program::hosts`].
        host: u32,
        /// Scalars, of the types of its parameters.
        args: Vec<ExprId>,
        /// Where the result goes, for results other than `()` that are used.
        result: Option<Place>,
    },
    /// Runs the iterations of a loop in chunks, at the same time or in any order.
    Parallel(Box<Parallel>),
}

/// A loop whose iterations are independent, but for its accumulators. [The crate's documentation](crate#parallel-loops) says what it means.
///
/// The *body function* takes the number of the first iteration and the number behind the last (`usize`, counted from 0), then the
/// accumulators, then what is captured. It runs these iterations, starting from these accumulators, and returns what they are then: `()`, the
/// only one, or a tuple. An accumulator that is no scalar goes in by shared reference, and comes out by value.
///
/// All expressions are evaluated before the loop, in the order of the fields. Invariants (`check_parallel`): the types agree, and
/// the body function calls no host functions, directly or not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parallel {
    /// The body function, by its number in [`crate::Program::functions`].
    pub function: u32,
    /// How many iterations there are, a `usize`.
    pub count: ExprId,
    /// What one iteration has to do, in the unit of [`crate::parallel::MIN_WORK`]; a `usize`.
    pub work: ExprId,
    /// The accumulators before the loop.
    pub accumulators: Vec<ExprId>,
    /// What chunks other than the first start from, one for each accumulator.
    pub identities: Vec<ExprId>,
    /// What the body function gets besides.
    pub captures: Vec<ExprId>,
    /// The function `fn(left.., right..)` that makes the accumulators of two neighbouring chunks those of both, if there are accumulators.
    pub combine: Option<u32>,
    /// Where the body function's result goes, for results other than `()` that are used.
    pub result: Option<Place>,
    /// Whether iterations store to memory, so that those before a trap cannot run again.
    pub stores: bool,
    /// How chunks are cut and run.
    pub plan: Parallelism,
}

/// A counted loop: `for var in start..end` (or `start..=end`), every `step`-th, from the front or, if `reversed`, the
/// same sequence from the back. The trip count is `ceil((end - start) / step)` for `start < end` and 0 otherwise, with
/// `end - start + 1` if inclusive, in exact arithmetic: nothing overflows, `u8` `0..=255` has 256 iterations.
/// `start`, `end`, `step` are evaluated once, in this order, before the loop.
///
/// Invariants (`verify_loop`): `start` and `end` have `var`'s integer type; `step` is a `usize`, not 0 (capture puts a check
/// before a loop whose step is no constant); the body does not assign `var`, which belongs to this loop alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Loop {
    /// The name for `break` and `continue`.
    pub label: Label,
    /// The induction variable.
    pub var: Handle<Local>,
    /// The first value.
    pub start: ExprId,
    /// Behind the last value, or the last if `inclusive`.
    pub end: ExprId,
    /// The distance between two values.
    pub step: ExprId,
    /// Whether `end` belongs to the range.
    pub inclusive: bool,
    /// Whether the last value comes first.
    pub reversed: bool,
    /// What the user asked for; whether it is safe is another question.
    pub request: LoopRequest,
    /// What our passes know about it.
    pub hints: LoopHints,
    /// What is repeated.
    pub body: Block,
}

/// What the user asked for with a loop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum LoopRequest {
    /// Nothing: the compiler decides.
    #[default]
    Auto,
    /// `prange`.
    Parallel,
}

/// What our passes tell code generation about a loop. Nothing in it changes what the loop means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoopHints {
    /// It hardly ever runs, as the checked version of a loop does: small code that compiles fast is best, neither vectorized nor unrolled.
    pub cold: bool,
    /// If not 0, the loop goes from 0 to this number, and no iteration depends on another: statement by statement, all of them
    /// together are one vector instruction for each operation.
    pub lanes: u32,
    /// Indices and bounds in it that [`crate::analysis::affine`] can read as polynomials have the polynomials' values: their arithmetic does
    /// not wrap.
    pub exact: bool,
}

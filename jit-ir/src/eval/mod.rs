//! The evaluator: slow and obvious, the oracle for passes and code generation. It follows the semantics manual (the
//! crate's documentation) word by word and never asks how something could be done fast.

mod expr;
mod intrinsics;
mod memory;
#[cfg(test)]
mod memory_tests;
pub(crate) mod ops;
mod overflow;
mod parallel;
#[cfg(test)]
mod parallel_tests;
mod run;
#[cfg(test)]
mod tests;
mod value;
mod watch;

pub use parallel::ChunkOrder;
pub use value::{Reference, Scalar, Value};

use crate::expr::SiteId;
use crate::func::{Function, Host, Program};
use crate::span::Span;
use crate::stmt::Label;
use crate::ty::Ty;
use crate::verify::{VerifyError, verify_specialized, verify_specialized_program};

/// An argument of a call. What is pointed to is owned here, and holds what was stored once the call is over.
#[derive(Clone, Debug, PartialEq)]
pub enum Argument {
    /// A scalar, by value.
    Scalar(Value),
    /// The elements of a slice. Distinct arguments do not overlap.
    Slice(Vec<Value>),
    /// What a reference points to; likewise.
    Ref(Value),
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// With this result.
    Return(Value),
    /// With a panic.
    Trap {
        /// In which function of the program; 0 for a function alone.
        function: usize,
        /// Where.
        site: SiteId,
        /// What [`crate::SiteKind`] says: bits, zero-extended to 128.
        operands: Vec<u128>,
    },
    /// With a panic of a host function.
    HostPanicked,
}

/// What calls a host function: its declaration and arguments; `None` if it panics.
pub type HostFn<'h> = dyn FnMut(&Host, &[Scalar]) -> Option<Value> + 'h;

/// How deep blocks and calls nest at most while they run, together.
const MAX_NESTING: usize = 200;

/// Why a call has no outcome.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum EvalError {
    /// The function is not specialized, or not well-formed.
    #[error("the function is not well-formed: {}", .0.first().map_or(String::new(), |error| error.to_string()))]
    NotVerified(Vec<VerifyError>),
    /// The arguments are not what the function takes.
    #[error("{0}")]
    BadArguments(String),
    /// The call takes more steps than it was given.
    #[error("out of fuel")]
    OutOfFuel,
    /// A local is read before it is assigned.
    #[error("`{name}` is read before it is assigned")]
    ReadBeforeInit {
        /// Its name.
        name: String,
        /// Where it is declared.
        span: Span,
    },
    /// Calls nest too deep.
    #[error("calls nest too deep")]
    TooDeep,
    /// The step of a loop is 0.
    #[error("a loop with step 0")]
    ZeroStep,
    /// Two iterations of a parallel loop access the same memory, and one of them stores: seen in [`ChunkOrder::Single`] only.
    #[error("a race of iterations: {0}")]
    Race(String),
    /// The evaluator disagrees with the verifier: a bug.
    #[error("not supported: {0}")]
    Unsupported(String),
}

/// Calls a specialized function. `fuel` limits the number of expressions and statements that are evaluated, elements of
/// arrays that are repeated included. After a trap, `args` hold the stores that happened before it.
///
/// # Errors
///
/// If the function or the arguments are not in order, if `fuel` does not suffice, or if a local is read too early.
pub fn eval(func: &Function, args: &mut [Argument], fuel: u64) -> Result<Outcome, EvalError> {
    verify_specialized(func).map_err(EvalError::NotVerified)?;
    let order = ChunkOrder::InOrder;
    run(
        std::slice::from_ref(func),
        &[],
        args,
        fuel,
        order,
        &mut |_, _| None,
    )
}

/// Calls the first function of a specialized program, as [`eval`] does; `call_host` does what host functions do.
///
/// # Errors
///
/// As [`eval`]; also if calls nest too deep.
pub fn eval_program(
    program: &Program,
    args: &mut [Argument],
    fuel: u64,
    call_host: &mut HostFn<'_>,
) -> Result<Outcome, EvalError> {
    eval_program_in(program, args, fuel, ChunkOrder::InOrder, call_host)
}

/// As [`eval_program`], with the chunks of parallel loops in another order. Whatever is right to run in parallel gives the same.
///
/// # Errors
///
/// As [`eval_program`].
pub fn eval_program_in(
    program: &Program,
    args: &mut [Argument],
    fuel: u64,
    order: ChunkOrder,
    call_host: &mut HostFn<'_>,
) -> Result<Outcome, EvalError> {
    verify_specialized_program(program).map_err(EvalError::NotVerified)?;
    let (functions, hosts) = (&program.functions, &program.hosts);
    run(functions, hosts, args, fuel, order, call_host)
}

fn run(
    functions: &[Function],
    hosts: &[Host],
    args: &mut [Argument],
    fuel: u64,
    order: ChunkOrder,
    call_host: &mut HostFn<'_>,
) -> Result<Outcome, EvalError> {
    let Some(func) = functions.first() else {
        return Err(unsupported("a program without functions"));
    };
    check_arguments(func, args)?;
    let mut evaluator = Evaluator {
        functions,
        hosts,
        call_host,
        frame: Frame {
            func,
            function: 0,
            base: 0,
        },
        objects: Vec::new(),
        tables: Vec::new(),
        nesting: 0,
        fuel,
        order,
        watch: None,
    };
    evaluator.add_tables()?;
    let first_argument = evaluator.objects.len();
    let values = evaluator.lend_arguments(func, args);
    let result = evaluator.call(0, values);
    evaluator.give_back_arguments(first_argument, args);
    match result {
        Ok(value) => Ok(Outcome::Return(value)),
        Err(Stop::Trap {
            function,
            site,
            operands,
        }) => Ok(Outcome::Trap {
            function,
            site,
            operands,
        }),
        Err(Stop::HostPanicked) => Ok(Outcome::HostPanicked),
        Err(Stop::Error(error)) => Err(error),
    }
}

fn check_arguments(func: &Function, args: &[Argument]) -> Result<(), EvalError> {
    if args.len() != func.params.len() {
        let message = format!(
            "expected {} arguments, found {}",
            func.params.len(),
            args.len()
        );
        return Err(EvalError::BadArguments(message));
    }
    for (&param, arg) in func.params.iter().zip(args) {
        let good = match (&func.locals[param].ty, arg) {
            (Ty::Slice { elem, .. }, Argument::Slice(values)) => {
                !elem.has_refs() && values.iter().all(|value| value.is_of(elem))
            }
            (Ty::Ref { to, .. }, Argument::Ref(value)) => !to.has_refs() && value.is_of(to),
            (ty, Argument::Scalar(value)) => !ty.has_refs() && value.is_of(ty),
            (_, Argument::Slice(_) | Argument::Ref(_)) => false,
        };
        if !good {
            let name = &func.locals[param].name;
            let message = format!("the argument for `{name}` has another type");
            return Err(EvalError::BadArguments(message));
        }
    }
    Ok(())
}

fn unsupported(what: impl Into<String>) -> EvalError {
    EvalError::Unsupported(what.into())
}

/// Where control goes after a statement.
enum Flow {
    Next,
    Break(Label),
    Continue(Label),
    Return(Value),
}

/// Why evaluation stops in the middle.
enum Stop {
    Trap {
        function: usize,
        site: SiteId,
        operands: Vec<u128>,
    },
    HostPanicked,
    Error(EvalError),
}

impl From<EvalError> for Stop {
    fn from(error: EvalError) -> Self {
        Stop::Error(error)
    }
}

/// A call that is running.
struct Frame<'a> {
    func: &'a Function,
    function: usize,
    /// The object of its first local.
    base: usize,
}

struct Evaluator<'a> {
    functions: &'a [Function],
    hosts: &'a [Host],
    call_host: &'a mut HostFn<'a>,
    frame: Frame<'a>,
    /// Memory: constant tables, what arguments point to, then the locals of each call that is running. `None` before the
    /// first assignment.
    objects: Vec<Option<Value>>,
    /// The object of each function's first table.
    tables: Vec<usize>,
    /// How many blocks are running.
    nesting: usize,
    fuel: u64,
    order: ChunkOrder,
    /// While a parallel loop runs whose accesses are looked at.
    watch: Option<watch::Watch>,
}

impl Evaluator<'_> {
    fn burn(&mut self) -> Result<(), Stop> {
        self.fuel = self.fuel.checked_sub(1).ok_or(EvalError::OutOfFuel)?;
        Ok(())
    }
}

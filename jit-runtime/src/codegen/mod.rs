//! Emits LLVM IR for a specialized program. The files mirror those of the loop IR.
//!
//! Every local is an `alloca` in the entry block, of the layout that it has in Rust's memory; LLVM's SROA turns them into registers. Scalars,
//! references and slices are computed in registers, aggregates in memory (`aggregate`). Whatever may trap branches to a
//! cold block that fills the payload and returns (`trap`); so does a call whose callee has trapped (`call`). Nothing is emitted that has undefined behaviour for any argument that
//! the calling convention ([`abi`]) allows, except what `fastmath(unsafe(..))` asks for.

pub mod abi;
mod aggregate;
mod arith;
mod call;
mod cast;
mod declare;
mod entry;
mod expr;
mod fastmath;
mod guard;
mod intrinsics;
mod lanes;
mod layout;
mod locations;
mod loops;
mod memory;
pub mod packed;
mod parallel;
mod place;
mod saturate;
mod stmt;
#[cfg(test)]
mod tests;
mod trap;
mod ty;
mod vector_math;

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use hotloop_ir::{ExprId, Function, Label, LocalId};
use inkwell::basic_block::BasicBlock;
use inkwell::builder::{Builder, BuilderError};
use inkwell::context::Context;
use inkwell::intrinsics::Intrinsic;
use inkwell::module::Module;
use inkwell::types::BasicTypeEnum;
use inkwell::values::{
    BasicMetadataValueEnum, BasicValueEnum, FloatValue, FunctionValue, IntValue, PointerValue,
    StructValue,
};

use declare::{Declared, Returns};
use guard::Checks;
use locations::Position;

pub(crate) use declare::emit_packed;
#[cfg(hotloop_tsan)]
pub(crate) use declare::watch;
pub(crate) use entry::emit_program;
#[cfg(test)]
pub(crate) use intrinsics::symbol_names;
pub(crate) use locations::{INSTANCE_FILE, LOOP_FILE, LOOP_NUMBER, Locations};
#[cfg(test)]
pub(crate) use vector_math::lanes::bridges as lane_bridges;
pub(crate) use vector_math::lanes::{PASSES as LANES_PASSES, define as define_lanes};

/// Why no code could be made. The dispatcher runs rustc's body instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CodegenError {
    /// The function is not what specialization and verification promise, or LLVM rejects what was emitted.
    #[error("bug in hotloop: {0}")]
    Bug(String),
    /// The function is in order, but there is no code for it yet. The text says what is missing.
    #[error("not supported yet: {0}")]
    Unsupported(String),
    /// LLVM reports an error, or does not know this machine.
    #[error("LLVM: {0}")]
    Llvm(String),
}

impl CodegenError {
    pub(crate) fn bug(message: impl Into<String>) -> Self {
        CodegenError::Bug(message.into())
    }
}

impl From<BuilderError> for CodegenError {
    fn from(error: BuilderError) -> Self {
        CodegenError::Bug(format!("LLVM's builder: {error}"))
    }
}

pub(crate) type Result<T, E = CodegenError> = std::result::Result<T, E>;

/// A value in registers. A `bool` is an `i1`; a slice is a struct of pointer and length. A tuple, array or struct is the address of memory that holds
/// it, perhaps the place that it is loaded from: it is to be used before anything is stored.
pub(crate) type Value<'ctx> = BasicValueEnum<'ctx>;

/// Where `break` and `continue` of a loop or block go.
struct Target<'ctx> {
    label: Label,
    on_break: BasicBlock<'ctx>,
    /// `None` for a labelled block.
    on_continue: Option<BasicBlock<'ctx>>,
}

/// The state while a function is emitted.
pub(crate) struct Emitter<'ctx, 'a> {
    context: &'ctx Context,
    module: &'a Module<'ctx>,
    builder: Builder<'ctx>,
    /// Stands at the end of the entry block, which has nothing but allocas.
    frame: Builder<'ctx>,
    program: &'a Declared<'ctx, 'a>,
    func: &'a Function,
    /// The status of the function's first trap site.
    first_status: u32,
    function: FunctionValue<'ctx>,
    returns: Returns<'ctx>,
    /// The memory of each local, by its index.
    locals: Vec<PointerValue<'ctx>>,
    /// The locals that references and slices may point into.
    borrowed: HashSet<LocalId>,
    /// The memory of each aggregate that has been built.
    temporaries: HashMap<ExprId, PointerValue<'ctx>>,
    /// The tables that have been used.
    tables: HashMap<u32, PointerValue<'ctx>>,
    /// Where the leaves of the result go, if not to registers.
    results: Vec<PointerValue<'ctx>>,
    payload: PointerValue<'ctx>,
    /// The loops and blocks around the current statement, innermost last.
    targets: Vec<Target<'ctx>>,
    float_flags: inkwell::values::FastMathFlags,
    /// What a check does now.
    checks: RefCell<Checks<'ctx>>,
    /// The computations of the current statement whose checks its guard has made.
    made: HashSet<ExprId>,
    /// The indices of the current statement whose bounds its guard has checked.
    made_bounds: HashSet<ExprId>,
    position: Position<'ctx, 'a>,
}

impl<'ctx> Emitter<'ctx, '_> {
    fn append_block(&self, name: &str) -> BasicBlock<'ctx> {
        self.context.append_basic_block(self.function, name)
    }

    /// The block that is being filled.
    fn current_block(&self) -> Result<BasicBlock<'ctx>> {
        self.builder
            .get_insert_block()
            .ok_or_else(|| CodegenError::bug("no block to emit into"))
    }

    /// Calls an intrinsic of LLVM. `overloads` are the types that its name is mangled with, in order.
    fn call_llvm(
        &self,
        name: &str,
        overloads: &[BasicTypeEnum<'ctx>],
        args: &[Value<'ctx>],
    ) -> Result<Value<'ctx>> {
        let callee = Intrinsic::find(name)
            .and_then(|intrinsic| intrinsic.get_declaration(self.module, overloads))
            .ok_or_else(|| CodegenError::Llvm(format!("this LLVM has no intrinsic `{name}`")))?;
        self.call(callee, args)
    }

    /// Calls a function that returns a value.
    fn call(&self, callee: FunctionValue<'ctx>, args: &[Value<'ctx>]) -> Result<Value<'ctx>> {
        let args: Vec<BasicMetadataValueEnum<'ctx>> = args.iter().map(|&arg| arg.into()).collect();
        let call = self.builder.build_call(callee, &args, "")?;
        call.try_as_basic_value()
            .basic()
            .ok_or_else(|| CodegenError::bug("a call without a result"))
    }

    /// Tells LLVM that a condition holds.
    fn assume(&self, condition: IntValue<'ctx>) -> Result<()> {
        let callee = Intrinsic::find("llvm.assume")
            .and_then(|intrinsic| intrinsic.get_declaration(self.module, &[]))
            .ok_or_else(|| CodegenError::Llvm("this LLVM has no `llvm.assume`".into()))?;
        self.builder.build_call(callee, &[condition.into()], "")?;
        Ok(())
    }
}

/// The value as an integer; anything else is a bug.
fn int(value: Value<'_>) -> Result<IntValue<'_>> {
    match value {
        BasicValueEnum::IntValue(value) => Ok(value),
        other => Err(CodegenError::bug(format!("{other:?} is no integer"))),
    }
}

/// The value as a float; anything else is a bug.
fn float(value: Value<'_>) -> Result<FloatValue<'_>> {
    match value {
        BasicValueEnum::FloatValue(value) => Ok(value),
        other => Err(CodegenError::bug(format!("{other:?} is no float"))),
    }
}

/// The value as a struct, which slices are; anything else is a bug.
fn aggregate(value: Value<'_>) -> Result<StructValue<'_>> {
    match value {
        BasicValueEnum::StructValue(value) => Ok(value),
        other => Err(CodegenError::bug(format!("{other:?} is no slice"))),
    }
}

/// The value as a pointer; anything else is a bug.
fn pointer(value: Value<'_>) -> Result<PointerValue<'_>> {
    match value {
        BasicValueEnum::PointerValue(value) => Ok(value),
        other => Err(CodegenError::bug(format!("{other:?} is no pointer"))),
    }
}

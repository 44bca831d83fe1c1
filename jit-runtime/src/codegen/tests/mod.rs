//! Functions built by hand or from IR text, compiled, loaded and called.

mod aggregates;
mod build;
mod calls;
#[allow(clippy::approx_constant, clippy::excessive_precision)] // the first of several parts
mod double_double;
mod kernels;
mod parallel;
mod programs;
#[allow(clippy::approx_constant, clippy::excessive_precision)]
// arguments around what formulas turn at
mod vector_math;

use hotloop_ir::{Function, Program, parse_program, verify_specialized_program};

use super::abi::{EntryLayout, PackedEntry};
use super::packed::{PackedArg, PackedOutcome, call_packed};
use crate::object::{LoadedObject, load_object};
use crate::pipeline::{CompileRequest, compile};
use crate::symbols;

/// A function in this process.
pub(crate) struct Loaded {
    _code: LoadedObject,
    entry: PackedEntry,
    layout: EntryLayout,
}

impl Loaded {
    pub(crate) fn new(func: &Function) -> Self {
        Self::of_program(&alone(func), None, &|_| None)
    }

    pub(crate) fn from_text(text: &str) -> Self {
        Self::with_hosts(text, &|_| None)
    }

    /// `hosts` says where the host functions are.
    pub(crate) fn with_hosts(text: &str, hosts: &dyn Fn(&str) -> Option<*const ()>) -> Self {
        Self::of_program(&parsed(text), None, hosts)
    }

    /// With vectors up to this width.
    pub(crate) fn with_width(program: &Program, vector_bits: Option<u32>) -> Self {
        Self::of_program(program, vector_bits, &|_| None)
    }

    fn of_program(
        program: &Program,
        vector_bits: Option<u32>,
        hosts: &dyn Fn(&str) -> Option<*const ()>,
    ) -> Self {
        let request = CompileRequest {
            vector_bits,
            packed_entry: true,
            ..CompileRequest::default()
        };
        let object = compile(program, &request).unwrap_or_else(|error| panic!("{error}"));
        let resolve = |name: &str| hosts(name).or_else(|| symbols::resolve(name));
        let code = load_object(&object.bytes, &resolve).unwrap_or_else(|error| panic!("{error}"));
        let packed = object.packed_symbol.expect("it was asked for");
        let address = code.symbol(&packed).expect("the object defines it");
        Loaded {
            // SAFETY: the symbol is that of the packed entry point.
            entry: unsafe { std::mem::transmute::<*const (), PackedEntry>(address) },
            layout: EntryLayout::of(&program.functions[0]).expect("it compiled"),
            _code: code,
        }
    }

    pub(crate) fn call(&self, args: &[PackedArg]) -> PackedOutcome {
        // SAFETY: the layout is the function's; the tests pass slices of their own, each once.
        unsafe { call_packed(self.entry, &self.layout, args) }.expect("arguments fit the layout")
    }
}

/// The program in a text, verified.
pub(crate) fn parsed(text: &str) -> Program {
    let program = parse_program(text).unwrap_or_else(|error| panic!("{error}"));
    if let Err(errors) = verify_specialized_program(&program) {
        panic!("{errors:?}");
    }
    program
}

/// The LLVM IR of a program as it is emitted.
pub(crate) fn emitted(program: &Program) -> String {
    texts(program).0
}

/// The LLVM IR of a program after optimization.
pub(crate) fn optimized(program: &Program) -> String {
    texts(program).1
}

fn texts(program: &Program) -> (String, String) {
    let request = CompileRequest {
        keep_llvm_ir: true,
        ..CompileRequest::default()
    };
    let object = compile(program, &request).unwrap_or_else(|error| panic!("{error}"));
    let [before, after] =
        [object.llvm_before, object.llvm_after].map(|text| text.expect("it was asked for"));
    (before, after)
}

/// The program of one function.
pub(crate) fn alone(func: &Function) -> Program {
    Program {
        functions: vec![func.clone()],
        hosts: Vec::new(),
    }
}

pub(crate) fn slice_arg<T>(slice: &mut [T]) -> PackedArg {
    PackedArg::Slice {
        pointer: slice.as_mut_ptr().cast(),
        len: slice.len(),
    }
}

//! Functions built by hand, compiled, loaded and called.

mod build;
mod calls;
mod kernels;

use hotloop_ir::{Function, Program};

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
        Self::of_program(&alone(func))
    }

    pub(crate) fn of_program(program: &Program) -> Self {
        let request = CompileRequest {
            packed_entry: true,
            ..CompileRequest::default()
        };
        let object = compile(program, &request).unwrap_or_else(|error| panic!("{error}"));
        let code =
            load_object(&object.bytes, &symbols::resolve).unwrap_or_else(|error| panic!("{error}"));
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

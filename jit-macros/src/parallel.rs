//! Loops over a `prange`: whether they may run in parallel, as far as that can be seen while the crate is built.

use hotloop_ir::frontend::Captured;

use crate::options::{JitOptions, Problem};

/// What is wrong with the `prange`s of a function.
pub(crate) fn check(captured: &Captured, options: &JitOptions) -> Vec<Problem> {
    if options.parallel.is_none() {
        let without = |span: &proc_macro2::Span| {
            Problem::new(
                *span,
                "`prange` in a function without the option `parallel`",
                "write `#[jit(parallel)]`, or the range without `prange`",
            )
        };
        return captured.pranges.iter().map(without).collect();
    }
    Vec::new()
}

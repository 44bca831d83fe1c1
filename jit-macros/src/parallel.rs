//! Loops over a `prange`: whether they may run in parallel, as far as that can be seen while the crate is built.

use hotloop_ir::BuildOptions;
use hotloop_ir::frontend::Captured;

use crate::options::{JitOptions, Problem};
use crate::profile::Profile;

/// What is wrong with the `prange`s of a function.
pub(crate) fn check(captured: &Captured, options: &JitOptions, profile: &Profile) -> Vec<Problem> {
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
    let mut problems = Vec::new();
    for serial in captured.serial_pranges(&builds(options, profile)) {
        let message = format!(
            "this `prange` cannot run in parallel: the loop {}",
            serial.reason
        );
        problems.push(Problem::at(serial.first, message, serial.help()));
        if let Some(second) = serial.second {
            problems.push(Problem::at(
                second,
                "the other access is here",
                "it is in conflict with the one above, in another iteration of the `prange`",
            ));
        }
    }
    problems
}

/// How the crate may be built, as far as this macro knows.
fn builds(options: &JitOptions, profile: &Profile) -> Vec<BuildOptions> {
    let both = [true, false];
    let overflow = match &profile.overflow_checks {
        Some(checked) => std::slice::from_ref(checked),
        None => &both,
    };
    let mut builds = Vec::new();
    for &overflow_checks in overflow {
        for debug_assertions in both {
            builds.push(BuildOptions {
                overflow_checks,
                debug_assertions,
                fastmath: options.liberties(),
                parallel: options.parallel,
            });
        }
    }
    builds
}

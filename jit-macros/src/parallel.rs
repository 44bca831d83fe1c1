//! Loops that `prange` and `par` ask for: whether they may run in parallel, as far as that can be seen while the crate is built.

use hotloop_ir::BuildOptions;
use hotloop_ir::frontend::{Captured, Request};

use crate::options::{JitOptions, Problem};
use crate::profile::Profile;

/// What is wrong with the `prange`s and `par`s of a function.
pub(crate) fn check(captured: &Captured, options: &JitOptions, profile: &Profile) -> Vec<Problem> {
    if options.parallel.is_none() {
        let without = |request: &Request| {
            let word = request.word;
            Problem::new(
                request.name,
                format!("`{word}` in a function without the option `parallel`"),
                match word {
                    "par" => "write `#[jit(parallel)]`, or leave out `par`",
                    _ => "write `#[jit(parallel)]`, or the range without `prange`",
                },
            )
        };
        return captured.requests.iter().map(without).collect();
    }
    let mut problems = Vec::new();
    for serial in captured.serial_pranges(&builds(options, profile)) {
        let message = format!(
            "this `{}` cannot run in parallel: the loop {}",
            serial.word, serial.reason
        );
        problems.push(Problem::at(serial.first, message, serial.help()));
        if let Some(second) = serial.second {
            problems.push(Problem::at(
                second,
                "the other access is here",
                format!(
                    "it is in conflict with the one above, in another iteration of the `{}`",
                    serial.word
                ),
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

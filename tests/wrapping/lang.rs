//! The modules of `tests/lang` that depend on the overflow mode or could, in a package that does not check overflow.

#![allow(
    clippy::all,
    clippy::dbg_macro,
    unused,
    deprecated,
    irrefutable_let_patterns,
    unreachable_pub,
    arithmetic_overflow,
    unconditional_panic
)]

#[macro_use]
#[path = "../lang/harness.rs"]
mod harness;

#[path = "../lang/arrays.rs"]
mod arrays;
#[path = "../lang/calls.rs"]
mod calls;
#[path = "../lang/casts.rs"]
mod casts;
#[path = "../lang/checks.rs"]
mod checks;
#[path = "../lang/closures.rs"]
mod closures;
#[path = "../lang/consts.rs"]
mod consts;
#[path = "../lang/control.rs"]
mod control;
#[path = "../lang/conversions.rs"]
mod conversions;
#[path = "../lang/forms.rs"]
mod forms;
#[path = "../lang/generics.rs"]
mod generics;
#[path = "../lang/indexing.rs"]
mod indexing;
#[path = "../lang/indirect.rs"]
mod indirect;
#[path = "../lang/integers.rs"]
mod integers;
#[path = "../lang/iterators/mod.rs"]
mod iterators;
#[path = "../lang/kernels_iter/mod.rs"]
mod kernels_iter;
#[path = "../lang/local_fns.rs"]
mod local_fns;
#[path = "../lang/macro_flow.rs"]
mod macro_flow;
#[path = "../lang/matching.rs"]
mod matching;
#[path = "../lang/messages.rs"]
mod messages;
#[path = "../lang/methods.rs"]
mod methods;
#[path = "../lang/options.rs"]
mod options;
#[path = "../lang/orders.rs"]
mod orders;
#[path = "../lang/polybench/mod.rs"]
mod polybench;
#[path = "../lang/ranges.rs"]
mod ranges;
#[path = "../lang/references.rs"]
mod references;
#[path = "../lang/regressions.rs"]
mod regressions;
#[path = "../lang/structs.rs"]
mod structs;
#[path = "../lang/sub_slices.rs"]
mod sub_slices;
#[path = "../lang/traps.rs"]
mod traps;
#[path = "../lang/variables.rs"]
mod variables;

/// Functions of another crate, which have the names of their modules.
mod namesakes {
    use hotloop_wrapping_tests::{around, cube, less};

    #[hotloop::jit]
    fn of_another_crate(n: u32) -> u32 {
        hotloop_wrapping_tests::around(n) + hotloop_wrapping_tests::cube::cube(n)
    }

    #[test]
    fn calls_cross_crates() {
        agree!(of_another_crate(5));
        agree!(around(6));
        assert_eq!(cube(3) + less(4), 30);
    }
}

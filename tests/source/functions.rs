//! Generated functions, jitted, against rustc's bodies of them.

#![allow(warnings, clippy::all, arithmetic_overflow, unconditional_panic)]

#[macro_use]
mod tally;

mod functions {
    use crate::tally::{Numbers, Tally, Value};
    use hotloop::{JitType, jit};

    include!(concat!(env!("OUT_DIR"), "/functions.rs"));
}

#[test]
fn generated_functions_agree_with_rustc() {
    let mut tally = tally::Tally::new();
    functions::run_all(&mut tally);
    let report = tally.report();
    println!("{report}");
    assert!(tally.differences.is_empty(), "{report}");
    // A function that rustc's body ran for was not tested.
    assert!(tally.declined.len() * 20 <= tally.functions, "{report}");
    assert!(
        tally.functions > 0 && tally.panics * 2 < tally.calls,
        "{report}"
    );
}

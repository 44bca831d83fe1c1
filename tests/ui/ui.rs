//! Compile errors: one mistake per file, named for it, in a folder for the kind of mistake.
//!
//! A package of its own, because trybuild checks everything that the package of its test depends on: here hotloop, and not the
//! dependencies of examples and benchmarks.

use std::process::Command;

/// The version of rustc that the `.stderr` files are from. Beside our errors they have some of rustc's, which change.
const PINNED: &str = "rustc 1.95.";

#[test]
fn ui() {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output().unwrap();
    let version = String::from_utf8(output.stdout).unwrap();
    if !version.starts_with(PINNED) {
        println!("skipped: the expected errors are those of {PINNED}x, this is {version}");
        return;
    }
    // One call, so that trybuild checks all cases in one run of cargo.
    trybuild::TestCases::new().compile_fail("*/*.rs");
}

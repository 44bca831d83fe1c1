//! Compile errors.

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/names/*.rs");
    cases.compile_fail("tests/ui/options/*.rs");
}

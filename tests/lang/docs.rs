//! docs/supported.md names a test in every row, and the tests are there.

use std::fs;
use std::path::Path;
use std::process::Command;

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The words of the form `path.rs::name`.
fn references(text: &str) -> Vec<(&str, &str)> {
    text.split(|c: char| c.is_whitespace() || "(),|`".contains(c))
        .filter_map(|word| word.trim_end_matches('.').split_once(".rs::"))
        .collect()
}

/// The names of all tests of this binary, with their modules.
fn tests_of_this_binary() -> Vec<String> {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--list", "--format", "terse"])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .filter_map(|line| line.strip_suffix(": test"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_test_that_the_language_table_names_exists() {
    let text = read("docs/supported.md");
    let here = tests_of_this_binary();
    let references = references(&text);
    assert!(references.len() > 80, "{}", references.len());
    for (file, name) in references {
        let exists = match file.strip_prefix("tests/lang/") {
            // Many are written by macros, so ask the test runner.
            Some(module) => here.iter().any(|test| {
                let module = module.replace('/', "::");
                test.strip_prefix(&module).is_some_and(|rest| {
                    rest.strip_prefix("::")
                        .is_some_and(|path| path.split("::").last() == Some(name))
                })
            }),
            None => read(&format!("{file}.rs")).contains(&format!("fn {name}(")),
        };
        assert!(exists, "docs/supported.md names {file}.rs::{name}");
    }
}

#[test]
fn every_row_of_the_language_table_names_a_test() {
    let text = read("docs/supported.md");
    let mut has_test_column = false;
    let mut n_rows = 0;
    for line in text.lines() {
        if !line.starts_with('|') {
            has_test_column = false;
        } else if line.ends_with("| test |") {
            has_test_column = true;
        } else if has_test_column && !line.starts_with("| ---") {
            // Those of other crates' types are files of a package of their own.
            let has_file = line.contains("tests/ecosystem/");
            assert!(has_file || !references(line).is_empty(), "{line}");
            n_rows += 1;
        }
    }
    assert!(n_rows > 50, "{n_rows}");
}

#[test]
fn every_method_of_the_ir_is_in_the_language_table() {
    let text = read("docs/supported.md");
    let source = read("jit-ir/src/intrinsic.rs");
    let table = source.split_once("\nintrinsics! {").unwrap().1;
    let table = table.split_once("\n}").unwrap().0;
    let names: Vec<_> = table
        .lines()
        .filter_map(|line| line.split('"').nth(1))
        // Not a method of Rust, but what another means where overflow is not checked.
        .filter(|name| *name != "wrapping_next_multiple_of")
        .collect();
    assert!(names.len() > 90, "{}", names.len());
    for name in names {
        assert!(text.contains(&format!("`{name}`")), "`{name}` is missing");
    }
}

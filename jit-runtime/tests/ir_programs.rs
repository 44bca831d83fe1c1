//! The programs in `programs/*.ir`, compiled and evaluated with random arguments, must agree. Slices are short and indices small, so that
//! calls both return and trap.

mod oracle;

use std::collections::BTreeMap;
use std::path::Path;

use hotloop_ir::{parse_program_with_text_spans, verify_specialized_program};
use oracle::{Checked, Compiled, Rng, random_args};

const CALLS: u64 = 300;

#[test]
fn programs_agree() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    assert!(!paths.is_empty());
    for path in paths {
        let name = path.file_name().unwrap().display().to_string();
        let text = std::fs::read_to_string(&path).unwrap();
        let program =
            parse_program_with_text_spans(&text).unwrap_or_else(|error| panic!("{name}:{error}"));
        if let Err(errors) = verify_specialized_program(&program) {
            panic!("{name}: {errors:#?}");
        }
        let compiled = Compiled::new(&program).unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        let mut rng = Rng(7);
        for _ in 0..CALLS {
            let args = random_args(&mut rng, &program.functions[0]);
            let checked: Checked = compiled
                .check(&args)
                .unwrap_or_else(|error| panic!("{name}: {error}\n{args:?}"));
            *counts.entry(format!("{checked:?}")).or_default() += 1;
        }
        println!("{name}: {counts:?}");
        let count = |what: &str| counts.get(what).copied().unwrap_or(0);
        assert!(count("Returned") > CALLS / 20, "{name}: {counts:?}");
        let traps = program.functions.iter().any(|func| !func.sites.is_empty());
        assert!(
            !traps || count("Trapped") > CALLS / 60,
            "{name}: {counts:?}"
        );
    }
}

//! Runs `hotloop info` as its user would.

use std::process::{Command, Output};

use serde_json::Value;

/// Runs the binary with these arguments and, of hotloop's variables, only these.
fn hotloop(args: &[&str], vars: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hotloop"));
    command.args(args);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("HOTLOOP_") {
            command.env_remove(name);
        }
    }
    command.envs(vars.iter().copied()).output().unwrap()
}

fn stdout(output: &Output) -> &str {
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    std::str::from_utf8(&output.stdout).unwrap()
}

fn json(vars: &[(&str, &str)]) -> Value {
    serde_json::from_str(stdout(&hotloop(&["info", "--json"], vars))).unwrap()
}

#[test]
fn people_get_every_section_without_escape_codes() {
    let output = hotloop(&["info"], &[]);
    let text = stdout(&output);
    let titles: Vec<_> = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with(' '))
        .collect();
    assert_eq!(
        titles,
        [
            "hotloop",
            "processor",
            "LLVM",
            "threads and mathematics",
            "cache",
            "environment"
        ]
    );
    assert!(text.contains(env!("CARGO_PKG_VERSION")), "{text}");
    assert!(text.contains("HOTLOOP_REQUIRE"), "{text}");
    assert!(
        !text.contains('\x1b'),
        "colours belong on a terminal: {text}"
    );
    assert!(output.stderr.is_empty(), "{output:?}");
}

#[test]
fn programs_get_the_documented_keys() {
    let info = json(&[]);
    let help = hotloop(&["info", "--help"], &[]);
    let help = stdout(&help);
    let mut n_keys = 0;
    for (key, value) in info.as_object().unwrap() {
        let element = value
            .as_array()
            .map_or(Some(value), |elements| elements.first());
        let inner = element.and_then(Value::as_object).into_iter().flatten();
        for key in inner.map(|(key, _)| key).chain([key]) {
            assert!(help.contains(key), "`{key}` is not documented in --help");
            n_keys += 1;
        }
    }
    assert!(n_keys >= 30, "{info}");
    assert_eq!(info["hotloop_version"], env!("CARGO_PKG_VERSION"));
    assert!(info["ir_schema_version"].is_u64());
    assert!(info["threads"]["rayon"].as_u64().unwrap() >= 1);
    for candidate in info["llvm"]["searched"].as_array().unwrap() {
        for key in ["path", "origin", "outcome"] {
            assert!(candidate[key].is_string(), "{candidate}");
        }
        assert!(candidate.get("reason").is_some(), "{candidate}");
    }
}

#[test]
fn no_llvm_is_an_answer_and_not_an_error() {
    let vars = [("HOTLOOP_LLVM", "/nonexistent")];
    let output = hotloop(&["info"], &vars);
    let text = stdout(&output);
    assert!(
        text.contains("HOTLOOP_LLVM names `/nonexistent`, which cannot be used"),
        "{text}"
    );
    assert!(text.contains("functions run as rustc compiled them"));

    let info = json(&vars);
    assert_eq!(info["llvm"]["found"], false);
    assert_eq!(info["llvm"]["searched"][0]["path"], "/nonexistent");
    assert_eq!(info["llvm"]["searched"][0]["outcome"], "absent");
    assert!(info["cpu"]["llvm_name"].is_null());
}

#[test]
#[cfg_attr(
    not(target_os = "linux"),
    ignore = "LLVM is opened at run time on Linux only"
)]
fn a_file_that_is_no_llvm_is_passed_over() {
    let file = env!("CARGO_BIN_EXE_hotloop");
    let info = json(&[("HOTLOOP_LLVM", file)]);
    assert_eq!(info["llvm"]["found"], false);
    assert_eq!(info["llvm"]["searched"][0]["outcome"], "rejected");
}

#[test]
fn variables_are_shown_and_wrong_values_named() {
    let info = json(&[
        ("HOTLOOP_REQUIRE", "maybe"),
        ("HOTLOOP_CACHE_DIR", "/somewhere"),
        ("RAYON_NUM_THREADS", "3"),
    ]);
    let variables = info["environment"].as_array().unwrap();
    let require = variables
        .iter()
        .find(|variable| variable["name"] == "HOTLOOP_REQUIRE");
    assert_eq!(require.unwrap()["value"], "maybe");
    let problem = info["environment_problems"][0].as_str().unwrap();
    assert!(problem.contains("HOTLOOP_REQUIRE is `maybe`"), "{problem}");
    assert_eq!(info["cache"]["directory"], "/somewhere");
    assert_eq!(info["cache"]["in_use"], false);
    assert_eq!(info["threads"]["rayon"], 3);
}

#[test]
fn wrong_usage_exits_with_2() {
    for args in [&["inof"][..], &["info", "--jsno"], &[]] {
        let output = hotloop(args, &[]);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(!output.stderr.is_empty());
    }
}

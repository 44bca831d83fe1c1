//! Where rustc's body runs instead. The environment is read once in a process, so each case is a process of its own: this
//! binary again, with the ignored test below.

use std::process::{Command, Output};

use hotloop::{Error, JitFunction, jit};

#[jit]
fn sum(data: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..data.len() {
        sum += data[i];
    }
    sum
}

#[jit]
fn add<T: num_traits::Num>(a: T, b: T) -> T {
    a + b
}

/// What the process under test does: calls two functions, and prints answers and log.
#[test]
#[ignore = "run by the other tests, in another process"]
fn child() {
    struct Printer;
    impl log::Log for Printer {
        fn enabled(&self, _: &log::Metadata<'_>) -> bool {
            true
        }
        fn log(&self, record: &log::Record<'_>) {
            if record.level() <= log::Level::Warn {
                println!("LOG {} {}", record.level(), record.args());
            }
        }
        fn flush(&self) {}
    }
    log::set_logger(&Printer).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    println!("DISABLED {}", hotloop::disabled(|| sum(&[0.25, 0.5])));
    for _ in 0..2 {
        println!(
            "ANSWER {} {} {}",
            sum(&[0.25, 0.5]),
            add(1_u8, 2),
            add(0.5, 1.0)
        );
    }
    println!(
        "COMPILED {}",
        sum::specializations().len() + add::specializations().len()
    );
    match sum::compile() {
        Ok(_) => {}
        Err(Error::Disabled { by }) => println!("REASON disabled by {by}"),
        Err(error) => println!("REASON {error}"),
    }
    println!("DECLINED {}", sum::declined().len() + add::declined().len());
}

fn run_child(environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "fallback::child", "--ignored", "--nocapture"]);
    for name in ["DISABLE", "REQUIRE", "LLVM", "DUMP", "DUMP_DIR"] {
        command.env_remove(format!("HOTLOOP_{name}"));
    }
    command.envs(environment.iter().copied()).output().unwrap()
}

/// The lines that start with `tag`, without it.
fn lines<'a>(text: &'a str, tag: &str) -> Vec<&'a str> {
    text.lines()
        .filter_map(|line| line.split_once(tag))
        .map(|(_, rest)| rest.trim())
        .collect()
}

fn stdout_of_success(environment: &[(&str, &str)]) -> String {
    let output = run_child(environment);
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{stdout}");
    assert_eq!(lines(&stdout, "DISABLED "), ["0.75"]);
    assert_eq!(lines(&stdout, "ANSWER "), ["0.75 3 1.5"; 2]);
    stdout
}

#[test]
fn with_llvm_everything_is_compiled_and_nothing_logged() {
    let stdout = stdout_of_success(&[("HOTLOOP_REQUIRE", "1")]);
    assert_eq!(lines(&stdout, "COMPILED "), ["3"]);
    assert_eq!(lines(&stdout, "LOG "), Vec::<&str>::new());
    assert_eq!(lines(&stdout, "DECLINED "), ["0"]);
}

#[test]
fn hotloop_disable_runs_rustc_s_body() {
    let stdout = stdout_of_success(&[("HOTLOOP_DISABLE", "1")]);
    assert_eq!(lines(&stdout, "COMPILED "), ["0"]);
    assert_eq!(lines(&stdout, "REASON "), ["disabled by HOTLOOP_DISABLE"]);
    assert_eq!(lines(&stdout, "DECLINED "), ["3"]);
    let log = lines(&stdout, "LOG ");
    assert_eq!(log.len(), 1, "one line for the process: {log:?}");
    assert!(
        log[0].contains("WARN") && log[0].contains("`sum`") && log[0].contains("HOTLOOP_DISABLE")
    );
}

#[test]
fn without_llvm_the_answer_is_the_same_and_one_line_is_logged() {
    let stdout = stdout_of_success(&[("HOTLOOP_LLVM", "/nonexistent/libLLVM.so")]);
    assert_eq!(lines(&stdout, "COMPILED "), ["0"]);
    let log = lines(&stdout, "LOG ");
    assert_eq!(log.len(), 1, "one line for the process: {log:?}");
    assert!(log[0].contains("/nonexistent/libLLVM.so"));
}

#[test]
fn hotloop_require_turns_a_fallback_into_a_panic_that_says_why() {
    let output = run_child(&[
        ("HOTLOOP_REQUIRE", "1"),
        ("HOTLOOP_LLVM", "/nonexistent/libLLVM.so"),
    ]);
    assert!(!output.status.success());
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        lines(&stdout, "DISABLED "),
        ["0.75"],
        "a scope is no fallback"
    );
    assert!(
        stderr.contains("HOTLOOP_REQUIRE is set, but `sum` is not compiled"),
        "{stderr}"
    );
    assert!(stderr.contains("/nonexistent/libLLVM.so"), "{stderr}");
}

#[test]
fn a_value_that_is_not_understood_is_ignored_with_a_line() {
    let stdout = stdout_of_success(&[("HOTLOOP_DISABLE", "perhaps")]);
    assert_eq!(lines(&stdout, "COMPILED "), ["3"]);
    let log = lines(&stdout, "LOG ");
    assert_eq!(log.len(), 1);
    assert!(log[0].contains("HOTLOOP_DISABLE is `perhaps`"));
}

#[test]
fn dumps_are_numbered_files_for_each_stage() {
    let folder = std::env::temp_dir().join(format!("hotloop-dump-test-{}", std::process::id()));
    let path = folder.to_str().unwrap();
    let stdout = stdout_of_success(&[("HOTLOOP_DUMP", "ir,llvm,asm"), ("HOTLOOP_DUMP_DIR", path)]);
    assert_eq!(lines(&stdout, "LOG "), Vec::<&str>::new());
    let mut names: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            "lang.fallback-add-f64-f64-f64-f64",
            "lang.fallback-add-u8-u8-u8-u8",
            "lang.fallback-sum-slice_f64-f64"
        ]
    );
    let mut stages: Vec<_> = std::fs::read_dir(folder.join(&names[2]))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    stages.sort();
    assert_eq!(
        stages,
        [
            "00-captured.ir",
            "01-specialized.ir",
            "02-transformed.ir",
            "03-lowered.ll",
            "04-optimized.ll",
            "05-loaded.s"
        ]
    );
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_dump_that_cannot_be_written_is_a_warning() {
    let stdout = stdout_of_success(&[
        ("HOTLOOP_DUMP", "asm"),
        ("HOTLOOP_DUMP_DIR", "/dev/null/nowhere"),
    ]);
    assert_eq!(lines(&stdout, "COMPILED "), ["3"]);
    let log = lines(&stdout, "LOG ");
    assert_eq!(log.len(), 3);
    assert!(log[0].contains("cannot write to `/dev/null/nowhere"));
}

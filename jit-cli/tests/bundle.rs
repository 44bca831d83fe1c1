//! `hotloop bundle`, completions and manual pages, as a user would have them.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use hotloop_runtime::cache::Key;
use hotloop_runtime::cache::entry::{self, Entry};
use serde_json::Value;

#[hotloop::jit(cache)]
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..a.len() {
        sum += a[i] * b[i];
    }
    sum
}

#[hotloop::jit(cache)]
fn double(a: &mut [f64]) {
    for x in a {
        *x *= 2.0;
    }
}

/// The program that is packed.
#[test]
#[ignore = "run by the other tests, in processes of their own"]
fn program() {
    assert_eq!(dot(&[1.0, 2.0], &[3.0, 4.0]), 11.0);
    let mut values = [1.0, 2.0];
    double(&mut values);
    assert_eq!(values, [2.0, 4.0]);
    println!("{:?}", hotloop::cache::stats());
    assert_ne!(std::env::var("FAIL").as_deref(), Ok("1"));
}

fn program_arguments() -> [String; 4] {
    let program = std::env::current_exe().unwrap();
    let program = program.to_str().unwrap();
    [program, "program", "--exact", "--ignored"].map(str::to_owned)
}

fn hotloop(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hotloop"));
    command.args(args).output().unwrap()
}

fn text(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn error(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Packs what the program compiles.
fn pack(bundle: &Path, args: &[&str]) -> Output {
    let program = program_arguments();
    let mut all = vec!["bundle", "-o", bundle.to_str().unwrap()];
    all.extend(args);
    all.push("--");
    all.extend(program.iter().map(String::as_str));
    hotloop(&all)
}

/// Runs the program where there is no LLVM.
fn deployed(bundle: &Path, folder: &Path) -> String {
    let [program, arguments @ ..] = program_arguments();
    let output = Command::new(program)
        .args(arguments)
        .arg("--nocapture")
        .env("HOTLOOP_LLVM", "/nowhere")
        .env("HOTLOOP_REQUIRE", "1")
        .env("HOTLOOP_CACHE_DIR", folder)
        .env("HOTLOOP_CACHE_LAYERS", bundle)
        .output()
        .unwrap();
    text(&output)
}

#[cfg(all(unix, target_arch = "x86_64"))]
#[test]
fn what_is_packed_runs_elsewhere() {
    let root = tempfile::tempdir().unwrap();
    let bundle = root.path().join("kernels.hlb");
    let packed = text(&pack(&bundle, &[]));
    assert!(packed.contains("dot(&[f64], &[f64]) -> f64"), "{packed}");
    assert!(packed.contains("4 entries, "), "{packed}");
    let listed = text(&hotloop(&[
        "cache",
        "list",
        "--json",
        "--dir",
        bundle.to_str().unwrap(),
    ]));
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let mut levels: Vec<_> = (listed.as_array().unwrap().iter())
        .filter(|entry| entry["function"] == "double")
        .map(|entry| entry["level"].as_str().unwrap())
        .collect();
    levels.sort_unstable();
    assert_eq!(levels, ["x86-64-v3", "x86-64-v4"]);
    let in_bundle = ["--dir", bundle.to_str().unwrap()];
    let verified = text(&hotloop(&[&["cache", "verify"], &in_bundle[..]].concat()));
    assert!(
        verified.contains("4 entries are good, 0 are not"),
        "{verified}"
    );
    if std::is_x86_feature_detected!("avx2") {
        let ran = deployed(&bundle, &root.path().join("empty"));
        assert!(ran.contains("hits: 2, misses: 0"), "{ran}");
    }

    // One function, for this processor.
    let one = root.path().join("one.hlb");
    text(&pack(&one, &["--level", "native", "dot", "--json"]));
    let shown = text(&hotloop(&[
        "cache",
        "show",
        "dot",
        "--dir",
        one.to_str().unwrap(),
    ]));
    assert!(shown.contains("dot(&[f64], &[f64]) -> f64"), "{shown}");
    let asm = text(&hotloop(&[
        "cache",
        "asm",
        "dot",
        "--lines=never",
        "--dir",
        one.to_str().unwrap(),
    ]));
    assert!(asm.contains("ret") && !asm.contains("bundle.rs"), "{asm}");
    let one = one.to_str().unwrap();
    let asm = text(&hotloop(&["cache", "asm", "dot", "--dir", one]));
    let always = text(&hotloop(&["cache", "asm", "dot", "--lines", "--dir", one]));
    assert_eq!(asm, always);
    let lines: Vec<u32> = (asm.lines())
        .filter_map(|line| {
            line.trim()
                .strip_prefix("; ")?
                .split_once("tests/bundle.rs:")
        })
        .map(|(_, line)| line.parse().unwrap())
        .collect();
    // The body of the loop is line 15 of this file.
    assert!(lines.contains(&15), "{asm}");
    assert!(lines.iter().all(|line| (12..=18).contains(line)), "{asm}");

    let json = text(&hotloop(&["cache", "asm", "dot", "--json", "--dir", one]));
    let json: Value = serde_json::from_str(&json).unwrap();
    assert!(
        json["lines"]
            .as_array()
            .unwrap()
            .iter()
            .any(|line| line["line"] == 15)
    );
    // Without the LLVM that compiled it there are no lines.
    let without = |lines: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hotloop"));
        command.args(["cache", "asm", "dot", lines, "--dir", one]);
        command.env("HOTLOOP_LLVM", "/nowhere").output().unwrap()
    };
    assert!(text(&without("--lines=auto")).contains("ret"));
    assert!(error(&without("--lines=always")).contains("the lines of the source are not known"));

    // A damaged one is noticed.
    let mut bytes = fs::read(&bundle).unwrap();
    let last = bytes.len() - 200;
    bytes[last] ^= 1;
    fs::write(&bundle, bytes).unwrap();
    let output = hotloop(&[&["cache", "verify"], &in_bundle[..]].concat());
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("3 entries are good, 1 are not"));
}

/// What a program asks for is a hit, or what is different is named.
#[cfg(unix)]
#[test]
fn why_runs_a_program() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("cache");
    let program = program_arguments();
    let why = |function: &str, more: &[&str]| {
        let mut all = vec!["cache", "why", function];
        all.extend(["--dir", folder.to_str().unwrap()]);
        all.extend(more);
        all.push("--");
        all.extend(program.iter().map(String::as_str));
        text(&hotloop(&all))
    };
    let first = why("dot", &[]);
    assert!(
        first.contains("miss") && first.contains("nothing is there of this function"),
        "{first}"
    );
    let again = why("dot", &["--json"]);
    let again: Value = serde_json::from_str(&again).unwrap();
    assert_eq!(again.as_array().unwrap().len(), 1);
    assert_eq!(again[0]["answer"], "hit");
    // As if another processor had compiled it.
    for file in fs::read_dir(&folder).unwrap() {
        let path = file.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        let entry = Entry::parse(bytes).unwrap();
        let mut meta = entry.meta.clone();
        let processor = meta.parts.iter_mut().find(|part| part.name == "processor");
        processor.unwrap().hash[0] ^= 1;
        let key = Key::of(&meta.parts);
        let bytes = entry::to_bytes(&meta, entry.program(), entry.object()).unwrap();
        fs::remove_file(&path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        let (_, llvm) = name.split_once('-').unwrap();
        let path = folder.join(format!("{key}-{llvm}"));
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    }
    let moved = why("bundle::dot", &[]);
    assert!(
        moved.contains("miss") && moved.contains("processor (unlike "),
        "{moved}"
    );
    // Both entries are there now, and the second differs from the first.
    let listed = text(&hotloop(&[
        "cache",
        "why",
        "dot",
        "--dir",
        folder.to_str().unwrap(),
    ]));
    assert!(listed.contains("the first of this function"), "{listed}");
    assert!(listed.contains("processor (unlike "), "{listed}");
    // Entries that two LLVMs compiled have the same key.
    let show = |key: &str| hotloop(&["cache", "show", key, "--dir", folder.to_str().unwrap()]);
    for file in fs::read_dir(&folder).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let (key, _) = name.split_once('-').unwrap();
        fs::copy(&path, folder.join(format!("{key}-aaaa00000000.hlc"))).unwrap();
        let several = error(&show(key));
        let short = format!("{}-aaaa", &key[..10]);
        assert!(several.contains(&short), "{several}");
        assert!(text(&show(&short)).contains(key));
    }
    let nothing = hotloop(&["cache", "why", "dot", "--", "true"]);
    assert!(error(&nothing).contains("did not ask the cache for `dot`"));
    assert!(error(&hotloop(&["cache", "why", "dot", "--", "false"])).contains("`false` failed"));
}

#[test]
fn what_cannot_be_packed_is_said() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("kernels.hlb");
    let path = file.to_str().unwrap();
    let folder = root.path().join("none");
    let empty = hotloop(&["bundle", "-o", path, "--dir", folder.to_str().unwrap()]);
    assert!(error(&empty).contains("no entry of the cache is what was asked for"));
    let absent = hotloop(&["bundle", "-o", path, "--", "/no/such/program"]);
    assert!(error(&absent).contains("`/no/such/program` cannot be run"));
    let nothing = hotloop(&["bundle", "-o", path, "--", "true"]);
    assert!(error(&nothing).contains("the command compiled nothing"));
    let failed = hotloop(&["bundle", "-o", path, "--", "false"]);
    assert!(error(&failed).contains("`false` failed"));
    assert!(!file.exists());
    let wrong = hotloop(&["bundle", "-o", path, "--level", "x86-64-v9", "--", "true"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("`x86-64-v9` is none of `native`"));
    fs::write(&file, "no bundle").unwrap();
    assert!(error(&hotloop(&["cache", "list", "--dir", path])).contains("it is no cache entry"));
}

#[test]
fn shells_are_told_how_to_complete() {
    for (shell, sign) in [
        ("bash", "complete -F"),
        ("zsh", "#compdef hotloop"),
        ("fish", "complete -c hotloop"),
    ] {
        let script = text(&hotloop(&["completions", shell]));
        assert!(script.contains(sign), "{shell}: {script}");
        assert!(
            script.contains("verify") && script.contains("bundle"),
            "{shell}"
        );
    }
    assert_eq!(hotloop(&["completions", "csh"]).status.code(), Some(2));
}

#[test]
fn there_are_manual_pages() {
    let page = text(&hotloop(&["man"]));
    assert!(
        page.contains(".TH hotloop 1")
            && page.contains("EXIT STATUS") | page.contains("Exit status")
    );
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("man1");
    text(&hotloop(&["man", "--out", folder.to_str().unwrap()]));
    for name in [
        "hotloop.1",
        "hotloop-cache.1",
        "hotloop-cache-why.1",
        "hotloop-bundle.1",
        "hotloop-info.1",
    ] {
        assert!(folder.join(name).exists(), "{name}");
    }
}

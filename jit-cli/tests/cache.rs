//! Runs `hotloop cache` as its user would, on entries of its own making.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn hotloop(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hotloop"));
    command.arg("cache").args(args).arg("--dir").arg(folder);
    command.output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn an_empty_cache_is_no_error() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("none");
    for command in ["list", "stats", "verify", "gc", "clear"] {
        let output = hotloop(&folder, &[command]);
        assert_eq!(output.status.code(), Some(0), "{command}: {output:?}");
        let json = hotloop(&folder, &[command, "--json"]);
        serde_json::from_slice::<Value>(&json.stdout).unwrap();
    }
    assert!(text(&hotloop(&folder, &["list"])).contains("nothing is cached"));
    assert!(!folder.exists());
}

#[test]
fn what_is_not_there_is_named() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("cache");
    for command in ["show", "asm", "ir", "why"] {
        let output = hotloop(&folder, &[command, "dot"]);
        assert_eq!(output.status.code(), Some(1), "{command}: {output:?}");
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(message.contains("`dot`"), "{message}");
    }
}

#[cfg(unix)]
#[test]
fn a_damaged_entry_is_found() {
    use std::os::unix::fs::PermissionsExt;

    let root = tempfile::tempdir().unwrap();
    let folder = root.path();
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).unwrap();
    let name = "00112233445566778899aabbccddeeff-0123456789ab.hlc";
    fs::write(folder.join(name), "hotloop\n and nothing else").unwrap();
    let output = hotloop(folder, &["verify"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(text(&output).contains(name), "{output:?}");
    assert!(text(&output).contains("0 entries are good, 1 are not"));
    assert!(text(&hotloop(folder, &["list"])).contains("1 more cannot be read"));
    assert!(text(&hotloop(folder, &["clear"])).contains("1 files removed"));
    assert_eq!(hotloop(folder, &["verify"]).status.code(), Some(0));

    fs::set_permissions(folder, fs::Permissions::from_mode(0o777)).unwrap();
    let output = hotloop(folder, &["list"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(message.contains("others may write to it"), "{message}");
}

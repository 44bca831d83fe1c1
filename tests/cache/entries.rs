//! Damaged, foreign and missing entries: a miss, never a wrong answer.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use hotloop_runtime::cache::entry::{Entry, MAX_ENTRY_BYTES, to_bytes};

use crate::child::{Outcome, command, entries, run};

#[test]
fn the_second_process_compiles_nothing_that_was_cached() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("cache");
    assert_eq!(run(&folder), [0, 3, 0, 3]);
    assert_eq!(entries(&folder).len(), 3);
    assert_eq!(run(&folder), [3, 0, 0, 0]);
}

/// Each entry is damaged in this way; the next process has to notice, to be right, and to mend it.
#[test]
fn a_damaged_entry_is_compiled_again() {
    type Damage = fn(&Path, &mut Vec<u8>);
    let damages: [(&str, Damage); 12] = [
        ("emptied", |_, bytes| bytes.clear()),
        ("cut in the header", |_, bytes| bytes.truncate(40)),
        ("cut at the end", |_, bytes| bytes.truncate(bytes.len() - 1)),
        ("another magic number", |_, bytes| bytes[0] ^= 1),
        ("another version", |_, bytes| bytes[8] += 1),
        ("another checksum", |_, bytes| bytes[20] ^= 0x80),
        ("a flipped bit in the description", |_, bytes| {
            bytes[100] ^= 4
        }),
        ("a flipped bit in the code", |_, bytes| {
            let at = bytes.len() - 200;
            bytes[at] ^= 1;
        }),
        ("filled with zeros", |_, bytes| bytes.fill(0)),
        ("larger than an entry can be", |path, _| {
            let file = fs::File::options().write(true).open(path).unwrap();
            file.set_len(MAX_ENTRY_BYTES + 1).unwrap();
        }),
        // The checksum of these is right.
        ("for another processor", |_, bytes| {
            rewrite(bytes, |entry| {
                let is_processor = |name: &str| name == "processor";
                let mut parts = entry.meta.parts.iter_mut();
                let processor = parts.find(|part| is_processor(&part.name)).unwrap();
                processor.hash[0] ^= 1;
                entry.object().to_vec()
            });
        }),
        ("for another architecture", |_, bytes| {
            rewrite(bytes, |entry| {
                let mut object = entry.object().to_vec();
                let machine = if cfg!(target_arch = "x86_64") {
                    183
                } else {
                    62
                };
                object[18] = machine;
                object
            });
        }),
    ];
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("cache");
    run(&folder);
    for (what, damage) in damages {
        for path in entries(&folder) {
            let mut bytes = fs::read(&path).unwrap();
            let before = bytes.clone();
            damage(&path, &mut bytes);
            if bytes != before {
                fs::write(&path, &bytes).unwrap();
            }
        }
        assert_eq!(run(&folder), [0, 3, 3, 3], "{what}");
        assert_eq!(run(&folder), [3, 0, 0, 0], "after: {what}");
    }
}

#[test]
fn what_is_no_file_of_the_users_is_not_loaded() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("cache");
    run(&folder);
    for (n, path) in entries(&folder).iter().enumerate() {
        let moved = root.path().join(n.to_string());
        fs::rename(path, &moved).unwrap();
        symlink(&moved, path).unwrap();
    }
    assert_eq!(run(&folder), [0, 3, 3, 3]);
    // Each link was replaced by a file.
    assert_eq!(run(&folder), [3, 0, 0, 0]);
    for path in entries(&folder) {
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
    }
    assert_eq!(run(&folder), [0, 3, 3, 0]);
}

#[test]
fn a_folder_that_cannot_be_used_changes_no_answer() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("file");
    fs::write(&file, "").unwrap();
    assert_eq!(run(&file), [0, 0, 0, 0]);
    assert_eq!(run(Path::new("/proc/hotloop")), [0, 0, 0, 0]);
    let open = root.path().join("open");
    fs::create_dir(&open).unwrap();
    fs::set_permissions(&open, fs::Permissions::from_mode(0o777)).unwrap();
    assert_eq!(run(&open), [0, 0, 0, 0]);
    assert_eq!(entries(&open).len(), 0);
}

/// Changes what is in an entry, and makes its checksum right again.
fn rewrite(bytes: &mut Vec<u8>, change: impl FnOnce(&mut Entry) -> Vec<u8>) {
    let mut entry = Entry::parse(bytes.clone()).unwrap();
    let object = change(&mut entry);
    *bytes = to_bytes(&entry.meta, entry.program(), &object).unwrap();
}

/// A child that a shell runs, after it has done something.
fn run_after(folder: &Path, preparation: &str) -> Outcome {
    let child = command(folder);
    let mut shell = Command::new("sh");
    shell
        .arg("-c")
        .arg(format!("{preparation}; exec \"$@\""))
        .arg("sh");
    shell.arg(child.get_program()).args(child.get_args());
    for (name, value) in child.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    Outcome::of(&shell.output().unwrap())
}

/// As on a full disk, nothing can be written: a limit of 512 bytes for each file does that for all users and file systems.
#[test]
fn a_full_disk_changes_no_answer() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("cache");
    let outcome = run_after(&folder, "trap '' XFSZ; ulimit -f 1");
    assert_eq!(outcome.stats(), [0, 3, 0, 0, 3]);
    let left = fs::read_dir(&folder).unwrap().count();
    assert_eq!(left, 0, "something is left");
    assert_eq!(run(&folder), [0, 3, 0, 3]);
}

#[test]
fn what_cannot_be_read_is_compiled_again() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("cache");
    run(&folder);
    for path in entries(&folder) {
        fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    }
    if fs::read(&entries(&folder)[0]).is_ok() {
        eprintln!("SKIPPED: this user may read everything");
        assert_eq!(run(&folder), [3, 0, 0, 0]);
        return;
    }
    assert_eq!(run(&folder), [0, 3, 3, 3]);
    assert_eq!(run(&folder), [3, 0, 0, 0]);
}

#[test]
fn a_folder_that_is_only_to_be_read_is_read() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("cache");
    run(&folder);
    fs::remove_file(&entries(&folder)[0]).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o500)).unwrap();
    let may_write = fs::write(folder.join("probe.tmp"), "").is_ok();
    let outcome = Outcome::of(&command(&folder).output().unwrap());
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
    if may_write {
        eprintln!("SKIPPED: this user may write everywhere");
        assert_eq!(outcome.stats(), [2, 1, 0, 1, 0]);
    } else {
        assert_eq!(outcome.stats(), [2, 1, 0, 0, 1]);
    }
}

//! The option `cache`: what the next process finds, and what it makes of a damaged entry.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use hotloop::jit;

#[jit(cache, fastmath)]
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..a.len() {
        sum += a[i] * b[i];
    }
    sum
}

#[jit]
fn half(x: f64) -> f64 {
    x * 0.5
}

#[jit(cache)]
fn scale<T: num_traits::Float>(a: &mut [T], factor: T) {
    for x in a {
        *x = *x * factor;
    }
}

#[jit(cache)]
fn halve(a: &mut [f64], first: usize) {
    for i in first..a.len() {
        a[i - 1] = half(a[i]);
    }
}

#[jit]
fn not_cached(x: f64) -> f64 {
    x + 1.0
}

/// What the child processes run; by itself it uses the folder that the others made.
#[test]
#[ignore = "run by the other tests, in processes of their own"]
fn child() {
    assert_eq!(dot(&[1.0, 2.0], &[3.0, 4.0]), 11.0);
    let mut values = [1.0_f64, 2.0, 3.0];
    scale(&mut values, 2.0);
    assert_eq!(values, [2.0, 4.0, 6.0]);
    halve(&mut values, 1);
    assert_eq!(values, [2.0, 3.0, 6.0]);
    assert_eq!(not_cached(1.0), 2.0);
    let panic = std::panic::catch_unwind(|| dot(&[1.0, 2.0], &[3.0])).unwrap_err();
    let message = panic.downcast_ref::<String>().unwrap();
    assert_eq!(
        message,
        "index out of bounds: the len is 1 but the index is 1"
    );
    for specialization in scale::specializations() {
        assert!(specialization.ir().contains("fn scale"));
        assert!(specialization.asm().unwrap().contains("ret"));
    }
    let stats = hotloop::cache::stats();
    println!(
        "stats: {} {} {} {}",
        stats.hits, stats.misses, stats.rejected, stats.stored
    );
}

/// A child that uses this folder, not yet waited for.
fn spawn(folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["cache::child", "--exact", "--ignored", "--nocapture"])
        .env("HOTLOOP_CACHE_DIR", folder)
        .env("HOTLOOP_REQUIRE", "1")
        .env_remove("HOTLOOP_DUMP")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Hits, misses, entries rejected, entries stored.
fn outcome(child: Child) -> [u64; 4] {
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let numbers = text
        .split("stats: ")
        .nth(1)
        .unwrap()
        .lines()
        .next()
        .unwrap();
    let numbers: Vec<u64> = (numbers.split(' ').map(|number| number.parse().unwrap())).collect();
    numbers.try_into().unwrap()
}

fn run(folder: &Path) -> [u64; 4] {
    outcome(spawn(folder))
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    let mut entries: Vec<_> =
        (files.filter(|path| path.extension().is_some_and(|end| end == "hlc"))).collect();
    entries.sort();
    entries
}

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
    let damages: [(&str, Damage); 9] = [
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
    ];
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("cache");
    run(&folder);
    for (what, damage) in damages {
        for path in entries(&folder) {
            let mut bytes = fs::read(&path).unwrap();
            damage(&path, &mut bytes);
            fs::write(&path, &bytes).unwrap();
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
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o777);
    fs::set_permissions(&open, mode).unwrap();
    assert_eq!(run(&open), [0, 0, 0, 0]);
    assert_eq!(entries(&open).len(), 0);
}

#[test]
fn processes_that_start_at_once_and_are_killed_leave_a_good_cache() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("cache");
    for round in 0..3 {
        let mut children: Vec<_> = (0..6).map(|_| spawn(&folder)).collect();
        let mut killed = children.pop().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(7 * round));
        killed.kill().unwrap();
        killed.wait().unwrap();
        for child in children {
            let [hits, misses, rejected, _] = outcome(child);
            assert_eq!((hits + misses, rejected), (3, 0));
        }
        assert_eq!(run(&folder)[0], 3);
        for path in entries(&folder) {
            fs::remove_file(path).unwrap();
        }
    }
}

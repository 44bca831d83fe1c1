//! Caches under the user's own: folders, bundles in files and in the program, for this processor and for levels.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use hotloop_runtime::cache::bundle;
use hotloop_runtime::cache::entry::Entry;
use hotloop_runtime::cache::store::read_entry;
use hotloop_runtime::cpu::CpuLevel;

use crate::child::{CACHED, Outcome, entries, run_with};

/// A cache that was filled for all levels, and an empty folder.
struct Shipped {
    root: tempfile::TempDir,
    entries: Vec<Entry>,
}

impl Shipped {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("filled");
        let levels: Vec<_> = CpuLevel::LEVELS.iter().map(|level| level.name()).collect();
        let outcome = run_with(&folder, |command| {
            command.env("HOTLOOP_CACHE_LEVELS", levels.join(","));
        });
        let n_entries = CACHED * (1 + levels.len() as u64);
        assert_eq!(outcome.stats(), [0, CACHED, 0, n_entries, 0]);
        // Nothing is missing any more, and for one level less as well.
        for levels in [&levels[..], &levels[levels.len().min(1)..]] {
            let again = run_with(&folder, |command| {
                command.env("HOTLOOP_CACHE_LEVELS", levels.join(","));
            });
            assert_eq!(again.stats(), [CACHED, 0, 0, 0, 0]);
        }
        let read = |path: &PathBuf| read_entry(path, None).unwrap();
        let entries = entries(&folder).iter().map(read).collect();
        Shipped { root, entries }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// A bundle of the entries for these.
    fn bundle(&self, name: &str, levels: &[CpuLevel]) -> PathBuf {
        let mut wanted = self.entries.clone();
        wanted.retain(|entry| levels.contains(&entry.meta.level));
        let path = self.path(name);
        bundle::write(&path, &wanted).unwrap();
        path
    }

    /// What a machine without LLVM makes of a layer, with an empty cache of its own.
    fn deployed(&self, layer: &Path) -> Outcome {
        run_with(&self.path("empty"), |command| {
            command
                .env("HOTLOOP_LLVM", "/nowhere")
                .env("HOTLOOP_CACHE_LAYERS", layer);
        })
    }
}

/// The highest level that this processor has.
fn highest() -> Option<CpuLevel> {
    let mut levels = CpuLevel::LEVELS.iter();
    levels.find(|level| level.is_here()).copied()
}

#[test]
fn a_bundle_runs_without_llvm() {
    let shipped = Shipped::new();
    let all: Vec<_> = [CpuLevel::Native]
        .iter()
        .chain(CpuLevel::LEVELS)
        .copied()
        .collect();
    let native = shipped.deployed(&shipped.bundle("all.hlb", &all));
    assert_eq!(native.stats(), [CACHED, 0, 0, 0, 0]);
    assert_eq!(native.get("level"), "native");
    assert_eq!(native.get("before"), r#"["loads", "loads", "loads"]"#);
    assert_eq!(native.get("llvm"), "false");

    let levels = shipped.deployed(&shipped.bundle("levels.hlb", CpuLevel::LEVELS));
    match highest() {
        Some(level) => assert_eq!(levels.get("level"), level.name()),
        None => eprintln!("SKIPPED: this processor has none of the levels"),
    }
    for &level in CpuLevel::LEVELS {
        if !level.is_here() {
            eprintln!("SKIPPED: this processor is no {level}");
            continue;
        }
        let one = shipped.deployed(&shipped.bundle("one.hlb", &[level]));
        assert_eq!(one.stats(), [CACHED, 0, 0, 0, 0]);
        assert_eq!(one.get("level"), level.name());
    }
}

#[test]
fn a_program_may_contain_its_bundle() {
    let shipped = Shipped::new();
    let bundle = shipped.bundle("all.hlb", &[CpuLevel::Native]);
    let outcome = run_with(&shipped.path("empty"), |command| {
        command
            .env("HOTLOOP_LLVM", "/nowhere")
            .env("EMBED", &bundle);
    });
    assert_eq!(outcome.stats(), [CACHED, 0, 0, 0, 0]);
    // It needs no folder at all.
    let homeless = run_with(Path::new(""), |command| {
        command
            .env("HOTLOOP_LLVM", "/nowhere")
            .env_remove("XDG_CACHE_HOME")
            .env_remove("HOME")
            .env("EMBED", &bundle);
    });
    assert_eq!(homeless.stats(), [CACHED, 0, 0, 0, 0]);
}

/// Code for a level is used where an LLVM could compile better code, unless the user would rather have that; what is in the user's own folder for
/// this processor comes before any layer.
#[test]
fn who_has_an_llvm_may_prefer_code_for_this_processor() {
    if highest().is_none() {
        eprintln!("SKIPPED: this processor has none of the levels");
        return;
    }
    let shipped = Shipped::new();
    let bundle = shipped.bundle("levels.hlb", CpuLevel::LEVELS);
    let run = |folder: &str, prefers: bool, llvm: bool| {
        run_with(&shipped.path(folder), |command| {
            command.env("HOTLOOP_CACHE_LAYERS", &bundle);
            if prefers {
                command.env("HOTLOOP_CACHE_PREFER_NATIVE", "1");
            }
            if !llvm {
                command.env("HOTLOOP_LLVM", "/nowhere");
            }
        })
    };
    let quick = run("own", false, true);
    assert_eq!(quick.stats(), [CACHED, 0, 0, 0, 0]);
    assert_ne!(quick.get("level"), "native");
    let best = run("own", true, true);
    assert_eq!(best.stats(), [0, CACHED, 0, CACHED, 0]);
    assert_eq!(
        best.get("before"),
        r#"["compiles", "compiles", "compiles"]"#
    );
    for prefers in [false, true] {
        let own = run("own", prefers, true);
        assert_eq!(own.stats(), [CACHED, 0, 0, 0, 0]);
        assert_eq!(own.get("level"), "native");
    }
    // Where there is no LLVM there is nothing to prefer.
    let deployed = run("other", true, false);
    assert_eq!(deployed.stats(), [CACHED, 0, 0, 0, 0]);
}

#[test]
fn a_folder_is_a_layer() {
    let shipped = Shipped::new();
    let filled = shipped.path("filled");
    let before: Vec<_> = (entries(&filled).iter())
        .map(|path| {
            (
                path.clone(),
                fs::metadata(path).unwrap().modified().unwrap(),
            )
        })
        .collect();
    let outcome = shipped.deployed(&filled);
    assert_eq!(outcome.stats(), [CACHED, 0, 0, 0, 0]);
    assert_eq!(outcome.get("level"), "native");
    // With an LLVM as well: what is shipped is not compiled.
    let with_llvm = run_with(&shipped.path("other"), |command| {
        command.env("HOTLOOP_CACHE_LAYERS", &filled);
    });
    assert_eq!(with_llvm.stats(), [CACHED, 0, 0, 0, 0]);
    let after: Vec<_> = (entries(&filled).iter())
        .map(|path| {
            (
                path.clone(),
                fs::metadata(path).unwrap().modified().unwrap(),
            )
        })
        .collect();
    assert_eq!(before, after);
}

#[test]
fn a_layer_that_others_may_write_to_is_not_used() {
    let shipped = Shipped::new();
    let bundle = shipped.bundle("all.hlb", &[CpuLevel::Native]);
    fs::set_permissions(&bundle, fs::Permissions::from_mode(0o666)).unwrap();
    let folder = shipped.path("filled");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
    let layers = [&bundle, &folder, &shipped.path("nowhere")];
    for (n, layer) in layers.into_iter().enumerate() {
        let outcome = run_with(&shipped.path(&format!("user-{n}")), |command| {
            command
                .env("HOTLOOP_CACHE_LAYERS", layer)
                .env("CHILD", "log");
        });
        let [hits, misses, ..] = outcome.stats();
        assert_eq!(hits + misses, CACHED);
        let warnings = outcome.log().into_iter().filter(|line| {
            line.starts_with("WARN: hotloop: the cache layer ") && line.contains("is not used")
        });
        assert_eq!(warnings.count(), 1, "{}", outcome.text);
    }
}

/// Each byte that the bundle's loader reads may be wrong: then the functions are compiled.
#[test]
fn a_damaged_bundle_is_done_without() {
    let shipped = Shipped::new();
    let bundle = shipped.bundle("all.hlb", &[CpuLevel::Native]);
    let bytes = fs::read(&bundle).unwrap();
    let half = bytes.len() / 2;
    type Damage = fn(&mut Vec<u8>, usize);
    let damages: [(&str, Damage); 5] = [
        ("another version", |bytes, _| bytes[8] += 1),
        ("a flipped bit in the index", |bytes, _| bytes[60] ^= 1),
        ("cut", |bytes, half| bytes.truncate(half)),
        ("one entry flipped", |bytes, half| bytes[half] ^= 1),
        ("zeros", |bytes, _| bytes.fill(0)),
    ];
    for (n, (what, damage)) in damages.into_iter().enumerate() {
        let mut damaged = bytes.clone();
        damage(&mut damaged, half);
        fs::write(&bundle, damaged).unwrap();
        let outcome = run_with(&shipped.path(&n.to_string()), |command| {
            command.env("HOTLOOP_CACHE_LAYERS", &bundle);
        });
        let [hits, misses, _, stored, _] = outcome.stats();
        assert!(
            hits < CACHED && misses == CACHED - hits && stored == misses,
            "{what}"
        );
    }
}

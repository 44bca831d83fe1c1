//! The second process: what it does, what it does not, and what it says about it.

use crate::child::{CACHED, run_with};

#[test]
fn a_warm_start_opens_no_llvm() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("cache");
    let cold = run_with(&folder, |_| {});
    let warm = run_with(&folder, |_| {});
    assert_eq!(warm.stats(), [CACHED, 0, 0, 0, 0]);
    if cold.get("maps") != "true" {
        eprintln!("SKIPPED: this system has no /proc/self/maps to look at");
        return;
    }
    assert_eq!(cold.get("llvm"), "true");
    assert_eq!(warm.get("llvm"), "false");
}

#[test]
fn what_a_call_would_do_is_known_before() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("cache");
    let cold = run_with(&folder, |_| {});
    assert_eq!(
        cold.get("before"),
        r#"["compiles", "compiles", "compiles"]"#
    );
    assert_eq!(cold.get("after"), r#"["runs", "runs", "runs"]"#);
    let expected = "1 compiled, 0 hits, 1 misses, 0 declined, compiled: true, loaded: false";
    assert_eq!(cold.get("dot"), expected);

    let warm = run_with(&folder, |_| {});
    assert_eq!(warm.get("before"), r#"["loads", "loads", "loads"]"#);
    assert_eq!(warm.get("after"), r#"["runs", "runs", "runs"]"#);
    let expected = "0 compiled, 1 hits, 0 misses, 0 declined, compiled: false, loaded: true";
    assert_eq!(warm.get("dot"), expected);

    let without_llvm = run_with(&root.path().join("empty"), |command| {
        command
            .env("HOTLOOP_LLVM", "/nowhere")
            .env_remove("HOTLOOP_REQUIRE");
    });
    let declines = r#"["declines", "declines", "declines"]"#;
    assert_eq!(without_llvm.get("before"), declines);
    assert_eq!(without_llvm.get("after"), declines);
    let expected = "0 compiled, 0 hits, 0 misses, 1 declined, compiled: false, loaded: false";
    assert_eq!(without_llvm.get("dot"), expected);
}

/// A report on code from the cache says what one on compiled code says.
#[test]
fn a_report_does_not_depend_on_the_cache() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("cache");
    let report = || {
        let outcome = run_with(&folder, |command| {
            command.env("CHILD", "report,inspect,uncached");
        });
        let (_, rest) = outcome.text.split_once("<report>\n").unwrap();
        let (report, _) = rest.split_once("</report>").unwrap();
        let without_times = report.lines().filter(|line| {
            ["compiled", "loaded", "cache", " ms", " us"]
                .iter()
                .all(|word| !line.contains(word))
        });
        let lines: Vec<String> = without_times.map(str::to_owned).collect();
        assert!(lines.len() > 2, "{report}");
        (outcome.stats()[0], lines)
    };
    let (cold, warm) = (report(), report());
    assert_eq!((cold.0, warm.0), (0, CACHED));
    assert_eq!(cold.1, warm.1);
}

#[test]
fn the_log_has_what_happens() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("cache");
    let log = |llvm: Option<&str>| {
        let outcome = run_with(&folder, |command| {
            command.env("CHILD", "log");
            if let Some(llvm) = llvm {
                command
                    .env("HOTLOOP_LLVM", llvm)
                    .env_remove("HOTLOOP_REQUIRE");
            }
        });
        let lines = outcome.log().into_iter();
        let lines: Vec<String> = lines.map(str::to_owned).collect();
        move |what: &str| lines.iter().filter(|line| line.contains(what)).count() as u64
    };
    let cold = log(None);
    assert_eq!(
        cold("DEBUG: hotloop: `cache::child::dot` is not in the cache (key "),
        1
    );
    assert_eq!(
        cold("DEBUG: hotloop: compiled `dot(&[f64], &[f64]) -> f64` in "),
        1
    );
    assert_eq!(cold("DEBUG: hotloop: stored `"), CACHED);
    let warm = log(None);
    assert_eq!(
        warm("DEBUG: hotloop: loaded `cache::child::dot` from the cache"),
        1
    );
    assert_eq!(
        warm("stored `") + warm("not in the cache") + warm("compiled `"),
        0
    );

    for path in crate::child::entries(&folder) {
        std::fs::write(path, "hotloop\n").unwrap();
    }
    let damaged = log(None);
    assert_eq!(damaged("is not used: it is no cache entry"), CACHED);
    assert_eq!(damaged("stored `"), CACHED);

    let open = std::os::unix::fs::PermissionsExt::from_mode(0o777);
    std::fs::set_permissions(&folder, open).unwrap();
    assert_eq!(log(None)("WARN: hotloop: the cache in "), 1);
    let refused = log(Some("/nowhere"));
    assert_eq!(refused("WARN: hotloop: the cache in "), 1);
    assert_eq!(refused("runs as rustc compiled it"), 1);
}

/// How many threads there are decides nothing.
#[test]
fn threads_are_no_part_of_the_key() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("cache");
    run_with(&folder, |command| {
        command.env("RAYON_NUM_THREADS", "1");
    });
    for threads in ["2", "7"] {
        let outcome = run_with(&folder, |command| {
            command.env("RAYON_NUM_THREADS", threads);
        });
        assert_eq!(outcome.stats(), [CACHED, 0, 0, 0, 0]);
    }
}

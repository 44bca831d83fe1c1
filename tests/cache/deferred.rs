//! Copies that are compiled when they are first called, where that does not work: the system lets nobody make memory executable any more,
//! as under systemd's `MemoryDenyWriteExecute`, or there is no LLVM.

#![allow(
    clippy::needless_range_loop,
    clippy::manual_map,
    clippy::assign_op_pattern,
    reason = "indices that may be out of bounds are what is tested, in the plainest forms"
)]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs};

use hotloop::{Error, jit};

/// The sum of what comes before the first negative number, which is cut off at 0; everything before is doubled.
#[jit]
fn until(limit: usize, a: &mut [i64]) -> (usize, i64) {
    let mut sum = 0;
    for i in 0..limit {
        if a[i] < 0 {
            a[i] = 0;
            return (i, sum);
        }
        sum += a[i];
        a[i] *= 2;
    }
    (limit, sum)
}

/// Not `Copy`, and passed by value.
#[derive(hotloop::JitType, Debug, PartialEq)]
struct Weights {
    first: f64,
    rest: [f64; 3],
}

#[jit]
fn weighted<T: num_traits::Float>(
    weights: (f64, f64),
    bias: Option<T>,
    limit: usize,
    values: &mut [T],
) -> Option<T> {
    let mut sum = T::zero();
    for i in 0..limit {
        if values[i] < T::zero() {
            return Some(sum);
        }
        sum = sum + values[i] * T::from(weights.0 + weights.1).unwrap();
        values[i] = T::zero();
    }
    match bias {
        Some(bias) => Some(sum + bias),
        None => None,
    }
}

#[jit]
impl Weights {
    fn apply(self, limit: usize, values: &mut [f64]) -> Weights {
        let mut sum = self.first;
        for i in 0..limit {
            if values[i] < 0.0 {
                break;
            }
            sum += values[i] * self.rest[i % 3];
            values[i] = 1.0;
        }
        Weights {
            first: sum,
            rest: self.rest,
        }
    }
}

/// Called by others only, behind a store.
#[jit]
fn fill(n: usize, a: &mut [u32]) -> u32 {
    for i in 0..n {
        a[i] = i as u32;
    }
    n as u32
}

#[jit]
fn fill_all(sizes: &[usize], a: &mut [u32]) -> u32 {
    let mut sum = 0;
    for k in 0..sizes.len() {
        a[0] = a[0] + 1;
        sum += fill(sizes[k], a);
    }
    sum
}

/// It calls itself.
#[jit]
fn countdown(depth: usize, limit: usize, a: &mut [i64]) -> i64 {
    let mut sum = 0;
    if depth > 0 {
        a[0] = a[0] + 1;
        sum = countdown(depth - 1, limit + 1, a);
    }
    for i in 0..limit {
        sum += a[i];
    }
    sum
}

#[jit]
fn never_called_before(limit: usize, a: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in 0..limit {
        sum += a[i];
    }
    sum
}

/// What the logger calls.
#[jit]
fn first_of(limit: usize, a: &[i64]) -> i64 {
    for i in 0..limit {
        if a[i] != 0 {
            return a[i];
        }
    }
    0
}

static WARNINGS: AtomicUsize = AtomicUsize::new(0);
static COPIES: AtomicUsize = AtomicUsize::new(0);

/// A logger that calls jitted functions while it holds a lock.
struct Counter(Mutex<()>);

impl log::Log for Counter {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let text = record.args().to_string();
        if text.contains("first_of") {
            return;
        }
        let _lock = self.0.lock().unwrap();
        WARNINGS.fetch_add(
            usize::from(text.contains("runs as rustc compiled it in calls")),
            Ordering::Relaxed,
        );
        COPIES.fetch_add(
            usize::from(text.contains("compiled the second version")),
            Ordering::Relaxed,
        );
        assert_eq!(first_of(9, &[0, -1]), -1);
    }

    fn flush(&self) {}
}

/// What compiled code and rustc's do with the same arguments, panics included.
fn same<S: Clone + PartialEq + std::fmt::Debug, R: PartialEq + std::fmt::Debug>(
    state: S,
    compiled: impl Fn(&mut S) -> R,
    plain: impl Fn(&mut S) -> R,
) {
    let run = |call: &dyn Fn(&mut S) -> R| {
        let mut state = state.clone();
        let result = catch_unwind(AssertUnwindSafe(|| call(&mut state)));
        let result = result.map_err(|payload| payload.downcast_ref::<String>().cloned());
        (result, state)
    };
    assert_eq!(run(&compiled), run(&plain));
}

#[cfg(target_os = "linux")]
fn forbid_executable_memory() -> bool {
    unsafe extern "C" {
        fn prctl(option: i32, a: u64, b: u64, c: u64, d: u64) -> i32;
    }
    const PR_SET_MDWE: i32 = 65;
    const PR_MDWE_REFUSE_EXEC_GAIN: u64 = 1;
    // SAFETY: this changes what later calls of the system do, and nothing else.
    (unsafe { prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0) }) == 0
}

#[cfg(not(target_os = "linux"))]
fn forbid_executable_memory() -> bool {
    false
}

/// In a process of its own.
#[test]
#[ignore = "run by the other tests, in processes of their own"]
fn child() {
    let Ok(mode) = env::var("DEFERRED") else {
        return;
    };
    static LOGGER: Counter = Counter(Mutex::new(()));
    log::set_logger(&LOGGER).unwrap();
    log::set_max_level(log::LevelFilter::Debug);
    // Calls whose checks can be made in advance.
    assert_eq!(until(2, &mut [1, 2]), (2, 3));
    assert_eq!(weighted((1.0, 1.0), None, 1, &mut [1.0]), None::<f64>);
    let weights = || Weights {
        first: 0.5,
        rest: [1.0, 2.0, 3.0],
    };
    assert_eq!(weights().apply(1, &mut [2.0]).first, 2.5);
    assert_eq!(fill_all(&[1], &mut [0]), 1);
    assert_eq!(countdown(1, 1, &mut [1, 2]), 6);
    if mode == "complete" {
        until::compile().unwrap();
        weighted::compile::<f64>().unwrap();
        let n_copies = COPIES.load(Ordering::Relaxed);
        assert!(n_copies >= 2, "{n_copies}");
    }
    match mode.as_str() {
        "possible" => {}
        _ if forbid_executable_memory() => {}
        _ => {
            println!("SKIPPED: this system has no way to forbid executable memory");
            return;
        }
    }
    let n_copies = COPIES.load(Ordering::Relaxed);
    for _ in 0..2 {
        for (limit, values) in [
            (9, vec![1, 2, -3, 4]),
            (9, vec![1, 2, 3]),
            (2, vec![5, 6]),
            (1, vec![]),
        ] {
            same(values, |a| until(limit, a), |a| until::plain(limit, a));
        }
        for limit in [1, 3, 9] {
            for bias in [None, Some(2.0)] {
                same(
                    vec![1.0, 2.0, -1.0, 3.0],
                    |a| weighted((0.5, 0.25), bias, limit, a),
                    |a| weighted::plain((0.5, 0.25), bias, limit, a),
                );
            }
            same(
                vec![1.0, 2.0, -1.0],
                |a| weights().apply(limit, a),
                |a| hotloop::disabled(|| weights().apply(limit, a)),
            );
            same(
                vec![7; 4],
                |a| fill_all(&[2, limit, 1], a),
                |a| fill_all::plain(&[2, limit, 1], a),
            );
            same(
                vec![7; 4],
                |a| countdown(2, limit, a),
                |a| countdown::plain(2, limit, a),
            );
        }
        same(
            (),
            |()| never_called_before(3, &[1.0, 2.0]),
            |()| never_called_before::plain(3, &[1.0, 2.0]),
        );
    }
    let count = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);
    match mode.as_str() {
        "possible" => {
            assert!(until::compile().is_ok() && never_called_before::compile().is_ok());
            assert_eq!(count(&WARNINGS), 0);
        }
        "forbidden" => {
            assert!(matches!(until::compile(), Err(Error::Io { .. })));
            assert!(matches!(
                never_called_before::compile(),
                Err(Error::Io { .. })
            ));
            assert_eq!(until::specializations().len(), 1);
            // Said once for each of the three that have a copy.
            assert_eq!(count(&WARNINGS), 3);
        }
        _ => {
            // All that these need was there; the method has no `compile`.
            assert!(until::compile().is_ok());
            assert_eq!((count(&WARNINGS), count(&COPIES)), (1, n_copies));
        }
    }
    println!("mode {mode}: right");
}

fn run(mode: &str, change: impl FnOnce(&mut Command)) -> String {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args(["deferred::child", "--exact", "--ignored", "--nocapture"])
        .env("DEFERRED", mode)
        .env_remove("HOTLOOP_REQUIRE")
        .env_remove("HOTLOOP_CACHE_LEVELS")
        .env_remove("HOTLOOP_DUMP");
    change(&mut command);
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{mode}: {}: {text}{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    text
}

#[test]
fn a_copy_that_cannot_be_compiled_is_rustcs_body() {
    for mode in ["possible", "forbidden", "complete"] {
        let text = run(mode, |_| {});
        if text.contains("SKIPPED") {
            eprintln!("SKIPPED: {mode}");
        } else {
            assert!(text.contains(&format!("mode {mode}: right")), "{text}");
        }
    }
}

/// `HOTLOOP_REQUIRE` is about these calls, too.
#[test]
fn required_code_that_is_missing_is_a_panic() {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args(["deferred::child", "--exact", "--ignored", "--nocapture"])
        .env("DEFERRED", "forbidden")
        .env("HOTLOOP_REQUIRE", "1");
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    if text.contains("SKIPPED") {
        eprintln!("SKIPPED: this system has no way to forbid executable memory");
        return;
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        !output.status.success()
            && errors
                .contains("HOTLOOP_REQUIRE is set, but `until(usize, &mut [i64]) -> (usize, i64)`"),
        "{text}{errors}"
    );
}

/// What is stored for machines without LLVM asks nobody for code.
#[test]
fn entries_have_all_their_code() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("cache");
    crate::child::run(&folder);
    let entries = crate::child::entries(&folder);
    assert!(!entries.is_empty());
    for path in entries {
        let bytes = fs::read(path).unwrap();
        let name = b"hotloop_deferred";
        assert!(!bytes.windows(name.len()).any(|window| window == name));
    }
}

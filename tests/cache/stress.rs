//! Processes that start at once on an empty cache, some of which are killed.

use std::fs;
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use hotloop_runtime::cache::store::Store;

use crate::child::{CACHED, entries, outcome, run, spawn};

const PROCESSES: usize = 16;

/// A round of each test takes about two seconds on two cores. `HOTLOOP_STRESS_ROUNDS=100` is what releases are tested with.
fn rounds() -> u64 {
    let rounds = std::env::var("HOTLOOP_STRESS_ROUNDS");
    rounds.map_or(2, |rounds| rounds.parse().unwrap())
}

/// Marsaglia's xorshift.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// What was counted.
#[derive(Debug, Default)]
struct Counts {
    finished: u64,
    killed: u64,
    ended_before: u64,
    hits: u64,
    misses: u64,
    temporary: u64,
    marks: u64,
}

#[test]
fn processes_that_start_at_once_and_are_killed_leave_a_good_cache() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("cache");
    let start = Instant::now();
    run(&folder);
    let alone = start.elapsed();
    let mut random = Random(0x9e37_79b9_7f4a_7c15 ^ u64::from(std::process::id()));
    let mut counts = Counts::default();
    for _ in 0..rounds() {
        for path in entries(&folder) {
            fs::remove_file(path).unwrap();
        }
        let children: Vec<Child> = (0..PROCESSES).map(|_| spawn(&folder)).collect();
        // Each third is killed, at any time while they run.
        let latest = (alone.as_micros() as u64 * PROCESSES as u64 / 2).max(1000);
        let plans = children.into_iter().map(|child| {
            let delay = (random.below(3) == 0).then(|| random.below(latest));
            (child, delay)
        });
        let plans: Vec<_> = plans.collect();
        thread::scope(|threads| {
            let waiting: Vec<_> = (plans.into_iter())
                .map(|(child, delay)| threads.spawn(move || finish(child, delay)))
                .collect();
            for waiting in waiting {
                match waiting.join().unwrap() {
                    Finished::Well([hits, misses, rejected, ..]) => {
                        assert_eq!((hits + misses, rejected), (CACHED, 0));
                        counts.finished += 1;
                        counts.hits += hits;
                        counts.misses += misses;
                    }
                    Finished::Killed => counts.killed += 1,
                    Finished::TooLate => counts.ended_before += 1,
                }
            }
        });
        // Whatever is missing is mended, and nothing is damaged.
        let [hits, misses, rejected, _] = run(&folder);
        assert_eq!((hits + misses, rejected), (CACHED, 0));
        assert_eq!(run(&folder), [CACHED, 0, 0, 0]);
        for (extension, n_files) in left_over(&folder) {
            match extension.as_str() {
                "tmp" => counts.temporary += n_files,
                "compiling" => counts.marks += n_files,
                _ => panic!("a file that ends in {extension} is left"),
            }
        }
        let store = Store::open_existing(folder.clone()).unwrap();
        store.collect_garbage(u64::MAX).unwrap();
        assert_eq!(left_over(&folder), []);
        assert_eq!(entries(&folder).len() as u64, CACHED);
    }
    println!("{} rounds of {PROCESSES} processes: {counts:?}", rounds());
}

enum Finished {
    Well([u64; 5]),
    Killed,
    /// It had ended when it was to be killed.
    TooLate,
}

fn finish(mut child: Child, delay: Option<u64>) -> Finished {
    let Some(delay) = delay else {
        return Finished::Well(outcome(child).stats());
    };
    thread::sleep(Duration::from_micros(delay));
    let had_ended = child.try_wait().unwrap().is_some();
    child.kill().unwrap();
    let output = child.wait_with_output().unwrap();
    match (had_ended, output.status.success()) {
        // Between the question and the signal it ended well.
        (_, true) => Finished::TooLate,
        (false, false) => {
            use std::os::unix::process::ExitStatusExt;
            assert_eq!(output.status.signal(), Some(9), "{output:?}");
            Finished::Killed
        }
        (true, false) => panic!("it failed by itself: {output:?}"),
    }
}

/// The files that are no entries, by the ends of their names, made old enough to be thrown away.
fn left_over(folder: &std::path::Path) -> Vec<(String, u64)> {
    let mut left = std::collections::BTreeMap::new();
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let extension = path.extension().unwrap().to_str().unwrap().to_owned();
        if extension == "hlc" {
            continue;
        }
        let file = fs::File::options().write(true).open(&path).unwrap();
        let long_ago = SystemTime::now() - Duration::from_secs(3600);
        file.set_modified(long_ago).unwrap();
        *left.entry(extension).or_default() += 1;
    }
    left.into_iter().collect()
}

/// Entries are thrown away under processes that read them.
#[test]
fn what_is_deleted_while_it_is_read_changes_no_answer() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("cache");
    run(&folder);
    for _ in 0..rounds() {
        let children: Vec<Child> = (0..6).map(|_| spawn(&folder)).collect();
        let is_done = std::sync::atomic::AtomicBool::new(false);
        thread::scope(|threads| {
            threads.spawn(|| {
                while !is_done.load(std::sync::atomic::Ordering::Relaxed) {
                    for path in entries(&folder) {
                        let _ = fs::remove_file(path);
                    }
                    thread::sleep(Duration::from_millis(1));
                }
            });
            for child in children {
                let [hits, misses, rejected, ..] = outcome(child).stats();
                assert_eq!((hits + misses, rejected), (CACHED, 0));
            }
            is_done.store(true, std::sync::atomic::Ordering::Relaxed);
        });
    }
}

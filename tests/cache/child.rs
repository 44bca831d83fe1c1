//! What the child processes do, and how they are run.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use hotloop::{NextCall, jit};

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

/// How many functions are cached.
pub(crate) const CACHED: u64 = 3;

/// Prints what the crate `log` is told.
struct Printer;

impl log::Log for Printer {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        println!("\nlog {}: {}", record.level(), record.args());
    }

    fn flush(&self) {}
}

/// Everything that a child is asked to do. `CHILD` names what it does beside calling the functions.
#[test]
#[ignore = "run by the other tests, in processes of their own"]
fn child() {
    let does =
        |what: &str| env::var("CHILD").is_ok_and(|list| list.split(',').any(|it| it == what));
    if does("log") {
        log::set_logger(&Printer).unwrap();
        log::set_max_level(log::LevelFilter::Trace);
    }
    if let Some(path) = env::var_os("EMBED") {
        let bundle = fs::read(path).unwrap().leak();
        hotloop::cache::add_bundle(bundle).unwrap();
    }
    // A bundle of nothing.
    hotloop::include_hotloop_cache!("empty.hlb");
    println!("\nbefore: {:?}", outlook());
    hotloop::disabled(|| assert!(matches!(dot::would_compile(), NextCall::Declines(_))));

    let (a, b): (Vec<f64>, Vec<f64>) = (0..100).map(|i| (f64::from(i), 2.0)).unzip();
    assert_eq!(dot(&a, &b), 9900.0);
    let mut values = [1.0_f64, 2.0, 3.0];
    scale(&mut values, 2.0);
    assert_eq!(values, [2.0, 4.0, 6.0]);
    halve(&mut values, 1);
    assert_eq!(values, [2.0, 3.0, 6.0]);
    let panic = std::panic::catch_unwind(|| dot(&[1.0, 2.0], &[3.0])).unwrap_err();
    let message = panic.downcast_ref::<String>().unwrap();
    assert_eq!(
        message,
        "index out of bounds: the len is 1 but the index is 1"
    );
    println!("\nafter: {:?}", outlook());
    let maps = fs::read_to_string("/proc/self/maps").unwrap_or_default();
    println!("llvm: {}", maps.contains("libLLVM"));
    println!("maps: {}", !maps.is_empty());

    if does("inspect") {
        for specialization in scale::specializations() {
            assert!(specialization.ir().contains("fn scale"));
            assert!(specialization.asm().unwrap().contains("ret"));
        }
    }
    if does("uncached") {
        assert_eq!(not_cached(1.0), 2.0);
        assert_eq!(not_cached::stats().misses, 0);
    }
    if does("report") {
        println!("<report>\n{}</report>", dot::report());
    }
    for specialization in dot::specializations() {
        println!("level: {}", specialization.level());
    }
    let stats = dot::stats();
    println!(
        "dot: {} compiled, {} hits, {} misses, {} declined, compiled: {}, loaded: {}",
        stats.compiled,
        stats.hits,
        stats.misses,
        stats.declined,
        !stats.compile_time.is_zero(),
        !stats.load_time.is_zero(),
    );
    let stats = hotloop::cache::stats();
    println!(
        "stats: {} {} {} {} {}",
        stats.hits, stats.misses, stats.rejected, stats.stored, stats.not_stored
    );
}

fn outlook() -> [&'static str; 3] {
    let names = |next| match next {
        NextCall::Runs => "runs",
        NextCall::Loads => "loads",
        NextCall::Compiles => "compiles",
        NextCall::Declines(_) => "declines",
        _ => "?",
    };
    [
        names(dot::would_compile()),
        names(scale::would_compile::<f64>()),
        names(halve::would_compile()),
    ]
}

/// A child that uses this folder, not yet started.
pub(crate) fn command(folder: &Path) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args(["child::child", "--exact", "--ignored", "--nocapture"])
        .env("HOTLOOP_CACHE_DIR", folder)
        .env("HOTLOOP_REQUIRE", "1")
        .env_remove("HOTLOOP_DUMP")
        .env_remove("HOTLOOP_CACHE_LAYERS")
        .env_remove("HOTLOOP_CACHE_LEVELS")
        .env_remove("CHILD")
        .env_remove("EMBED")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

pub(crate) fn spawn(folder: &Path) -> Child {
    command(folder).spawn().unwrap()
}

/// What a child printed, after it succeeded.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub(crate) text: String,
    values: BTreeMap<String, String>,
}

impl Outcome {
    pub(crate) fn of(output: &Output) -> Self {
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success(),
            "{}: {text}{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        let values = text.lines().filter_map(|line| line.split_once(": "));
        let values = values.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Outcome {
            values: values.collect(),
            text,
        }
    }

    pub(crate) fn get(&self, name: &str) -> &str {
        (self.values.get(name)).unwrap_or_else(|| panic!("no `{name}` in {}", self.text))
    }

    /// Hits, misses, entries rejected, entries stored, entries not stored.
    pub(crate) fn stats(&self) -> [u64; 5] {
        let numbers = self.get("stats").split(' ');
        let numbers: Vec<u64> = numbers.map(|number| number.parse().unwrap()).collect();
        numbers.try_into().unwrap()
    }

    /// What the log was told.
    pub(crate) fn log(&self) -> Vec<&str> {
        let lines = self.text.lines();
        lines.filter_map(|line| line.strip_prefix("log ")).collect()
    }
}

pub(crate) fn outcome(child: Child) -> Outcome {
    Outcome::of(&child.wait_with_output().unwrap())
}

pub(crate) fn run_with(folder: &Path, change: impl FnOnce(&mut Command)) -> Outcome {
    let mut command = command(folder);
    change(&mut command);
    Outcome::of(&command.output().unwrap())
}

/// Hits, misses, entries rejected, entries stored.
pub(crate) fn run(folder: &Path) -> [u64; 4] {
    let [hits, misses, rejected, stored, _] = outcome(spawn(folder)).stats();
    [hits, misses, rejected, stored]
}

/// The entries of a folder.
pub(crate) fn entries(folder: &Path) -> Vec<std::path::PathBuf> {
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    let mut entries: Vec<_> =
        (files.filter(|path| path.extension().is_some_and(|end| end == "hlc"))).collect();
    entries.sort();
    entries
}

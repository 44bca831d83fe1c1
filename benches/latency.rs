//! What it costs to have a function compiled when it is first called, or loaded from the cache, and to call it thereafter, as lines
//! `metric,value,unit`; behind them, `kernel,cold_us,warm_us` for each kernel.
//!
//! *Cold* is a process without a cache. *Warm* is a process of its own for each kernel, whose code is in the cache: its first call finds,
//! checks and loads it, and LLVM is not opened. The median of several such processes counts.
//!
//! LLVM is opened once per process, by a first trivial function here; its time is `llvm_load_ms`. Then each kernel of the table of
//! `benches/kernels` is called for the first time, with the attribute alone, at its small size: the latency of a first call is its
//! time less the least time of later calls. A kernel whose function another kernel has already had compiled is left out. The split
//! into stages is what the compiled functions themselves report, the medians over the same kernels; a line for each kernel has its latency.
//!
//! The overhead of a call is what a jitted function that adds two numbers takes over a plain one that is not inlined, in chains of
//! calls that depend on each other; rounds of the two take turns, and the least time of each counts.
//!
//! `parallel_launch_us` is the time of a parallel loop that has nothing to do, one chunk for each thread of rayon's pool, and `rayon_launch_us` that of
//! rayon's own loop of that kind; each from a thread that does not belong to the pool, and, as `.._in_pool_us`, from one that does.

/// The attribute with `cache`; whether there is one, the environment says.
macro_rules! plain_jit {
    ($($text:tt)*) => {
        instantiate! { (cache) $($text)* }
    };
}

#[path = "kernels/suite.rs"]
#[allow(
    dead_code,
    reason = "only first calls are made here, and nothing is checked"
)]
mod suite;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use hotloop::Specialization;
use num_traits::Float;
use rayon::prelude::*;
use suite::table::{KERNELS, Kernel, Variant};

/// Later calls of a kernel, of which the least counts.
const LATER_CALLS: usize = 5;
/// Rounds of the two sides of a call overhead, and calls in a round.
const ROUNDS: usize = 40;
const CALLS: usize = 500_000;
/// Calls of a parallel loop.
const LAUNCHES: usize = 20_000;

#[hotloop::jit]
fn warm_up(x: f64) -> f64 {
    x + 1.0
}

#[hotloop::jit]
fn add(a: f64, b: f64) -> f64 {
    a + b
}

#[hotloop::jit]
fn add_generic<T: Float>(a: T, b: T) -> T {
    a + b
}

#[inline(never)]
fn add_plain(a: f64, b: f64) -> f64 {
    a + b
}

#[inline(never)]
fn add_generic_plain<T: Float>(a: T, b: T) -> T {
    a + b
}

/// What a child process is to do: `cold`, `fill`, or the name of a kernel to call warm.
const ROLE: &str = "HOTLOOP_LATENCY_ROLE";
/// Processes that call one kernel warm, of which the median counts.
const WARM_PROCESSES: usize = 7;

fn main() -> ExitCode {
    match std::env::var(ROLE).ok().as_deref() {
        None => orchestrate(),
        Some("cold") => cold(),
        Some("fill") => {
            KERNELS.iter().for_each(|kernel| drop(first_call(kernel)));
            ExitCode::SUCCESS
        }
        Some(name) => {
            let kernel = KERNELS.iter().find(|kernel| kernel.name == name);
            if let Some(warm) = kernel.and_then(first_call) {
                let is_hit = warm.specialization.is_from_cache();
                println!("{},{is_hit}", warm.latency_ms * 1e3);
            }
            ExitCode::SUCCESS
        }
    }
}

fn orchestrate() -> ExitCode {
    let root = match tempfile::tempdir() {
        Ok(root) => root,
        Err(error) => {
            eprintln!("latency: no folder for a cache: {error}");
            return ExitCode::FAILURE;
        }
    };
    // A device is no folder, so there is no cache.
    let Some(output) = child("cold", Path::new("/dev/null")) else {
        return ExitCode::FAILURE;
    };
    let mut cold = BTreeMap::new();
    for line in output.lines() {
        match line
            .strip_prefix("cold,")
            .and_then(|rest| rest.split_once(','))
        {
            Some((name, us)) => {
                cold.insert(name.to_owned(), us.parse().unwrap_or(f64::NAN));
            }
            None => println!("{line}"),
        }
    }

    let folder = root.path().join("cache");
    if child("fill", &folder).is_none() {
        return ExitCode::FAILURE;
    }
    let mut warm = Vec::new();
    for name in cold.keys() {
        let us = (0..WARM_PROCESSES).filter_map(|_| {
            let output = child(name, &folder)?;
            let (us, is_hit) = output.trim().split_once(',')?;
            (is_hit == "true").then(|| us.parse().ok())?
        });
        let us: Vec<f64> = us.collect();
        if us.len() < WARM_PROCESSES {
            eprintln!("latency: {name} was not always loaded from the cache");
        }
        warm.push((name, median(us.into_iter())));
    }
    print_metric(
        "warm_first_call_median_us",
        median(warm.iter().map(|(_, us)| *us)),
        "us",
    );
    if let Some((name, us)) = warm.iter().max_by(|a, b| a.1.total_cmp(&b.1)) {
        print_metric("warm_first_call_max_us", *us, "us");
        println!("warm_first_call_max_kernel,{name},name");
    }
    let ratios = warm.iter().map(|(name, us)| cold[*name] / us);
    print_metric("cold_over_warm_median", median(ratios), "times");
    println!("kernel,cold_us,warm_us");
    for (name, us) in &warm {
        println!("{name},{:.0},{us:.0}", cold[*name]);
    }
    ExitCode::SUCCESS
}

/// What a child with this role and this cache prints.
fn child(role: &str, cache: &Path) -> Option<String> {
    let program = std::env::current_exe().ok()?;
    let output = Command::new(program)
        .env(ROLE, role)
        .env("HOTLOOP_CACHE_DIR", cache)
        .stderr(Stdio::inherit())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn cold() -> ExitCode {
    black_box(warm_up(black_box(1.0)));
    if warm_up::specializations().is_empty() {
        eprintln!("latency: nothing was compiled, so there is nothing to measure");
        return ExitCode::FAILURE;
    }

    let compiled: Vec<Compiled> = KERNELS.iter().filter_map(first_call).collect();
    print_first_calls(&compiled);
    if let Ok(load) = hotloop::llvm_load_time() {
        print_metric("llvm_load_ms", milliseconds(load), "ms");
    }
    print_metric("call_overhead_concrete_ns", overhead(add, add_plain), "ns");
    print_metric(
        "call_overhead_generic_ns",
        overhead(add_generic, add_generic_plain),
        "ns",
    );
    print_launches();
    for kernel in &compiled {
        println!("cold,{},{}", kernel.name, kernel.latency_ms * 1e3);
    }
    ExitCode::SUCCESS
}

/// A parallel loop with nothing to do.
#[allow(clippy::needless_range_loop, reason = "the loop that is timed")]
#[hotloop::jit(parallel(min_len = 1, chunk = 1))]
fn launch(out: &mut [u64]) {
    for i in 0..out.len() {
        out[i] = i as u64;
    }
}

fn launch_rayon(out: &mut [u64]) {
    (out.par_iter_mut().with_max_len(1).enumerate()).for_each(|(i, out)| *out = i as u64);
}

fn print_launches() {
    let mut out = vec![0; rayon::current_num_threads()];
    let mut print = |name: &str, run: fn(&mut [u64])| {
        print_metric(name, least_microseconds(&mut out, run), "us");
        let in_pool = rayon::scope(|_| least_microseconds(&mut out, run));
        print_metric(&name.replace("_us", "_in_pool_us"), in_pool, "us");
    };
    print("parallel_launch_us", launch);
    print("rayon_launch_us", launch_rayon);
}

/// The least time of a call, of many calls one after the other.
fn least_microseconds(out: &mut [u64], run: fn(&mut [u64])) -> f64 {
    let time = |_| {
        let start = Instant::now();
        run(black_box(out));
        start.elapsed()
    };
    let least = (0..LAUNCHES).map(time).min().unwrap_or_default();
    least.as_secs_f64() * 1e6
}

/// A kernel that its first call compiled.
struct Compiled {
    name: &'static str,
    latency_ms: f64,
    specialization: Specialization,
}

/// Calls the kernel for the first time; `None` if that compiled nothing.
fn first_call(kernel: &Kernel) -> Option<Compiled> {
    if kernel.is_compiled(Variant::Jit) {
        return None;
    }
    let mut case = kernel.case(Variant::Jit, kernel.small)?;
    let first = case.time();
    let Some(specialization) = kernel.specializations(Variant::Jit).pop() else {
        eprintln!("latency: {} was not compiled", kernel.name);
        return None;
    };
    let later = (0..LATER_CALLS).map(|_| case.time()).min()?;
    Some(Compiled {
        name: kernel.name,
        latency_ms: milliseconds(first) - milliseconds(later),
        specialization,
    })
}

fn print_first_calls(compiled: &[Compiled]) {
    let latencies = compiled.iter().map(|kernel| kernel.latency_ms);
    print_metric("first_call_median_ms", median(latencies), "ms");
    if let Some(slowest) = compiled
        .iter()
        .max_by(|a, b| a.latency_ms.total_cmp(&b.latency_ms))
    {
        print_metric("first_call_max_ms", slowest.latency_ms, "ms");
        println!("first_call_max_kernel,{},name", slowest.name);
    }
    println!("first_call_kernels,{},count", compiled.len());
    for kernel in compiled {
        print_metric(
            &format!("first_call_{}_ms", kernel.name),
            kernel.latency_ms,
            "ms",
        );
    }

    let stage = |time: fn(&Specialization) -> Duration| {
        median(
            compiled
                .iter()
                .map(|kernel| milliseconds(time(&kernel.specialization))),
        )
    };
    print_metric(
        "specialize_median_ms",
        stage(|it| it.times().specialize),
        "ms",
    );
    print_metric("lower_median_ms", stage(|it| it.times().lower), "ms");
    print_metric("optimize_median_ms", stage(|it| it.times().optimize), "ms");
    print_metric("emit_median_ms", stage(|it| it.times().emit), "ms");
    print_metric("load_median_ms", stage(|it| it.times().load), "ms");
}

/// Nanoseconds that a call of `jitted` takes over one of `plain`.
fn overhead(jitted: impl Fn(f64, f64) -> f64, plain: impl Fn(f64, f64) -> f64) -> f64 {
    black_box(jitted(1.0, 2.0));
    let mut least = [f64::MAX; 2];
    for _ in 0..ROUNDS {
        least[0] = least[0].min(time_chain(&jitted));
        least[1] = least[1].min(time_chain(&plain));
    }
    least[0] - least[1]
}

/// Nanoseconds per call in a chain of calls, each waiting for the one before.
fn time_chain(f: impl Fn(f64, f64) -> f64) -> f64 {
    let mut sum = 0.0;
    let start = Instant::now();
    for _ in 0..CALLS {
        sum = f(sum, black_box(1.0));
    }
    black_box(sum);
    start.elapsed().as_secs_f64() * 1e9 / CALLS as f64
}

fn print_metric(name: &str, value: f64, unit: &str) {
    println!("{name},{value:.3},{unit}");
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// The middle value, or the mean of the two in the middle; 0 of nothing.
fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    let Some(last) = sorted.len().checked_sub(1) else {
        return 0.0;
    };
    (sorted[last / 2] + sorted[last.div_ceil(2)]) / 2.0
}

//! What it costs to have a function compiled when it is first called, and to call it thereafter, as lines `metric,value,unit`.
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

#[path = "kernels/suite.rs"]
#[allow(
    dead_code,
    reason = "only first calls are made here, and nothing is checked"
)]
mod suite;

use std::hint::black_box;
use std::process::ExitCode;
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

fn main() -> ExitCode {
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
    ExitCode::SUCCESS
}

/// A parallel loop with nothing to do.
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

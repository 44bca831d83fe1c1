//! Parallel loops in a process of their own: calls from everywhere at once, and what the environment says.
//! What they compute is in `tests/lang/parallel.rs`.

mod forms;
mod splits;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;

use hotloop::{jit, prange};
use rayon::prelude::*;

#[jit(fastmath, parallel(min_len = 100))]
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sum = 0.0;
    for i in prange(0..a.len()) {
        sum += a[i] * b[i];
    }
    sum
}

#[jit(parallel(min_len = 100, chunk = 10, schedule = dynamic))]
fn reciprocals(x: &[u32], y: &mut [u32]) -> u32 {
    let mut least = u32::MAX;
    for i in prange(0..y.len()) {
        y[i] = 1_000_000 / x[i];
        least = least.min(y[i]);
    }
    least
}

fn numbers(count: usize) -> Vec<f64> {
    (1..=count).map(|i| 1.0 / i as f64).collect()
}

/// The tests would pass if nothing was compiled.
fn assert_parallel(specializations: &[hotloop::Specialization]) {
    let ir = specializations.first().map(hotloop::Specialization::ir);
    assert!(ir.is_some_and(|ir| ir.contains("parallel fn#")));
}

fn message_of(run: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(run)).expect_err("it panics");
    match panic.downcast::<String>() {
        Ok(message) => *message,
        Err(panic) => (*panic.downcast::<&str>().expect("a message")).to_owned(),
    }
}

/// Sixteen threads, some of which call from inside of rayon's jobs, where some calls are for rustc's body, and some panic.
#[test]
fn many_callers_at_once() {
    let x: Vec<u32> = (1..=2000).collect();
    let mut bad = x.clone();
    bad[1234] = 0;
    let mut expected = vec![0; 2000];
    let least = reciprocals::plain(&x, &mut expected);
    let call = |n: usize| {
        let mut y = vec![0; 2000];
        if n.is_multiple_of(5) {
            let message = message_of(|| {
                reciprocals(&bad, &mut y);
            });
            assert_eq!(message, "attempt to divide by zero");
            return;
        }
        let found = match n % 7 {
            0 => hotloop::disabled(|| reciprocals(&x, &mut y)),
            _ => reciprocals(&x, &mut y),
        };
        assert_eq!((found, &y), (least, &expected));
    };
    std::thread::scope(|scope| {
        for thread in 0..16 {
            scope.spawn(move || match thread % 2 {
                0 => (0..40).for_each(|n| call(n + thread)),
                _ => (0..40_usize).into_par_iter().for_each(|n| call(n + thread)),
            });
        }
    });
    assert_parallel(&reciprocals::specializations());
}

/// What the test below starts.
#[test]
fn bits_of_a_sum() {
    let a = numbers(50_000);
    println!("bits {:x}", dot(&a, &a).to_bits());
    if std::env::var_os("ASK_FOR_POOL").is_some() {
        // It cannot be made if it is there.
        let made = rayon::ThreadPoolBuilder::new().build_global();
        println!("pool {}", if made.is_ok() { "none" } else { "started" });
    }
}

#[test]
fn the_environment_limits_threads() {
    let run = |threads: Option<&str>| {
        let mut command = Command::new(std::env::current_exe().expect("a path"));
        command.args(["bits_of_a_sum", "--exact", "--nocapture"]);
        command.env_remove("HOTLOOP_THREADS");
        command.env("ASK_FOR_POOL", "1");
        if let Some(threads) = threads {
            command.env("HOTLOOP_THREADS", threads);
        }
        let output = command.output().expect("it runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let said = |word: &str| {
            let found = text.lines().find_map(|line| line.split_once(word));
            found.expect("it prints it").1.to_owned()
        };
        (said("bits "), said("pool "))
    };
    let (expected, pool) = run(None);
    assert_eq!(pool, "started");
    for (threads, pool) in [("1", "none"), ("2", "started"), ("17", "started")] {
        assert_eq!(run(Some(threads)), (expected.clone(), pool.to_owned()));
    }
}

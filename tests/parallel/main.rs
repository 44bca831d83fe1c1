//! Parallel loops from a user's side: the same bits on every pool, the panics of the serial loop, calls from everywhere.

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

#[jit(parallel(min_len = 100))]
fn scale(a: f64, x: &[f64], y: &mut [f64]) {
    for i in prange(0..y.len()) {
        y[i] = a * x[i] + y[i];
    }
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

/// One thread of its own pool at most.
#[jit(parallel(min_len = 1, threads = 1))]
fn alone(x: &mut [u64]) {
    for i in prange(0..x.len()) {
        x[i] += i as u64;
    }
}

fn numbers(count: usize) -> Vec<f64> {
    (1..=count).map(|i| 1.0 / i as f64).collect()
}

/// What `run` gives outside of pools and inside of pools of several sizes.
fn on_pools<R: Send>(run: impl Fn() -> R + Sync) -> Vec<R> {
    let mut all = vec![run()];
    for threads in [1, 2, 7, 64] {
        let builder = rayon::ThreadPoolBuilder::new().num_threads(threads);
        all.push(builder.build().expect("a pool").install(&run));
    }
    all
}

/// Every test here would pass if nothing was compiled.
fn assert_parallel(specializations: &[hotloop::Specialization]) {
    let ir = specializations.first().map(|found| found.ir().to_owned());
    assert!(ir.is_some_and(|ir| ir.contains("parallel fn#")));
}

#[test]
fn sums_have_the_same_bits_on_every_pool() {
    for count in [0, 99, 100, 1000, 99_999] {
        let (a, b) = (numbers(count), numbers(count));
        let found = on_pools(|| dot(&a, &b).to_bits());
        assert!(found.iter().all(|&bits| bits == found[0]), "{found:x?}");
        let (found, expected) = (f64::from_bits(found[0]), dot::plain(&a, &b));
        assert!((found - expected).abs() < 1e-12, "{found} {expected}");
    }
    assert_parallel(&dot::specializations());
}

#[test]
fn stores_are_those_of_the_plain_body() {
    let x = numbers(10_000);
    let mut expected = numbers(10_000);
    scale::plain(3.0, &x, &mut expected);
    for found in on_pools(|| {
        let mut y = numbers(10_000);
        scale(3.0, &x, &mut y);
        y
    }) {
        assert_eq!(found, expected);
    }
    assert_parallel(&scale::specializations());
}

fn message_of(run: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(run)).expect_err("it panics");
    match panic.downcast::<String>() {
        Ok(message) => *message,
        Err(panic) => (*panic.downcast::<&str>().expect("a message")).to_owned(),
    }
}

#[test]
fn panics_are_those_of_the_plain_body() {
    let mut x: Vec<u32> = (1..=1000).collect();
    for at in [999, 731, 730, 500] {
        x[at] = 0;
        let mut expected = vec![0; 1000];
        let message = message_of(|| drop(reciprocals::plain(&x, &mut expected)));
        for (found, y) in on_pools(|| {
            let mut y = vec![0; 1000];
            (message_of(|| drop(reciprocals(&x, &mut y))), y)
        }) {
            assert_eq!(found, message);
            assert_eq!(y[..=at], expected[..=at]);
        }
    }
    let x = numbers(500);
    let message = message_of(|| scale::plain(1.0, &x, &mut numbers(1000)));
    for found in on_pools(|| message_of(|| scale(1.0, &x, &mut numbers(1000)))) {
        assert_eq!(found, message);
    }
    assert_parallel(&reciprocals::specializations());
}

#[test]
fn one_thread_is_the_calling_one() {
    let mut x = vec![1; 1000];
    alone(&mut x);
    assert!(x.iter().enumerate().all(|(i, &x)| x == i as u64 + 1));
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
        if n % 5 == 0 {
            let message = message_of(|| drop(reciprocals(&bad, &mut y)));
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
                _ => (0..40_usize)
                    .into_par_iter()
                    .for_each(|n| call(n + thread)),
            });
        }
    });
}

/// What the test below starts.
#[test]
fn bits_of_a_sum() {
    let a = numbers(50_000);
    println!("bits {:x}", dot(&a, &a).to_bits());
}

#[test]
fn the_environment_limits_threads() {
    let bits = |threads: Option<&str>| {
        let mut command = Command::new(std::env::current_exe().expect("a path"));
        command.args(["bits_of_a_sum", "--exact", "--nocapture"]);
        command.env_remove("HOTLOOP_THREADS");
        if let Some(threads) = threads {
            command.env("HOTLOOP_THREADS", threads);
        }
        let output = command.output().expect("it runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let bits = text.lines().find_map(|line| line.split_once("bits "));
        bits.expect("it prints them").1.to_owned()
    };
    let expected = bits(None);
    for threads in ["1", "2", "17"] {
        assert_eq!(bits(Some(threads)), expected);
    }
}

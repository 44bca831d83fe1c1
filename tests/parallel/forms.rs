//! What loops become in parallel, and what they stay where there is little to do: results and panics are those of rustc's body on both sides of the
//! decision, with any number of threads.

// Loops as their users write them.
#![allow(clippy::needless_range_loop, clippy::assign_op_pattern)]

use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};

use hotloop::jit;

/// The same in pools of several sizes.
#[track_caller]
pub(crate) fn in_pools<R: PartialEq + Debug + Send>(run: impl Fn() -> R + Sync) -> R {
    let first = run();
    for threads in [1, 2, 7, 64] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let found = pool.expect("a pool").install(&run);
        assert_eq!(found, first, "{threads} threads");
    }
    first
}

/// How a call ended, and what is in memory then.
pub(crate) fn outcome<T>(memory: &mut T, call: impl FnOnce(&mut T)) -> Option<String> {
    let ended = catch_unwind(AssertUnwindSafe(|| call(memory)));
    ended.err().map(|panic| match panic.downcast::<String>() {
        Ok(message) => *message,
        Err(panic) => (*panic.downcast::<&str>().expect("a message")).to_owned(),
    })
}

pub(crate) fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|x| x.to_bits()).collect()
}

pub(crate) fn numbers(count: usize) -> Vec<f64> {
    (0..count)
        .map(|i| (i * 37 % 1009) as f64 / 517.0 - 0.75)
        .collect()
}

/// Jitted in parallel, as rustc compiles it, and whether it really has parallel loops.
macro_rules! same {
    ($f:ident($($arg:expr),*) in $memory:expr) => {{
        let memory = $memory;
        let run = |call: &dyn Fn(&mut [Vec<f64>])| {
            let mut memory = memory.clone();
            let panic = outcome(&mut memory, |memory| call(memory));
            let memory: Vec<_> = memory.iter().map(|values| bits(values)).collect();
            (panic, memory)
        };
        let expected = run(&|m| { let [a, b, c] = m else { unreachable!() }; $f::plain(a, b, c $(, $arg)*); });
        let found = in_pools(|| run(&|m| { let [a, b, c] = m else { unreachable!() }; $f(a, b, c $(, $arg)*); }));
        assert_eq!(found.0, expected.0);
        // What is stored behind a panic shows.
        if expected.0.is_none() {
            assert!(found == expected, "{}", stringify!($f));
        }
        let specializations = $f::specializations();
        let ir = specializations.first().map(|first| first.ir());
        assert!(ir.is_some_and(|ir| ir.contains("parallel fn#")), "{}", stringify!($f));
        expected.0
    }};
}
pub(crate) use same;

/// Many recurrences, side by side in registers.
#[jit(parallel)]
fn chains(x: &mut [f64], y: &mut [f64], z: &mut [f64], steps: usize) {
    for i in 0..x.len() {
        let (mut a, mut b, mut c) = (x[i], y[i], z[i]);
        for _ in 0..steps {
            let (da, db, dc) = (10.0 * (b - a), a * (28.0 - c) - b, a * b - 2.5 * c);
            a += 0.001 * da;
            b += 0.001 * db;
            c += 0.001 * dc;
        }
        x[i] = a;
        y[i] = b;
        z[i] = c;
    }
}

#[test]
fn recurrences() {
    for n in [0, 1, 3, 64, 1003, 5000] {
        let memory = vec![numbers(n), numbers(n), numbers(n)];
        assert_eq!(same!(chains(100) in memory), None);
        // The second array is too short: in the last rows.
        if n > 3 {
            let memory = vec![numbers(n), numbers(n - 2), numbers(n)];
            assert!(same!(chains(100) in memory).is_some());
        }
    }
}

/// One array along its rows, the other across.
#[jit(parallel)]
fn transposed(a: &mut [f64], b: &mut [f64], c: &mut [f64], n: usize, m: usize) {
    for i in 0..n {
        for j in 0..m {
            b[j * n + i] = a[i * m + j] + c[j];
        }
    }
}

#[test]
fn across() {
    let memory = |n: usize, m: usize| vec![numbers(n * m), vec![0.0; n * m], numbers(m)];
    same!(transposed(3, 5) in memory(3, 5));
    same!(transposed(70, 130) in memory(70, 130));
    same!(transposed(1031, 1100) in memory(1031, 1100));
    same!(transposed(2, 400_000) in memory(2, 400_000));
    same!(transposed(400_000, 2) in memory(400_000, 2));
    let mut short = memory(1031, 1100);
    short[0].pop();
    assert!(same!(transposed(1031, 1100) in short).is_some());
}

/// Short loops in loops of unknown length, in all of which there is the same to do.
#[jit(parallel)]
fn butterflies(re: &mut [f64], im: &mut [f64], table: &mut [f64]) {
    let n = re.len();
    let mut len = 2;
    while len <= n {
        let half = len / 2;
        let step = n / len;
        let mut start = 0;
        while start < n {
            for k in 0..half {
                let (wr, wi) = (table[k * step], table[n / 2 + k * step]);
                let (i, j) = (start + k, start + k + half);
                let tr = re[j] * wr - im[j] * wi;
                let ti = re[j] * wi + im[j] * wr;
                re[j] = re[i] - tr;
                im[j] = im[i] - ti;
                re[i] += tr;
                im[i] += ti;
            }
            start += len;
        }
        len *= 2;
    }
}

#[test]
fn stages() {
    for n in [0, 1, 2, 64, 4096, 1 << 17] {
        same!(butterflies() in vec![numbers(n), numbers(n), numbers(n)]);
    }
    // No power of two, and a table that is too short.
    for n in [77_777, 1 << 17] {
        let memory = vec![numbers(n), numbers(n), numbers(n - 1)];
        assert!(same!(butterflies() in memory).is_some());
    }
}

/// Few rows or many, short ones or long ones.
#[jit(parallel)]
fn rows(a: &mut [f64], b: &mut [f64], scale: &mut [f64], n: usize, m: usize) {
    for r in 0..n {
        let s = scale[r];
        for c in 0..m {
            b[r * m + c] = a[r * m + c] * s + (a[r * m + c] - s).abs().sqrt();
        }
    }
}

#[test]
fn short_outer_loops() {
    let memory = |n: usize, m: usize| vec![numbers(n * m), vec![0.5; n * m], numbers(n)];
    for (n, m) in [
        (0, 9),
        (1, 300_000),
        (3, 200_000),
        (7, 100_000),
        (8, 100_000),
        (100_000, 3),
    ] {
        same!(rows(n, m) in memory(n, m));
    }
    let mut short = memory(3, 200_000);
    short[1].truncate(599_999);
    assert!(same!(rows(3, 200_000) in short).is_some());
    let mut short = memory(3, 200_000);
    short[2].pop();
    assert!(same!(rows(3, 200_000) in short).is_some());
}

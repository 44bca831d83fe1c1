//! `#[jit(parallel)]` and `prange`: the results are rustc's, whatever pool runs the loop, and panics are those of the first iteration that panics.

use hotloop::report::LoopReport;
use hotloop::{Error, JitType, Report, jit, prange, rand};
use rayon::prelude::*;

use crate::harness::{Panicked, outcome};

/// Runs in rayon pools of several sizes, and demands the same of all.
#[track_caller]
fn in_pools<R: PartialEq + std::fmt::Debug + Send>(run: impl Fn() -> R + Sync) -> R {
    let pool = |threads| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap()
    };
    let first = pool(1).install(&run);
    for threads in [2, 7, 64] {
        let found = pool(threads).install(&run);
        assert_eq!(first, found, "{threads} threads");
    }
    let found = run();
    assert_eq!(first, found, "the global pool");
    first
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|x| x.to_bits()).collect()
}

/// The loops that run in parallel.
fn parallel_lines(loops: &[LoopReport]) -> Vec<u32> {
    let parallel = |found: &&LoopReport| found.parallel.as_ref().is_some_and(|it| it.is_parallel);
    loops
        .iter()
        .filter(parallel)
        .map(|found| found.line)
        .collect()
}

/// Whether the outermost loop of a function runs in parallel.
macro_rules! is_parallel {
    ($f:ident) => {{
        let report = $f::report();
        let lines = parallel_lines(&report.specializations[0].loops);
        assert_eq!(lines.len(), 1, "{report}");
    }};
}

const LENGTHS: [usize; 7] = [0, 1, 2, 63, 1000, 70_001, 300_000];

#[jit(parallel)]
fn saxpy(a: f64, x: &[f64], y: &mut [f64]) {
    for i in 0..y.len() {
        y[i] = a * x[i] + y[i];
    }
}

#[test]
fn stores_agree() {
    for n in LENGTHS {
        let x: Vec<f64> = (0..n).map(|i| rand::uniform_f64(1, i as u64)).collect();
        agree!(saxpy(0.5, &x, &mut x));
    }
    is_parallel!(saxpy);
    let x = vec![1.5; 200_000];
    in_pools(|| {
        let mut y = vec![0.25; x.len()];
        saxpy(3.0, &x, &mut y);
        bits(&y)
    });
}

#[jit(fastmath, parallel)]
fn sum(a: &[f64]) -> f64 {
    let mut sum = 0.0;
    for x in a {
        sum += x;
    }
    sum
}

#[jit(parallel)]
fn wrapping_sum(a: &[u64]) -> u64 {
    let mut sum = 1u64;
    for i in prange(0..a.len()) {
        if a[i] % 3 != 0 {
            sum = sum.wrapping_add(a[i]);
        }
    }
    sum
}

#[jit(parallel)]
fn smallest(a: &[f64]) -> f64 {
    let mut m = f64::INFINITY;
    for i in prange(0..a.len()) {
        m = m.min(a[i]);
    }
    m
}

#[jit(parallel)]
fn argmin(a: &[f64]) -> (f64, usize) {
    let (mut m, mut at) = (f64::INFINITY, usize::MAX);
    for i in prange(0..a.len()) {
        if a[i] < m {
            m = a[i];
            at = i;
        }
    }
    (m, at)
}

#[jit(parallel)]
fn bit_reductions(a: &[u32]) -> (u32, u32, u32, u32) {
    let (mut all, mut any, mut odd, mut top) = (u32::MAX, 0, 0, 0);
    for i in prange(0..a.len()) {
        all &= a[i];
        any |= a[i];
        odd ^= a[i];
        top = top.max(a[i]);
    }
    (all, any, odd, top)
}

#[test]
fn reductions_agree() {
    for n in LENGTHS {
        let a: Vec<u64> = (0..n).map(|i| rand::bits_u64(2, i as u64)).collect();
        let x: Vec<f64> = (0..n).map(|i| rand::uniform_f64(2, i as u64)).collect();
        let words: Vec<u32> = (0..n).map(|i| rand::bits_u32(2, i as u64) | 1).collect();
        agree!(wrapping_sum(&a));
        agree!(smallest(&x));
        agree!(argmin(&x));
        agree!(bit_reductions(&words));
    }
    let equal = vec![0.5; 200_000];
    agree!(argmin(&equal));
    is_parallel!(wrapping_sum);
    is_parallel!(smallest);
    is_parallel!(argmin);
    is_parallel!(bit_reductions);
}

#[test]
fn a_sum_does_not_depend_on_the_threads() {
    for n in [1000, 100_000, 777_777] {
        let a: Vec<f64> = (0..n).map(|i| rand::uniform_f64(3, i)).collect();
        let found = f64::from_bits(in_pools(|| sum(&a).to_bits()));
        let expected = sum::plain(&a);
        // Each of n additions is off by half a unit at most.
        let bound = n as f64 * expected * f64::EPSILON;
        assert!((found - expected).abs() <= bound, "{found} {expected}");
    }
    is_parallel!(sum);
}

#[jit(parallel)]
fn matmul(n: usize, a: &[f64], b: &[f64], c: &mut [f64]) {
    for i in prange(0..n) {
        for k in 0..n {
            let x = a[i * n + k];
            for j in 0..n {
                c[i * n + j] += x * b[k * n + j];
            }
        }
    }
}

#[jit(parallel)]
fn rows(a: &mut [f64], width: usize) {
    for (i, row) in a.chunks_mut(width).enumerate() {
        let mut sum = i as f64;
        for x in row.iter() {
            sum += x;
        }
        for x in row.iter_mut() {
            *x /= sum;
        }
    }
}

#[test]
fn nests_agree() {
    for n in [1, 7, 90] {
        let a: Vec<f64> = (0..n * n).map(|i| rand::uniform_f64(4, i as u64)).collect();
        agree!(matmul(n, &a, &a, &mut a));
    }
    is_parallel!(matmul);
    for (n, width) in [(0, 3), (10, 3), (100_000, 317), (100_000, 100_001)] {
        let a: Vec<f64> = (0..n).map(|i| rand::uniform_f64(5, i as u64)).collect();
        agree!(rows(&mut a, width));
    }
    is_parallel!(rows);
}

#[jit(parallel)]
fn directions(a: &mut [u32]) {
    for i in prange(0..a.len()).rev() {
        a[i] = a[i].wrapping_mul(3);
    }
    for i in prange((0..a.len()).step_by(3)) {
        a[i] = a[i].wrapping_add(i as u32);
    }
    for i in prange(-5..=250i16) {
        if i >= 0 && (i as usize) < a.len() {
            a[i as usize] ^= 0x55;
        }
    }
    for i in prange(0..=255u8) {
        if (i as usize) < a.len() {
            a[i as usize] ^= 0x33;
        }
    }
}

#[test]
fn ranges_of_all_kinds_agree() {
    for n in LENGTHS {
        agree!(directions(&mut vec![7; n]));
    }
}

#[jit(parallel(min_len = 2))]
fn by_steps(step: usize, a: &mut [u32]) {
    for i in (1..a.len()).step_by(step) {
        a[i] = a[i].wrapping_mul(i as u32);
    }
    for i in (0..a.len()).step_by(step).rev() {
        a[i] ^= 0x1234;
    }
}

#[jit(parallel(min_len = 2))]
fn in_chunks(width: usize, a: &mut [u32]) {
    for row in a.chunks_mut(width) {
        for k in 0..row.len() {
            row[k] = row[k].wrapping_mul(5).wrapping_add(k as u32);
        }
    }
}

#[test]
fn steps_and_chunks_of_any_length_agree() {
    for n in [0, 1, 2, 63, 1000, 70_001] {
        for step in [0, 1, 2, 7, 999, 1000, usize::MAX] {
            let numbers = || (0..n).map(|i: u32| i.wrapping_mul(i)).collect::<Vec<u32>>();
            agree!(by_steps(step, &mut numbers()));
            agree!(in_chunks(step, &mut numbers()));
        }
    }
    is_parallel!(in_chunks);
}

#[jit(parallel(min_len = 2))]
fn add_into(x: &[u64], y: &[u64], sum: &mut u64) {
    for i in 0..x.len() {
        *sum = sum.wrapping_add(x[i].wrapping_mul(y[i]));
    }
}

/// A panic in the middle leaves the sum of what was before it.
#[test]
fn sums_behind_references_agree() {
    let x: Vec<u64> = (0..5000).collect();
    for (n, m) in [(0, 0), (1, 1), (5000, 5000), (5000, 1234), (5000, 0)] {
        let (mut found, mut expected) = (5, 5);
        let is_panic = outcome(|| add_into(&x[..n], &x[..m], &mut found)).is_err();
        let panics = outcome(|| add_into::plain(&x[..n], &x[..m], &mut expected)).is_err();
        assert_eq!((is_panic, found), (panics, expected), "{n} {m}");
    }
    let specializations = add_into::specializations();
    let ir = specializations[0].ir();
    assert!(
        ir.contains("parallel fn#") || cfg!(debug_assertions),
        "{ir}"
    );
}

#[derive(Clone, Copy, Debug, PartialEq, JitType)]
struct Body {
    at: [f64; 3],
    mass: f32,
    moves: bool,
}

impl crate::harness::Same for Body {
    fn same(&self, other: &Self) -> bool {
        self.at.same(&other.at) && self.mass.same(&other.mass) && self.moves == other.moves
    }
}

#[jit(parallel)]
fn advance(bodies: &mut [Body], step: f64) -> f64 {
    let mut heaviest = 0.0f32;
    for body in bodies.iter_mut() {
        if body.moves {
            for k in 0..3 {
                body.at[k] += step / body.mass as f64;
            }
        }
        heaviest = heaviest.max(body.mass);
    }
    heaviest as f64
}

#[test]
fn structs_agree() {
    for n in LENGTHS {
        let body = |i| Body {
            at: [i as f64, 1.0, -1.0],
            mass: rand::uniform_f32(6, i) + 1.0,
            moves: i % 3 == 0,
        };
        let bodies: Vec<Body> = (0..n as u64).map(body).collect();
        agree!(advance(&mut bodies, 0.01));
    }
    is_parallel!(advance);
}

#[jit(parallel)]
fn reciprocals(divisors: &[i64], out: &mut [i64]) {
    for i in prange(0..out.len()) {
        out[i] = 1_000_000 / divisors[i];
        assert!(divisors[i] != 77, "{} at {i}", out[i]);
    }
}

/// What a call panics with, and what it stored before the iteration that panicked.
fn panicked(divisors: &[i64], first: usize, call: fn(&[i64], &mut [i64])) -> (Panicked, Vec<i64>) {
    let mut out = vec![-1; divisors.len()];
    let panic = outcome(|| call(divisors, &mut out)).unwrap_err();
    out.truncate(first);
    (panic, out)
}

#[test]
fn the_first_panic_counts() {
    const N: usize = 150_000;
    for (zeros, sevens) in [
        (vec![N / 2], vec![]),
        (vec![0], vec![1]),
        (vec![N - 1], vec![]),
        (vec![N - 1, N / 3], vec![N / 2]),
        (vec![N / 2 + 1, N - 2], vec![N / 2]),
        ((0..N).step_by(1000).collect(), vec![5]),
    ] {
        let mut divisors: Vec<i64> = (0..N as i64).map(|i| i % 50 + 1).collect();
        zeros.iter().for_each(|&i| divisors[i] = 0);
        sevens.iter().for_each(|&i| divisors[i] = 77);
        let first = *zeros.iter().chain(&sevens).min().unwrap();
        let expected = panicked(&divisors, first, reciprocals::plain);
        let found = in_pools(|| panicked(&divisors, first, reciprocals));
        assert_eq!(found, expected);
    }
    // One that is too short.
    let divisors = vec![3; N];
    let run = |call: fn(&[i64], &mut [i64])| {
        let mut out = vec![0; N + 5];
        (outcome(|| call(&divisors, &mut out)).unwrap_err(), out)
    };
    let (expected, stored) = run(reciprocals::plain);
    assert_eq!(in_pools(|| run(reciprocals)), (expected, stored));
    is_parallel!(reciprocals);
}

#[jit(parallel)]
fn checked_sum(a: &[u32]) -> u32 {
    let mut sum = 0;
    for i in 0..a.len() {
        sum += a[i];
    }
    sum
}

/// A sum that overflows does so in the order of the loop: the partial sums of chunks say nothing about it.
#[test]
fn overflow_is_that_of_the_loop() {
    let mut a = vec![20_000u32; 200_000];
    agree!(checked_sum(&a));
    a.truncate(250_000);
    a.resize(250_000, 20_000);
    agree!(checked_sum(&a));
}

#[test]
fn calls_in_pools_and_in_parallel_loops_agree() {
    let x: Vec<f64> = (0..120_000).map(|i| rand::uniform_f64(8, i)).collect();
    let expected = {
        let mut y = x.clone();
        saxpy::plain(2.0, &x, &mut y);
        bits(&y)
    };
    in_pools(|| {
        let found: Vec<Vec<u64>> = (0..16)
            .into_par_iter()
            .map(|_| {
                let mut y = x.clone();
                saxpy(2.0, &x, &mut y);
                bits(&y)
            })
            .collect();
        assert!(found.iter().all(|found| *found == expected));
    });
    // Threads that are in no pool.
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut y = x.clone();
                saxpy(2.0, &x, &mut y);
                assert_eq!(bits(&y), expected);
            });
        }
    });
}

#[jit(parallel)]
fn outer(a: &mut [f64], width: usize) {
    for row in a.chunks_mut(width) {
        inner(row);
    }
}

#[jit(parallel)]
fn inner(row: &mut [f64]) {
    for x in row {
        *x = x.sqrt() + 1.0;
    }
}

#[test]
fn a_parallel_loop_in_another_one_agrees() {
    let a: Vec<f64> = (0..300_000).map(|i| rand::uniform_f64(9, i)).collect();
    agree!(outer(&mut a, 100_000));
    agree!(outer(&mut a, 7));
    in_pools(|| {
        let mut b = a.clone();
        outer(&mut b, 100_000);
        bits(&b)
    });
}

macro_rules! with_settings {
    ($($name:ident($($settings:tt)*);)*) => {$(
        #[jit(fastmath, parallel($($settings)*))]
        fn $name(a: &mut [f64]) -> f64 {
            let mut sum = 0.0;
            for i in prange(0..a.len()) {
                a[i] = a[i] * 2.0 + i as f64;
                sum += a[i];
            }
            sum
        }
    )*

        #[test]
        fn settings_agree() {
            for n in [0, 1, 100, 10_000] {
                let a: Vec<f64> = (0..n).map(|i| rand::uniform_f64(10, i)).collect();
                $({
                    let run = |call: fn(&mut [f64]) -> f64| {
                        let mut b = a.clone();
                        let sum = call(&mut b);
                        (bits(&b), sum.to_bits())
                    };
                    let (stored, sum) = in_pools(|| run($name));
                    let (expected, exact) = run($name::plain);
                    assert_eq!(stored, expected, stringify!($name));
                    let (sum, exact) = (f64::from_bits(sum), f64::from_bits(exact));
                    assert!((sum - exact).abs() <= 1e-9 * exact.abs(), "{sum} {exact}");
                })*
            }
        }
    };
}

with_settings! {
    one_thread(threads = 1);
    three_threads(threads = 3, chunk = 10);
    single_iterations(chunk = 1);
    dynamic(schedule = dynamic, chunk = 17);
    guided(schedule = guided, min_len = 50);
    static_chunks(schedule = static, min_len = 2, chunk = 1000);
    never(min_len = 1_000_000_000);
}

#[jit(parallel)]
fn two_bounds(a: &mut [i64], b: &mut [i64]) {
    for i in prange(0..a.len()) {
        a[i] += 1;
    }
    for i in prange(0..b.len()) {
        b[i] -= 1;
    }
}

#[jit(parallel)]
fn two_paths(up: bool, a: &mut [i64]) {
    if up {
        for i in prange(0..a.len()) {
            a[i] = a[i].wrapping_add(i as i64);
        }
    } else {
        for i in prange(0..a.len() / 2) {
            a[i] = a[i].wrapping_sub(i as i64);
        }
    }
}

#[jit(parallel)]
fn private_and_used_later(a: &[f64], out: &mut [f64]) -> f64 {
    let mut t = 0.5;
    let scale = t * 4.0;
    for i in prange(0..out.len()) {
        t = a[i] * scale;
        let mut k = 0;
        while t > 0.25 {
            t *= 0.5;
            k += 1;
        }
        out[i] = t + k as f64;
    }
    scale
}

/// What other compilers of parallel loops have got wrong.
#[test]
fn shapes_that_are_easily_wrong_agree() {
    for n in LENGTHS {
        let a: Vec<i64> = (0..n as i64).collect();
        agree!(two_bounds(&mut a, &mut vec![5; n / 3 + 1]));
        agree!(two_paths(true, &mut a));
        agree!(two_paths(false, &mut a));
        let x: Vec<f64> = (0..n).map(|i| rand::uniform_f64(11, i as u64)).collect();
        agree!(private_and_used_later(&x, &mut x));
    }
}

#[jit(parallel)]
fn monte_carlo_pi(seed: u64, n: u64) -> f64 {
    let mut inside: u64 = 0;
    for i in prange(0..n) {
        let (x, y) = rand::uniform_f64_pair(seed, i);
        if x * x + y * y <= 1.0 {
            inside = inside.wrapping_add(1);
        }
    }
    4.0 * inside as f64 / n as f64
}

#[test]
fn random_numbers_do_not_depend_on_the_threads() {
    let found = in_pools(|| monte_carlo_pi(1, 300_000).to_bits());
    assert_eq!(found, monte_carlo_pi::plain(1, 300_000).to_bits());
    is_parallel!(monte_carlo_pi);
}

/// The only loop at this line.
#[track_caller]
fn loop_at(report: &Report, line: u32) -> &LoopReport {
    let mut at = report.loops().filter(|found| found.line == line);
    let found = at.next().unwrap_or_else(|| panic!("{line}: {report}"));
    assert!(at.next().is_none(), "{report}");
    found
}

#[jit(fastmath, parallel(chunk = 500, schedule = dynamic))]
fn reported(a: &[f64], b: &mut [f64]) -> f64 {
    let mut sum = 0.0;
    let mut last;
    for i in prange(0..a.len()) {
        last = a[i] * 2.0;
        sum += last;
    }
    for i in 1..b.len() {
        let before = b[i - 1];
        b[i] = before + 1.0;
    }
    for t in 0..3 {
        for i in 0..b.len() {
            b[i] *= t as f64;
        }
    }
    sum
}
const REPORTED: u32 = line!() - 18;

#[test]
fn reports_say_what_is_parallel_and_what_is_in_the_way() {
    let report = reported::report();
    let sum = loop_at(&report, REPORTED + 3);
    let parallel = sum.parallel.as_ref().unwrap();
    assert!(parallel.is_parallel && parallel.requested, "{report}");
    assert_eq!(parallel.reductions, [("sum".to_owned(), "+")], "{report}");
    assert_eq!(parallel.privates, ["last"], "{report}");
    assert_eq!(parallel.settings.chunk, Some(500));
    assert!((parallel.reason.is_none()) && parallel.conflict.is_empty());
    // What LLVM made of the function that the loop became is told at the loop.
    assert!(sum.vectorized.is_some() && sum.innermost, "{report}");
    assert_eq!(
        (sum.checks.total, sum.checks.left.len()),
        (1, 0),
        "{report}"
    );
    let serial = loop_at(&report, REPORTED + 7);
    let not = serial.parallel.as_ref().unwrap();
    assert!(!not.is_parallel && !not.requested, "{report}");
    let lines: Vec<u32> = not
        .conflict
        .iter()
        .map(|(line, _)| *line - REPORTED)
        .collect();
    assert_eq!(lines, [9, 8], "{report}");
    let around = loop_at(&report, REPORTED + 11);
    assert!(!around.parallel.as_ref().unwrap().is_parallel, "{report}");
    let inner = loop_at(&report, REPORTED + 12);
    assert!(inner.parallel.as_ref().unwrap().is_parallel, "{report}");
    assert_eq!(inner.depth, 1);
    assert!(report.specializations[0].calls.is_empty(), "{report}");

    let text = report.to_string();
    for line in [
        "parallel: `sum` is reduced by +, `last` is private, chunk 500, schedule dynamic",
        "not parallel: it may read an element of `b` that another iteration stores (",
    ] {
        assert!(text.contains(line), "{text}");
    }
    let json = report.to_json();
    for field in [
        r#""parallel":{"is_parallel":true,"requested":true,"conditions":0,"reductions":[{"name":"sum","how":"+"}],"privates":["last"]"#,
        r#""settings":{"threads":null,"min_len":null,"chunk":500,"schedule":"dynamic"}"#,
        r#""parallel":{"is_parallel":false,"requested":false"#,
    ] {
        assert!(json.contains(field), "{json}");
    }
    rand::philox4x32([0; 4], [0; 2]);
    let of_others = rand::philox4x32::report();
    assert!(of_others.loops().all(|found| found.parallel.is_none()));
}

#[jit(parallel, require(parallel))]
fn required(a: &mut [f64], steps: usize) {
    for _ in 0..steps {
        for i in 0..a.len() {
            a[i] *= 1.5;
        }
    }
}

#[jit(parallel, require(parallel))]
fn not_as_required(a: &mut [f64]) {
    for i in 0..a.len() {
        a[i] *= 1.5;
    }
    for i in 1..a.len() {
        a[i] += a[i - 1];
    }
}
const NOT_AS_REQUIRED: u32 = line!() - 4;

#[test]
fn what_is_required_is_checked() {
    agree!(required(&mut vec![1.0; 100_000], 3));
    let Err(Error::Requirement { message, .. }) = not_as_required::compile() else {
        panic!("{}", not_as_required::report());
    };
    let at = format!(
        "{}:{NOT_AS_REQUIRED}:5 is not parallel: it may read",
        file!()
    );
    assert!(message.contains(&at), "{message}");
    let panic = outcome(|| not_as_required(&mut [1.0])).unwrap_err();
    assert!(panic.message.contains(&message), "{panic:?}");
}

#[jit]
fn noisy(x: f64) -> f64 {
    if x > 1e300 {
        println!("{x}");
    }
    x + 1.0
}

#[jit(parallel)]
fn calls_noisy(a: &mut [f64]) {
    for i in prange(0..a.len()) {
        a[i] = noisy(a[i]);
    }
}

#[jit(parallel)]
fn generic_sum<T: num_traits::NumAssign + Copy>(a: &[T]) -> T {
    let mut sum = T::zero();
    for i in prange(0..a.len()) {
        sum += a[i];
    }
    sum
}

/// Other functions and types are names for a build. Where nothing is compiled, a `prange` is a range.
#[test]
fn what_only_rustc_knows_is_decided_at_the_first_call() {
    let Err(Error::Prange { message, .. }) = calls_noisy::compile() else {
        panic!("{}", calls_noisy::report());
    };
    assert!(message.contains("is not parallel: it calls"), "{message}");
    let panic = outcome(|| calls_noisy(&mut [1.0])).unwrap_err();
    assert!(panic.message.contains(&message), "{panic:?}");
    let mut a = [1.0];
    hotloop::disabled(|| calls_noisy(&mut a));
    assert_eq!(a, [2.0]);

    let message = generic_sum::compile::<f64>().unwrap_err().to_string();
    assert!(message.contains("only `fastmath` may change"), "{message}");
    let integers = generic_sum::compile::<u64>();
    assert!(integers.is_ok(), "{integers:?}");
    let a: Vec<u64> = (0..200_000).collect();
    assert_eq!(in_pools(|| generic_sum(&a)), 199_999 * 100_000);
}

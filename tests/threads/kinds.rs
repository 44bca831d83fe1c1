//! What a loop may look like and still run in parallel: one function for each kind, which must be parallel, give rustc's results and the same bits on any number
//! of threads.

// Loops as their users write them.
#![allow(
    clippy::needless_range_loop,
    clippy::manual_swap,
    clippy::assign_op_pattern
)]

use std::fmt::Debug;

use hotloop::jit;

/// Where the loops of a function run in parallel.
fn parallel_lines(report: &hotloop::Report) -> Vec<u32> {
    let parallel = report
        .loops()
        .filter(|found| found.parallel.as_ref().is_some_and(|it| it.is_parallel));
    parallel.map(|found| found.line).collect()
}

/// The same in pools of several sizes.
#[track_caller]
fn in_pools<R: PartialEq + Debug + Send>(run: impl Fn() -> R + Sync) -> R {
    let first = run();
    for threads in [1, 2, 7, 64] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let found = pool.expect("a pool").install(&run);
        assert_eq!(found, first, "{threads} threads");
    }
    first
}

fn numbers(count: usize) -> Vec<f64> {
    (0..count)
        .map(|i| (i * 37 % 1009) as f64 / 17.0 - 20.0)
        .collect()
}

#[jit(parallel(min_len = 2))]
fn tuple_of_reductions(x: &[f64], y: &[f64]) -> ((f64, f64), usize, bool) {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    let (mut count, mut all) = (0_usize, true);
    for i in 0..x.len() {
        low = low.min(x[i]);
        high = high.max(y[i]);
        count = count.wrapping_add((x[i] > y[i]) as usize);
        all = all && x[i] < 1e9;
    }
    ((low, high), count, all)
}

#[jit(fastmath, parallel(min_len = 2))]
fn sum_of_conditionals(x: &[f64], limit: f64) -> (f64, f64) {
    let (mut above, mut below) = (0.0, 0.0);
    for i in 0..x.len() {
        above += if x[i] > limit { x[i] } else { 0.0 };
        if x[i] < limit {
            below -= x[i];
        }
    }
    (above, below)
}

#[jit(parallel(min_len = 2))]
fn last_place_of_the_greatest(x: &[f64]) -> (f64, usize) {
    let (mut most, mut at) = (f64::NEG_INFINITY, usize::MAX);
    for (i, &v) in x.iter().enumerate() {
        if v > most {
            most = v;
            at = i;
        }
    }
    (most, at)
}

#[jit(parallel(min_len = 2))]
fn own_array(x: &[f64], out: &mut [f64]) {
    for i in 0..out.len() {
        let mut window = [0.0; 5];
        for k in 0..5 {
            window[k] = x[(i + k) % x.len()];
        }
        for a in 1..5 {
            let mut b = a;
            while b > 0 && window[b] < window[b - 1] {
                let t = window[b];
                window[b] = window[b - 1];
                window[b - 1] = t;
                b -= 1;
            }
        }
        out[i] = window[2];
    }
}

#[jit(parallel(min_len = 2))]
fn halves(a: &mut [f64]) {
    let middle = a.len() / 2;
    let (low, high) = a.split_at_mut(middle);
    for i in 0..low.len() {
        high[i] += 2.0 * low[i];
        low[i] = -1.0;
    }
}

#[jit(parallel(min_len = 2))]
fn zipped(x: &[f64], y: &[f64], out: &mut [f64]) {
    for ((to, &x), y) in out.iter_mut().zip(x).zip(y) {
        *to = x - y * 0.5;
    }
}

#[jit(parallel(min_len = 2))]
fn rows(width: usize, a: &mut [f64]) {
    for row in a.chunks_mut(width) {
        let mut sum = 0.0;
        for k in 0..row.len() {
            sum += row[k];
            row[k] = sum;
        }
    }
}

#[jit(parallel(min_len = 2))]
fn windows(x: &[f64], out: &mut [f64]) {
    for (to, w) in out.iter_mut().zip(x.windows(3)) {
        *to = w[0].max(w[1]).max(w[2]);
    }
}

#[jit(parallel(min_len = 2))]
fn swapped_names(steps: usize, a: &mut [f64], b: &mut [f64]) {
    let (mut a, mut b) = (a, b);
    for _ in 0..steps {
        for i in 1..a.len() - 1 {
            b[i] = 0.5 * (a[i - 1] + a[i + 1]);
        }
        (a, b) = (b, a);
    }
}

#[jit(parallel(min_len = 2))]
fn swapped_by_std(steps: usize, a: &mut [f64], b: &mut [f64]) {
    let (mut from, mut to) = (a, b);
    for _ in 0..steps {
        for i in 1..from.len() - 1 {
            to[i] = 0.5 * (from[i - 1] + from[i + 1]);
        }
        std::mem::swap(&mut from, &mut to);
    }
}

#[jit(parallel(min_len = 2))]
fn part_of_rows(rows: usize, columns: usize, stride: usize, a: &mut [f64]) {
    for i in 0..rows {
        for j in 0..columns {
            a[i * stride + j] = a[i * stride + j] * 0.5 + j as f64;
        }
    }
}

#[jit(parallel(min_len = 2))]
fn every_second_column(rows: usize, columns: usize, a: &mut [f64]) {
    for i in 0..rows {
        for j in 0..columns / 2 {
            a[i * columns + 2 * j] = -a[i * columns + 2 * j + 1];
        }
    }
}

#[jit(parallel(min_len = 2))]
fn triangle(n: usize, a: &mut [f64]) {
    for i in 0..n {
        for j in i..n {
            a[i * n + j] = (i * j) as f64 + a[i * n + j];
        }
    }
}

#[jit(parallel(min_len = 2))]
fn columns(n: usize, a: &mut [f64]) {
    for j in 0..n {
        for i in 1..n {
            a[i * n + j] += a[(i - 1) * n + j];
        }
    }
}

#[jit(parallel)]
fn few_long_iterations(planes: usize, size: usize, a: &mut [f64]) {
    for p in 0..planes {
        for k in 0..size {
            a[p * size + k] = a[p * size + k].sqrt() + p as f64;
        }
    }
}

#[jit(parallel)]
fn three_planes(size: usize, a: &mut [f64]) {
    for p in 0..3 {
        for k in 0..size {
            a[p * size + k] = a[p * size + k].sqrt() + p as f64;
        }
    }
}
const PLANES: u32 = line!() - 6;

#[jit(fastmath, parallel)]
fn counts(x: &[u16], bins: &mut [f64]) {
    for i in 0..x.len() {
        bins[x[i] as usize] += 1.0;
    }
}

/// Some loop of the function is parallel.
macro_rules! is_parallel {
    ($($f:ident)*) => {$({
        let report = $f::report();
        assert!(!parallel_lines(&report).is_empty(), "{report}");
    })*};
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|x| x.to_bits()).collect()
}

/// What two functions store to a copy, and their results, are the same; and so it is in all pools.
#[track_caller]
fn agree<R: PartialEq + Debug + Send>(
    stored: &[f64],
    jitted: impl Fn(&mut [f64]) -> R + Sync,
    plain: impl Fn(&mut [f64]) -> R,
) {
    let found = in_pools(|| {
        let mut copy = stored.to_vec();
        let result = jitted(&mut copy);
        (result, bits(&copy))
    });
    let mut copy = stored.to_vec();
    let result = plain(&mut copy);
    assert_eq!(found, (result, bits(&copy)));
}

#[test]
fn reductions() {
    for n in [0, 1, 2, 1000, 4097] {
        let (x, mut y) = (numbers(n), numbers(n));
        y.reverse();
        agree(
            &[],
            |_| tuple_of_reductions(&x, &y),
            |_| tuple_of_reductions::plain(&x, &y),
        );
        agree(
            &[],
            |_| last_place_of_the_greatest(&x),
            |_| last_place_of_the_greatest::plain(&x),
        );
        let (above, below) = in_pools(|| sum_of_conditionals(&x, 3.0));
        let expected = sum_of_conditionals::plain(&x, 3.0);
        assert!((above - expected.0).abs() < 1e-6 && (below - expected.1).abs() < 1e-6);
    }
    is_parallel!(tuple_of_reductions last_place_of_the_greatest sum_of_conditionals);
}

#[test]
fn what_an_iteration_has_for_itself() {
    for n in [1, 2, 1000, 4097] {
        let x = numbers(n);
        agree(
            &numbers(n),
            |out| own_array(&x, out),
            |out| own_array::plain(&x, out),
        );
    }
    is_parallel!(own_array);
}

#[test]
fn parts_of_slices() {
    for n in [0, 1, 2, 1000, 4097] {
        let (x, y) = (numbers(n), numbers(n));
        agree(&x, halves, halves::plain);
        agree(
            &x,
            |out| zipped(&x, &y, out),
            |out| zipped::plain(&x, &y, out),
        );
        agree(&x, |out| windows(&x, out), |out| windows::plain(&x, out));
        for width in [1, 7, 64, n + 1] {
            agree(&x, |a| rows(width, a), |a| rows::plain(width, a));
        }
    }
    is_parallel!(halves zipped windows rows);
}

#[test]
fn buffers_that_change_places() {
    for steps in [0, 1, 2, 5] {
        let a = numbers(3000);
        let both = |call: fn(usize, &mut [f64], &mut [f64])| {
            move |all: &mut [f64]| {
                let (a, b) = all.split_at_mut(1500);
                call(steps, a, b);
            }
        };
        agree(&a, both(swapped_names), both(swapped_names::plain));
        agree(&a, both(swapped_by_std), both(swapped_by_std::plain));
    }
    is_parallel!(swapped_names swapped_by_std);
}

#[test]
fn rows_and_columns() {
    let a = numbers(200 * 210);
    // Where rows overlap, the condition fails.
    for (n, m, stride) in [
        (200, 200, 210),
        (200, 200, 200),
        (200, 50, 20),
        (3, 4, 0),
        (0, 7, 9),
    ] {
        agree(
            &a,
            |a| part_of_rows(n, m, stride, a),
            |a| part_of_rows::plain(n, m, stride, a),
        );
    }
    for n in [0, 1, 2, 9, 200] {
        agree(
            &a,
            |a| every_second_column(n, n, a),
            |a| every_second_column::plain(n, n, a),
        );
        agree(&a, |a| triangle(n, a), |a| triangle::plain(n, a));
        agree(&a, |a| columns(n, a), |a| columns::plain(n, a));
    }
    is_parallel!(part_of_rows every_second_column triangle columns);
}

/// Fewer iterations than threads, each long enough for all of them.
#[test]
fn few_iterations() {
    let a = numbers(3 * 400_000);
    for planes in [1, 2, 3] {
        agree(
            &a,
            |a| few_long_iterations(planes, 400_000, a),
            |a| few_long_iterations::plain(planes, 400_000, a),
        );
    }
    is_parallel!(few_long_iterations);
    // Where that is known, the loop inside is the one.
    agree(
        &a,
        |a| three_planes(400_000, a),
        |a| three_planes::plain(400_000, a),
    );
    let report = three_planes::report();
    assert_eq!(parallel_lines(&report), [PLANES + 1], "{report}");
}

#[test]
fn short_arrays_of_counters() {
    let x: Vec<u16> = (0..700_000).map(|i| (i * 7 % 64) as u16).collect();
    let found = in_pools(|| {
        let mut bins = [3.0; 64];
        counts(&x, &mut bins);
        bins
    });
    let mut expected = [3.0; 64];
    counts::plain(&x, &mut expected);
    assert_eq!(found, expected);
    is_parallel!(counts);
}

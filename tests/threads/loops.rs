//! Parallel loops of all kinds on several threads, for ThreadSanitizer (`.ci/tsan`), which then sees what compiled code loads and stores. What they compute is rustc's.

// Loops as their users write them.
#![allow(clippy::needless_range_loop)]

use hotloop::jit;

const N: usize = 1500;

#[jit(parallel(min_len = 2))]
fn stencil(steps: usize, a: &mut [f64], b: &mut [f64]) {
    for _ in 0..steps {
        for i in 1..a.len() - 1 {
            b[i] = 0.25 * (a[i - 1] + 2.0 * a[i] + a[i + 1]);
        }
        for i in 1..a.len() - 1 {
            a[i] = 0.25 * (b[i - 1] + 2.0 * b[i] + b[i + 1]);
        }
    }
}

#[jit(fastmath, parallel(min_len = 2))]
fn sums(x: &[f64], low: &mut f64) -> (f64, usize, u64) {
    let (mut sum, mut at, mut best, mut count) = (0.0, 0, f64::INFINITY, 0_u64);
    for i in 0..x.len() {
        sum += x[i];
        if x[i] < best {
            best = x[i];
            at = i;
        }
        count = count.wrapping_add((x[i] > 0.5) as u64);
    }
    for i in 0..x.len() {
        *low += x[i];
    }
    (sum, at, count)
}

#[jit(fastmath, parallel)]
fn histogram(x: &[u16], bins: &mut [f64]) {
    for i in 0..x.len() {
        bins[x[i] as usize] += 1.0;
    }
}

#[jit(fastmath, parallel)]
fn bytes(x: &[u8], bins: &mut [f64]) {
    for i in 0..x.len() {
        bins[x[i] as usize] += 1.0;
    }
}

#[jit(parallel(min_len = 2))]
fn elimination(n: usize, a: &mut [f64]) {
    for k in 0..n {
        for i in k + 1..n {
            a[i * n + k] /= a[k * n + k];
            for j in k + 1..n {
                a[i * n + j] -= a[i * n + k] * a[k * n + j];
            }
        }
    }
}

#[jit(parallel(min_len = 2))]
fn paths(n: usize, d: &mut [f64]) {
    for k in 0..n {
        for i in 0..n {
            for j in 0..n {
                d[i * n + j] = d[i * n + j].min(d[i * n + k] + d[k * n + j]);
            }
        }
    }
}

#[jit(parallel(min_len = 2, schedule = guided))]
fn triangle(n: usize, a: &mut [f64]) {
    for i in 0..n {
        let mut row = [0.0; 8];
        for j in 0..i {
            row[j % 8] += (i * j) as f64;
        }
        for j in 0..=i {
            a[i * n + j] = row[j % 8];
        }
    }
}

#[jit(parallel(min_len = 2, schedule = dynamic))]
fn rows(n: usize, a: &mut [f64]) {
    for row in a.chunks_mut(n) {
        let mut sum = 0.0;
        for k in 0..row.len() {
            sum += row[k];
            row[k] = sum;
        }
    }
}

#[jit(parallel(min_len = 2))]
fn product(n: usize, a: &[f64], b: &[f64], c: &mut [f64]) {
    for i in 0..n {
        for j in 0..n {
            let mut sum = 0.0;
            for k in 0..n {
                sum += a[i * n + k] * b[k * n + j];
            }
            c[i * n + j] = sum;
        }
    }
}

fn numbers(count: usize) -> Vec<f64> {
    (0..count)
        .map(|i| (i * 37 % 101) as f64 / 17.0 + 1.0)
        .collect()
}

/// Stores are those of rustc's body; what does not depend on an order is, too.
fn run_all() {
    let n = 150;
    let in_both = |size: usize, run: &dyn Fn(bool, &mut [f64])| {
        let (mut found, mut expected) = (numbers(size), numbers(size));
        run(true, &mut found);
        run(false, &mut expected);
        assert_eq!(found, expected);
    };
    in_both(N, &|jitted, a| {
        let mut b = vec![0.0; N];
        match jitted {
            true => stencil(4, a, &mut b),
            false => stencil::plain(4, a, &mut b),
        }
    });
    in_both(n * n, &|jitted, a| {
        (0..n).for_each(|i| a[i * n + i] += 900.0);
        match jitted {
            true => elimination(n, a),
            false => elimination::plain(n, a),
        }
    });
    in_both(n * n, &|jitted, a| match jitted {
        true => paths(n, a),
        false => paths::plain(n, a),
    });
    in_both(n * n, &|jitted, a| match jitted {
        true => triangle(n, a),
        false => triangle::plain(n, a),
    });
    in_both(n * n - 7, &|jitted, a| match jitted {
        true => rows(n, a),
        false => rows::plain(n, a),
    });
    let (a, b) = (numbers(n * n), numbers(n * n));
    in_both(n * n, &|jitted, c| match jitted {
        true => product(n, &a, &b, c),
        false => product::plain(n, &a, &b, c),
    });

    let x = numbers(N);
    let (mut low, mut expected) = (1.0, 1.0);
    let (found, plain) = (sums(&x, &mut low), sums::plain(&x, &mut expected));
    assert_eq!((found.1, found.2), (plain.1, plain.2));
    assert!((found.0 - plain.0).abs() < 1e-6 && (low - expected).abs() < 1e-6);

    // Long enough to be worth it.
    let long = 600_000;
    let x: Vec<u16> = (0..long).map(|i| (i * 7 % 256) as u16).collect();
    let y: Vec<u8> = x.iter().map(|&x| x as u8).collect();
    let (mut found, mut expected) = (vec![3.0; 256], vec![3.0; 256]);
    histogram(&x, &mut found);
    bytes(&y, &mut found);
    histogram::plain(&x, &mut expected);
    bytes::plain(&y, &mut expected);
    assert_eq!(found, expected);
}

#[test]
fn loops_of_all_kinds() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(4).build();
    pool.expect("a pool").install(run_all);
    run_all();
    for specializations in [
        stencil::specializations(),
        sums::specializations(),
        histogram::specializations(),
        bytes::specializations(),
        elimination::specializations(),
        paths::specializations(),
        triangle::specializations(),
        rows::specializations(),
        product::specializations(),
    ] {
        let ir = specializations.first().map(hotloop::Specialization::ir);
        assert!(ir.is_some_and(|ir| ir.contains("parallel fn#")));
    }
}

#[jit]
fn fill(y: &mut [u32], value: u32) {
    for i in 0..y.len() {
        y[i] = value;
    }
}

/// Two threads store to the same memory: that ThreadSanitizer says so shows that it sees compiled code.
#[test]
#[ignore = "a data race"]
fn a_race() {
    let mut memory = vec![0_u32; 1000];
    fill(&mut memory, 1);
    let address = memory.as_mut_ptr() as usize;
    // One that ends before the other begins may be ordered before it.
    let both = &std::sync::Barrier::new(2);
    std::thread::scope(|scope| {
        for thread in 0..2 {
            scope.spawn(move || {
                both.wait();
                // SAFETY: none. The memory is there, and the race is what the test is for.
                let shared = unsafe { std::slice::from_raw_parts_mut(address as *mut u32, 1000) };
                for round in 0..100 {
                    fill(shared, thread * 100 + round);
                }
            });
        }
    });
}

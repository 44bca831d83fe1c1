//! Sums of floats depend on the order of their additions, and the order on nothing but the arguments: the same bits on any number of threads.

use hotloop::jit;

use crate::harness::{in_pool, pools};

#[jit(fastmath, parallel(min_len = 2))]
fn sums(x: &[f64], w: &[f64]) -> (f64, f64, f64) {
    let (mut sum, mut product, mut dot) = (0.0, 1.0, 0.0);
    for i in 0..x.len() {
        sum += x[i];
        product *= 1.0 + x[i] * 1e-4;
        dot += x[i] * w[i];
    }
    (sum, product, dot)
}

#[jit(fastmath, parallel(min_len = 2, schedule = guided))]
fn conditional(x: &[f32]) -> f32 {
    let mut sum = 0.0;
    for v in x {
        if *v > 0.3 {
            sum += v.sqrt();
        }
    }
    sum
}

#[jit(fastmath, parallel(min_len = 2, schedule = dynamic))]
fn of_a_tuple(x: &[f64], more: &mut f64) -> (f64, f64) {
    let mut sums = (0.1, 0.2);
    for i in 0..x.len() {
        sums.0 += x[i];
        sums.1 -= x[i] / 3.0;
    }
    for i in 0..x.len() {
        *more += x[i] * x[i];
    }
    sums
}

#[jit(fastmath, parallel(min_len = 2, chunk = 37))]
fn weights(places: &[u8], x: &[f64], bins: &mut [f64]) {
    for i in 0..x.len() {
        bins[places[i] as usize] += x[i];
    }
}

#[jit(fastmath, parallel(min_len = 2))]
fn columns(x: &[f64]) -> [f64; 3] {
    let mut sums = [0.1; 3];
    for i in 0..x.len() / 3 {
        for k in 0..3 {
            sums[k] += x[3 * i + k];
        }
    }
    sums
}

#[jit(fastmath, parallel(min_len = 2))]
fn by_par(x: &[f64]) -> f64 {
    use hotloop::Par;
    x.iter().par().map(|x| x * 1.1).sum::<f64>()
}

#[jit(parallel(min_len = 2))]
fn in_order(x: &[f64], y: &mut [f64]) -> (f64, usize, f64, u64) {
    let (mut least, mut at, mut most, mut bits) = (f64::INFINITY, usize::MAX, -1.0_f64, 0_u64);
    for i in 0..y.len() {
        y[i] = (x[i] * 3.7).sin() / (1.0 + x[i]);
        if y[i] < least {
            least = y[i];
            at = i;
        }
        most = most.max(y[i]);
        bits = bits.wrapping_mul(1) ^ y[i].to_bits();
    }
    (least, at, most, bits)
}

fn inexact(count: usize) -> Vec<f64> {
    (0..count)
        .map(|i| (i * 7919 % 10_007) as f64 / 10_007.0)
        .collect()
}

#[test]
fn results_do_not_depend_on_threads() {
    for count in [0, 1, 2, 63, 64, 65, 1000, 4097, 60_000] {
        let x = inexact(count);
        let w: Vec<f64> = x.iter().map(|x| 1.0 - x * 0.3).collect();
        let short: Vec<f32> = x.iter().map(|&x| x as f32).collect();
        let places: Vec<u8> = (0..count).map(|i| (i * i % 251) as u8).collect();
        let call = || {
            let (sum, product, dot) = sums(&x, &w);
            let mut seen = vec![sum, product, dot, f64::from(conditional(&short))];
            let mut more = 0.7;
            let (a, b) = of_a_tuple(&x, &mut more);
            seen.extend([a, b, more, by_par(&x)]);
            let mut bins = vec![0.1; 256];
            weights(&places, &x, &mut bins);
            seen.extend(bins);
            seen.extend(columns(&x));
            let mut y = vec![0.0; count];
            let (least, at, most, bits) = in_order(&x, &mut y);
            seen.extend([least, at as f64, most]);
            seen.extend(y);
            let seen: Vec<u64> = seen.into_iter().map(f64::to_bits).collect();
            (seen, bits)
        };
        let mut found = pools().map(|pool| in_pool(pool, call));
        let first = found.next().expect("a pool");
        for (number, other) in found.enumerate() {
            assert!(first == other, "{count} elements, pool {number}");
        }
        let (exact, _, _) = sums::plain(&x, &w);
        assert!((f64::from_bits(first.0[0]) - exact).abs() <= 1e-9 * (1.0 + exact));
        let (mut y, mut expected) = (vec![0.0; count], vec![0.0; count]);
        assert_eq!(in_order(&x, &mut y), in_order::plain(&x, &mut expected));
        assert_eq!(y, expected);
    }
    for (name, ir) in [
        ("sums", sums::specializations()[0].ir()),
        ("conditional", conditional::specializations()[0].ir()),
        ("of_a_tuple", of_a_tuple::specializations()[0].ir()),
        ("weights", weights::specializations()[0].ir()),
        ("columns", columns::specializations()[0].ir()),
        ("by_par", by_par::specializations()[0].ir()),
        ("in_order", in_order::specializations()[0].ir()),
    ] {
        assert!(ir.contains("parallel fn#"), "{name}: {ir}");
    }
}

//! Monte Carlo on all cores, with the same digits on any number of them.
//!
//! ```text
//! cargo run --release --example monte_carlo -- 100
//! ```
//!
//! The argument is the number of samples in millions, 20 if there is none. π comes from points in a square, and the price of a European call option
//! from the end points of a geometric Brownian motion; its exact value is that of Black and Scholes.

use std::time::Instant;

use hotloop::{jit, prange, rand};

/// π, from the fraction of random points of the unit square that lie in the circle.
#[jit(parallel, require(parallel, vectorized))]
fn pi(seed: u64, n: u64) -> f64 {
    let mut inside: u64 = 0;
    for i in prange(0..n) {
        let (x, y) = rand::uniform_f64_pair(seed, i);
        if x * x + y * y <= 1.0 {
            inside = inside.wrapping_add(1);
        }
    }
    4.0 * inside as f64 / n as f64
}

/// The price of the right to buy at `strike` what costs `now`, in a year, with this interest and volatility. A sum of floats is parallel only with
/// `fastmath`, since it is computed in another order.
#[jit(fastmath, parallel, require(parallel))]
fn call_option(seed: u64, n: u64, now: f64, strike: f64, interest: f64, volatility: f64) -> f64 {
    let drift = interest - 0.5 * volatility * volatility;
    let mut sum = 0.0;
    for i in prange(0..n) {
        let (x, y) = rand::normal_f64_pair(seed, i);
        for z in [x, y] {
            let price = now * (drift + volatility * z).exp();
            sum += (price - strike).max(0.0);
        }
    }
    (-interest).exp() * sum / (2 * n) as f64
}

/// The price of the example's option by the formula of Black and Scholes.
const EXACT: f64 = 10.450_583_572_185_565;

fn main() {
    let millions = std::env::args().nth(1).and_then(|arg| arg.parse().ok());
    let n: u64 = 1_000_000 * millions.unwrap_or(20);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    // Compiled before time counts.
    if let (Err(reason), _) | (_, Err(reason)) = (pi::compile(), call_option::compile()) {
        println!("runs as rustc compiled it: {reason}");
    }
    let mut threads = 1;
    while threads <= cores {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let Ok(pool) = pool else {
            println!("no pool of {threads} threads");
            return;
        };
        let (pi, option, time) = pool.install(|| {
            let start = Instant::now();
            let results = (pi(1, n), call_option(2, n, 100.0, 100.0, 0.05, 0.2));
            (results.0, results.1, start.elapsed())
        });
        println!(
            "{threads:3} threads: π ≈ {pi:.15} (off by {:+.1e}), option ≈ {option:.15} (off by {:+.1e}) in {time:.1?}",
            pi - std::f64::consts::PI,
            option - EXACT
        );
        threads = if threads < cores {
            cores.min(2 * threads)
        } else {
            cores + 1
        };
    }
}

//! Work whose control flow depends on the data: counting, sorting, escape times, integer sequences.

use hotloop::jit;

use super::{bytes, shares};
use crate::polybench::{integers, values};

#[jit]
fn hist_u8(x: &[u8], bins: &mut [u64]) {
    bins.fill(0);
    for &value in x {
        bins[value as usize] += 1;
    }
}

#[test]
fn hist_u8_agrees() {
    let (x, bins) = (bytes(200, 1, 256), vec![7u64; 256]);
    agree!(hist_u8(&x, &mut bins));
    let few = vec![7u64; 16];
    agree!(hist_u8(&x, &mut few));
}

#[jit]
fn hist_f64(x: &[f64], bins: &mut [u64]) {
    bins.iter_mut().for_each(|bin| *bin = 0);
    for bin in x.iter().map(|x| (x * 256.0) as usize) {
        bins[bin] += 1;
    }
}

#[test]
fn hist_f64_agrees() {
    let (x, bins) = (shares(200, 1), vec![7u64; 256]);
    agree!(hist_f64(&x, &mut bins));
}

#[jit]
fn mandelbrot(n: usize, limit: i32, out: &mut [i32]) {
    let step = 2.5 / n as f64;
    for (i, row) in out.chunks_exact_mut(n).enumerate() {
        let ci = -1.2512 + step * i as f64;
        for (j, out) in row.iter_mut().enumerate() {
            let cr = -2.0 + step * j as f64;
            let (mut zr, mut zi) = (0.0, 0.0);
            *out = (0..limit)
                .take_while(|_| {
                    let bounded = zr * zr + zi * zi <= 4.0;
                    (zr, zi) = (zr * zr - zi * zi + cr, 2.0 * zr * zi + ci);
                    bounded
                })
                .count() as i32;
        }
    }
}

#[test]
fn mandelbrot_agrees() {
    let n = 16;
    let out = integers(n * n, 1, 10);
    agree!(mandelbrot(n, 60, &mut out));
}

#[jit]
fn mc_pi(n: usize) -> f64 {
    let per_stream = n / 64;
    let scale = 1.0 / (1u64 << 53) as f64;
    let hits: usize = (1..=64u64)
        .map(|stream| {
            let mut s = stream.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let mut uniform = || {
                s ^= s << 13;
                s ^= s >> 7;
                s ^= s << 17;
                (s >> 11) as f64 * scale
            };
            (0..per_stream)
                .filter(|_| {
                    let (x, y) = (uniform(), uniform());
                    x * x + y * y <= 1.0
                })
                .count()
        })
        .sum();
    4.0 * hits as f64 / (per_stream * 64) as f64
}

#[test]
fn mc_pi_agrees() {
    agree!(mc_pi(6400));
    agree!(mc_pi(0));
}

#[jit]
fn crc16(x: &[u8]) -> u16 {
    x.iter().fold(0xFFFF, |crc, &byte| {
        (0..8).fold(crc ^ (byte as u16) << 8, |crc, _| match crc & 0x8000 {
            0 => crc << 1,
            _ => (crc << 1) ^ 0x1021,
        })
    })
}

#[test]
fn crc16_agrees() {
    let x = bytes(50, 1, 256);
    agree!(crc16(&x));
}

#[jit]
fn edit_distance(a: &[u8], b: &[u8], previous: &mut [i32], current: &mut [i32]) -> i32 {
    for (j, distance) in previous.iter_mut().enumerate() {
        *distance = j as i32;
    }
    for (i, a) in a.iter().enumerate() {
        current[0] = i as i32 + 1;
        for (j, b) in b.iter().enumerate() {
            let replaced = previous[j] + i32::from(a != b);
            current[j + 1] = replaced.min(previous[j + 1] + 1).min(current[j] + 1);
        }
        previous.copy_from_slice(current);
    }
    previous[b.len()]
}

#[test]
fn edit_distance_agrees() {
    let (a, b) = (bytes(17, 1, 4), bytes(20, 2, 4));
    let (previous, current) = (vec![0i32; 21], vec![0i32; 21]);
    agree!(edit_distance(&a, &b, &mut previous, &mut current));
    agree!(edit_distance(&b, &a, &mut previous, &mut current));
}

#[jit]
fn heapsort(x: &mut [f64]) {
    let sift_down = |heap: &mut [f64], mut root: usize| {
        loop {
            let first = 2 * root + 1;
            let children = first..heap.len().min(first + 2);
            let Some(child) = children.reduce(|a, b| if heap[b] > heap[a] { b } else { a }) else {
                break;
            };
            if heap[child] <= heap[root] {
                break;
            }
            heap.swap(root, child);
            root = child;
        }
    };
    for root in (0..x.len() / 2).rev() {
        sift_down(x, root);
    }
    for end in (1..x.len()).rev() {
        x.swap(0, end);
        sift_down(&mut x[..end], 0);
    }
}

#[test]
fn heapsort_agrees() {
    for n in [0, 1, 2, 20, 63] {
        let x = values(n, 1);
        agree!(heapsort(&mut x));
    }
}

#[jit]
fn sieve(n: usize, flags: &mut [u8]) -> usize {
    flags.fill(1);
    flags[..2].fill(0);
    for i in (2..).take_while(|i| i * i <= n) {
        if flags[i] != 0 {
            flags[i * i..]
                .iter_mut()
                .step_by(i)
                .for_each(|flag| *flag = 0);
        }
    }
    flags.iter().filter(|&&flag| flag != 0).count()
}

#[test]
fn sieve_agrees() {
    for n in [1, 2, 100, 121] {
        let flags = vec![9u8; n + 1];
        agree!(sieve(n, &mut flags));
    }
    let too_few = vec![9u8; 1];
    agree!(sieve(100, &mut too_few));
}

#[jit]
fn collatz(n: usize, lengths: &mut [i32]) -> usize {
    for (start, length) in lengths.iter_mut().enumerate().skip(1) {
        let next = |&x: &i64| match x {
            1 => None,
            x if x % 2 == 0 => Some(x / 2),
            x => Some(3 * x + 1),
        };
        *length = std::iter::successors(Some(start as i64), next).count() as i32;
    }
    // Of several that are equal, `max_by_key` takes the last.
    (1..n)
        .rev()
        .max_by_key(|&start| lengths[start])
        .unwrap_or(1)
}

#[test]
fn collatz_agrees() {
    for n in [1, 2, 60] {
        let lengths = vec![0i32; n];
        agree!(collatz(n, &mut lengths));
    }
    let lengths = vec![0i32; 5];
    agree!(collatz(6, &mut lengths));
}

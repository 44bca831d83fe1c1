//! What iterators are made of.

use hotloop::jit;

use super::{floats, ints};

#[jit]
fn of_slices(a: &[f64], b: &mut [f64]) -> (f64, f64, f64) {
    let mut s = 0.0;
    for x in a {
        s = s * 0.5 + x;
    }
    for &x in a.iter() {
        s = s * 0.5 + x;
    }
    for x in b.iter_mut() {
        *x = *x * 2.0 + s;
    }
    for x in &mut *b {
        *x -= 1.0;
    }
    let total: f64 = a.into_iter().sum();
    (s, total, b.iter().sum())
}

#[jit]
fn of_ranges(n: usize, from: i32) -> (usize, i32, u64, i32) {
    let squares = (0..n).map(|i| i * i).sum();
    let down = (from..from + 5)
        .into_iter()
        .rev()
        .fold(0, |acc, x| acc * 3 + x);
    let closed = (1..=n as u64).product::<u64>() % 1000;
    let mut open = 0;
    for i in from.. {
        if i > from + 7 {
            break;
        }
        open += i;
    }
    (squares, down, closed, open)
}

#[jit]
fn of_arrays(k: f32) -> (f32, i32) {
    let weights = [0.25f32, 0.5, 0.25, k];
    let mut sums = [0i32; 3];
    for (i, s) in sums.iter_mut().enumerate() {
        *s += i as i32 * 3;
    }
    for s in &mut sums {
        *s += 1;
    }
    let mut total = 0.0;
    for w in weights {
        total = total * 2.0 + w;
    }
    for (w, s) in weights.into_iter().zip(sums) {
        total += w * s as f32;
    }
    (total, sums.iter().sum())
}

#[jit]
fn windows(a: &[f64], out: &mut [f64]) -> f64 {
    for (o, w) in out.iter_mut().zip(a.windows(3)) {
        *o = 0.25 * w[0] + 0.5 * w[1] + 0.25 * w[2];
    }
    let jumps = a.windows(2).map(|w| (w[1] - w[0]).abs());
    jumps.fold(0.0, f64::max)
}

#[jit]
fn ascending(a: &[i32]) -> (bool, usize) {
    (
        a.windows(2).all(|w| w[0] <= w[1]),
        a.windows(2).filter(|w| w[0] == w[1]).count(),
    )
}

#[jit]
fn chunks(a: &[i32], n: usize) -> (i32, i32, i32, i32) {
    let mut s = 0;
    for (i, chunk) in a.chunks(n).enumerate() {
        for x in chunk {
            s = (s * 2 + x * i as i32) % 1000;
        }
        s += chunk.len() as i32;
    }
    let exact = a.chunks_exact(n);
    let rest = exact.remainder().iter().sum();
    let exact = exact.map(|c| c[0] - c[n - 1]).sum();
    let back = a.rchunks(n).fold(0, |acc, c| (acc * 3 + c[0]) % 1000);
    (s, rest, exact, back)
}

#[jit]
fn mutable_chunks(a: &mut [f64], n: usize) {
    for row in a.chunks_exact_mut(n) {
        let norm = row.iter().map(|x| x * x).sum::<f64>().sqrt();
        for x in row.iter_mut() {
            *x /= norm;
        }
    }
    for (i, part) in a.chunks_mut(n + 1).enumerate() {
        part[0] += i as f64;
        part.iter_mut().rev().for_each(|x| *x *= 2.0);
    }
}

#[jit]
fn parts(a: &[f64], b: &mut [f64], k: usize) -> f64 {
    for (x, y) in b[k..].iter_mut().zip(&a[..k]) {
        *x += y;
    }
    for (x, y) in b[1..].iter_mut().zip(a.iter()) {
        *x -= 2.0 * *y;
    }
    a[k..].iter().sum()
}

#[jit]
fn free_functions(n: u32, a: &[f64]) -> (u32, f64, usize, f64) {
    let powers = std::iter::successors(Some(1u32), |x| x.checked_mul(3));
    let once = std::iter::once(2.5).chain(a.iter().copied()).sum();
    let repeated = a
        .iter()
        .zip(std::iter::repeat(0.5))
        .map(|(x, y)| x * y)
        .sum();
    let steps = std::iter::successors(Some(n), |&x| if x > 1 { Some(x / 2) } else { None });
    (
        powers.take_while(|x| *x < n).sum(),
        once,
        steps.count(),
        repeated,
    )
}

#[test]
fn slices_agree() {
    for (a, b) in floats().into_iter().zip(floats().into_iter().rev()) {
        agree!(of_slices(&a, &mut b));
        for k in [0, 1, a.len() / 2, a.len(), a.len() + 1] {
            agree!(parts(&a, &mut b, k));
        }
    }
}

#[test]
fn ranges_agree() {
    for n in [0, 1, 2, 7, 12] {
        agree!(of_ranges(n, -3));
        agree!(of_ranges(n, n as i32));
    }
}

#[test]
fn arrays_agree() {
    agree!(of_arrays(1.5));
    agree!(of_arrays(f32::NAN));
}

#[test]
fn windows_agree() {
    for a in floats() {
        let out = vec![0.5; a.len().saturating_sub(1)];
        agree!(windows(&a, &mut out));
    }
    for a in ints() {
        agree!(ascending(&a));
    }
    let sorted = vec![1, 2, 2, 5];
    agree!(ascending(&sorted));
}

#[test]
fn chunks_agree() {
    for (a, b) in ints().into_iter().zip(floats()) {
        for n in [0, 1, 2, 3, 7] {
            agree!(chunks(&a, n));
            agree!(mutable_chunks(&mut b, n));
        }
    }
}

#[test]
fn functions_of_std_agree() {
    for (n, a) in floats().into_iter().enumerate() {
        agree!(free_functions(n as u32 * 50, &a));
    }
}

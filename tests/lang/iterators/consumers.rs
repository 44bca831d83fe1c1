//! Methods that use an iterator up.

use hotloop::jit;

use super::{floats, ints};

#[jit]
fn sums(a: &[f64], b: &[f64]) -> (f64, f64, f64, f64) {
    let s: f64 = a.iter().sum();
    let dot = a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    (
        s,
        dot,
        a.iter().copied().product(),
        a.iter().map(|x| 1.0 + x * 0.01).product::<f64>(),
    )
}

#[jit]
fn single_sums(a: &[f32]) -> (f32, f32) {
    (a.iter().sum(), a.iter().map(|&x| x * x).sum::<f32>().sqrt())
}

#[jit]
fn integer_sums(a: &[i32]) -> (i32, i64, u64, u8) {
    (
        a.iter().sum(),
        a.iter().map(|&x| i64::from(x)).map(|x| x % 5 + 3).product(),
        a.iter().map(|x| x.unsigned_abs() as u64).sum(),
        a.iter().map(|x| (x & 1) as u8).sum(),
    )
}

#[jit]
fn folds(a: &[f64]) -> (f64, f64, f64, f64) {
    let (s, c) = a
        .iter()
        .fold((0.0, 1.0), |(s, c), x| (s + x * c, c * 0.5 + s));
    let top = a.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    (a.iter().fold(0.0, |acc, x| acc * 0.5 + x), top, s, c)
}

#[jit]
fn kahan(a: &[f64]) -> f64 {
    let (sum, _) = a.iter().fold((0.0, 0.0), |(sum, carry), &x| {
        let y = x - carry;
        let t = sum + y;
        (t, (t - sum) - y)
    });
    sum
}

#[jit]
fn reductions(a: &[f64], b: &[i32]) -> (Option<f64>, f64, Option<i32>) {
    (
        a.iter().copied().reduce(|x, y| x.max(y) * 0.5 + y),
        a.iter().map(|x| x * 2.0).reduce(f64::min).unwrap_or(-1.0),
        b.iter().copied().reduce(|x, y| (x * 3 + y) % 97),
    )
}

#[jit]
fn extremes(a: &[i32]) -> (Option<i32>, i32, i32, Option<i32>, i32) {
    (
        a.iter().copied().min(),
        a.iter().max().map_or(-100, |x| *x),
        *a.iter().max_by_key(|x| (**x % 3).abs()).unwrap_or(&7),
        a.iter().copied().min_by_key(|x| x.abs()),
        a.iter()
            .filter(|x| **x > 2)
            .map(|x| x * 5 % 7)
            .max()
            .unwrap_or(-1),
    )
}

#[jit]
fn float_extremes(a: &[f64]) -> (Option<f64>, usize, usize, f64) {
    let highest = a.iter().copied().max_by(|x, y| x.partial_cmp(y).unwrap());
    let (lowest, _) = a
        .iter()
        .enumerate()
        .min_by(|x, y| x.1.total_cmp(y.1))
        .unwrap_or((99, &0.0));
    let arg = a
        .iter()
        .enumerate()
        .max_by(|(_, x), (_, y)| x.partial_cmp(y).unwrap_or(std::cmp::Ordering::Equal))
        .map(|(i, _)| i);
    let least = a.iter().copied().min_by(f64::total_cmp).unwrap_or(f64::NAN);
    (highest, lowest, arg.unwrap_or(77), least)
}

#[jit]
fn tests(a: &[i32], k: i32) -> (bool, bool, bool, usize) {
    (
        a.iter().all(|x| *x < k),
        a.iter().any(|&x| x == k),
        a.iter().map(|x| x * 2).all(|x| x % 2 == 0),
        a.iter().filter(|x| **x > k).count(),
    )
}

#[jit]
fn searches(
    a: &[i32],
    k: i32,
) -> (
    Option<usize>,
    Option<usize>,
    Option<i32>,
    Option<i32>,
    Option<usize>,
) {
    (
        a.iter().position(|&x| x == k),
        a.iter().rposition(|x| *x > k),
        a.iter().find(|x| **x > k).copied(),
        a.iter()
            .find_map(|&x| if x > k { Some(x - k) } else { None }),
        a.iter()
            .enumerate()
            .rev()
            .find(|(_, x)| **x < k)
            .map(|(i, _)| i),
    )
}

#[jit]
fn ends(a: &[f64], n: usize) -> (Option<f64>, Option<f64>, Option<f64>, Option<f64>, usize) {
    (
        a.iter().copied().last(),
        a.iter().copied().nth(n),
        a.iter().map(|x| x + 1.0).next(),
        a.iter().filter(|x| **x > 0.5).copied().last(),
        a.iter().skip(1).step_by(2).count() + a.iter().len() + (0..n).len(),
    )
}

#[jit]
fn for_each(a: &mut [f64], b: &[f64]) -> (f64, usize) {
    let mut total = 0.0;
    let mut n = 0;
    a.iter_mut().zip(b).for_each(|(x, y)| *x += 2.0 * y);
    a.iter().for_each(|x| total = total * 0.5 + x);
    (0..a.len()).for_each(|i| a[i] *= 2.0);
    a.iter().filter(|x| **x > 1.0).for_each(|_| n += 1);
    (total, n)
}

#[jit]
fn tried(a: &[i32]) -> (Option<i32>, Option<()>) {
    (
        a.iter()
            .try_fold(0i32, |acc, &x| acc.checked_mul(3)?.checked_add(x)),
        a.iter()
            .try_for_each(|&x| if x < 9 { Some(()) } else { None }),
    )
}

#[jit]
fn equal(a: &[i32], b: &[i32]) -> (bool, bool) {
    (
        a.iter().eq(b.iter()),
        a.iter().filter(|x| **x > 0).ne(b.iter()),
    )
}

#[jit]
fn units(a: &[i32], k: i32) -> (usize, Option<()>, bool, usize) {
    let mut n = 0;
    let stopped = a
        .iter()
        .map(|x| (*x < k).then_some(()))
        .all(|x| x.is_some());
    a.iter()
        .filter_map(|x| (*x > k).then_some(()))
        .for_each(|_| n += 1);
    (
        a.iter().filter_map(|x| (*x < k).then_some(())).count(),
        a.iter().find_map(|x| if *x == k { Some(()) } else { None }),
        stopped,
        n,
    )
}

#[test]
fn units_agree() {
    for a in ints() {
        for k in [-9, 0, 5, 100] {
            agree!(units(&a, k));
        }
    }
}

#[test]
fn sums_agree() {
    for (a, b) in floats().into_iter().zip(floats().into_iter().rev()) {
        agree!(sums(&a, &b));
        agree!(sums(&b, &a));
        agree!(kahan(&a));
        let single: Vec<f32> = a.iter().map(|x| *x as f32).collect();
        agree!(single_sums(&single));
    }
    for a in ints() {
        agree!(integer_sums(&a));
    }
    let (zero, none) = (vec![-0.0], Vec::new());
    agree!(sums(&zero, &none));
}

#[test]
fn folds_agree() {
    for (a, b) in floats().into_iter().zip(ints()) {
        agree!(folds(&a));
        agree!(reductions(&a, &b));
        agree!(tried(&b));
        agree!(for_each(&mut a, &a));
    }
}

#[test]
fn extremes_agree() {
    for (a, b) in ints().into_iter().zip(floats()) {
        agree!(extremes(&a));
        agree!(float_extremes(&b));
    }
    for odd in [
        vec![0.0, -0.0],
        vec![1.0, 3.0, 3.0, 1.0],
        vec![1.0, f64::NAN, 2.0],
    ] {
        agree!(float_extremes(&odd));
    }
}

#[test]
fn searches_agree() {
    for (a, b) in ints().into_iter().zip(floats()) {
        for k in [-9, 0, 5, 100] {
            agree!(tests(&a, k));
            agree!(searches(&a, k));
        }
        for n in [0, 1, 4, 70] {
            agree!(ends(&b, n));
        }
        let front = a[..a.len() / 2].to_vec();
        agree!(equal(&a, &a));
        agree!(equal(&a, &front));
    }
}

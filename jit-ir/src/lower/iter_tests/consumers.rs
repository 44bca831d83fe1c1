//! Methods that use an iterator up.

use super::agrees;

agrees! {
    fn sums(a: &[f64]) -> (f64, f64, f64) {
        let s: f64 = a.iter().sum();
        (s, a.iter().map(|x| x * x).sum::<f64>(), a.iter().copied().product())
    } for (&[]) (&[0.0]) (&[1.5, 2.0, -0.25])

    fn integer_sums(a: &[i32]) -> (i32, usize, i32) {
        (a.iter().sum(), a.iter().filter(|&&x| x > 0).count(), a.iter().map(|x| x - 1).product::<i32>())
    } for (&[]) (&[1, 2, -3]) (&[i32::MAX, 1])

    fn dot(a: &[f64], b: &[f64]) -> f64 {
        a.iter().zip(b.iter()).map(|(x, y)| x * y).sum()
    } for (&[], &[]) (&[1.0, 2.0], &[3.0, 4.0]) (&[1.0, 2.0], &[3.0])

    fn folds(a: &[f64]) -> (f64, f64, f64, f64) {
        let (s, c) = a.iter().fold((0.0, 1.0), |(s, c), x| (s + x * c, c + s));
        (a.iter().fold(0.0, |acc, x| acc * 0.5 + x), a.iter().copied().fold(f64::NEG_INFINITY, f64::max), s, c)
    } for (&[]) (&[1.0]) (&[1.0, 5.0, 2.0])

    fn extremes(a: &[i32]) -> (i32, i32, i32, i32) {
        let lo = a.iter().min().unwrap_or(&100);
        let hi = a.iter().copied().max().unwrap_or(-100);
        (*lo, hi, *a.iter().max_by_key(|x| (**x % 3).abs()).unwrap_or(&7), a.iter().copied().min_by_key(|x| x.abs()).unwrap_or(9))
    } for (&[]) (&[3]) (&[3, -1, 4, 1, -5, 9, 2, 6])

    fn float_extremes(a: &[f64]) -> (f64, usize, f64) {
        let hi = a.iter().copied().max_by(|a, b| a.partial_cmp(b).unwrap()).unwrap_or(0.5);
        let (at, _) = a.iter().enumerate().min_by(|x, y| x.1.total_cmp(y.1)).unwrap_or((99, &0.0));
        let other = a.iter().cloned().fold(f64::INFINITY, |m, x| m.min(x));
        (hi, at, other)
    } for (&[]) (&[2.0]) (&[1.0, 3.0, -2.0, 3.0, -2.0]) (&[1.0, f64::NAN]) (&[0.0, -0.0])

    fn argmax(a: &[f64]) -> usize {
        a.iter().enumerate().max_by(|a, b| a.1.partial_cmp(b.1).unwrap()).map(|(i, _)| i).unwrap_or(0)
    } for (&[]) (&[1.0, 3.0, 2.0, 3.0])

    fn tests(a: &[i32]) -> (bool, bool, bool) {
        (a.iter().all(|x| *x > 0), a.iter().any(|&x| x == 3), a.iter().map(|x| x * 2).all(|x| x < 10))
    } for (&[]) (&[1, 2]) (&[3, -1]) (&[5, 3])

    fn positions(a: &[i32], k: i32) -> (Option<usize>, Option<usize>, Option<i32>) {
        (a.iter().position(|&x| x == k), a.iter().rposition(|x| *x == k), a.iter().copied().find(|x| x % k == 1))
    } for (&[], 2) (&[1, 2, 3, 2], 2) (&[5, 6], 3)

    fn found(a: &[f64]) -> (Option<f64>, Option<usize>, Option<f64>, Option<f64>) {
        let first = a.iter().find(|x| **x > 1.0).copied();
        let map = a.iter().enumerate().find_map(|(i, &x)| if x < 0.0 { Some(i) } else { None });
        (first, map, a.iter().rev().find(|&&x| x > 1.0).map(|x| x + 1.0), a.last().copied())
    } for (&[]) (&[1.0, 2.0, 3.0]) (&[0.5, -1.0])

    fn ends(a: &[i32]) -> (Option<i32>, Option<i32>, Option<i32>, Option<i32>) {
        (a.iter().copied().last(), a.iter().copied().nth(1), a.iter().map(|x| x + 1).next(), a.iter().filter(|x| **x > 2).copied().last())
    } for (&[]) (&[1]) (&[1, 2, 3]) (&[4, 5, 1])

    fn reduced(a: &[f64]) -> (Option<f64>, f64) {
        (a.iter().copied().reduce(|a, b| a.max(b)), a.iter().map(|x| x * 2.0).reduce(f64::min).unwrap_or(-1.0))
    } for (&[]) (&[1.0]) (&[1.0, 4.0, 2.0])

    fn equal(a: &[i32], b: &[i32]) -> (bool, bool) {
        (a.iter().eq(b.iter()), a.iter().filter(|x| **x > 0).ne(b.iter()))
    } for (&[], &[]) (&[1, 2], &[1, 2]) (&[1, 2], &[1]) (&[1], &[1, 2]) (&[1, -2], &[1])

    fn tried(a: &[i32]) -> Option<i32> {
        a.iter().try_fold(0i32, |acc, &x| acc.checked_add(x))
    } for (&[]) (&[1, 2]) (&[i32::MAX, 1, -5])

    fn counted(a: &[i32], n: usize) -> (usize, usize, usize, usize) {
        (a.iter().count(), a.iter().len(), (0..n).len(), a.iter().skip(1).step_by(2).count())
    } for (&[], 0) (&[1, 2, 3], 4) (&[1, 2, 3, 4], 1)

    fn for_each(a: &mut [f64], b: &[f64]) -> f64 {
        let mut total = 0.0;
        a.iter_mut().zip(b).for_each(|(x, y)| *x += y);
        a.iter().for_each(|x| total += x);
        (0..a.len()).for_each(|i| a[i] *= 2.0);
        total
    } for (&mut [], &[]) (&mut [1.0, 2.0], &[3.0, 4.0])

    fn range_methods(a: usize, b: usize, x: f64) -> (bool, bool, usize, usize) {
        let r = a..b;
        let inside = r.contains(&3) && !(0.0..1.0).contains(&x);
        let closed = a..=b;
        (inside, r.is_empty(), r.start + r.end, r.len() + closed.contains(&b) as usize)
    } for (1, 5, 2.0) (5, 1, 0.5) (3, 4, 1.0)
}

//! Iterators in variables.

use super::agrees;

agrees! {
    fn next(a: &[i32]) -> (i32, i32) {
        let mut it = a.iter();
        let first = it.next().copied().unwrap_or(-1);
        let mut s = 0;
        while let Some(x) = it.next() { s = s * 10 + x; }
        (first, s)
    } for (&[]) (&[1]) (&[1, 2, 3])

    fn goes_on(a: &[i32]) -> (i32, i32, i32) {
        let mut it = a.iter().copied();
        let first: i32 = it.by_ref().take(2).sum();
        let found = it.find(|x| *x > 3).unwrap_or(0);
        (first, found, it.sum())
    } for (&[]) (&[1, 2, 3, 4, 5, 6]) (&[1])

    fn both_ends(a: &[i32]) -> i32 {
        let mut it = a.iter();
        let mut s = 0;
        while let (Some(x), Some(y)) = (it.next(), it.next_back()) { s = s * 10 + x * y; }
        s
    } for (&[]) (&[1, 2, 3]) (&[1, 2, 3, 4])

    fn filtered(a: &[i32]) -> (i32, i32) {
        let mut it = a.iter().filter(|x| **x > 0).map(|x| x * 2).enumerate();
        let (i, x) = it.next().unwrap_or((9, 9));
        let rest = it.map(|(i, x)| i as i32 * x).sum();
        (i as i32 + x, rest)
    } for (&[]) (&[-1, 2, 3, -4, 5])

    fn remainder(a: &[f64]) -> f64 {
        let chunks = a.chunks_exact(4);
        let rest: f64 = chunks.remainder().iter().sum();
        let mut acc = [0.0; 4];
        for c in chunks { for (s, x) in acc.iter_mut().zip(c) { *s += x; } }
        acc.iter().sum::<f64>() + rest
    } for (&[]) (&[1.0, 2.0, 3.0, 4.0, 5.0]) (&[1.0; 9])

    fn chains(a: &[i32], b: &[i32]) -> i32 {
        let mut it = a.iter().chain(b);
        let mut s = 0;
        if let Some(x) = it.next() { s += 100 * x; }
        for x in it.by_ref() { if *x == 3 { break; } s = s * 2 + x; }
        s * 100 + it.count() as i32
    } for (&[], &[]) (&[1, 2, 3], &[4, 5]) (&[1], &[2, 3, 4])

    fn ranges_as_values(n: usize) -> usize {
        let r = 1..n;
        let mut s = r.len();
        for i in r.clone() { s += i; }
        for i in r { s = s * 2 + i; }
        let mut it = 0..n;
        while let Some(i) = it.next() { s += i; if i == 2 { break; } }
        s * 10 + it.start
    } for (0) (1) (5)

    fn nth(a: &[i32]) -> (Option<i32>, Option<i32>, i32) {
        let mut it = a.iter().copied();
        let x = it.nth(1);
        let y = it.nth(0);
        (x, y, it.sum())
    } for (&[]) (&[1, 2, 3, 4]) (&[1, 2])

    fn mutable(a: &mut [f64]) -> f64 {
        let mut it = a.iter_mut();
        if let Some(x) = it.next() { *x = 5.0; }
        for x in it { *x += 1.0; }
        a.iter().sum()
    } for (&mut []) (&mut [1.0, 2.0])

    fn bound_closure_pipeline(a: &[f64], b: &[f64]) -> f64 {
        let products = a.iter().zip(b).map(|(x, y)| x * y);
        let scaled = products.map(|p| p * 0.5);
        scaled.sum()
    } for (&[1.0, 2.0], &[3.0, 4.0])
}

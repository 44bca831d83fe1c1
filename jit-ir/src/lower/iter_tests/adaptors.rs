//! Methods that make an iterator of an iterator.

use super::agrees;

agrees! {
    fn filter_map(a: &[i32]) -> (i32, i32) {
        let s = a.iter().filter_map(|&x| if x > 0 { Some(x * 2) } else { None }).sum();
        (s, a.iter().filter_map(|x| x.checked_mul(1 << 20)).map(|x| x / 2).sum())
    } for (&[]) (&[1, -2, 3, 5000])

    fn take_and_skip(a: &[i32], n: usize) -> i32 {
        let mut s = 0;
        for x in a.iter().skip(n).take(2) { s = s * 10 + x; }
        for x in a.iter().filter(|x| **x > 1).skip(1).take(n) { s = s * 10 + x; }
        for (i, x) in a.iter().map(|x| x + 1).skip(n).enumerate() { s = s * 3 + x * i as i32; }
        for x in a.iter().take(n).rev() { s = s * 3 + x; }
        s
    } for (&[], 0) (&[1, 2, 3, 4, 5], 0) (&[1, 2, 3, 4, 5], 2) (&[1, 2, 3, 4, 5], 7)

    fn whiles(a: &[i32]) -> (i32, i32, i32) {
        let t = a.iter().take_while(|x| **x < 3).sum();
        let s = a.iter().skip_while(|&&x| x < 3).copied().sum();
        let m = a.iter().map_while(|&x| if x < 4 { Some(x * 2) } else { None }).sum();
        (t, s, m)
    } for (&[]) (&[1, 2, 3, 1, 5]) (&[5, 1])

    fn scanned(a: &[f64], out: &mut [f64]) {
        for (o, s) in out.iter_mut().zip(a.iter().scan(0.0, |s, &x| { *s += x; Some(*s) })) { *o = s; }
    } for (&[1.0, 2.0, 3.0], &mut [0.0; 3]) (&[1.0, 2.0, 3.0], &mut [0.0; 2]) (&[1.0], &mut [5.0; 2])

    fn scan_ends(a: &[i32]) -> i32 {
        a.iter().scan(1, |p, &x| { *p *= x; if *p > 20 { None } else { Some(*p) } }).sum()
    } for (&[]) (&[2, 3]) (&[2, 3, 4, 5])

    fn flat(n: usize, a: &[i32]) -> (usize, i32) {
        let s = (0..n).flat_map(|i| (0..i).map(move |j| i * j)).sum();
        (s, a.chunks(2).flat_map(|c| c.iter().rev()).fold(0, |acc, x| acc * 10 + x))
    } for (0, &[]) (4, &[1, 2, 3])

    fn flat_take(a: &[i32], n: usize) -> i32 {
        let mut s = 0;
        for x in a.chunks(2).flatten().take(n) { if *x == 2 { continue; } s = s * 10 + x; }
        s
    } for (&[1, 2, 3, 4, 5], 4) (&[1, 2], 5) (&[2, 3], 1)

    fn effects_in_order(a: &[i32]) -> (i32, i32) {
        let mut log = 0;
        let mut calls = 0;
        let s: i32 = a.iter().map(|x| { calls += 1; log = log * 3 + 1; x * 2 }).filter(|x| { *x > 2 }).take(2).sum();
        (s, calls)
    } for (&[]) (&[1, 2, 3, 4, 5])

    fn zip_asks_first(a: &[i32], b: &[i32]) -> (i32, i32) {
        let mut calls = 0;
        let s = a.iter().map(|x| { calls += 1; *x }).zip(b.iter()).map(|(x, y)| x * y).sum();
        (s, calls)
    } for (&[1, 2, 3], &[4]) (&[1], &[4, 5]) (&[1, 2], &[3, 4])

    fn zip_pulls(a: &[i32], b: &[i32]) -> i32 {
        let mut s = 0;
        for (x, y) in a.iter().filter(|x| **x > 0).zip(b.iter().filter(|y| **y % 2 == 0)) { s = s * 10 + x * y; }
        for (x, y) in a.iter().zip(b.iter().skip_while(|y| **y < 3)) { s = s * 10 + x - y; }
        for (i, x) in (0..).zip(a.iter().chain(b)) { s += i * x; }
        s
    } for (&[1, -1, 2, 3], &[1, 2, 4]) (&[], &[2]) (&[1], &[])

    fn skip_runs_closures(a: &[i32]) -> (i32, i32) {
        let mut calls = 0;
        let s = a.iter().map(|x| { calls += 1; *x }).skip(1).step_by(2).sum();
        (s, calls)
    } for (&[]) (&[1, 2, 3, 4]) (&[1, 2, 3])

    fn inspected(a: &[i32]) -> (i32, i32) {
        let mut seen = 0;
        let s = a.iter().inspect(|x| seen += **x).map(|x| x * 2).sum();
        (s, seen)
    } for (&[1, 2, 3])

    fn repeated(a: &[f64], n: usize) -> f64 {
        let s: f64 = a.iter().zip(std::iter::repeat(2.0)).map(|(x, y)| x * y).sum();
        s + std::iter::repeat(1.5).take(n).sum::<f64>() + std::iter::once(3.0).chain(a.iter().copied()).sum::<f64>()
    } for (&[], 0) (&[1.0, 2.0], 3)

    fn successors(n: u32) -> (u32, usize) {
        let powers = std::iter::successors(Some(1u32), |x| x.checked_mul(3));
        (powers.take_while(|x| *x < n).sum(), std::iter::successors(Some(n), |&x| if x > 1 { Some(x / 2) } else { None }).count())
    } for (0) (1) (100)

    fn step_by_zero(a: &[i32], n: usize) -> i32 {
        a.iter().step_by(n).sum()
    } for (&[1, 2, 3], 2) (&[1], 0)

    fn windows_of_zero(a: &[i32], n: usize) -> i32 {
        a.windows(n).map(|w| w[0]).sum()
    } for (&[1, 2, 3], 2) (&[1], 0)

    fn panics_in_order(a: &[i32], b: &[i32]) -> i32 {
        let mut s = 0;
        for x in (0..5).map(|i| a[i]).filter(|x| *x > 0).map(|x| b[x as usize]) { s += x; }
        s
    } for (&[1, 1, 1, 1, 1], &[1, 2]) (&[1, 1, 1, 3, 1], &[1, 2]) (&[1], &[1, 2])

    fn stencil(a: &[f64], out: &mut [f64]) {
        let n = a.len();
        for (o, w) in out[1..n - 1].iter_mut().zip(a.windows(3)) { *o = (w[0] + w[1] + w[2]) / 3.0; }
    } for (&[1.0, 2.0, 6.0, 4.0], &mut [0.0; 4]) (&[1.0, 2.0], &mut [0.0; 2]) (&[], &mut [])
}

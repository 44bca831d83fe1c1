//! `for` over slices, arrays and pipelines.

use super::agrees;

agrees! {
    fn over_a_slice(a: &[f64]) -> f64 {
        let mut s = 0.0;
        for x in a { s += x; }
        for x in a.iter() { s += *x * 2.0; }
        for &x in a { s -= x; }
        s
    } for (&[]) (&[1.0]) (&[1.0, 2.5, -3.0])

    fn over_a_mutable_slice(a: &mut [f64], k: f64) {
        for x in a.iter_mut() { *x *= k; }
        for x in a { *x += 1.0; }
    } for (&mut [], 2.0) (&mut [1.0, 2.0], 3.0)

    fn zipped(a: &[f64], b: &mut [f64]) {
        for (x, y) in a.iter().zip(b.iter_mut()) { *y += 2.0 * x; }
        for (y, &x) in b.iter_mut().zip(a) { *y += x; }
    } for (&[], &mut [1.0]) (&[1.0, 2.0], &mut [3.0]) (&[1.0], &mut [3.0, 4.0])

    fn nested_pairs(a: &[f64], b: &[f64], c: &mut [f64]) {
        for (i, (x, y)) in a.iter().zip(b).enumerate() { c[i] = x * y + i as f64; }
        for ((z, x), y) in c.iter_mut().zip(a.iter()).zip(b.iter()) { *z += x - y; }
    } for (&[1.0, 2.0], &[3.0, 4.0], &mut [0.0, 0.0]) (&[1.0, 2.0], &[3.0, 4.0], &mut [0.0])

    fn enumerated(a: &[i32]) -> i64 {
        let mut s = 0;
        for (i, x) in a.iter().enumerate() { s += i as i64 * *x as i64; }
        for (i, &x) in a.iter().enumerate().skip(1) { s -= (i as i64) * i64::from(x); }
        s
    } for (&[]) (&[5, 6, 7])

    fn break_and_continue(a: &[i32]) -> i32 {
        let mut s = 0;
        'out: for (i, &x) in a.iter().enumerate() {
            if x == 0 { continue; }
            if x < 0 { break; }
            for y in a.iter().filter(|y| **y > 1) {
                if *y == 9 { break 'out; }
                if *y == 3 { continue 'out; }
                s += y;
            }
            s += x + i as i32;
        }
        s
    } for (&[1, 0, 2, -1, 5]) (&[1, 3, 4]) (&[9]) (&[2, 5, 9])

    fn chained(a: &[i32], b: &[i32]) -> i32 {
        let mut s = 0;
        for (i, x) in a.iter().chain(b.iter()).enumerate() {
            if *x == 7 { continue; }
            if *x == 8 { break; }
            s = s * 10 + x + i as i32;
        }
        s
    } for (&[], &[]) (&[1, 7, 2], &[3]) (&[1, 8], &[3]) (&[1], &[7, 2, 8, 4])

    fn windows_and_chunks(a: &[f64]) -> f64 {
        let mut s = 0.0;
        for w in a.windows(3) { s += w[0] * w[1] - w[2]; }
        for c in a.chunks(2) { for x in c { s = s * 1.5 + x; } s += c.len() as f64; }
        for c in a.chunks_exact(2) { s += c[0] * c[1]; }
        for c in a.rchunks(2) { s = s * 1.5 + c[0]; }
        for &x in a.chunks_exact(2).remainder() { s *= x; }
        s
    } for (&[]) (&[1.0]) (&[1.0, 2.0]) (&[1.0, 2.0, 3.0]) (&[1.0, 2.0, 3.0, 4.0, 5.0])

    fn chunks_index_out_of_bounds(a: &[f64]) -> f64 {
        let mut s = 0.0;
        for c in a.chunks(2) { s += c[1]; }
        s
    } for (&[1.0, 2.0]) (&[1.0, 2.0, 3.0])

    fn mutable_chunks(a: &mut [f64], n: usize) {
        for (i, row) in a.chunks_exact_mut(n).enumerate() {
            for (j, x) in row.iter_mut().enumerate() { *x += (i * 10 + j) as f64; }
            row[0] = -1.0;
        }
        for c in a.chunks_mut(2) { c[0] *= 2.0; }
    } for (&mut [0.0; 6], 3) (&mut [0.0; 7], 2) (&mut [1.0], 0)

    fn matrix_rows(a: &[f64], v: &[f64], out: &mut [f64]) {
        let n = v.len();
        for (row, o) in a.chunks_exact(n).zip(out.iter_mut()) {
            *o = row.iter().zip(v).map(|(x, y)| x * y).sum();
        }
    } for (&[1.0, 2.0, 3.0, 4.0], &[1.0, 2.0], &mut [0.0, 0.0]) (&[1.0], &[1.0, 2.0], &mut [0.5])

    fn arrays(k: f64) -> f64 {
        let a = [1.0, 2.0, k];
        let mut b = [0.0; 3];
        for (x, y) in a.iter().zip(b.iter_mut()) { *y = x * 2.0; }
        let mut s = 0.0;
        for x in b { s += x; }
        for x in &a { s += x; }
        for x in &mut b { *x = 1.0; }
        for (i, x) in b.into_iter().enumerate() { s += x * i as f64; }
        for x in [k, 3.0] { s -= x; }
        s
    } for (4.0)

    fn ranges(n: usize) -> usize {
        let mut s = 0;
        for (k, i) in (2..n).enumerate() { s += k * i; }
        for i in (0..n).rev().skip(1) { s = s * 3 + i; }
        for (i, j) in (0..n).zip(1..) { s += i * j; }
        for i in (1..=n).filter(|i| i % 2 == 0) { s += i; }
        for i in (0..n).chain(3..5) { s = s * 2 + i; }
        for i in (0..n).step_by(2).map(|i| i + 1) { s = s * 2 + i; }
        s
    } for (0) (1) (2) (5) (6)

    fn small_ranges(a: u8, b: u8) -> u32 {
        let mut s = 0;
        for (i, x) in (a..=b).enumerate() { s += i as u32 * u32::from(x); }
        for (x, y) in (a..b).zip(a..=b) { s += u32::from(x) ^ u32::from(y); }
        for (i, x) in (-3i32..2).enumerate() { s = s.wrapping_add((i as i32 * x) as u32); }
        s
    } for (0, 255) (3, 2) (5, 5) (255, 255)

    fn parts_of_slices(a: &[f64], k: usize) -> f64 {
        let mut s = 0.0;
        for x in a[k..].iter() { s += x; }
        for (x, y) in a[1..].iter().zip(&a[..k]) { s += x * y; }
        for w in a[k..].windows(2) { s += w[1] - w[0]; }
        s
    } for (&[1.0, 2.0, 3.0], 1) (&[1.0, 2.0, 3.0], 3) (&[1.0, 2.0, 3.0], 4) (&[], 0)

    fn reversed(a: &[f64]) -> f64 {
        let mut s = 0.0;
        for x in a.iter().rev() { s = s * 2.0 + x; }
        for (i, x) in a.iter().enumerate().rev() { s = s * 2.0 + x * i as f64; }
        for (i, x) in a.iter().rev().enumerate() { s = s * 2.0 + x * i as f64; }
        for w in a.windows(2).rev() { s += w[0]; }
        for x in a.iter().rev().step_by(2) { s += x; }
        for x in a.iter().step_by(2).rev() { s = s * 1.5 - x; }
        s
    } for (&[]) (&[1.0]) (&[1.0, 2.0, 3.0]) (&[1.0, 2.0, 3.0, 4.0])
}

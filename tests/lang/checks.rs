//! Loops whose checks are made before them: the panics, and what was stored until then, stay.

use hotloop::jit;

#[jit]
fn grid(a: &[f64], b: &mut [f64], n: usize, m: usize) {
    for i in 1..n - 1 {
        for j in 1..m - 1 {
            let p = i * m + j;
            b[p] = a[p - 1] + a[p + 1] + a[p - m] + a[p + m];
        }
    }
}

#[jit]
fn triangle(a: &mut [f64], n: usize) -> usize {
    let mut count = 0;
    for i in 0..n {
        for j in 0..i {
            a[i * n + j] += a[j * n + i] + a[i - 1];
            count += 1;
        }
        for j in (i + 1..n).rev() {
            a[(i + 1) * n - j] *= 2.0;
        }
    }
    count
}

#[jit]
fn products(a: &mut [u32], n: usize, m: usize) {
    for i in 0..n {
        a[i] += 1;
        for j in (0..m).step_by(3) {
            a[i * j] += (i * j) as u32;
        }
    }
}

#[jit]
fn before(a: &mut [i32], d: usize) {
    for i in 0..a.len() {
        a[i] += 1;
        a[i] += a[i - d];
    }
}

#[jit]
fn narrow(a: &mut [u8], from: u8, to: u8, d: i32) {
    for i in from..=to {
        a[(i as i32 + d) as usize] = i;
        a[i as usize] = i + 1;
    }
}

#[jit]
fn part_of_rows(a: &mut [f64], b: &[f64], n: usize, m: usize) {
    for i in 0..n {
        let row = &mut a[i * m..(i + 1) * m];
        let other = &b[i..];
        for j in 0..m {
            row[j] += other[j];
        }
    }
}

#[jit]
fn edges(a: &[f64], b: &mut [f64], n: usize) {
    for i in 0..n {
        let left = if i > 0 { a[i - 1] } else { a[0] };
        let right = if i + 1 < n { a[i + 1] } else { a[n - 1] };
        b[i] = left + right;
    }
}

#[jit]
fn found(a: &[i32], x: i32, n: usize) -> usize {
    for i in 0..n {
        if a[i] == x {
            return i;
        }
    }
    n
}

#[jit]
fn matrix(a: &[[f64; 4]], k: usize, n: usize) -> f64 {
    let mut sum = 0.0;
    for i in 0..n {
        for j in 0..k {
            sum += a[i][j] * (j as f64);
        }
    }
    sum
}

#[jit]
fn counting(a: &mut [i32], mut i: usize, n: usize) -> usize {
    while i <= n {
        a[i] += i as i32;
        i += 2;
    }
    let mut j = i;
    while j > 3 && a[j - 1] != 7 {
        j -= 1;
        a[j] -= 1;
    }
    let mut k = 0;
    loop {
        if k >= n {
            break;
        }
        k += 1;
        if a[k] == 3 {
            continue;
        }
        a[k - 1] += 1;
    }
    i * 100 + j * 10 + k
}

#[jit]
fn sorted(a: &mut [i32]) {
    for i in 1..a.len() {
        let x = a[i];
        let mut j = i;
        while j > 0 && a[j - 1] > x {
            a[j] = a[j - 1];
            j -= 1;
        }
        a[j] = x;
    }
}

#[test]
fn panics_come_where_they_did() {
    let a: Vec<f64> = (0..30).map(f64::from).collect();
    for (n, m) in [
        (5, 6),
        (6, 5),
        (6, 6),
        (0, 3),
        (3, 0),
        (2, 40),
        (40, 2),
        (1, 1),
        (7, 4),
    ] {
        for len in [30, 29, 12, 0] {
            let short = a[..len].to_vec();
            agree!(grid(&a, &mut short, n, m));
            agree!(part_of_rows(&mut a, &short, n, m));
        }
    }
    for (n, m) in [
        (usize::MAX, 3),
        (1 << 63, 4),
        (3, 1 << 62),
        (usize::MAX, usize::MAX),
        (1 << 32, 1 << 32),
    ] {
        agree!(grid(&a, &mut a, n, m));
        agree!(part_of_rows(&mut a, &a, n, m));
    }
    for n in [0, 1, 4, 5, 6, 1 << 33] {
        agree!(triangle(&mut a, n));
        let short = a[..n.min(5)].to_vec();
        agree!(edges(&a, &mut short, n));
    }
    for n in [29, 30, 31] {
        agree!(edges(&a, &mut a, n));
    }
    let b = vec![1u32; 20];
    for (n, m) in [(3, 9), (20, 2), (21, 1), (5, 6), (5, 7), (usize::MAX, 1)] {
        agree!(products(&mut b, n, m));
    }
}

#[test]
fn small_numbers_wrap_or_panic() {
    let a = vec![1i32, 2, 3, 4];
    for d in [0, 1, 2, usize::MAX] {
        agree!(before(&mut a, d));
    }
    let b = vec![0u8; 256];
    let few = vec![0u8; 100];
    for (from, to) in [(0, 9), (0, 255), (250, 255), (9, 3), (255, 255)] {
        for d in [0, -1, -250, 1, i32::MAX, i32::MIN] {
            agree!(narrow(&mut b, from, to, d));
            agree!(narrow(&mut few, from, to, d));
        }
    }
}

#[test]
fn loops_that_are_left_early() {
    let a = vec![5, 6, 7];
    for n in [0, 2, 3, 9] {
        agree!(found(&a, 7, n));
        agree!(found(&a, 8, n));
    }
    let m = vec![[1.0, 2.0, 3.0, 4.0]; 3];
    for k in [0, 4, 5] {
        for n in [0, 3, 4] {
            agree!(matrix(&m, k, n));
        }
    }
}

#[test]
fn whiles_that_count() {
    let a = vec![1, 2, 3, 4, 7, 6, 5, 8, 9, 10];
    for i in [0, 1, 5, 9, 10, 11, usize::MAX] {
        for n in [0, 3, 8, 9, 10] {
            agree!(counting(&mut a, i, n));
        }
    }
    for a in [vec![5, 3, 9, -1, 0, 3, 2], vec![2, 1], vec![]] {
        agree!(sorted(&mut a));
    }
}

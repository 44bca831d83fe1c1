//! `for` and its patterns, ways out, bodies that are kernels.

use hotloop::jit;

use super::{floats, ints};

#[jit]
fn patterns(a: &[f64], b: &mut [f64], c: &[(i32, f64)]) -> f64 {
    let mut s = 0.0;
    for &x in a {
        s += x;
    }
    for (&x, y) in a.iter().zip(b.iter_mut()) {
        *y += x;
    }
    for (i, &mut x) in b.iter_mut().enumerate() {
        s += x * i as f64;
    }
    for &(n, x) in c {
        s += x * n as f64;
    }
    for (n, x) in c.iter() {
        s -= x * *n as f64;
    }
    s
}

#[jit]
fn ways_out(a: &[i32]) -> i32 {
    let mut s = 0;
    'out: for (i, &x) in a.iter().enumerate() {
        if x == 0 {
            continue;
        }
        for y in a.iter().filter(|y| **y > 1) {
            if *y == 13 {
                break 'out;
            }
            if *y == x {
                continue 'out;
            }
            s = (s * 3 + y) % 997;
        }
        s += x + i as i32;
    }
    s
}

#[jit]
fn returns(a: &[i32], k: i32) -> usize {
    for (i, x) in a.iter().filter(|x| **x != 5).enumerate() {
        if *x == k {
            return i;
        }
    }
    a.len()
}

#[jit]
fn matrix_vector(a: &[f64], x: &[f64], y: &mut [f64]) {
    for (row, y) in a.chunks_exact(x.len()).zip(y.iter_mut()) {
        *y = row.iter().zip(x).map(|(a, x)| a * x).sum();
    }
}

#[jit]
fn histogram(a: &[i32], counts: &mut [u32]) {
    let n = counts.len() as i32;
    for bin in a.iter().map(|x| x.rem_euclid(n)) {
        counts[bin as usize] += 1;
    }
}

#[jit]
fn ranges_as_values(n: usize, x: f64) -> (usize, bool, bool, bool) {
    let r = 1..n;
    let mut s = r.len();
    for i in r.clone() {
        s += i;
    }
    let inside = r.contains(&3) && !(0.0..1.0).contains(&x);
    let empty = r.is_empty();
    s += r.start * 100 + r.end;
    for i in r {
        s = (s * 2 + i) % 997;
    }
    (s, inside, empty, (2..=5).contains(&n))
}

#[jit]
fn part_by_range(a: &[f64], from: usize, to: usize) -> f64 {
    let part = from..to;
    let s: f64 = a[part.clone()].iter().sum();
    s + a[part].len() as f64
}

#[test]
fn patterns_agree() {
    for (a, b) in floats().into_iter().zip(floats().into_iter().rev()) {
        let pairs: Vec<_> = a.iter().map(|x| (*x as i32, *x)).collect();
        agree!(patterns(&a, &mut b, &pairs));
    }
}

#[test]
fn ways_out_agree() {
    for a in ints() {
        agree!(ways_out(&a));
        agree!(returns(&a, 5));
        agree!(returns(&a, 13));
    }
}

#[test]
fn kernels_agree() {
    for (a, b) in floats().into_iter().zip(ints()) {
        let (x, y) = (vec![0.5, -2.0, 3.0], vec![7.0; 6]);
        agree!(matrix_vector(&a, &x, &mut y));
        let none = Vec::new();
        agree!(matrix_vector(&a, &none, &mut y));
        let counts = vec![0u32; 5];
        agree!(histogram(&b, &mut counts));
    }
}

#[test]
fn ranges_agree() {
    for n in [0, 1, 2, 4, 9] {
        agree!(ranges_as_values(n, 0.5));
        agree!(ranges_as_values(n, 1.0));
        let a = vec![1.5; 5];
        agree!(part_by_range(&a, 2, n));
        agree!(part_by_range(&a, n, 3));
    }
}

#[jit(fastmath)]
fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>()
}

#[jit]
fn axpy(k: f64, a: &mut [f64], b: &[f64]) {
    for (x, y) in a.iter_mut().zip(b) {
        *x += k * *y;
    }
}

#[jit]
fn smooth(a: &[f64], out: &mut [f64]) {
    for (o, w) in out.iter_mut().zip(a.windows(3)) {
        *o = 0.25 * w[0] + 0.5 * w[1] + 0.25 * w[2];
    }
}

/// Neither the counting of items nor the bounds of a window are in the way.
#[test]
fn pipelines_are_vectorized() {
    let (a, mut b) = (vec![1.0; 40], vec![2.0; 40]);
    dot(&a, &b);
    axpy(2.0, &mut b, &a);
    smooth(&a, &mut b);
    for text in [dot::llvm_ir(), axpy::llvm_ir(), smooth::llvm_ir()] {
        let text = text.unwrap();
        assert!(text.contains(" x double>"), "{text}");
    }
    // The index of a window is known to be in bounds.
    let text = smooth::llvm_ir().unwrap();
    let returns = |what: &str| text.matches(what).count();
    assert_eq!(returns("ret i32"), returns("ret i32 0"), "{text}");
}

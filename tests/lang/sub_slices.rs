//! Parts of slices and the methods that need no iterator.

use hotloop::jit;

#[jit]
fn parts(a: &[f64], i: usize, j: usize) -> f64 {
    let middle = &a[i..j];
    let mut s = 0.0;
    for k in 0..middle.len() {
        s += middle[k] * (k + 1) as f64;
    }
    s + a[i..].len() as f64
}

#[jit]
fn ends(a: &[u32], i: usize, j: usize) -> (usize, usize, usize, usize) {
    (
        a[..j].len(),
        a[..=j].len(),
        a[i..=j].len(),
        a[..][i..].len(),
    )
}

#[jit]
fn last_of_all(a: &[u32], j: usize) -> usize {
    a[..=j].len() + a[j..=usize::MAX].len()
}

#[jit]
fn rows(a: &mut [f64], n: usize) {
    for i in 0..n {
        let row = &mut a[i * n..(i + 1) * n];
        for j in 0..row.len() {
            row[j] = (i * 10 + j) as f64;
        }
    }
}

#[jit]
fn split(a: &mut [i32], k: usize) -> i32 {
    let (left, right) = a.split_at_mut(k);
    right[0] += left[0];
    left[0] = right.len() as i32;
    let (x, y) = right.split_at(1);
    x[0] * 2 + y.len() as i32
}

#[jit]
fn moves(a: &mut [i32], b: &[i32], i: usize, j: usize) {
    a.swap(i, j);
    a[..2].copy_from_slice(&b[i..]);
    a[1..].reverse();
    a[2..3].fill(7 - b[0]);
}

#[jit]
fn looks(a: &[i32], x: i32) -> (bool, bool, bool, i32, i32, i32) {
    let first = if let Some(y) = a.first() { *y } else { -1 };
    let last = match a.last() {
        Some(&y) => y,
        None => -2,
    };
    let third = match a.get(2) {
        Some(y) => y + 1,
        None => 0,
    };
    (
        a.contains(&x),
        a.starts_with(&[1, 2]),
        a.ends_with(&a[1..]),
        first,
        last,
        third,
    )
}

#[jit]
fn unchecked(a: &mut [f64]) -> f64 {
    let mut s = 0.0;
    for i in 0..a.len() {
        // SAFETY: `i` is less than the length.
        unsafe {
            *a.get_unchecked_mut(i) += 1.0;
            s += *a.get_unchecked(i);
        }
    }
    s
}

#[jit]
fn peel(a: &[u64]) -> u64 {
    let mut rest = a;
    let mut s = 0u64;
    while let Some((first, tail)) = rest.split_first() {
        s = s.wrapping_mul(31).wrapping_add(*first);
        rest = tail;
    }
    s
}

#[jit]
fn of_array(i: usize, j: usize) -> f64 {
    let mut a = [1.0, 2.0, 3.0, 4.0];
    a[1..3].fill(0.5);
    let part = &mut a[i..j];
    part[0] = 9.0;
    let n = part.len();
    a[0] + a[1] + a[2] + a[3] + n as f64
}

#[jit]
fn views(a: &[i32], b: &[i32]) -> (i32, bool, bool) {
    let mut src = a;
    let view = &src[..];
    let first = &src[0];
    src = b;
    (
        view[0] * 100 + *first * 10 + src[0],
        a.is_sorted(),
        b.is_sorted(),
    )
}

#[jit]
fn options(a: &[f64], i: usize) -> (f64, f64, f64, f64) {
    let x = a.get(i).copied().unwrap_or(-1.0);
    let Some(y) = a.last() else {
        return (x, 0.0, 0.0, 0.0);
    };
    let z = match a.get(i..i + 2) {
        Some(part) => part[0] + part[1],
        None => 0.5,
    };
    let w = if let Some(part) = a.get(..=i) {
        part.len() as f64
    } else {
        0.25
    };
    (x, *y, z, w)
}

#[jit]
unsafe fn total(a: &[f32], n: usize) -> f32 {
    let mut s = 0.0;
    for i in 0..n {
        // SAFETY: `i` is below the length.
        s += unsafe { *a.get_unchecked(i) };
    }
    s
}

const TABLE: [[f32; 2]; 3] = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.5]];

#[jit]
fn looked_up(i: usize, j: usize) -> (f32, usize) {
    const LOCAL: [u8; 4] = [9, 8, 7, 6];
    let row = &TABLE[i];
    (
        row[j] + TABLE[2][1] + LOCAL[j] as f32,
        TABLE.len() + row.len(),
    )
}

#[test]
fn names_and_options() {
    agree!(views(&vec![1, 2, 3], &vec![4, 5, 4]));
    agree!(views(&vec![3, 2], &vec![4]));
    agree!(views(&vec![3, 2], &vec![]));
    for i in [0, 1, 2, 3, usize::MAX - 2] {
        agree!(options(&vec![1.5, 2.5, 4.5], i));
        agree!(options(&vec![], i));
    }
    let a = vec![1.0f32, 2.0];
    // SAFETY: both elements are there.
    assert_eq!(unsafe { total(&a, 2) }, 3.0);
    for i in 0..4 {
        for j in 0..3 {
            agree!(looked_up(i, j));
        }
    }
}

#[test]
fn bounds() {
    let a = vec![1.0, 2.0, 3.0, 4.0];
    for (i, j) in [(0, 4), (1, 3), (2, 2), (3, 2), (0, 5), (5, 5), (6, 7)] {
        agree!(parts(&a, i, j));
        agree!(of_array(i, j));
    }
    let a = vec![1u32, 2, 3];
    for (i, j) in [
        (0, 0),
        (0, 2),
        (1, 2),
        (0, 3),
        (2, 0),
        (3, 1),
        (0, usize::MAX),
        (1, usize::MAX),
    ] {
        agree!(ends(&a, i, j));
        agree!(last_of_all(&a, j));
    }
}

#[test]
fn methods() {
    agree!(rows(&mut vec![0.0; 9], 3));
    agree!(rows(&mut vec![0.0; 8], 3));
    for k in 0..6 {
        agree!(split(&mut vec![1, 2, 3, 4], k));
        agree!(moves(&mut vec![1, 2, 3, 4], &vec![8, 9], k, 3));
        agree!(moves(&mut vec![1, 2, 3], &vec![8, 9, 6], 1, k));
        agree!(looks(&(1..k as i32).collect::<Vec<_>>(), 2));
    }
    agree!(looks(&vec![1, 2, 2, 3], 7));
    agree!(unchecked(&mut vec![1.0, 2.0]));
    agree!(peel(&vec![3u64, 4, 5]));
}

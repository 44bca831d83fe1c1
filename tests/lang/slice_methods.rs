//! Methods of slices that search, and that move elements.

use hotloop::jit;

#[jit]
fn search(a: &[i32], x: i32) -> (Result<usize, usize>, usize, usize) {
    let by_key = match a.binary_search_by_key(&(x * 2), |y| y * 2) {
        Ok(i) | Err(i) => i,
    };
    (a.binary_search(&x), a.partition_point(|y| *y < x), by_key)
}

#[jit]
fn search_floats(a: &[f64], x: f64) -> usize {
    a.binary_search_by(|y| y.partial_cmp(&x).unwrap())
        .unwrap_or_else(|i| i)
}

#[jit]
fn interpolate(xs: &[f64], ys: &[f64], x: f64) -> f64 {
    let i = xs.partition_point(|&k| k <= x).clamp(1, xs.len() - 1);
    let t = (x - xs[i - 1]) / (xs[i] - xs[i - 1]);
    ys[i - 1] + t * (ys[i] - ys[i - 1])
}

#[jit]
fn rotate(a: &mut [u16], i: usize, j: usize) {
    a.rotate_left(i);
    a.rotate_right(j);
}

#[jit]
fn moved(a: &mut [i32], i: usize, j: usize, to: usize) {
    a.copy_within(i..j, to);
    a[0] += 1;
    a.copy_within(1.., 0);
    a.copy_within(..2, 1);
}

#[jit]
fn cloned(a: &mut [f32], b: &[f32], k: usize) {
    a[..2].clone_from_slice(&b[..2]);
    a[k..].clone_from_slice(b);
}

#[jit]
fn exchanged(a: &mut [f32], b: &mut [f32], k: usize) {
    a[k..].swap_with_slice(b);
}

#[jit]
fn generated(a: &mut [u32], seed: u32) -> u32 {
    let mut state = seed;
    a.fill_with(|| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state
    });
    state
}

#[jit]
fn halves(a: &mut [f64], k: usize) -> f64 {
    if let Some((left, right)) = a.split_at_checked(k) {
        let n = left.len() as f64 - right.len() as f64;
        n + right.iter().sum::<f64>()
    } else {
        0.5
    }
}

#[jit]
fn classes(c: u8) -> (bool, bool, bool, bool, bool, bool) {
    (
        c.is_ascii_digit() || c.is_ascii_punctuation(),
        c.is_ascii_alphabetic(),
        c.is_ascii_whitespace() || c.is_ascii_control(),
        c.is_ascii_hexdigit() && c.is_ascii_graphic(),
        c.is_ascii_uppercase() || c.is_ascii_lowercase(),
        c.is_ascii_alphanumeric() && c.is_ascii(),
    )
}

#[jit]
fn cases(c: u8, d: u8) -> (u8, u8, bool) {
    (
        c.to_ascii_lowercase(),
        c.to_ascii_uppercase(),
        c.eq_ignore_ascii_case(&d),
    )
}

#[test]
fn searches_agree() {
    let a = vec![1, 1, 2, 2, 2, 2, 5, 7, 7, 9];
    for n in 0..a.len() {
        for x in -1..11 {
            agree!(search(&a[..n].to_vec(), x));
            let floats: Vec<f64> = a[..n].iter().map(|n| f64::from(*n)).collect();
            agree!(search_floats(&floats, f64::from(x) * 0.5));
        }
    }
    agree!(search_floats(&vec![1.0, f64::NAN], 1.0));
    agree!(search_floats(&vec![], f64::NAN));
    let xs = vec![0.0, 1.0, 4.0];
    for x in [-1.0, 0.5, 1.0, 3.0, 9.0] {
        agree!(interpolate(&xs, &vec![1.0, 2.0, -1.0], x));
    }
    agree!(interpolate(&vec![], &vec![], 1.0));
}

#[test]
fn moves_agree() {
    for i in 0..6 {
        for j in 0..6 {
            agree!(rotate(&mut vec![1, 2, 3, 4], i, j));
            for to in 0..5 {
                agree!(moved(&mut vec![1, 2, 3, 4], i, j, to));
            }
        }
        agree!(cloned(&mut vec![1.0, 2.0, 3.0, 4.0], &vec![8.0, 9.0], i));
        agree!(exchanged(
            &mut vec![1.0, 2.0, 3.0, 4.0],
            &mut vec![8.0, 9.0],
            i
        ));
        agree!(generated(&mut vec![0; i], 77));
        agree!(halves(&mut vec![1.5, 2.0, 4.0], i));
    }
}

#[test]
fn bytes_agree() {
    for c in 0..=255 {
        agree!(classes(c));
        agree!(cases(c, b'q'));
        agree!(cases(c, c ^ 0x20));
    }
}

#[jit]
fn reverse<T: Copy>(a: &mut [T]) {
    a.reverse();
}

#[jit]
fn reverse_pairs(a: &mut [(u8, f64)]) {
    a.reverse();
}

#[jit(parallel)]
fn reverse_in_parallel(a: &mut [f32]) {
    a.reverse();
}

#[test]
fn reversed_slices_agree() {
    for n in 0..70_u8 {
        let bytes: Vec<u8> = (0..n).collect();
        macro_rules! agree {
            ($f:ident, $a:expr) => {
                let (mut jitted, mut expected) = ($a, $a);
                $f(&mut jitted);
                expected.reverse();
                assert_eq!(jitted, expected);
                assert!(!$f::specializations().is_empty());
            };
        }
        agree!(reverse, bytes.clone());
        agree!(
            reverse,
            bytes.iter().map(|&x| x.into()).collect::<Vec<f32>>()
        );
        agree!(
            reverse,
            bytes.iter().map(|&x| x.into()).collect::<Vec<u64>>()
        );
        agree!(
            reverse,
            bytes.iter().map(|&x| x.into()).collect::<Vec<i128>>()
        );
        agree!(
            reverse_pairs,
            bytes.iter().map(|&x| (x, x.into())).collect::<Vec<_>>()
        );
        agree!(
            reverse_in_parallel,
            bytes.iter().map(|&x| x.into()).collect::<Vec<f32>>()
        );
    }
}

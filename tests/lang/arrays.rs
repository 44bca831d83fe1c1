//! Arrays: literals, indices, whole values, in tuples, by value and by reference, with const parameters.

use hotloop::jit;

use crate::harness::compare;

#[jit]
fn weigh(a: &[f64], i: usize) -> f64 {
    let weights = [0.25, 0.5, 0.25];
    let mut s = 0.0;
    for k in 0..weights.len() {
        s += weights[k] * a[i + k];
    }
    s
}

#[jit]
fn count(a: &[u8], i: usize) -> u32 {
    let mut counts = [0u32; 256];
    for i in 0..a.len() {
        counts[a[i] as usize] += 1;
    }
    counts[i]
}

#[jit]
fn matrix(x: f64, n: usize) -> [[f64; 2]; 2] {
    let step = [[1.0, x], [0.5, 1.0]];
    let mut m = [[1.0, 0.0], [0.0, 1.0]];
    for _ in 0..n {
        let mut next = [[0.0; 2]; 2];
        for i in 0..2 {
            for j in 0..2 {
                for k in 0..2 {
                    next[i][j] += m[i][k] * step[k][j];
                }
            }
        }
        m = next;
    }
    m
}

#[jit]
fn by_value(mut a: [i32; 4], b: &mut [i32; 4], c: &[[i32; 2]]) -> (i32, [i32; 4], bool) {
    a[1] += b[2];
    b[0] = a[1] * 2;
    let same = a == *b || c[0] != [1, 2];
    (a.len() as i32, a, same)
}

#[jit]
fn dot<const N: usize>(a: &[f64; N], b: [f64; N]) -> f64 {
    let mut s = 0.0;
    for i in 0..N {
        s += a[i] * b[i];
    }
    s / N as f64
}

#[jit]
fn lengths<const N: usize>(x: [u8; N]) -> usize {
    const TWO: usize = 1 + 1;
    let twice = [x[0]; TWO * 4];
    let halves: [u8; 3 * TWO] = [1; 6];
    let z = [N; N];
    twice.len() + halves.len() + z.len() + z[N - 1]
}

#[jit]
fn nested(i: usize, j: usize) -> (i32, i32) {
    let mut pair = ([1, 2, 3], (4, [5, 6]));
    pair.0[i] = 10;
    pair.1.1[j] += pair.0[2];
    let (first, (_, [x, y])) = pair;
    (first[0] + first[1], x - y)
}

#[jit]
fn assigned(mut a: i32, mut b: i32) -> (i32, i32, i32) {
    let c;
    (a, b) = (b, a);
    [a, b] = [a + b, a - b];
    (c, _) = (a * 2, b);
    (a, b, c)
}

#[jit]
fn compared(a: (i32, f64), b: (i32, f64)) -> (bool, bool, bool, bool) {
    (a < b, a == b, a >= b, (a.0, 1) != (b.0, 1))
}

#[test]
fn literals_and_indices() {
    for i in 0..4 {
        agree!(weigh(&vec![1.0, 2.0, 4.0, 8.0], i));
        agree!(count(&vec![3u8, 3, 250, 0], i));
    }
    agree!(count(&vec![1u8], 256));
    for i in 0..4 {
        agree!(nested(i, i / 2));
    }
}

#[test]
fn whole_arrays() {
    compare(
        (),
        |()| matrix(0.5, 3).concat(),
        |()| matrix::plain(0.5, 3).concat(),
    );
    assert!(!matrix::specializations().is_empty());
    let call = |f: fn([i32; 4], &mut [i32; 4], &[[i32; 2]]) -> (i32, [i32; 4], bool)| {
        let mut b = [5, 6, 7, 8];
        let (n, a, same) = f([1, 2, 3, 4], &mut b, &[[1, 2]]);
        (n, a.to_vec(), same, b.to_vec())
    };
    compare((), |()| call(by_value), |()| call(by_value::plain));
    assert!(!by_value::specializations().is_empty());
}

#[test]
fn const_parameters() {
    compare(
        (),
        |()| (dot(&[1.0, 2.0, 3.0], [4.0, 5.0, 6.5]), dot(&[1.5], [2.0])),
        |()| {
            (
                dot::plain(&[1.0, 2.0, 3.0], [4.0, 5.0, 6.5]),
                dot::plain(&[1.5], [2.0]),
            )
        },
    );
    compare((), |()| lengths([7; 5]), |()| lengths::plain([7; 5]));
}

#[test]
fn tuples() {
    agree!(assigned(3, 8));
    for (x, y) in [(1.0, 2.0), (2.0, 2.0), (f64::NAN, 1.0)] {
        agree!(compared((1, x), (1, y)));
        agree!(compared((1, x), (0, y)));
    }
}

#[jit]
fn rotate<T: num_traits::Float>(v: [T; 2], m: &mut [[T; 2]; 2], angle: T) -> [T; 2] {
    let (s, c) = angle.sin_cos();
    *m = [[c, -s], [s, c]];
    let mut out = [T::zero(); 2];
    for i in 0..2 {
        for j in 0..2 {
            out[i] = out[i] + m[i][j] * v[j];
        }
    }
    out
}

#[jit]
fn given(x: Option<f64>, a: Option<[i32; 2]>, n: usize) -> (f64, i32) {
    let y = x.unwrap_or(0.5);
    let z = if let Some([p, q]) = a { p - q } else { -1 };
    (y * n as f64, z)
}

#[jit]
fn in_order(a: &mut [[i32; 2]], mut i: usize) -> i32 {
    let r = a[i][{
        i += 1;
        1
    }] * 100
        + a[{
            i -= 1;
            i
        }][0];
    a[i][1] += {
        a[0][0] = 7;
        5
    };
    let [first, second] = &mut a[0];
    std::mem::swap(first, second);
    let total = *first + second.pow(2);
    r + total
}

#[test]
fn generic_arrays_and_options() {
    let call = |f: fn([f32; 2], &mut [[f32; 2]; 2], f32) -> [f32; 2]| {
        let mut m = [[0.0; 2]; 2];
        let v = f([1.0, 0.5], &mut m, 0.3);
        (v.to_vec(), m.concat())
    };
    compare(
        (),
        |()| call(rotate::<f32>),
        |()| call(rotate::plain::<f32>),
    );
    assert!(!rotate::specializations().is_empty());
    for x in [None, Some(2.5)] {
        for a in [None, Some([3, 8])] {
            compare((), |()| given(x, a, 3), |()| given::plain(x, a, 3));
        }
    }
    assert!(!given::specializations().is_empty());
    let call = |f: fn(&mut [[i32; 2]], usize) -> i32, i: usize| {
        let mut a = [[1, 2], [3, 4]];
        (f(&mut a, i), a.concat())
    };
    for i in 0..3 {
        compare((), |()| call(in_order, i), |()| call(in_order::plain, i));
    }
    assert!(!in_order::specializations().is_empty());
}

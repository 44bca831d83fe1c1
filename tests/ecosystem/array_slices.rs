//! Parts of arrays by `s![..]`.

use hotloop::{JitFunction, jit};
use ndarray::{Array1, Array2, Array3, ArrayView1, ArrayView2, ArrayViewMut2, s};

use crate::arrays::{SHAPES, agrees, counting, each_view};
use crate::harness::outcome;

#[jit]
fn sliced(a: ArrayView2<'_, f64>, from: usize, to: usize) -> (f64, usize, usize) {
    let part = a.slice(s![from..to, ..]);
    let turned = a.slice(s![..;-1, ..;2]);
    let inner = part.slice(s![.., -2..]);
    let mut sum = 0.0;
    for (x, y) in part.iter().zip(turned.iter()) {
        sum = sum * 0.5 + x * y;
    }
    (sum + inner.sum(), inner.nrows(), turned.ncols())
}

#[jit]
fn signed(a: ArrayView1<'_, f64>, from: i32, to: isize, k: usize) -> (f64, f64, usize) {
    let tail = a.slice(s![from..]);
    let head = a.slice(s![..=to;3]);
    let back = a.slice(s![k..;-2]);
    (
        tail.iter().fold(0.0, |sum, x| sum * 0.5 + x) + head.sum(),
        back.iter().fold(1.0, |sum, x| sum * 0.5 + x),
        tail.len() + 100 * head.len() + 10000 * back.len(),
    )
}

#[jit]
fn planes(a: &Array3<f64>, i: usize, j: isize) -> f64 {
    let plane = a.slice(s![i, .., ..]);
    let row = a.slice(s![i, 1..3, j]);
    let one = plane.slice(s![..2, j..]);
    row.sum() + plane[[0, 0]] * one.sum()
}

#[jit]
fn stencil(mut a: ArrayViewMut2<'_, f64>, b: &Array2<f64>) {
    let (n, m) = b.dim();
    let mut inner = a.slice_mut(s![1..n - 1, 1..-1]);
    inner += &b.slice(s![..n - 2, 1..m - 1]);
    inner += &b.slice(s![2.., 1..m - 1]);
    inner *= 0.25;
    a.slice_mut(s![0, ..]).fill(1.0);
    a.slice_mut(s![.., ..;5]).assign(&b.slice(s![.., ..;5]));
}

#[test]
fn parts_of_views() {
    for (rows, columns) in SHAPES {
        each_view(rows, columns, |view| {
            for (from, to) in [
                (0, rows),
                (1, 2),
                (2, 1),
                (0, rows + 1),
                (rows, rows),
                (rows + 2, 0),
                (usize::MAX, 1),
            ] {
                agrees(
                    outcome(|| sliced(view, from, to)),
                    outcome(|| sliced::plain(view, from, to)),
                );
            }
        });
    }
    compiled!(sliced);
}

#[test]
fn bounds_with_signs() {
    let a = Array1::from_shape_fn(10, |i| i as f64 * 0.7 - 2.0);
    for view in [a.view(), a.slice(s![..;-1])] {
        for from in [-12, -10, -3, -1, 0, 4, 10, 11] {
            for to in [-11, -4, -1, 0, 5, 9, 10] {
                for k in [0, 3, 10] {
                    agrees(
                        outcome(|| signed(view, from, to, k)),
                        outcome(|| signed::plain(view, from, to, k)),
                    );
                }
            }
        }
    }
    compiled!(signed);
}

#[test]
fn indices_in_slices() {
    let a = Array3::from_shape_fn((3, 4, 5), |(i, j, k)| (i * 20 + j * 5 + k) as f64 / 3.0);
    for i in [0, 1, 2, 3, usize::MAX] {
        for j in [-6, -5, -1, 0, 4, 5] {
            agrees(
                outcome(|| planes(&a, i, j)),
                outcome(|| planes::plain(&a, i, j)),
            );
        }
    }
    compiled!(planes);
}

#[test]
fn parts_that_are_changed() {
    for (rows, columns) in [(3, 4), (17, 33), (2, 2), (5, 3), (2, 1)] {
        let b = counting(rows, columns);
        let run = |f: fn(ArrayViewMut2<'_, f64>, &Array2<f64>)| {
            let mut a = counting(rows * 2, columns);
            outcome(|| f(a.slice_mut(s![..;2, ..;-1]), &b)).map(|()| a.into_raw_vec_and_offset().0)
        };
        agrees(run(stencil), run(stencil::plain));
    }
    compiled!(stencil);
}

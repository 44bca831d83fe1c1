//! Iterators over arrays: elements, rows, columns, with std's adaptors.

use hotloop::{JitFunction, jit};
use ndarray::{
    Array1, Array2, Array3, Array4, ArrayView1, ArrayView2, ArrayViewMut2, Axis, ShapeBuilder, s,
};
use num_traits::Float;

use crate::arrays::{SHAPES, agrees, counting, each_view};
use crate::harness::{Same, outcome};

#[jit]
fn sums(a: ArrayView2<'_, f64>) -> (f64, f64, f64) {
    let total: f64 = a.iter().sum();
    let squares = a.iter().map(|x| x * x).fold(0.0, |sum, x| sum - x);
    let mut greatest = f64::MIN;
    for &x in &a {
        greatest = greatest.max(x);
    }
    (total, squares, greatest)
}

#[jit]
fn chosen(a: ArrayView2<'_, f64>) -> (usize, f64, Option<usize>, Option<f64>) {
    let count = a.iter().filter(|&&x| x > 3.0).count();
    let first = a.iter().copied().find(|x| *x < 0.0).unwrap_or(7.0);
    let at = a.iter().position(|&x| x < -1.0);
    let last = a
        .iter()
        .skip(2)
        .step_by(3)
        .take(4)
        .copied()
        .reduce(|x, y| x - y);
    (count, first, at, last)
}

#[jit]
fn leaves(a: ArrayView2<'_, f64>, limit: f64) -> (f64, usize) {
    let (mut sum, mut seen) = (0.0, 0);
    for ((i, j), &x) in a.indexed_iter() {
        if j == 1 {
            continue;
        }
        sum += x * (i + 2 * j) as f64;
        if sum > limit {
            break;
        }
        seen += 1;
    }
    'all: for (k, row) in a.rows().into_iter().enumerate() {
        for x in row {
            if *x > limit {
                break 'all;
            }
            seen += k;
        }
    }
    (sum, seen)
}

#[test]
fn elements_of_every_layout() {
    for (rows, columns) in SHAPES {
        each_view(rows, columns, |view| {
            agrees(outcome(|| sums(view)), outcome(|| sums::plain(view)));
            agrees(outcome(|| chosen(view)), outcome(|| chosen::plain(view)));
            for limit in [-5.0, 3.0, 20.0, 1e9] {
                agrees(
                    outcome(|| leaves(view, limit)),
                    outcome(|| leaves::plain(view, limit)),
                );
            }
        });
    }
    compiled!(sums);
    compiled!(chosen);
    compiled!(leaves);
}

#[jit]
fn paired(a: ArrayView2<'_, f64>, b: ArrayView2<'_, f64>, c: &[f64]) -> (f64, f64, f64) {
    let dot: f64 = a.iter().zip(b.iter()).map(|(x, y)| x * y).sum();
    let mut numbered = 0.0;
    for (k, (x, y)) in a.iter().zip(c).enumerate() {
        numbered += x * y - k as f64;
    }
    let mut three = 0.0;
    for ((x, y), z) in b.iter().zip(&a).zip(c.iter().rev()) {
        if *x < -8.0 {
            break;
        }
        three = x * y - z * three;
    }
    (dot, numbered, three)
}

#[test]
fn zips_of_the_same_shape_and_of_others() {
    for (rows, columns) in SHAPES {
        let c: Vec<f64> = (0..rows * columns + 3).map(|i| 0.3 * i as f64).collect();
        each_view(rows, columns, |a| {
            for len in [0, 2, rows * columns, c.len()] {
                each_view(rows, columns, |b| {
                    agrees(
                        outcome(|| paired(a, b, &c[..len])),
                        outcome(|| paired::plain(a, b, &c[..len])),
                    );
                });
                each_view(columns, rows + 1, |b| {
                    agrees(
                        outcome(|| paired(a, b, &c[..len])),
                        outcome(|| paired::plain(a, b, &c[..len])),
                    );
                });
            }
        });
    }
    compiled!(paired);
}

#[jit]
fn closures_are_asked_in_order(a: ArrayView2<'_, i32>, b: ArrayView1<'_, i32>) -> (i32, i32) {
    let mut asked = 0;
    let mut sum = 0;
    for (x, y) in a
        .iter()
        .map(|x| {
            asked += x;
            x * 2
        })
        .zip(b.iter())
    {
        sum += x - y;
    }
    (sum, asked)
}

#[test]
fn a_zip_that_ends_asks_once_more() {
    let a = Array2::from_shape_fn((3, 4), |(i, j)| (i * 10 + j) as i32);
    for len in 0..14 {
        let b = Array1::from_iter(0..len);
        agrees(
            outcome(|| closures_are_asked_in_order(a.view(), b.view())),
            outcome(|| closures_are_asked_in_order::plain(a.view(), b.view())),
        );
    }
    compiled!(closures_are_asked_in_order);
}

#[jit]
fn parts(a: &Array3<f64>, out: &mut Array1<f64>) -> f64 {
    let mut sum = 0.0;
    for (i, plane) in a.outer_iter().enumerate() {
        for row in plane.rows() {
            sum += row
                .iter()
                .zip(plane.row(0))
                .map(|(x, y)| x * y)
                .sum::<f64>()
                * i as f64;
        }
        out[i] += plane[[0, 0]];
    }
    for lane in a.lanes(Axis(1)) {
        sum -= lane[0] * lane[lane.len() - 1];
    }
    for (lane, x) in a.rows().into_iter().zip(out.iter_mut()) {
        *x += lane.iter().rev().fold(1.0, |p, x| p * 0.5 + x);
    }
    for column in a.columns() {
        sum += column.iter().cloned().fold(0.0, f64::max);
    }
    for part in a.axis_iter(Axis(2)).rev().skip(1) {
        sum = sum * 0.9 + part.iter().sum::<f64>() + part.t().iter().sum::<f64>();
    }
    sum
}

#[test]
fn planes_rows_and_lanes() {
    for shape in [
        (2, 3, 4),
        (1, 1, 1),
        (5, 2, 3),
        (3, 1, 0),
        (0, 2, 2),
        (2, 0, 3),
    ] {
        let element = |(i, j, k)| (i * 7 + j * 3) as f64 - 0.3 * k as f64;
        for a in [
            Array3::from_shape_fn(shape, element),
            Array3::from_shape_fn(shape.f(), element),
        ] {
            let run = |f: fn(&Array3<f64>, &mut Array1<f64>) -> f64| {
                let mut out = Array1::zeros(shape.0);
                outcome(|| f(&a, &mut out)).map(|sum| (sum, out.to_vec()))
            };
            agrees(run(parts), run(parts::plain));
        }
    }
    compiled!(parts);
}

#[jit]
fn changed<T: Float>(mut a: ArrayViewMut2<'_, T>, b: &Array2<T>, x: T) {
    for (z, &w) in a.iter_mut().zip(b) {
        *z = *z * x + w;
    }
    for ((i, j), z) in a.indexed_iter_mut() {
        if i == j {
            *z = *z - x;
        }
    }
    for mut row in a.rows_mut() {
        row[0] = row[0] + x;
        row.iter_mut().for_each(|z| *z = *z * *z);
    }
    for (mut column, row) in a.columns_mut().into_iter().zip(b.rows()) {
        for (z, w) in column.iter_mut().zip(row.iter()) {
            *z = *z - *w;
        }
    }
    for z in &mut a {
        *z = *z + x;
    }
}

#[test]
fn elements_are_changed() {
    for layout in 0..3 {
        let b = counting(4, 5);
        let run = |f: fn(ArrayViewMut2<'_, f64>, &Array2<f64>, f64)| {
            let mut a = counting(8, 15);
            match layout {
                0 => f(a.slice_mut(s![..4, ..5]), &b, 1.5),
                1 => f(a.slice_mut(s![..;2, ..;-3]), &b, -0.5),
                _ => f(a.slice_mut(s![3..8, 1..4]).reversed_axes(), &b, 0.1),
            }
            a
        };
        assert!(
            run(changed)
                .as_slice()
                .unwrap()
                .to_vec()
                .same(&run(changed::plain).as_slice().unwrap().to_vec())
        );
    }
    compiled!(changed);
}

#[jit]
fn four(a: &Array4<u16>) -> (u64, usize) {
    let mut sum = 0;
    for ((i, j, k, l), &x) in a.indexed_iter() {
        sum += u64::from(x) * (i + 2 * j + 3 * k + 4 * l) as u64;
    }
    let best = a.iter().enumerate().max_by_key(|(_, x)| **x);
    (sum, best.map_or(0, |(k, _)| k))
}

#[test]
fn four_dimensions() {
    let a = Array4::from_shape_fn((2, 3, 4, 5), |(i, j, k, l)| {
        ((i * 31 + j * 17 + k * 7 + l * 5) % 23) as u16
    });
    assert_eq!(four(&a), four::plain(&a));
    let a = Array4::from_shape_fn((2, 3, 0, 5), |_| 1);
    assert_eq!(four(&a), four::plain(&a));
    compiled!(four);
}

#[jit]
fn stepwise(a: ArrayView2<'_, f64>) -> f64 {
    let mut iter = a.iter();
    let first = *iter.next().unwrap_or(&0.5);
    let third = iter.nth(1).copied().unwrap_or(0.25);
    let mut rest = 0.0;
    for x in iter {
        rest = rest * 0.5 + x;
    }
    first + third * rest
}

#[test]
fn items_one_at_a_time() {
    for (rows, columns) in SHAPES {
        each_view(rows, columns, |view| {
            agrees(
                outcome(|| stepwise(view)),
                outcome(|| stepwise::plain(view)),
            );
        });
    }
    compiled!(stepwise);
}

//! ndarray's `Zip` and `azip!`, in its order.

use hotloop::{JitFunction, jit};
use ndarray::{
    Array1, Array2, Array3, ArrayView2, ArrayView3, ArrayViewMut2, ArrayViewMut3, Axis,
    ShapeBuilder, Zip, azip, s,
};

use crate::array_methods::{CUBES, each_cube};
use crate::arrays::{SHAPES, agrees, counting, each_view};
use crate::harness::outcome;

#[jit]
fn seen_in_order(mut a: ArrayViewMut3<'_, f64>, b: ArrayView3<'_, f64>) -> (f64, f64, f64) {
    let mut seen = 0.0;
    Zip::from(&mut a).and(&b).for_each(|x, &y| {
        seen = seen * 0.75 + *x - y;
        *x = *x * 0.5 + y;
    });
    let mut numbered = 0.0;
    Zip::indexed(b).and(a.view()).for_each(|(i, j, k), x, y| {
        numbered = numbered * 0.5 + x * y + (i * 100 + j * 10 + k) as f64;
    });
    let folded = Zip::from(&a).fold(1.0, |sum, x| sum * 0.9 + x);
    (seen, numbered, folded)
}

#[test]
fn elements_are_visited_in_the_order_of_ndarray() {
    for shape in CUBES {
        each_cube(shape, |a| {
            each_cube(shape, |b| {
                let run =
                    |f: fn(ArrayViewMut3<'_, f64>, ArrayView3<'_, f64>) -> (f64, f64, f64)| {
                        let mut changed = a.to_owned();
                        let seen = f(changed.view_mut(), b);
                        (seen, changed.iter().copied().collect::<Vec<_>>())
                    };
                agrees(
                    outcome(|| run(seen_in_order)),
                    outcome(|| run(seen_in_order::plain)),
                );
            });
        });
    }
    compiled!(seen_in_order);
}

#[jit]
fn combined(
    mut out: ArrayViewMut2<'_, f64>,
    a: ArrayView2<'_, f64>,
    b: &Array2<f64>,
    x: f64,
) -> (bool, bool) {
    azip!((o in &mut out, &a in &a, &b in b) *o = a * x + b);
    azip!((index (i, j), o in &mut out, a in a) {
        if i > j {
            *o -= a;
        }
    });
    ndarray::Zip::from(out.rows_mut())
        .and(b.rows())
        .for_each(|mut to, from| {
            if from.len() > 1 {
                to[1] += from[0] * from.len() as f64;
            }
        });
    let all = Zip::from(&out).and(&a).all(|o, a| o * a < 1e6);
    let any = Zip::from(&out).any(|&o| o < -3.0);
    (all, any)
}

#[jit]
fn rows_with_slices(a: ArrayView2<'_, f64>, weights: &[f64], out: &mut [f64]) {
    azip!((o in out, row in a.rows(), &w in weights) {
        *o = row.sum() * w;
    });
}

#[test]
fn matrices_rows_and_slices() {
    for (rows, columns) in SHAPES {
        let b = counting(rows, columns).mapv(|x| x * 0.5 - 1.0);
        let weights: Vec<f64> = (0..rows).map(|i| 1.0 / (i + 1) as f64).collect();
        each_view(rows, columns, |a| {
            for fortran in [false, true] {
                type F = fn(
                    ArrayViewMut2<'_, f64>,
                    ArrayView2<'_, f64>,
                    &Array2<f64>,
                    f64,
                ) -> (bool, bool);
                let run = |f: F| {
                    let mut out = Array2::zeros((rows, columns).set_f(fortran));
                    let found = f(out.view_mut(), a, &b, 0.75);
                    (found, out.into_raw_vec_and_offset().0)
                };
                agrees(outcome(|| run(combined)), outcome(|| run(combined::plain)));
            }
            let run = |f: fn(ArrayView2<'_, f64>, &[f64], &mut [f64])| {
                let mut out = vec![0.0; rows];
                f(a, &weights, &mut out);
                out
            };
            agrees(
                outcome(|| run(rows_with_slices)),
                outcome(|| run(rows_with_slices::plain)),
            );
        });
    }
    compiled!(combined);
    compiled!(rows_with_slices);
}

#[jit]
fn lockstep(a: &mut Array2<f64>, b: ArrayView2<'_, f64>, c: &Array1<f64>) -> usize {
    a[[0, 0]] = 9.0;
    Zip::from(&mut *a).and(b).for_each(|x, y| *x += y);
    let mut n = 0;
    Zip::from(c)
        .and(a.axis_iter(Axis(1)))
        .for_each(|x, column| {
            n += column.len();
        });
    n
}

#[test]
fn other_shapes_panic_as_in_ndarray() {
    for (rows, columns, len) in [
        (3, 4, 4),
        (3, 3, 4),
        (2, 4, 4),
        (1, 4, 4),
        (3, 4, 3),
        (0, 0, 4),
    ] {
        let (b, c) = (counting(rows, columns), Array1::ones(len));
        let run = |f: fn(&mut Array2<f64>, ArrayView2<'_, f64>, &Array1<f64>) -> usize| {
            let mut a = counting(3, 4);
            let result = outcome(|| f(&mut a, b.view(), &c));
            (result, a)
        };
        let (jit, plain) = (run(lockstep), run(lockstep::plain));
        agrees(jit.0, plain.0);
        assert_eq!(jit.1, plain.1);
    }
    compiled!(lockstep);
}

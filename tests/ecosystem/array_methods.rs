//! Methods and operators of whole arrays, in ndarray's own order of operations.

use hotloop::{JitFunction, jit};
use ndarray::{
    Array1, Array2, Array3, Array4, ArrayView1, ArrayView2, ArrayView3, ArrayViewMut2,
    ArrayViewMut3, Axis, ShapeBuilder, s,
};
use num_traits::Float;

use crate::arrays::{SHAPES, agrees, counting, each_view};
use crate::harness::{Same, outcome};

/// Values whose sum depends on the order.
fn rough(rows: usize, columns: usize) -> Array2<f64> {
    Array2::from_shape_fn((rows, columns), |(i, j)| {
        let k = (i * 37 + j * 101) % 17;
        (k as f64 - 8.0) * 10_f64.powi((k % 5) as i32 * 4) + 0.1
    })
}

/// Cubes in all orders of memory, with gaps and without.
pub(crate) fn each_cube(shape: [usize; 3], mut run: impl FnMut(ArrayView3<'_, f64>)) {
    for axes in [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ] {
        // Of this shape once its axes are permuted.
        let mut stored = [0; 3];
        for (to, from) in axes.iter().enumerate() {
            stored[*from] = shape[to];
        }
        let element = |(i, j, k): (usize, usize, usize)| {
            let number = (i * 37 + j * 101 + k * 13) % 23;
            (number as f64 - 9.0) * 10_f64.powi((number % 4) as i32 * 4) + 0.3
        };
        let dense = Array3::from_shape_fn(stored, element);
        run(dense.view().permuted_axes(axes));
        run(dense.slice(s![..;-1, .., ..;-1]).permuted_axes(axes));
        let [a, b, c] = stored;
        let wide = Array3::from_shape_fn([a, b, 2 * c], element);
        run(wide.slice(s![.., .., ..;2]).permuted_axes(axes));
        let wide = Array3::from_shape_fn([a + 1, b + 2, c], element);
        run(wide
            .slice(s![1.., ..;-1, ..])
            .slice(s![.., ..b, ..])
            .permuted_axes(axes));
    }
}

pub(crate) const CUBES: [[usize; 3]; 6] = [
    [2, 3, 4],
    [5, 1, 9],
    [1, 1, 30],
    [3, 0, 2],
    [9, 9, 2],
    [1, 1, 1],
];

#[jit]
fn reduced(a: ArrayView2<'_, f64>) -> (f64, f64, Option<f64>, f64) {
    let mut rows = 0.0;
    for row in a.rows() {
        rows = rows * 0.5 + row.sum();
    }
    (a.sum(), a.product(), a.mean(), rows)
}

#[jit]
fn reduced_3<T: Float>(a: ArrayView3<'_, T>) -> (T, T) {
    (
        a.sum(),
        a.fold(T::one(), |sum, &x| sum * (T::one() - x) + x),
    )
}

#[jit]
fn reduced_1(a: ArrayView1<'_, f32>) -> (f32, f32, Option<f32>) {
    (a.sum(), a.product(), a.mean())
}

#[test]
fn sums_have_the_order_of_ndarray() {
    for (rows, columns) in SHAPES {
        each_view(rows, columns, |view| {
            agrees(outcome(|| reduced(view)), outcome(|| reduced::plain(view)));
        });
        let a = rough(rows * 2, columns * 3);
        for view in [
            a.view(),
            a.t(),
            a.slice(s![..;-1, ..;-1]),
            a.slice(s![..;2, ..]),
            a.slice(s![.., ..;3]),
            a.slice(s![rows.min(1).., ..]),
        ] {
            agrees(outcome(|| reduced(view)), outcome(|| reduced::plain(view)));
        }
    }
    for len in 0..40 {
        let a = Array1::from_shape_fn(2 * len, |i| 1.5_f32.powi((i * 7 % 41) as i32) - 3.0);
        for view in [
            a.view(),
            a.slice(s![..;2]),
            a.slice(s![..;-1]),
            a.slice(s![len..]),
        ] {
            agrees(
                outcome(|| reduced_1(view)),
                outcome(|| reduced_1::plain(view)),
            );
        }
    }
    for shape in CUBES {
        each_cube(shape, |view| {
            agrees(
                outcome(|| reduced_3(view)),
                outcome(|| reduced_3::plain(view)),
            );
        });
    }
    compiled!(reduced);
    compiled!(reduced_1);
    compiled!(reduced_3);
}

#[jit]
fn dotted(a: ArrayView1<'_, f64>, b: &Array1<f64>) -> f64 {
    a.dot(b)
}

#[jit]
fn products(a: ArrayView2<'_, f64>, b: ArrayView2<'_, f64>, out: &mut Array2<f64>) {
    for (i, row) in a.outer_iter().enumerate() {
        for (j, column) in b.columns().into_iter().enumerate() {
            out[[i, j]] = row.dot(&column);
        }
    }
}

#[test]
fn dot_has_the_order_of_ndarray() {
    let a = rough(9, 60).into_shape_with_order(540).unwrap();
    for len in [0, 1, 7, 8, 9, 31, 180] {
        let b = a.slice(s![3..3 + len]).to_owned();
        for view in [
            a.slice(s![..len]),
            a.slice(s![..3 * len;3]),
            a.slice(s![..len;-1]),
            a.slice(s![..len + 1]),
        ] {
            agrees(
                outcome(|| dotted(view, &b)),
                outcome(|| dotted::plain(view, &b)),
            );
        }
    }
    let (a, b) = (rough(5, 17), rough(17, 4));
    let run = |f: fn(ArrayView2<'_, f64>, ArrayView2<'_, f64>, &mut Array2<f64>)| {
        let mut out = Array2::zeros((5, 4));
        f(a.view(), b.view(), &mut out);
        f(a.view(), b.as_standard_layout().view(), &mut out);
        out
    };
    assert_eq!(run(products), run(products::plain));
    compiled!(dotted);
    compiled!(products);
}

#[jit]
fn mapped(mut a: ArrayViewMut3<'_, f64>) -> f64 {
    let mut seen = 0.0;
    a.mapv_inplace(|x| {
        seen = seen * 0.75 + x;
        x * 2.0 - 1.0
    });
    a.map_inplace(|x| {
        seen = seen * 0.5 - *x;
        *x += seen;
    });
    a.for_each(|x| seen = seen * 0.9 + x);
    seen
}

#[test]
fn closures_see_elements_in_the_order_of_ndarray() {
    for shape in CUBES {
        each_cube(shape, |view| {
            // The same strides, for the array is its own.
            let run = |f: fn(ArrayViewMut3<'_, f64>) -> f64| {
                let mut changed = view.to_owned();
                let seen = f(changed.view_mut());
                let turned = f(changed.slice_mut(s![..;2, ..;-1, ..]));
                (seen, turned, changed.iter().copied().collect::<Vec<_>>())
            };
            agrees(outcome(|| run(mapped)), outcome(|| run(mapped::plain)));
        });
    }
    compiled!(mapped);
}

#[jit]
fn zipped(mut a: ArrayViewMut3<'_, f64>, b: ArrayView3<'_, f64>) -> f64 {
    let mut seen = 0.0;
    a.zip_mut_with(&b, |x, y| {
        seen = seen * 0.75 + *x - y;
        *x = *x * 0.5 + y;
    });
    seen
}

#[test]
fn zip_mut_with_has_the_order_of_ndarray() {
    for shape in CUBES {
        each_cube(shape, |a| {
            each_cube(shape, |b| {
                let run = |f: fn(ArrayViewMut3<'_, f64>, ArrayView3<'_, f64>) -> f64| {
                    let mut changed = a.to_owned();
                    let seen = f(changed.view_mut(), b);
                    (seen, changed.iter().copied().collect::<Vec<_>>())
                };
                agrees(outcome(|| run(zipped)), outcome(|| run(zipped::plain)));
            });
        });
        each_cube([shape[0], 1, shape[2]], |b| {
            let run = |f: fn(ArrayViewMut3<'_, f64>, ArrayView3<'_, f64>) -> f64| {
                let mut changed = Array3::from_elem(shape.f(), 0.7);
                let seen = f(changed.view_mut(), b);
                (seen, changed.iter().copied().collect::<Vec<_>>())
            };
            agrees(outcome(|| run(zipped)), outcome(|| run(zipped::plain)));
        });
    }
    compiled!(zipped);
}

#[jit]
fn operated(mut a: ArrayViewMut2<'_, f64>, b: ArrayView2<'_, f64>, row: &Array1<f64>, x: f64) {
    a += &b;
    a *= 2.0;
    a -= row;
    a /= x + 3.0;
    a *= &b;
    a.scaled_add(x, &b);
    a %= 1e3;
    for (mut to, from) in a.rows_mut().into_iter().zip(b.rows()) {
        to += &from;
        to -= x;
    }
}

#[jit]
fn assigned<T: Float + std::ops::AddAssign + ndarray::ScalarOperand>(
    a: &mut Array2<T>,
    b: ArrayView2<'_, T>,
    row: ArrayView1<'_, T>,
) {
    a.assign(&b);
    *a += T::one();
    a.row_mut(0).assign(&row);
    a.column_mut(1).fill(T::zero());
    a.zip_mut_with(&row, |x, &y| *x = *x + y * *x);
}

#[jit]
fn bits(a: &mut Array2<u32>, b: &Array2<u32>) {
    *a ^= b;
    *a |= 1;
    *a &= &b.row(0);
    a.mapv_inplace(|x| x + 1);
}

#[test]
fn operators_of_whole_arrays() {
    for (rows, columns) in SHAPES {
        let row = Array1::from_shape_fn(columns, |j| 0.4 * j as f64 - 1.0);
        each_view(rows, columns, |b| {
            for layout in 0..3 {
                type F = fn(ArrayViewMut2<'_, f64>, ArrayView2<'_, f64>, &Array1<f64>, f64);
                let run = |f: F| {
                    let mut a = counting(rows * 2, columns * 2);
                    let mut turned = Array2::zeros((rows, columns).f());
                    match layout {
                        0 => f(a.slice_mut(s![..;2, ..columns]), b, &row, 0.5),
                        1 => f(a.slice_mut(s![..rows, ..;-2]), b, &row, -1.5),
                        _ => f(turned.view_mut(), b, &row, 2.5),
                    }
                    (
                        a.into_raw_vec_and_offset().0,
                        turned.into_raw_vec_and_offset().0,
                    )
                };
                agrees(outcome(|| run(operated)), outcome(|| run(operated::plain)));
            }
            let run = |f: fn(&mut Array2<f64>, ArrayView2<'_, f64>, ArrayView1<'_, f64>)| {
                let mut a = Array2::zeros((rows, columns));
                outcome(|| f(&mut a, b, row.view())).map(|()| a.into_raw_vec_and_offset().0)
            };
            agrees(run(assigned), run(assigned::plain));
        });
        let run = |f: fn(&mut Array2<u32>, &Array2<u32>)| {
            let mut a = Array2::from_shape_fn((rows, columns), |(i, j)| (i * 77 + j * 5) as u32);
            let b = a.mapv(|x| x * 3 + 1);
            outcome(|| f(&mut a, &b)).map(|()| a.into_raw_vec_and_offset().0)
        };
        agrees(run(bits), run(bits::plain));
    }
    compiled!(operated);
    compiled!(assigned);
    compiled!(bits);
}

#[jit]
fn added(a: &mut Array2<f64>, b: ArrayView2<'_, f64>) {
    a[[0, 0]] = 1.0;
    *a += &b;
}

#[jit]
fn added_row(a: &mut Array3<f64>, b: &Array1<f64>) {
    a.zip_mut_with(b, |x, y| *x -= y);
}

#[test]
fn what_cannot_be_broadcast_panics_as_in_ndarray() {
    for (rows, columns) in [(3, 4), (1, 4), (3, 1), (1, 1), (4, 3), (0, 4), (2, 4)] {
        let b = counting(rows, columns);
        let run = |f: fn(&mut Array2<f64>, ArrayView2<'_, f64>)| {
            let mut a = counting(3, 4);
            let result = outcome(|| f(&mut a, b.view()));
            (result, a)
        };
        let (jit, plain) = (run(added), run(added::plain));
        agrees(jit.0, plain.0);
        assert_eq!(jit.1, plain.1);
    }
    for len in [0, 1, 4, 5] {
        let b = Array1::from_elem(len, 0.5);
        let run = |f: fn(&mut Array3<f64>, &Array1<f64>)| {
            let mut a = Array3::ones((2, 3, 4));
            outcome(|| f(&mut a, &b)).map(|()| a.into_raw_vec_and_offset().0)
        };
        agrees(run(added_row), run(added_row::plain));
    }
    compiled!(added);
    compiled!(added_row);
}

#[jit]
fn elements(
    a: ArrayView2<'_, f64>,
    b: &mut Array2<f64>,
    i: usize,
    j: usize,
) -> (f64, f64, f64, bool) {
    let ends = a.first().copied().unwrap_or(0.5) - a.last().unwrap_or(&0.25);
    let at = a.get([i, j]).copied().unwrap_or(-1.0) * a.get((j, i)).map_or(2.0, |x| x * 3.0);
    if let Some(x) = b.get_mut([i, j]) {
        *x += ends;
    }
    if let Some(x) = b.first_mut() {
        *x = at;
    }
    let mut sum = 0.0;
    if let Some(all) = a.as_slice() {
        for x in all {
            sum = sum * 0.5 + x;
        }
    }
    if let Some(row) = a.rows().into_iter().map(|row| row.sum()).next() {
        sum += row;
    }
    let last = if a.is_empty() {
        0.0
    } else {
        // SAFETY: the index is below the lengths.
        unsafe { *a.uget([a.nrows() - 1, 0]) }
    };
    (at, sum, last, a.is_standard_layout())
}

#[test]
fn elements_that_may_be_there() {
    for (rows, columns) in SHAPES {
        each_view(rows, columns, |a| {
            for (i, j) in [(0, 0), (2, 3), (rows, 0), (0, columns), (usize::MAX, 1)] {
                type F = fn(
                    ArrayView2<'_, f64>,
                    &mut Array2<f64>,
                    usize,
                    usize,
                ) -> (f64, f64, f64, bool);
                let run = |f: F| {
                    let mut b = counting(3, 4);
                    let found = f(a, &mut b, i, j);
                    (found, b.into_raw_vec_and_offset().0)
                };
                agrees(outcome(|| run(elements)), outcome(|| run(elements::plain)));
            }
        });
    }
    compiled!(elements);
}

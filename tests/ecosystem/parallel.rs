//! Parallel loops over arrays: rows, columns and elements, of arrays in any layout.

use hotloop::{JitFunction, Par, jit, prange};
use ndarray::{Array2, ArrayView2, ArrayViewMut1, ArrayViewMut2, Axis, ShapeBuilder, s};

use crate::harness::Same;

#[jit(parallel)]
fn normalize_rows(mut a: ArrayViewMut2<'_, f64>) {
    for mut row in a.axis_iter_mut(Axis(0)) {
        let mut sum = 1.0;
        for x in row.iter() {
            sum += x.abs();
        }
        for x in row.iter_mut() {
            *x /= sum;
        }
    }
}

#[jit(parallel)]
fn scale(a: ArrayView2<'_, f64>, mut b: ArrayViewMut2<'_, f64>) {
    for i in 0..a.nrows() {
        for j in 0..a.ncols() {
            b[[i, j]] = 2.0 * a[[i, j]] + (i * j) as f64;
        }
    }
}

#[jit(parallel)]
fn index_rows(a: ArrayView2<'_, f64>, mut means: ArrayViewMut1<'_, f64>) {
    for i in prange(0..a.nrows()) {
        let mut sum = 0.0;
        for j in 0..a.ncols() {
            sum += a[[i, j]];
        }
        means[i] = sum / a.ncols() as f64;
    }
}

fn filled(rows: usize, columns: usize) -> Array2<f64> {
    let at = |(i, j)| ((i * 31 + j * 17) % 101) as f64 / 7.0 - 5.0;
    Array2::from_shape_fn((rows, columns), at)
}

#[track_caller]
fn same(a: &Array2<f64>, b: &Array2<f64>) {
    let (a, b): (Vec<f64>, Vec<f64>) = (a.iter().copied().collect(), b.iter().copied().collect());
    assert!(a.same(&b));
}

#[test]
fn parallel_loops_over_arrays_agree() {
    for (rows, columns) in [(0, 3), (1, 1), (5, 0), (300, 400), (3, 70_000)] {
        let by_rows = filled(rows, columns);
        let mut by_columns = Array2::zeros((rows, columns).f());
        by_columns.assign(&by_rows);
        for a in [&by_rows, &by_columns] {
            let (mut jit, mut plain) = (a.clone(), a.clone());
            normalize_rows(jit.view_mut());
            normalize_rows::plain(plain.view_mut());
            same(&jit, &plain);
            let (mut jit, mut plain) = (by_rows.clone(), by_rows.clone());
            scale(a.view(), jit.view_mut());
            scale::plain(a.view(), plain.view_mut());
            same(&jit, &plain);
            let (mut jit, mut plain) = (Array2::zeros((rows, 2)), Array2::zeros((rows, 2)));
            index_rows(a.view(), jit.column_mut(1));
            index_rows::plain(a.view(), plain.column_mut(1));
            same(&jit, &plain);
        }
    }
    compiled!(normalize_rows);
    compiled!(scale);
    compiled!(index_rows);
    let report = scale::report();
    let is_parallel = |found: &hotloop::report::LoopReport| {
        found
            .parallel
            .as_ref()
            .is_some_and(|parallel| parallel.is_parallel)
    };
    assert!(report.loops().any(is_parallel), "{report}");
}

#[jit(parallel(min_len = 2))]
fn rows_asked_for(mut a: ArrayViewMut2<'_, f64>) {
    for (i, mut row) in a.axis_iter_mut(Axis(0)).par().enumerate() {
        for x in row.iter_mut() {
            *x = *x * 0.5 + i as f64;
        }
    }
}

#[jit(parallel(min_len = 2))]
fn columns_asked_for(mut a: ArrayViewMut2<'_, f64>) {
    for mut column in a.axis_iter_mut(Axis(1)).par() {
        let mut before = 1.0;
        for x in column.iter_mut() {
            before = before * 0.5 + *x;
            *x = before;
        }
    }
}

#[jit(parallel(min_len = 2))]
fn elements_asked_for(mut a: ArrayViewMut2<'_, f64>) {
    for x in a.iter_mut().par() {
        *x = (*x).abs().sqrt();
    }
}

#[jit(parallel(min_len = 2))]
fn indexed_in_both(mut a: ArrayViewMut2<'_, f64>) {
    for i in prange(0..a.nrows()) {
        for j in 0..a.ncols() {
            a[[i, j]] += (i * 3 + j) as f64;
        }
    }
}

/// Views with gaps, backwards, and across: rows and columns are apart, whatever the strides.
#[test]
fn strided_views_agree() {
    for (rows, columns) in [(1, 1), (7, 5), (61, 83)] {
        let whole = filled(2 * rows + 1, 3 * columns + 2);
        type Call = for<'a> fn(ArrayViewMut2<'a, f64>);
        let run = |call: Call, view: usize| {
            let mut whole = whole.clone();
            let mut part = whole.slice_mut(s![1..; 2, ..; 3]);
            if view & 1 != 0 {
                part.invert_axis(Axis(0));
            }
            if view & 2 != 0 {
                part.invert_axis(Axis(1));
            }
            if view & 4 != 0 {
                part.swap_axes(0, 1);
            }
            call(part);
            whole
        };
        let calls: [(Call, Call); 4] = [
            (rows_asked_for, rows_asked_for::plain),
            (columns_asked_for, columns_asked_for::plain),
            (elements_asked_for, elements_asked_for::plain),
            (indexed_in_both, indexed_in_both::plain),
        ];
        for (jitted, plain) in calls {
            for view in 0..8 {
                same(&run(jitted, view), &run(plain, view));
            }
        }
    }
    for report in [
        rows_asked_for::report(),
        columns_asked_for::report(),
        elements_asked_for::report(),
        indexed_in_both::report(),
    ] {
        let is_parallel = |found: &hotloop::report::LoopReport| {
            (found.parallel.as_ref()).is_some_and(|it| it.is_parallel)
        };
        assert!(report.loops().any(is_parallel), "{report}");
    }
}

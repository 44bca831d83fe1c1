//! Parallel loops over arrays: rows, columns and elements, of arrays in any layout.

use hotloop::{JitFunction, jit, prange};
use ndarray::{Array2, ArrayView2, ArrayViewMut1, ArrayViewMut2, Axis, ShapeBuilder};

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

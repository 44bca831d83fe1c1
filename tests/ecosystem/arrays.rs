//! Arrays and views of ndarray: contiguous, strided, reversed, broadcast, empty.

use hotloop::{JitFunction, jit};
use ndarray::{
    Array1, Array2, Array3, Array4, ArrayView1, ArrayView2, ArrayViewMut1, ArrayViewMut2, Axis,
    array, s,
};
use num_traits::Float;

use crate::harness::{Panicked, Same, outcome};

/// An array of distinct values.
pub(crate) fn counting(rows: usize, columns: usize) -> Array2<f64> {
    Array2::from_shape_fn((rows, columns), |(i, j)| {
        0.1 + i as f64 * 10.0 - j as f64 / 3.0
    })
}

/// Views of all kinds into arrays that the caller keeps.
pub(crate) fn each_view(rows: usize, columns: usize, mut run: impl FnMut(ArrayView2<'_, f64>)) {
    run(counting(rows, columns).view());
    run(counting(columns, rows).t());
    run(counting(rows * 2, columns * 3).slice(s![..;2, ..;3]));
    run(counting(rows, columns).slice(s![..;-1, ..]));
    run(counting(rows, columns).slice(s![.., ..;-1]));
    run(counting(rows + 2, columns + 2).slice(s![1..rows + 1, 2..columns + 2]));
    run(counting(1, columns).broadcast((rows, columns)).unwrap());
}

pub(crate) const SHAPES: [(usize, usize); 6] = [(3, 4), (1, 7), (5, 1), (0, 3), (3, 0), (17, 33)];

#[track_caller]
pub(crate) fn agrees<R: Same + std::fmt::Debug>(
    jit: Result<R, Panicked>,
    plain: Result<R, Panicked>,
) {
    let same = match (&jit, &plain) {
        (Ok(a), Ok(b)) => a.same(b),
        (Err(a), Err(b)) => a == b,
        _ => false,
    };
    assert!(same, "jit: {jit:?}\nplain: {plain:?}");
}

#[jit]
fn total(a: ArrayView2<'_, f64>) -> f64 {
    let mut sum = 0.0;
    for i in 0..a.nrows() {
        for j in 0..a.ncols() {
            sum += a[[i, j]] * (i + 1) as f64;
        }
    }
    sum
}

#[test]
fn elements_of_views_of_every_layout() {
    for (rows, columns) in SHAPES {
        each_view(rows, columns, |view| {
            agrees(outcome(|| total(view)), outcome(|| total::plain(view)));
        });
    }
    compiled!(total);
}

#[jit]
fn element(a: ArrayView2<'_, f64>, i: usize, j: usize) -> f64 {
    a[(i, j)]
}

#[jit]
fn element_of_array(a: &Array2<f64>, i: usize, j: usize) -> f64 {
    let at = [i, j];
    a[at] + a[[i, j]]
}

#[jit]
fn set(a: &mut Array2<f64>, i: usize, j: usize, value: f64) {
    a[[0, 0]] = -1.0;
    a[[i, j]] += value;
}

#[test]
fn indices_out_of_bounds_panic_as_in_ndarray() {
    let a = counting(3, 4);
    for (i, j) in [(2, 3), (3, 0), (0, 4), (usize::MAX, 1), (3, 4)] {
        agrees(
            outcome(|| element(a.view(), i, j)),
            outcome(|| element::plain(a.view(), i, j)),
        );
        agrees(
            outcome(|| element_of_array(&a, i, j)),
            outcome(|| element_of_array::plain(&a, i, j)),
        );
        let (mut jit, mut plain) = (a.clone(), a.clone());
        agrees(
            outcome(|| set(&mut jit, i, j, 0.5)),
            outcome(|| set::plain(&mut plain, i, j, 0.5)),
        );
        assert_eq!(jit, plain);
    }
    compiled!(element);
    compiled!(element_of_array);
    compiled!(set);
}

#[jit]
fn matrix_product<T: Float>(a: ArrayView2<'_, T>, b: &Array2<T>, mut c: ArrayViewMut2<'_, T>) {
    let (n, m) = a.dim();
    for i in 0..n {
        for j in 0..b.ncols() {
            let mut sum = T::zero();
            for k in 0..m {
                sum = sum + a[[i, k]] * b[[k, j]];
            }
            c[[i, j]] = sum;
        }
    }
}

#[test]
fn products_of_matrices() {
    let b = counting(5, 6);
    for layout in 0..3 {
        let run = |f: fn(ArrayView2<'_, f64>, &Array2<f64>, ArrayViewMut2<'_, f64>)| {
            let mut c = Array2::zeros((7, 12));
            let (a, turned) = (counting(4, 5), counting(5, 4));
            match layout {
                0 => f(a.view(), &b, c.slice_mut(s![1..5, 1..7])),
                1 => f(turned.t(), &b, c.slice_mut(s![..4, ..;2])),
                _ => f(turned.t(), &b, c.slice_mut(s![..4;-1, ..6])),
            }
            c
        };
        assert_eq!(run(matrix_product), run(matrix_product::plain));
    }
    compiled!(matrix_product);
}

#[jit]
fn blur(a: ArrayView2<'_, f32>, out: &mut Array2<f32>) {
    for i in 1..a.nrows() - 1 {
        for j in 1..a.ncols() - 1 {
            out[[i, j]] = 0.25 * (a[[i - 1, j]] + a[[i + 1, j]] + a[[i, j - 1]] + a[[i, j + 1]]);
        }
    }
}

#[test]
fn stencils() {
    let a = counting(20, 30).mapv(|x| x as f32);
    let (mut jit, mut plain) = (Array2::zeros((20, 30)), Array2::zeros((20, 30)));
    blur(a.view(), &mut jit);
    blur::plain(a.view(), &mut plain);
    assert_eq!(jit, plain);
    let mut small = Array2::zeros((2, 30));
    agrees(
        outcome(|| blur(a.view(), &mut small)),
        outcome(|| blur::plain(a.view(), &mut small)),
    );
    compiled!(blur);
}

#[jit]
fn row_sums(a: ArrayView2<'_, f64>, mut out: ArrayViewMut1<'_, f64>) {
    for (i, row) in a.rows().into_iter().enumerate() {
        let mut sum = 0.0;
        for x in row.iter() {
            sum += *x;
        }
        out[i] = sum;
    }
}

#[jit]
fn column_sums(a: ArrayView2<'_, f64>, out: &mut Array1<f64>) {
    for j in 0..a.ncols() {
        let column = a.column(j);
        let mut sum = 0.0;
        for i in 0..column.len() {
            sum += column[i];
        }
        out[j] += sum;
    }
    for column in a.axis_iter(Axis(1)) {
        out[0] += column[column.len() - 1];
    }
}

#[test]
fn rows_and_columns() {
    for (rows, columns) in SHAPES {
        each_view(rows, columns, |view| {
            let run = |f: fn(ArrayView2<'_, f64>, ArrayViewMut1<'_, f64>)| {
                let mut out = Array1::zeros(2 * rows);
                f(view, out.slice_mut(s![..;2]));
                out.to_vec()
            };
            assert!(run(row_sums).same(&run(row_sums::plain)));
            let run = |f: fn(ArrayView2<'_, f64>, &mut Array1<f64>)| {
                let mut out = Array1::zeros(columns);
                outcome(|| f(view, &mut out)).map(|()| out.to_vec())
            };
            agrees(run(column_sums), run(column_sums::plain));
        });
    }
    compiled!(row_sums);
    compiled!(column_sums);
}

#[jit]
fn row_of(a: ArrayView2<'_, f64>, i: usize) -> f64 {
    let row = a.row(i);
    row[0] + row.len() as f64
}

#[jit]
fn part_of(a: &Array3<i32>, k: usize, i: usize) -> i32 {
    let part = a.index_axis(Axis(1), k);
    part[[i, 0]] + part.row(i)[1] * part.t()[[1, i]]
}

#[test]
fn rows_out_of_bounds_panic_as_in_ndarray() {
    let a = counting(3, 4);
    let b = Array3::from_shape_fn((2, 3, 4), |(i, j, k)| (i * 100 + j * 10 + k) as i32);
    for i in 0..4 {
        agrees(
            outcome(|| row_of(a.view(), i)),
            outcome(|| row_of::plain(a.view(), i)),
        );
        for k in 0..4 {
            agrees(
                outcome(|| part_of(&b, k, i)),
                outcome(|| part_of::plain(&b, k, i)),
            );
        }
    }
    compiled!(row_of);
    compiled!(part_of);
}

#[jit]
fn numbered(a: ArrayView2<'_, f64>) -> (f64, usize) {
    let (mut sum, mut count) = (0.0, 0);
    for ((i, j), x) in a.indexed_iter() {
        if (i + j) % 2 == 0 {
            continue;
        }
        sum += x * i as f64 - j as f64;
    }
    for (k, &x) in a.iter().enumerate() {
        if x > 5.0 {
            count += k;
        }
    }
    (sum, count)
}

#[jit]
fn double(a: &mut Array3<f64>, mut b: ArrayViewMut1<'_, i64>) {
    for x in a.iter_mut() {
        *x *= 2.0;
    }
    for (i, x) in b.iter_mut().enumerate() {
        *x += i as i64;
        if *x > 10 {
            break;
        }
    }
    b[0] = 7;
    a.fill(b[0] as f64);
}

#[test]
fn all_elements_in_order() {
    for (rows, columns) in SHAPES {
        each_view(rows, columns, |view| {
            agrees(
                outcome(|| numbered(view)),
                outcome(|| numbered::plain(view)),
            );
        });
    }
    let run = |f: fn(&mut Array3<f64>, ArrayViewMut1<'_, i64>)| {
        let mut a = Array3::from_shape_fn((2, 3, 4), |(i, j, k)| (i * 100 + j * 10 + k) as f64);
        let mut b = Array1::from_iter(0..20_i64);
        f(&mut a, b.slice_mut(s![..;-3]));
        (a, b)
    };
    assert_eq!(run(double), run(double::plain));
    compiled!(numbered);
    compiled!(double);
}

#[jit]
fn sizes(
    a: ndarray::ArrayView<'_, u8, ndarray::Ix3>,
    b: &Array4<f32>,
    c: &ArrayView1<'_, f64>,
) -> (usize, usize, usize, usize, usize, bool, usize, usize) {
    let (x, y, z) = a.dim();
    let shape = b.shape();
    let mut sum = 0;
    for n in 0..a.ndim() {
        sum += a.shape()[n];
    }
    (
        x + y * z,
        shape[0] * shape[3],
        b.len_of(Axis(2)),
        c.len(),
        c.dim(),
        c.is_empty(),
        sum,
        b.len(),
    )
}

#[test]
fn shapes() {
    let a = Array3::<u8>::zeros((2, 3, 4));
    let b = Array4::<f32>::zeros((5, 6, 7, 8));
    for len in [0, 9] {
        let c = Array1::<f64>::zeros(len);
        let c = c.view();
        assert_eq!(sizes(a.view(), &b, &c), sizes::plain(a.view(), &b, &c));
    }
    compiled!(sizes);
}

#[jit]
fn trace(a: ArrayView2<'_, f64>) -> f64 {
    let mut sum = 0.0;
    for i in 0..a.nrows() {
        sum += a[[i, i]];
    }
    sum
}

#[jit]
fn twice(a: ArrayView2<'_, f64>, b: &Array2<f64>) -> f64 {
    trace(a) + trace(a.t()) * b[[0, 0]]
}

#[test]
fn arrays_are_passed_on() {
    let b = counting(2, 2);
    each_view(4, 4, |view| {
        agrees(
            outcome(|| twice(view, &b)),
            outcome(|| twice::plain(view, &b)),
        );
    });
    compiled!(twice);
}

#[jit]
fn scale_all(a: &mut Array2<f64>, x: f64) {
    for i in 0..a.nrows() {
        for j in 0..a.ncols() {
            a[[i, j]] *= x;
        }
    }
}

#[test]
fn contiguous_rows_are_vectorized() {
    let mut a = counting(3, 40);
    scale_all(&mut a, 2.0);
    compiled!(scale_all);
    if cfg!(target_arch = "x86_64") {
        let assembly = scale_all::asm().unwrap();
        assert!(assembly.contains("mulpd"), "{assembly}");
    }
}

#[jit]
fn complex_elements(
    a: ArrayView2<'_, num_complex::Complex64>,
    out: &mut Array1<num_complex::Complex64>,
) -> num_complex::Complex64 {
    for (i, row) in a.rows().into_iter().enumerate() {
        for z in row {
            out[i] += z * z.conj();
        }
    }
    ndarray::azip!((o in &mut *out, row in a.rows()) {
        if row.len() > 1 {
            *o = *o * row[0] - row[1];
        }
    });
    a.iter().sum()
}

#[test]
fn elements_may_be_structs() {
    for (rows, columns) in SHAPES {
        let a = counting(rows, columns).mapv(|x| num_complex::Complex64::new(x, 1.0 / x));
        for view in [a.view(), a.slice(s![..;-1, ..])] {
            type C = num_complex::Complex64;
            let run = |f: fn(ArrayView2<'_, C>, &mut Array1<C>) -> C| {
                let mut out = Array1::zeros(rows);
                outcome(|| f(view, &mut out)).map(|sum| {
                    let out: Vec<_> = out.iter().map(|z| (z.re, z.im)).collect();
                    (sum.re, sum.im, out)
                })
            };
            agrees(run(complex_elements), run(complex_elements::plain));
        }
    }
    compiled!(complex_elements);
}

#[jit]
fn combine(a: ArrayView2<'_, f64>, b: &Array2<f64>, out: &mut Array2<f64>) -> f64 {
    ndarray::azip!((o in &mut *out, &x in a, &y in b) *o = x * y + 1.0);
    *out *= 0.5;
    out.row(0).sum() + b.row(0).dot(&out.row(0))
}

#[test]
fn whole_arrays_are_vectorized() {
    let (a, mut out) = (counting(3, 40), counting(3, 40));
    let mut plain = out.clone();
    let results = (
        combine(a.view(), &a, &mut out),
        combine::plain(a.view(), &a, &mut plain),
    );
    assert!(results.0.same(&results.1));
    assert_eq!(out, plain);
    compiled!(combine);
    if cfg!(target_arch = "x86_64") {
        let assembly = combine::asm().unwrap();
        assert!(assembly.contains("mulpd"), "{assembly}");
        assert!(assembly.contains("addpd"), "{assembly}");
    }
}

#[jit]
fn sum_of_structs(a: &Array1<num_complex::Complex64>) -> num_complex::Complex64 {
    a.sum()
}

#[test]
fn sums_of_structs_are_left_to_rust() {
    let a = Array1::from_shape_fn(9, |i| num_complex::Complex64::new(i as f64, 0.5));
    assert_eq!(sum_of_structs(&a), sum_of_structs::plain(&a));
    assert!(sum_of_structs::specializations().is_empty());
}

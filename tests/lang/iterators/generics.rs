//! Iterators in generic functions.

use hotloop::jit;
use num_traits::{Float, Num, PrimInt};

use super::{floats, ints};

#[jit]
fn dot<T: Float + std::iter::Sum>(a: &[T], b: &[T]) -> T {
    a.iter().zip(b).map(|(&x, &y)| x * y).sum()
}

#[jit]
fn norm<T: Float>(a: &[T]) -> T {
    a.iter().fold(T::zero(), |acc, &x| acc + x * x).sqrt()
}

#[jit]
fn highest<T: Float>(a: &[T]) -> T {
    a.iter().copied().fold(T::neg_infinity(), T::max)
}

#[jit]
fn axpy<T: Num + Copy>(k: T, a: &[T], b: &mut [T]) {
    for (y, &x) in b.iter_mut().zip(a.iter()) {
        *y = *y + k * x;
    }
}

#[jit]
fn smooth<T: Float>(a: &[T], out: &mut [T]) {
    let half = T::from(0.5).unwrap();
    for (o, w) in out.iter_mut().zip(a.windows(2)) {
        *o = (w[0] + w[1]) * half;
    }
}

#[jit]
fn extremes<T: PrimInt>(a: &[T]) -> (Option<T>, Option<T>, usize) {
    (
        a.iter().copied().min(),
        a.iter().copied().max(),
        a.iter().filter(|x| **x > T::zero()).count(),
    )
}

#[jit]
fn row_sums<T: Num + Copy, const N: usize>(rows: &[[T; N]], out: &mut [T]) {
    for (row, o) in rows.iter().zip(out) {
        *o = row.iter().fold(T::zero(), |acc, &x| acc + x);
    }
}

#[test]
fn generics_agree() {
    for (a, b) in floats().into_iter().zip(floats().into_iter().rev()) {
        let (p, q): (Vec<f32>, Vec<f32>) = (
            a.iter().map(|x| *x as f32).collect(),
            b.iter().map(|x| *x as f32).collect(),
        );
        agree!(dot::<f64>(&a, &b));
        agree!(dot::<f32>(&p, &q));
        agree!(norm::<f64>(&a));
        agree!(norm::<f32>(&p));
        agree!(highest::<f64>(&a));
        agree!(highest::<f32>(&q));
        agree!(axpy::<f64>(0.5, &a, &mut b));
        agree!(axpy::<f32>(0.5, &q, &mut p));
        agree!(smooth::<f64>(&a, &mut a));
        agree!(smooth::<f32>(&p, &mut q));
    }
    for a in ints() {
        let small: Vec<u8> = a.iter().map(|x| x.unsigned_abs() as u8).collect();
        agree!(axpy::<i32>(3, &a, &mut a));
        agree!(axpy::<u8>(3, &small, &mut small));
        agree!(extremes::<i32>(&a));
        agree!(extremes::<u8>(&small));
        let rows: Vec<[i32; 3]> = a.chunks_exact(3).map(|c| [c[0], c[1], c[2]]).collect();
        agree!(row_sums(&rows, &mut a));
    }
}

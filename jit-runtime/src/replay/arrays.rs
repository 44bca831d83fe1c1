//! Panics of ndarray's arrays, done again with an array of the same shape whose elements take no memory.

use hotloop_ir::ArrayCheck;
use ndarray::{ArrayView1, ArrayViewMut, Axis, Dim, Dimension, IntoDimension, IxDyn, Zip, s};

use super::TrapInfo;

#[track_caller]
pub(super) fn replay_array(check: ArrayCheck, trap: &TrapInfo) {
    let n_operands = trap.operands.len();
    match check {
        ArrayCheck::Broadcast => return broadcast(trap),
        ArrayCheck::SliceRange => {
            let (start, end) = (trap.index(0) as isize, trap.index(1) as isize);
            let _ = units([trap.index(2)]).slice(s![start..end]);
            return;
        }
        ArrayCheck::SliceIndex => return slice_index(trap),
        ArrayCheck::Dot => {
            let one = ArrayView1::from(&[0_u8]);
            let (a, b) = (one.broadcast(trap.index(0)), one.broadcast(trap.index(1)));
            if let (Some(a), Some(b)) = (a, b) {
                let _ = a.dot(&b);
            }
            return;
        }
        _ => {}
    }
    let n_dims = match check {
        ArrayCheck::Axis => n_operands.saturating_sub(2),
        _ => n_operands / 2,
    };
    let index = |axis: usize| trap.index(axis);
    let len = |axis: usize| trap.index(n_operands - n_dims + axis);
    macro_rules! with_shape {
        ($(($n_dims:literal: $($axis:literal)*))*) => {
            match (check, n_dims) {
                $(
                    (ArrayCheck::IndexArray, $n_dims) => {
                        let _ = &units([$(len($axis)),*])[[$(index($axis)),*]];
                    }
                    (ArrayCheck::Zip, $n_dims) => {
                        let _ = Zip::from(units([$(len($axis)),*])).and(units([$(index($axis)),*]));
                    }
                    (ArrayCheck::IndexArrayMut, $n_dims) => {
                        let _ = &mut units([$(len($axis)),*])[[$(index($axis)),*]];
                    }
                )*
                (ArrayCheck::Axis, 1) => axis(units([len(0)]), trap),
                (ArrayCheck::Axis, 2) => axis(units([len(0), len(1)]), trap),
                (ArrayCheck::Axis, 3) => axis(units([len(0), len(1), len(2)]), trap),
                (ArrayCheck::Axis, 4) => axis(units([len(0), len(1), len(2), len(3)]), trap),
                (ArrayCheck::IndexTuple, 2) => {
                    let _ = &units([len(0), len(1)])[(index(0), index(1))];
                }
                (ArrayCheck::IndexTupleMut, 2) => {
                    let _ = &mut units([len(0), len(1)])[(index(0), index(1))];
                }
                (ArrayCheck::IndexTuple, 3) => {
                    let _ = &units([len(0), len(1), len(2)])[(index(0), index(1), index(2))];
                }
                (ArrayCheck::IndexTupleMut, 3) => {
                    let _ = &mut units([len(0), len(1), len(2)])[(index(0), index(1), index(2))];
                }
                (ArrayCheck::IndexTuple, 4) => {
                    let at = (index(0), index(1), index(2), index(3));
                    let _ = &units([len(0), len(1), len(2), len(3)])[at];
                }
                (ArrayCheck::IndexTupleMut, 4) => {
                    let at = (index(0), index(1), index(2), index(3));
                    let _ = &mut units([len(0), len(1), len(2), len(3)])[at];
                }
                (ArrayCheck::Index, 1) => {
                    let _ = &units([len(0)])[index(0)];
                }
                (ArrayCheck::IndexMut, 1) => {
                    let _ = &mut units([len(0)])[index(0)];
                }
                _ => {}
            }
        };
    }
    with_shape! { (1: 0) (2: 0 1) (3: 0 1 2) (4: 0 1 2 3) }
}

/// An index in a slice.
fn slice_index(trap: &TrapInfo) {
    let (axis, index) = (trap.index(0), trap.index(1) as isize);
    let len = |axis: usize| trap.index(2 + axis);
    macro_rules! with_shape {
        ($(($n_dims:literal, $axis:literal: $($len:literal)*) => [$($slice:tt)*];)*) => {
            match (trap.operands.len().saturating_sub(2), axis) {
                $(($n_dims, $axis) => {
                    let _ = units([$(len($len)),*]).slice(s![$($slice)*]);
                })*
                _ => {}
            }
        };
    }
    with_shape! {
        (1, 0: 0) => [index];
        (2, 0: 0 1) => [index, ..];
        (2, 1: 0 1) => [.., index];
        (3, 0: 0 1 2) => [index, .., ..];
        (3, 1: 0 1 2) => [.., index, ..];
        (3, 2: 0 1 2) => [.., .., index];
        (4, 0: 0 1 2 3) => [index, .., .., ..];
        (4, 1: 0 1 2 3) => [.., index, .., ..];
        (4, 2: 0 1 2 3) => [.., .., index, ..];
        (4, 3: 0 1 2 3) => [.., .., .., index];
    }
}

/// Dimensions in which an array is broadcast.
fn broadcast(trap: &TrapInfo) {
    let n_dims = trap.operands.len() / 2;
    let shape = |from: usize| -> Vec<usize> {
        (from..from + n_dims).map(|axis| trap.index(axis)).collect()
    };
    let (mut small, large) = (shape(0), shape(n_dims));
    small.retain(|len| *len != usize::MAX);
    let mut large = dynamic(&large);
    large.zip_mut_with(&dynamic(&small), |_, _| {});
}

#[track_caller]
fn axis<D: Dimension + ndarray::RemoveAxis>(array: ArrayViewMut<'_, (), D>, trap: &TrapInfo) {
    let _ = array.index_axis_move(Axis(trap.index(0)), trap.index(1));
}

/// The same for any number of dimensions.
fn dynamic(shape: &[usize]) -> ArrayViewMut<'static, (), IxDyn> {
    // SAFETY: as in `units`.
    unsafe {
        ArrayViewMut::from_shape_ptr(IxDyn(shape), std::ptr::NonNull::<()>::dangling().as_ptr())
    }
}

/// An array of elements that take no memory.
fn units<const N: usize>(shape: [usize; N]) -> ArrayViewMut<'static, (), Dim<[usize; N]>>
where
    [usize; N]: IntoDimension<Dim = Dim<[usize; N]>>,
    Dim<[usize; N]>: Dimension,
{
    // SAFETY: the pointer is aligned and not null, and elements without size may be anywhere and share their place. The shape is that of an
    // array of the user's, so that the number of elements is none that ndarray refuses.
    unsafe {
        ArrayViewMut::from_shape_ptr(
            shape.into_dimension(),
            std::ptr::NonNull::<()>::dangling().as_ptr(),
        )
    }
}

//! ndarray's arrays as compiled code takes them: the memory of the elements, where the first one is in it, lengths and strides.

use ndarray::{ArrayRef, ArrayView, ArrayViewMut, Dimension};

/// An array of `N` dimensions, taken apart.
#[derive(Clone, Copy, Debug)]
pub struct ArrayParts<P, const N: usize> {
    /// The element at the lowest address.
    pub memory: P,
    /// How many elements from there to the one at the highest address, both included; those between may be others'.
    pub n_elements: usize,
    /// The number of the first element of the array in this memory: not 0 if strides are negative.
    pub offset: usize,
    /// The lengths.
    pub lens: [usize; N],
    /// The strides in elements; negative ones wrap.
    pub strides: [usize; N],
}

/// The memory of an array of this shape, and where in it the first element is.
#[inline(always)]
fn memory<const N: usize>(
    lens: &[usize],
    strides: &[isize],
) -> (usize, usize, [usize; N], [usize; N]) {
    let (mut n_elements, mut offset) = (1, 0);
    let (mut all_lens, mut all_strides) = ([0; N], [0; N]);
    for axis in 0..N {
        let (len, stride) = (lens[axis], strides[axis]);
        all_lens[axis] = len;
        all_strides[axis] = stride.cast_unsigned();
        if len == 0 {
            n_elements = 0;
        } else if n_elements > 0 {
            // ndarray keeps the distance between any two elements below `isize::MAX`.
            n_elements += (len - 1) * stride.unsigned_abs();
        }
        if stride < 0 {
            offset += len.saturating_sub(1) * stride.unsigned_abs();
        }
    }
    let offset = if n_elements == 0 { 0 } else { offset };
    (n_elements, offset, all_lens, all_strides)
}

/// The parts of an array. `N` is the number of its dimensions.
#[inline(always)]
pub fn array_parts<T, D: Dimension, const N: usize>(
    array: &ArrayRef<T, D>,
) -> ArrayParts<*const T, N> {
    let (n_elements, offset, lens, strides) = memory(array.shape(), array.strides());
    ArrayParts {
        memory: array.as_ptr().wrapping_sub(offset),
        n_elements,
        offset,
        lens,
        strides,
    }
}

/// The parts of an array whose elements may be stored to.
#[inline(always)]
pub fn array_parts_mut<T, D: Dimension, const N: usize>(
    array: &mut ArrayRef<T, D>,
) -> ArrayParts<*mut T, N> {
    let (n_elements, offset, lens, strides) = memory(array.shape(), array.strides());
    ArrayParts {
        memory: array.as_mut_ptr().wrapping_sub(offset),
        n_elements,
        offset,
        lens,
        strides,
    }
}

/// The parts of a view.
#[inline(always)]
pub fn view_parts<T, D: Dimension, const N: usize>(
    view: ArrayView<'_, T, D>,
) -> ArrayParts<*const T, N> {
    array_parts(&view)
}

/// The parts of a view whose elements may be stored to.
#[inline(always)]
pub fn view_parts_mut<T, D: Dimension, const N: usize>(
    mut view: ArrayViewMut<'_, T, D>,
) -> ArrayParts<*mut T, N> {
    array_parts_mut(&mut view)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, s};

    #[test]
    fn the_memory_of_an_array_has_all_its_elements() {
        let mut array = Array2::from_shape_fn((4, 6), |(i, j)| i * 6 + j);
        let whole: ArrayParts<_, 2> = array_parts(&array);
        assert_eq!((whole.n_elements, whole.offset), (24, 0));
        assert_eq!((whole.lens, whole.strides), ([4, 6], [6, 1]));
        let turned = array.slice(s![1..;-2, ..;2]);
        let parts: ArrayParts<_, 2> = view_parts(turned);
        assert_eq!(parts.lens, [2, 3]);
        for ((i, j), element) in turned.indexed_iter() {
            let at = i.wrapping_mul(parts.strides[0]);
            let at = parts
                .offset
                .wrapping_add(at)
                .wrapping_add(j.wrapping_mul(parts.strides[1]));
            assert!(at < parts.n_elements);
            assert_eq!(parts.memory.wrapping_add(at), std::ptr::from_ref(element));
        }
        let empty: ArrayParts<_, 2> = view_parts_mut(array.slice_mut(s![..;-1, 2..2]));
        assert_eq!((empty.n_elements, empty.offset), (0, 0));
    }
}

//! Arrays and tuples of scalars, by their identity alone.
//!
//! Inside of a generic function, `Vector<T>` may be an alias of `[T; 3]`. Then rustc can say no more than that it is some type, since nothing is
//! known of `T` that [`JitType`] would need; but when the question is asked, `T` stands for a scalar, and the type is one of a few that are listed here.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::LazyLock;

use hotloop_ir::instance::TypeInfo;

use super::params::scalars;
use super::{ConstWriter, JitType};

type Shapes = HashMap<TypeId, fn() -> TypeInfo>;

/// The types that are known: arrays and arrays of arrays of each scalar, tuples of scalars and of these.
static SHAPES: LazyLock<Shapes> = LazyLock::new(|| {
    let mut shapes = Shapes::new();
    macro_rules! of_scalars {
        ($($scalar:ty => $name:ident),*) => { $(of_scalar::<$scalar>(&mut shapes);)* };
    }
    scalars!(of_scalars);
    shapes
});

fn insert<T: JitType + 'static>(shapes: &mut Shapes) {
    shapes.insert(TypeId::of::<T>(), T::describe);
}

fn of_scalar<T: JitType + 'static>(shapes: &mut Shapes) {
    macro_rules! arrays {
        ($($len:literal)*) => { $(insert::<[T; $len]>(shapes);)* };
    }
    macro_rules! matrices {
        ($($n_rows:literal: $($n_cols:literal)*),*) => { $($(insert::<[[T; $n_cols]; $n_rows]>(shapes);)*)* };
    }
    macro_rules! tuples {
        ($($ty:ty),*) => { $(insert::<$ty>(shapes);)* };
    }
    arrays!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 20 24 25 32 64 128 256);
    matrices!(1: 2 3 4, 2: 1 2 3 4 5 6 8, 3: 1 2 3 4 6 8, 4: 1 2 3 4 8, 5: 2 5, 6: 2 3 6, 8: 2 3 4 8, 16: 16);
    tuples!((T, T), (T, T, T), (T, T, T, T));
    tuples!(
        (T, [T; 2]),
        (T, [T; 3]),
        (T, [T; 4]),
        ([T; 2], T),
        ([T; 3], T)
    );
    tuples!(
        ([T; 2], [T; 2]),
        ([T; 3], [T; 3]),
        ([T; 4], [T; 4]),
        ((T, T), (T, T))
    );
    tuples!(
        [(T, T); 2],
        [(T, T); 3],
        [(T, T); 4],
        [[[T; 2]; 2]; 2],
        [[[T; 3]; 3]; 3]
    );
}

/// The description of an array or a tuple of scalars.
pub(crate) fn shape_of<T: ?Sized>() -> Option<TypeInfo> {
    // `typeid::of` erases lifetimes, and these types have none.
    let describe = SHAPES.get(&typeid::of::<T>())?;
    Some(describe())
}

/// Copies a value of which only the identity is known.
pub(crate) fn write_shape<T>(value: &T, out: &mut ConstWriter) {
    match shape_of::<T>() {
        Some(info) => copy(&info, std::ptr::from_ref(value).cast(), out),
        None => super::write_param(value, out),
    }
}

/// Copies the scalars of what is at an address.
fn copy(info: &TypeInfo, at: *const u8, out: &mut ConstWriter) {
    match info {
        TypeInfo::Scalar(scalar) => {
            let mut bits = [0; 16];
            let size = scalar.size_bytes();
            // SAFETY: `write_shape` begins with a value of the type that `info` describes, so the scalar's bytes are there, and none is larger than `bits`.
            unsafe { std::ptr::copy_nonoverlapping(at, bits.as_mut_ptr(), size) };
            out.scalar(u128::from_le_bytes(bits), size);
        }
        TypeInfo::Array(elem, len) => {
            let size = elem_size(elem);
            for index in 0..usize::try_from(*len).unwrap_or(0) {
                let offset = index * size;
                out.at(offset, |out| copy(elem, at.wrapping_add(offset), out));
            }
        }
        TypeInfo::Tuple(tuple) => {
            for (_, offset, ty) in &tuple.fields {
                let offset = usize::try_from(*offset).unwrap_or(0);
                out.at(offset, |out| copy(ty, at.wrapping_add(offset), out));
            }
        }
        _ => out.refuse("a constant of a type that is not known"),
    }
}

fn elem_size(ty: &TypeInfo) -> usize {
    match ty {
        TypeInfo::Scalar(scalar) => scalar.size_bytes(),
        TypeInfo::Tuple(tuple) => usize::try_from(tuple.size).unwrap_or(0),
        TypeInfo::Array(elem, len) => elem_size(elem) * usize::try_from(*len).unwrap_or(0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_and_tuples_of_scalars_are_known() {
        type Pair<T> = (T, [T; 3]);
        assert_eq!(shape_of::<[f32; 3]>(), Some(<[f32; 3]>::describe()));
        assert_eq!(shape_of::<[[u8; 4]; 3]>(), Some(<[[u8; 4]; 3]>::describe()));
        assert_eq!(shape_of::<Pair<f64>>(), Some(Pair::<f64>::describe()));
        assert_eq!(shape_of::<[String; 3]>(), None);
    }

    #[test]
    fn values_are_copied_as_those_that_are_described() {
        let value = (2.5_f32, [1.0, -3.0, 7.5_f32]);
        let mut out = ConstWriter::new(size_of_val(&value));
        write_shape(&value, &mut out);
        assert_eq!(out.finish(TypeInfo::Unit).bytes, value.constant().bytes);
        let mut out = ConstWriter::new(8);
        write_shape(&[1_u16, 2, 3, 4], &mut out);
        assert_eq!(out.finish(TypeInfo::Unit).bytes, [1, 0, 2, 0, 3, 0, 4, 0]);
    }
}

//! [`JitType`] for the types of std.

use std::marker::PhantomData;
use std::mem::offset_of;
use std::num::{
    NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroI128, NonZeroIsize, NonZeroU8,
    NonZeroU16, NonZeroU32, NonZeroU64, NonZeroU128, NonZeroUsize, Saturating, Wrapping,
};
use std::sync::Arc;

use hotloop_ir::ScalarTy;
use hotloop_ir::instance::{ConstInfo, TypeInfo};

use super::params::scalars;
use super::{
    ConstWriter, JitType, describe_array, describe_param, describe_ref, describe_slice,
    describe_struct, describe_tuple, write_param,
};

macro_rules! impl_scalars {
    ($($ty:ty => $scalar:ident),*) => { $(
        // SAFETY: the scalar is described as itself.
        unsafe impl JitType for $ty {
            fn describe() -> TypeInfo {
                TypeInfo::Scalar(ScalarTy::$scalar)
            }

            fn write(&self, out: &mut ConstWriter) {
                out.scalar(Bits::bits(*self), size_of::<$ty>());
            }
        }
    )* };
}
scalars!(impl_scalars);

/// A scalar as bits, zero-extended or sign-extended.
trait Bits {
    fn bits(self) -> u128;
}

macro_rules! bits_by_cast {
    ($($ty:ty)*) => { $(impl Bits for $ty { fn bits(self) -> u128 { self as u128 } })* };
}
bits_by_cast!(bool i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);

impl Bits for f32 {
    fn bits(self) -> u128 {
        self.to_bits().into()
    }
}

impl Bits for f64 {
    fn bits(self) -> u128 {
        self.to_bits().into()
    }
}

// SAFETY: a `char` is its number, and compiled code makes none that is none.
unsafe impl JitType for char {
    fn describe() -> TypeInfo {
        TypeInfo::Char
    }

    fn write(&self, out: &mut ConstWriter) {
        out.scalar(u32::from(*self).into(), size_of::<char>());
    }
}

// SAFETY: there are no bytes.
unsafe impl JitType for () {
    fn describe() -> TypeInfo {
        TypeInfo::Unit
    }

    fn write(&self, _out: &mut ConstWriter) {}
}

// SAFETY: there are no bytes.
unsafe impl<T: ?Sized> JitType for PhantomData<T> {
    fn describe() -> TypeInfo {
        TypeInfo::Unit
    }

    fn write(&self, _out: &mut ConstWriter) {}
}

macro_rules! impl_wrappers {
    ($($name:ident)*) => { $(
        // SAFETY: the number is where rustc says, and describes itself.
        unsafe impl<T> JitType for $name<T> {
            fn describe() -> TypeInfo {
                describe_struct::<Self>(&[("0", offset_of!(Self, 0), describe_param::<T>)])
            }

            fn write(&self, out: &mut ConstWriter) {
                out.at(offset_of!(Self, 0), |out| write_param(&self.0, out));
            }
        }
    )* };
}
impl_wrappers!(Wrapping Saturating);

macro_rules! impl_nonzeros {
    ($($name:ident $number:ty)*) => { $(
        // SAFETY: it has the layout of the number, says std. Compiled code makes none: those that it has come from rustc's.
        unsafe impl JitType for $name {
            fn describe() -> TypeInfo {
                describe_struct::<Self>(&[("0", 0, <$number as JitType>::describe)])
            }

            fn write(&self, out: &mut ConstWriter) {
                self.get().write(out);
            }
        }
    )* };
}
impl_nonzeros! {
    NonZeroI8 i8 NonZeroI16 i16 NonZeroI32 i32 NonZeroI64 i64 NonZeroI128 i128 NonZeroIsize isize
    NonZeroU8 u8 NonZeroU16 u16 NonZeroU32 u32 NonZeroU64 u64 NonZeroU128 u128 NonZeroUsize usize
}

macro_rules! impl_tuples {
    ($(($($param:ident $index:tt)*))*) => { $(
        // SAFETY: the elements are where rustc says, and describe themselves.
        unsafe impl<$($param: JitType),*> JitType for ($($param,)*) {
            fn describe() -> TypeInfo {
                describe_tuple::<Self>(&[$(
                    (stringify!($index), offset_of!(Self, $index), <$param as JitType>::describe)
                ),*])
            }

            fn write(&self, out: &mut ConstWriter) {
                $(out.at(offset_of!(Self, $index), |out| self.$index.write(out));)*
            }
        }
    )* };
}
impl_tuples! {
    (A 0)
    (A 0 B 1)
    (A 0 B 1 C 2)
    (A 0 B 1 C 2 D 3)
    (A 0 B 1 C 2 D 3 E 4)
    (A 0 B 1 C 2 D 3 E 4 F 5)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6)
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7)
}

// SAFETY: the elements lie one after the other, and describe themselves.
unsafe impl<T: JitType, const N: usize> JitType for [T; N] {
    fn describe() -> TypeInfo {
        describe_array(T::describe(), N)
    }

    fn write(&self, out: &mut ConstWriter) {
        write_elements(self, out);
    }
}

fn write_elements<T: JitType>(elements: &[T], out: &mut ConstWriter) {
    for (index, element) in elements.iter().enumerate() {
        out.at(index * size_of::<T>(), |out| element.write(out));
    }
}

const BEHIND_REFERENCE: &str = "a reference in a constant";

// SAFETY: a shared slice is described as one.
unsafe impl<T: JitType> JitType for &[T] {
    fn describe() -> TypeInfo {
        describe_slice(T::describe, false)
    }

    fn write(&self, out: &mut ConstWriter) {
        out.refuse(BEHIND_REFERENCE);
    }

    fn constant(&self) -> ConstInfo {
        let mut out = ConstWriter::new(size_of_val(*self));
        write_elements(self, &mut out);
        out.finish(TypeInfo::Ref {
            to: Arc::new(describe_array(T::describe(), self.len())),
            mutable: false,
        })
    }
}

// SAFETY: a mutable slice is described as one.
unsafe impl<T: JitType> JitType for &mut [T] {
    fn describe() -> TypeInfo {
        describe_slice(T::describe, true)
    }

    fn write(&self, out: &mut ConstWriter) {
        out.refuse(BEHIND_REFERENCE);
    }
}

// SAFETY: a shared reference is described as one.
unsafe impl<T: JitType> JitType for &T {
    fn describe() -> TypeInfo {
        describe_ref(T::describe, false)
    }

    fn write(&self, out: &mut ConstWriter) {
        out.refuse(BEHIND_REFERENCE);
    }

    fn constant(&self) -> ConstInfo {
        let mut out = ConstWriter::new(size_of::<T>());
        (**self).write(&mut out);
        out.finish(Self::describe())
    }
}

// SAFETY: a mutable reference is described as one.
unsafe impl<T: JitType> JitType for &mut T {
    fn describe() -> TypeInfo {
        describe_ref(T::describe, true)
    }

    fn write(&self, out: &mut ConstWriter) {
        out.refuse(BEHIND_REFERENCE);
    }
}

// SAFETY: the description says nothing about bytes.
unsafe impl<T: JitType> JitType for Option<T> {
    fn describe() -> TypeInfo {
        TypeInfo::Option(Arc::new(T::describe()))
    }

    fn write(&self, out: &mut ConstWriter) {
        out.refuse("a constant of type `Option`");
    }
}

// SAFETY: the description says nothing about bytes.
unsafe impl<T: JitType, E: JitType> JitType for Result<T, E> {
    fn describe() -> TypeInfo {
        TypeInfo::Result(Arc::new(T::describe()), Arc::new(E::describe()))
    }

    fn write(&self, out: &mut ConstWriter) {
        out.refuse("a constant of type `Result`");
    }
}

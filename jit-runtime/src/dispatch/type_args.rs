//! The type arguments of a call, as scalar kinds.

use std::any::TypeId;

use hotloop_ir::ScalarTy;

use crate::error::Error;

/// The scalar that `T` is, if it is one. In optimized code this is a constant.
#[inline(always)]
fn scalar_of<T>() -> Option<ScalarTy> {
    // `typeid::of` does without `T: 'static`. A type that is equal to a scalar up to lifetimes is that scalar, because no
    // scalar has lifetimes.
    let id = typeid::of::<T>();
    macro_rules! compare {
        ($($ty:ty => $scalar:ident),*) => {
            $(if id == TypeId::of::<$ty>() { return Some(ScalarTy::$scalar); })*
        };
    }
    compare!(f64 => F64, f32 => F32, usize => Usize, u64 => U64, i64 => I64, u32 => U32, i32 => I32, u8 => U8,
        i8 => I8, u16 => U16, i16 => I16, isize => Isize, u128 => U128, i128 => I128, bool => Bool);
    None
}

/// A tuple of the type arguments of a call; the expansion of `#[jit]` names it.
pub trait TypeArgs {
    /// The number of the slot for these types: the kinds as digits to base 16. `None` if one of them is no scalar.
    fn slot() -> Option<usize>;

    /// The types as scalars.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] names the first that is none.
    fn scalars() -> Result<Vec<ScalarTy>, Error>;
}

macro_rules! tuple_of_types {
    ($($param:ident)*) => {
        impl<$($param),*> TypeArgs for ($($param,)*) {
            #[inline(always)]
            fn slot() -> Option<usize> {
                let slot = 0;
                $(let slot = slot * 16 + scalar_of::<$param>()? as usize;)*
                Some(slot)
            }

            fn scalars() -> Result<Vec<ScalarTy>, Error> {
                Ok(vec![$(scalar_of::<$param>().ok_or_else(|| Error::Unsupported {
                    ty: std::any::type_name::<$param>().to_owned(),
                })?),*])
            }
        }
    };
}

tuple_of_types!();
tuple_of_types!(A);
tuple_of_types!(A B);
tuple_of_types!(A B C);
tuple_of_types!(A B C D);
tuple_of_types!(A B C D E);
tuple_of_types!(A B C D E F);
tuple_of_types!(A B C D E F G);
tuple_of_types!(A B C D E F G H);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scalar_has_a_slot_of_its_own() {
        macro_rules! slots {
            ($($ty:ty),*) => { [$(<($ty,)>::slot()),*] };
        }
        let slots = slots!(
            bool, i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize, f32, f64
        );
        let kinds: Vec<_> = slots.iter().flatten().copied().collect();
        assert_eq!(kinds, (0..ScalarTy::ALL.len()).collect::<Vec<_>>());
        assert!(ScalarTy::ALL.len() <= 16);
        assert_eq!(<()>::slot(), Some(0));
        assert_eq!(<(bool, i8)>::slot(), Some(1));
        assert_eq!(<(i8, bool)>::slot(), Some(16));
    }

    #[test]
    fn what_is_no_scalar_is_named() {
        fn slot_of_borrow<'a>(_: &'a f64) -> Option<usize> {
            <(&'a f64,)>::slot()
        }
        assert_eq!(slot_of_borrow(&1.0), None);
        let error = <(f64, String)>::scalars().unwrap_err();
        assert!(error.to_string().contains("String"));
        assert_eq!(
            <(f64, i32)>::scalars().unwrap(),
            [ScalarTy::F64, ScalarTy::I32]
        );
    }
}

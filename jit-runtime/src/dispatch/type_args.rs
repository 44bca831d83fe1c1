//! The generic arguments of a call.

use std::marker::PhantomData;

use hotloop_ir::ScalarTy;
use hotloop_ir::instance::{ConstInfo, TypeInfo};

use crate::error::Error;
use crate::types::{JitType, describe_param, scalar_of};

/// What the type and const parameters of a function stand for in a call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GenericArgs {
    /// The types.
    pub types: Vec<ScalarTy>,
    /// The values.
    pub consts: Vec<ConstInfo>,
}

/// The generic arguments of a call; the expansion of `#[jit]` names it: a tuple of types, or [`WithConsts`].
pub trait TypeArgs {
    /// The number of the slot for these types: the kinds as digits to base 16. `None` if one of them is no scalar, or if there are
    /// const parameters.
    fn slot() -> Option<usize>;

    /// The types as scalars.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] names the first that is none.
    fn scalars() -> Result<Vec<ScalarTy>, Error>;

    /// The types, whatever they are.
    fn infos() -> Vec<TypeInfo>;

    /// The values of const parameters.
    fn consts() -> Vec<ConstInfo> {
        Vec::new()
    }

    /// Types and values together.
    ///
    /// # Errors
    ///
    /// As [`TypeArgs::scalars`].
    fn generic_args() -> Result<GenericArgs, Error> {
        Ok(GenericArgs {
            types: Self::scalars()?,
            consts: Self::consts(),
        })
    }
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

            fn infos() -> Vec<TypeInfo> {
                vec![$(describe_param::<$param>()),*]
            }
        }

        impl<$($param: ConstArg),*> ConstArgs for ($($param,)*) {
            fn values() -> Vec<ConstInfo> {
                vec![$($param::value()),*]
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

/// Type arguments `A` and, behind them, const arguments `C`.
#[derive(Debug)]
pub struct WithConsts<A, C>(PhantomData<(A, C)>);

impl<A: TypeArgs, C: ConstArgs> TypeArgs for WithConsts<A, C> {
    #[inline(always)]
    fn slot() -> Option<usize> {
        None
    }

    fn scalars() -> Result<Vec<ScalarTy>, Error> {
        A::scalars()
    }

    fn infos() -> Vec<TypeInfo> {
        A::infos()
    }

    fn consts() -> Vec<ConstInfo> {
        C::values()
    }
}

/// A tuple of const arguments.
pub trait ConstArgs {
    /// Their values.
    fn values() -> Vec<ConstInfo>;
}

/// A const argument as a type.
pub trait ConstArg {
    /// Its value.
    fn value() -> ConstInfo;
}

/// Const arguments as types, named as the type of their value.
#[allow(non_camel_case_types)]
pub mod const_args {
    use super::{ConstArg, ConstInfo, JitType};

    macro_rules! const_args {
        ($($ty:ident)*) => { $(
            /// A const argument of this type.
            #[derive(Debug)]
            pub struct $ty<const N: core::primitive::$ty>;

            impl<const N: core::primitive::$ty> ConstArg for $ty<N> {
                fn value() -> ConstInfo {
                    N.constant()
                }
            }
        )* };
    }
    const_args!(bool i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);
}

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
        assert_eq!(<(f64, String)>::infos()[0], TypeInfo::Scalar(ScalarTy::F64));
    }

    #[test]
    fn const_arguments_have_values_and_no_slot() {
        type Args = WithConsts<(f64,), (const_args::usize<300>, const_args::i8<-1>)>;
        assert_eq!(Args::slot(), None);
        let args = Args::generic_args().unwrap();
        assert_eq!(args.types, [ScalarTy::F64]);
        let bytes: Vec<_> = args.consts.iter().map(|value| &*value.bytes).collect();
        assert_eq!(bytes, [&300_u64.to_le_bytes()[..], &[255]]);
    }
}

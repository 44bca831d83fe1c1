//! Type parameters: types of which nothing but their identity is known.

use std::any::TypeId;

use hotloop_ir::ScalarTy;
use hotloop_ir::instance::TypeInfo;

use super::ConstWriter;

macro_rules! scalars {
    ($with:ident) => {
        $with!(f64 => F64, f32 => F32, usize => Usize, u64 => U64, i64 => I64, u32 => U32, i32 => I32, u8 => U8,
            i8 => I8, u16 => U16, i16 => I16, isize => Isize, u128 => U128, i128 => I128, bool => Bool);
    };
}
pub(super) use scalars;

/// The scalar that `T` is, if it is one. In optimized code this is a constant.
#[inline(always)]
pub fn scalar_of<T: ?Sized>() -> Option<ScalarTy> {
    // `typeid::of` does without `T: 'static`. A type that is equal to a scalar up to lifetimes is that scalar, because no
    // scalar has lifetimes.
    let id = typeid::of::<T>();
    macro_rules! compare {
        ($($ty:ty => $scalar:ident),*) => {
            $(if id == TypeId::of::<$ty>() { return Some(ScalarTy::$scalar); })*
        };
    }
    scalars!(compare);
    None
}

/// Whether a value is a scalar.
#[inline(always)]
pub fn is_number<T>(_value: &T) -> bool {
    scalar_of::<T>().is_some()
}

/// What a type parameter stands for: a scalar, or a type about which nothing is known.
pub fn describe_param<T: ?Sized>() -> TypeInfo {
    match scalar_of::<T>() {
        Some(scalar) => TypeInfo::Scalar(scalar),
        None => TypeInfo::Unknown(std::any::type_name::<T>().to_owned()),
    }
}

/// Copies a value whose type is a type parameter.
pub fn write_param<T>(value: &T, out: &mut ConstWriter) {
    macro_rules! copy {
        ($($ty:ty => $scalar:ident),*) => {
            match scalar_of::<T>() {
                $(Some(ScalarTy::$scalar) => {
                    // SAFETY: `T` is this scalar.
                    let value = unsafe { &*std::ptr::from_ref(value).cast::<$ty>() };
                    super::JitType::write(value, out);
                })*
                None => out.refuse(std::any::type_name::<T>()),
            }
        };
    }
    scalars!(copy);
}

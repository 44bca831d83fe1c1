//! Methods of num-traits for numbers, which lowering has operations for.
//!
//! A trait of the user's may stand on them, `trait Real: Float`: then a bound does not show that `x.sqrt()` is `Float`'s, but the method's own type
//! does. Only what cannot panic is here.

use std::any::TypeId;
use std::collections::HashSet;
use std::ops::{Add, BitAnd, BitOr, BitXor, Div, Mul, Neg, Not, Rem, Sub};
use std::sync::OnceLock;

use num_traits::{Bounded, Float, FloatConst, One, PrimInt, ToPrimitive, Zero};

/// The type of a function.
fn id<F>(_function: F) -> TypeId {
    typeid::of::<F>()
}

macro_rules! ids {
    ($known:ident: $trait_:ident for $($ty:ident)*: $methods:tt) => {
        $(ids!(@one $known $trait_ $ty $methods);)*
    };
    (@one $known:ident $trait_:ident $ty:ident ($($method:ident)*)) => {
        $($known.insert(id(<$ty as $trait_>::$method));)*
    };
}

/// Whether a function is such a method.
pub(super) fn is_known(function: TypeId) -> bool {
    static KNOWN: OnceLock<HashSet<TypeId>> = OnceLock::new();
    let known = KNOWN.get_or_init(|| {
        let mut known = HashSet::new();
        ids!(known: Float for f32 f64: (
            sqrt mul_add cbrt hypot powf powi exp exp2 exp_m1 ln log log2 log10 ln_1p sin cos tan sin_cos asin acos atan atan2
            sinh cosh tanh asinh acosh atanh copysign floor ceil trunc round fract recip to_degrees to_radians abs signum
            is_nan is_infinite is_finite is_normal is_sign_positive is_sign_negative min max
            nan infinity neg_infinity neg_zero epsilon min_positive_value min_value max_value
        ));
        ids!(known: FloatConst for f32 f64: (
            PI E FRAC_1_PI FRAC_1_SQRT_2 FRAC_2_PI FRAC_2_SQRT_PI FRAC_PI_2 FRAC_PI_3 FRAC_PI_4 FRAC_PI_6 FRAC_PI_8 LN_10 LN_2 LOG10_E
            LOG2_E SQRT_2
        ));
        ids!(known: Zero for f32 f64 i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize: (zero is_zero));
        ids!(known: One for f32 f64 i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize: (one is_one));
        ids!(known: Bounded for f32 f64 i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize: (min_value max_value));
        ids!(known: PrimInt for i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize: (
            count_ones count_zeros leading_zeros leading_ones trailing_zeros trailing_ones rotate_left rotate_right swap_bytes reverse_bits
        ));
        known
    });
    known.contains(&function)
}

/// Whether a function is one of num-traits' conversions of a number.
fn is_conversion(function: TypeId) -> bool {
    static KNOWN: OnceLock<HashSet<TypeId>> = OnceLock::new();
    let known = KNOWN.get_or_init(|| {
        let mut known = HashSet::new();
        ids!(known: ToPrimitive for f32 f64 i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize: (
            to_i8 to_i16 to_i32 to_i64 to_i128 to_isize to_u8 to_u16 to_u32 to_u64 to_u128 to_usize to_f32 to_f64
        ));
        known
    });
    known.contains(&function)
}

macro_rules! operators {
    ($known:ident: $methods:tt for $($ty:ident)*) => {
        $(operators!(@one $known $ty $methods);)*
    };
    (@one $known:ident $ty:ident ($($Trait:ident::$method:ident)*)) => { $(
        $known.insert(id(<$ty as $Trait<$ty>>::$method));
        $known.insert(id(<$ty as $Trait<&$ty>>::$method));
        $known.insert(id(<&$ty as $Trait<$ty>>::$method));
        $known.insert(id(<&$ty as $Trait<&$ty>>::$method));
    )* };
}

/// Whether a function is an operator's or a comparison's method of std for a number.
pub(super) fn is_of_std(function: TypeId) -> bool {
    static KNOWN: OnceLock<HashSet<TypeId>> = OnceLock::new();
    let known = KNOWN.get_or_init(|| {
        let mut known = HashSet::new();
        operators!(known: (Add::add Sub::sub Mul::mul Div::div Rem::rem)
            for f32 f64 i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);
        operators!(known: (BitAnd::bitand BitOr::bitor BitXor::bitxor)
            for bool i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);
        ids!(known: Neg for f32 f64 i8 i16 i32 i64 i128 isize: (neg));
        ids!(known: Not for bool i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize: (not));
        ids!(known: PartialEq for bool char f32 f64 i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize: (eq ne));
        ids!(known: PartialOrd for bool char f32 f64 i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize: (lt le gt ge partial_cmp));
        ids!(known: Ord for bool char i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize: (cmp min max clamp));
        known
    });
    known.contains(&function) || is_known(function) || is_conversion(function)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_told_apart() {
        assert!(is_known(id(<f64 as Float>::sqrt)));
        assert!(is_known(id(<u8 as Zero>::zero)));
        assert!(!is_known(id(f64::sqrt)));
        assert!(!is_known(id(<i32 as num_traits::Signed>::abs)));
    }
}

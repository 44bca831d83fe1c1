//! The numeric methods of std and num-traits that the IR knows. One table, read by inference, verifier, text form,
//! evaluator and code generation.

use serde::{Deserialize, Serialize};

use crate::ty::ScalarTy;

/// Which types a method exists for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// `f32`, `f64`.
    Float,
    /// All integers.
    Int,
    /// Signed integers.
    SignedInt,
    /// Unsigned integers.
    UnsignedInt,
    /// Integers and floats.
    Num,
    /// Signed integers and floats.
    SignedNum,
}

impl Class {
    /// Whether the type is of this class.
    pub const fn contains(self, ty: ScalarTy) -> bool {
        match self {
            Class::Float => ty.is_float(),
            Class::Int => ty.is_int(),
            Class::SignedInt => ty.is_signed_int(),
            Class::UnsignedInt => ty.is_unsigned_int(),
            Class::Num => ty.is_int() || ty.is_float(),
            Class::SignedNum => ty.is_signed_int() || ty.is_float(),
        }
    }
}

/// The type of an argument or a result, relative to the type `S` that has the method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SigTy {
    /// `S` itself.
    S,
    /// A fixed type.
    Fixed(ScalarTy),
    /// The unsigned integer as wide as `S`.
    UnsignedOfS,
    /// The signed integer as wide as `S`.
    SignedOfS,
    /// `u32` for `f32`, `u64` for `f64`.
    BitsOfS,
    /// `(S, S)`.
    PairOfS,
    /// `(S, bool)`.
    SAndBool,
}

/// When a method panics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Traps {
    /// Never.
    Never,
    /// On overflow, in profiles that check it; elsewhere it wraps.
    OnOverflow,
    /// For some arguments, in every profile.
    Always,
}

/// What the table says of a method.
#[derive(Clone, Copy, Debug)]
pub struct IntrinsicInfo {
    /// Its name in Rust, also in the text form.
    pub name: &'static str,
    /// The types that have it.
    pub class: Class,
    /// Receiver and arguments.
    pub args: &'static [SigTy],
    /// The result.
    pub result: SigTy,
    /// When it panics.
    pub traps: Traps,
}

macro_rules! sig {
    (S) => {
        SigTy::S
    };
    (U) => {
        SigTy::UnsignedOfS
    };
    (I) => {
        SigTy::SignedOfS
    };
    (Bits) => {
        SigTy::BitsOfS
    };
    (SS) => {
        SigTy::PairOfS
    };
    (SBool) => {
        SigTy::SAndBool
    };
    (u32) => {
        SigTy::Fixed(ScalarTy::U32)
    };
    (i32) => {
        SigTy::Fixed(ScalarTy::I32)
    };
    (bool) => {
        SigTy::Fixed(ScalarTy::Bool)
    };
}

macro_rules! intrinsics {
    ($($variant:ident $name:literal $class:ident ($($arg:ident),*) -> $result:ident $traps:ident;)*) => {
        /// A numeric method. Its meaning is that of the method of this name in std for the argument's type (in num-traits, for
        /// those that only exist there), bit for bit, without `fastmath`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[allow(missing_docs)]
        pub enum Intrinsic { $($variant,)* }

        impl Intrinsic {
            /// Every method once.
            pub const ALL: &'static [Intrinsic] = &[$(Intrinsic::$variant),*];

            /// What the table says of this method.
            pub const fn info(self) -> IntrinsicInfo {
                match self {
                    $(Intrinsic::$variant => IntrinsicInfo {
                        name: $name,
                        class: Class::$class,
                        args: &[$(sig!($arg)),*],
                        result: sig!($result),
                        traps: Traps::$traps,
                    },)*
                }
            }

            /// The method of this Rust name, if it is in the table.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Intrinsic::$variant),)* _ => None }
            }
        }
    };
}

intrinsics! {
    // Floats: IEEE operations, exact or correctly rounded.
    Sqrt "sqrt" Float (S) -> S Never;
    MulAdd "mul_add" Float (S, S, S) -> S Never;
    Floor "floor" Float (S) -> S Never;
    Ceil "ceil" Float (S) -> S Never;
    Trunc "trunc" Float (S) -> S Never;
    Round "round" Float (S) -> S Never;
    RoundTiesEven "round_ties_even" Float (S) -> S Never;
    Fract "fract" Float (S) -> S Never;
    Copysign "copysign" Float (S, S) -> S Never;
    Recip "recip" Float (S) -> S Never;
    ToDegrees "to_degrees" Float (S) -> S Never;
    ToRadians "to_radians" Float (S) -> S Never;
    // Floats: library functions.
    Cbrt "cbrt" Float (S) -> S Never;
    Hypot "hypot" Float (S, S) -> S Never;
    Powi "powi" Float (S, i32) -> S Never;
    Powf "powf" Float (S, S) -> S Never;
    Exp "exp" Float (S) -> S Never;
    Exp2 "exp2" Float (S) -> S Never;
    ExpM1 "exp_m1" Float (S) -> S Never;
    Ln "ln" Float (S) -> S Never;
    Log "log" Float (S, S) -> S Never;
    Log2 "log2" Float (S) -> S Never;
    Log10 "log10" Float (S) -> S Never;
    Ln1p "ln_1p" Float (S) -> S Never;
    Sin "sin" Float (S) -> S Never;
    Cos "cos" Float (S) -> S Never;
    Tan "tan" Float (S) -> S Never;
    SinCos "sin_cos" Float (S) -> SS Never;
    Asin "asin" Float (S) -> S Never;
    Acos "acos" Float (S) -> S Never;
    Atan "atan" Float (S) -> S Never;
    Atan2 "atan2" Float (S, S) -> S Never;
    Sinh "sinh" Float (S) -> S Never;
    Cosh "cosh" Float (S) -> S Never;
    Tanh "tanh" Float (S) -> S Never;
    Asinh "asinh" Float (S) -> S Never;
    Acosh "acosh" Float (S) -> S Never;
    Atanh "atanh" Float (S) -> S Never;
    // Floats: what kind of value.
    IsNan "is_nan" Float (S) -> bool Never;
    IsInfinite "is_infinite" Float (S) -> bool Never;
    IsFinite "is_finite" Float (S) -> bool Never;
    IsNormal "is_normal" Float (S) -> bool Never;
    IsSubnormal "is_subnormal" Float (S) -> bool Never;
    IsSignPositive "is_sign_positive" Float (S) -> bool Never;
    IsSignNegative "is_sign_negative" Float (S) -> bool Never;
    ToBits "to_bits" Float (S) -> Bits Never;
    FromBits "from_bits" Float (Bits) -> S Never;
    // Integers and floats. min and max of floats ignore a NaN; which zero they return for 0.0 and -0.0 is open, as in Rust.
    Abs "abs" SignedNum (S) -> S OnOverflow;
    Signum "signum" SignedNum (S) -> S Never;
    Min "min" Num (S, S) -> S Never;
    Max "max" Num (S, S) -> S Never;
    Clamp "clamp" Num (S, S, S) -> S Always;
    DivEuclid "div_euclid" Num (S, S) -> S Always;
    RemEuclid "rem_euclid" Num (S, S) -> S Always;
    // Integers.
    Pow "pow" Int (S, u32) -> S OnOverflow;
    Isqrt "isqrt" Int (S) -> S Always;
    Ilog "ilog" Int (S, S) -> u32 Always;
    Ilog2 "ilog2" Int (S) -> u32 Always;
    Ilog10 "ilog10" Int (S) -> u32 Always;
    AbsDiff "abs_diff" Int (S, S) -> U Never;
    UnsignedAbs "unsigned_abs" SignedInt (S) -> U Never;
    CastUnsigned "cast_unsigned" SignedInt (S) -> U Never;
    CastSigned "cast_signed" UnsignedInt (S) -> I Never;
    IsPositive "is_positive" SignedInt (S) -> bool Never;
    IsNegative "is_negative" SignedInt (S) -> bool Never;
    IsPowerOfTwo "is_power_of_two" UnsignedInt (S) -> bool Never;
    NextPowerOfTwo "next_power_of_two" UnsignedInt (S) -> S OnOverflow;
    DivCeil "div_ceil" UnsignedInt (S, S) -> S Always;
    CountOnes "count_ones" Int (S) -> u32 Never;
    CountZeros "count_zeros" Int (S) -> u32 Never;
    LeadingZeros "leading_zeros" Int (S) -> u32 Never;
    LeadingOnes "leading_ones" Int (S) -> u32 Never;
    TrailingZeros "trailing_zeros" Int (S) -> u32 Never;
    TrailingOnes "trailing_ones" Int (S) -> u32 Never;
    RotateLeft "rotate_left" Int (S, u32) -> S Never;
    RotateRight "rotate_right" Int (S, u32) -> S Never;
    SwapBytes "swap_bytes" Int (S) -> S Never;
    ReverseBits "reverse_bits" Int (S) -> S Never;
    WrappingAdd "wrapping_add" Int (S, S) -> S Never;
    WrappingSub "wrapping_sub" Int (S, S) -> S Never;
    WrappingMul "wrapping_mul" Int (S, S) -> S Never;
    WrappingNeg "wrapping_neg" Int (S) -> S Never;
    WrappingAbs "wrapping_abs" SignedInt (S) -> S Never;
    WrappingDiv "wrapping_div" Int (S, S) -> S Always;
    WrappingRem "wrapping_rem" Int (S, S) -> S Always;
    WrappingShl "wrapping_shl" Int (S, u32) -> S Never;
    WrappingShr "wrapping_shr" Int (S, u32) -> S Never;
    WrappingPow "wrapping_pow" Int (S, u32) -> S Never;
    SaturatingAdd "saturating_add" Int (S, S) -> S Never;
    SaturatingSub "saturating_sub" Int (S, S) -> S Never;
    SaturatingMul "saturating_mul" Int (S, S) -> S Never;
    OverflowingAdd "overflowing_add" Int (S, S) -> SBool Never;
    OverflowingSub "overflowing_sub" Int (S, S) -> SBool Never;
    OverflowingMul "overflowing_mul" Int (S, S) -> SBool Never;
}

impl Intrinsic {
    /// Rust's name of the method.
    pub const fn name(self) -> &'static str {
        self.info().name
    }
}

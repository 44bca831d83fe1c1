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
    /// All that `Ord` orders: integers and `bool`.
    Ord,
    /// All scalars.
    Any,
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
            Class::Ord => !ty.is_float(),
            Class::Any => true,
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
    /// `Ordering`: in the IR an `i8`, -1, 0 or 1.
    Ordering,
    /// `Option<S>`: in the IR `(bool, S)`, where the number of a `None` is 0. So are the other `Option`s.
    OptionOfS,
    /// `Option` of the signed integer as wide as `S`.
    OptionOfSigned,
    /// `Option<u32>`.
    OptionOfU32,
    /// `Option<Ordering>`.
    OptionOfOrdering,
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
    (Ord) => {
        SigTy::Ordering
    };
    (OptS) => {
        SigTy::OptionOfS
    };
    (OptI) => {
        SigTy::OptionOfSigned
    };
    (OptU32) => {
        SigTy::OptionOfU32
    };
    (OptOrd) => {
        SigTy::OptionOfOrdering
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
    NextUp "next_up" Float (S) -> S Never;
    NextDown "next_down" Float (S) -> S Never;
    AbsSub "abs_sub" Float (S, S) -> S Never;
    // Order. The operands are references in Rust, but for min, max and clamp. min and max of floats ignore a NaN; which zero they
    // return for 0.0 and -0.0 is open, as in Rust.
    Min "min" Any (S, S) -> S Never;
    Max "max" Any (S, S) -> S Never;
    Clamp "clamp" Any (S, S, S) -> S Always;
    Cmp "cmp" Ord (S, S) -> Ord Never;
    PartialCmp "partial_cmp" Any (S, S) -> OptOrd Never;
    TotalCmp "total_cmp" Float (S, S) -> Ord Never;
    // Integers and floats.
    Abs "abs" SignedNum (S) -> S OnOverflow;
    Signum "signum" SignedNum (S) -> S Never;
    DivEuclid "div_euclid" Num (S, S) -> S Always;
    RemEuclid "rem_euclid" Num (S, S) -> S Always;
    Midpoint "midpoint" Num (S, S) -> S Never;
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
    IsMultipleOf "is_multiple_of" UnsignedInt (S, S) -> bool Never;
    // For a multiple of zero it panics always, on overflow in profiles that check it: `Intrinsic::in_profile`.
    NextMultipleOf "next_multiple_of" UnsignedInt (S, S) -> S Always;
    WrappingNextMultipleOf "wrapping_next_multiple_of" UnsignedInt (S, S) -> S Always;
    // Integers: bits.
    CountOnes "count_ones" Int (S) -> u32 Never;
    CountZeros "count_zeros" Int (S) -> u32 Never;
    LeadingZeros "leading_zeros" Int (S) -> u32 Never;
    LeadingOnes "leading_ones" Int (S) -> u32 Never;
    TrailingZeros "trailing_zeros" Int (S) -> u32 Never;
    TrailingOnes "trailing_ones" Int (S) -> u32 Never;
    RotateLeft "rotate_left" Int (S, u32) -> S Never;
    RotateRight "rotate_right" Int (S, u32) -> S Never;
    UnboundedShl "unbounded_shl" Int (S, u32) -> S Never;
    UnboundedShr "unbounded_shr" Int (S, u32) -> S Never;
    SwapBytes "swap_bytes" Int (S) -> S Never;
    ReverseBits "reverse_bits" Int (S) -> S Never;
    ToBe "to_be" Int (S) -> S Never;
    ToLe "to_le" Int (S) -> S Never;
    FromBe "from_be" Int (S) -> S Never;
    FromLe "from_le" Int (S) -> S Never;
    // Integers: the result modulo 2^bits.
    WrappingAdd "wrapping_add" Int (S, S) -> S Never;
    WrappingSub "wrapping_sub" Int (S, S) -> S Never;
    WrappingMul "wrapping_mul" Int (S, S) -> S Never;
    WrappingDiv "wrapping_div" Int (S, S) -> S Always;
    WrappingRem "wrapping_rem" Int (S, S) -> S Always;
    WrappingDivEuclid "wrapping_div_euclid" Int (S, S) -> S Always;
    WrappingRemEuclid "wrapping_rem_euclid" Int (S, S) -> S Always;
    WrappingNeg "wrapping_neg" Int (S) -> S Never;
    WrappingAbs "wrapping_abs" SignedInt (S) -> S Never;
    WrappingPow "wrapping_pow" Int (S, u32) -> S Never;
    WrappingShl "wrapping_shl" Int (S, u32) -> S Never;
    WrappingShr "wrapping_shr" Int (S, u32) -> S Never;
    WrappingAddSigned "wrapping_add_signed" UnsignedInt (S, I) -> S Never;
    WrappingSubSigned "wrapping_sub_signed" UnsignedInt (S, I) -> S Never;
    WrappingAddUnsigned "wrapping_add_unsigned" SignedInt (S, U) -> S Never;
    WrappingSubUnsigned "wrapping_sub_unsigned" SignedInt (S, U) -> S Never;
    // Integers: the nearest number that has room.
    SaturatingAdd "saturating_add" Int (S, S) -> S Never;
    SaturatingSub "saturating_sub" Int (S, S) -> S Never;
    SaturatingMul "saturating_mul" Int (S, S) -> S Never;
    SaturatingDiv "saturating_div" Int (S, S) -> S Always;
    SaturatingNeg "saturating_neg" SignedInt (S) -> S Never;
    SaturatingAbs "saturating_abs" SignedInt (S) -> S Never;
    SaturatingPow "saturating_pow" Int (S, u32) -> S Never;
    SaturatingAddSigned "saturating_add_signed" UnsignedInt (S, I) -> S Never;
    SaturatingSubSigned "saturating_sub_signed" UnsignedInt (S, I) -> S Never;
    SaturatingAddUnsigned "saturating_add_unsigned" SignedInt (S, U) -> S Never;
    SaturatingSubUnsigned "saturating_sub_unsigned" SignedInt (S, U) -> S Never;
    // Integers: the wrapped result, and whether it overflowed.
    OverflowingAdd "overflowing_add" Int (S, S) -> SBool Never;
    OverflowingSub "overflowing_sub" Int (S, S) -> SBool Never;
    OverflowingMul "overflowing_mul" Int (S, S) -> SBool Never;
    OverflowingDiv "overflowing_div" Int (S, S) -> SBool Always;
    OverflowingRem "overflowing_rem" Int (S, S) -> SBool Always;
    OverflowingDivEuclid "overflowing_div_euclid" Int (S, S) -> SBool Always;
    OverflowingRemEuclid "overflowing_rem_euclid" Int (S, S) -> SBool Always;
    OverflowingNeg "overflowing_neg" Int (S) -> SBool Never;
    OverflowingAbs "overflowing_abs" SignedInt (S) -> SBool Never;
    OverflowingPow "overflowing_pow" Int (S, u32) -> SBool Never;
    OverflowingShl "overflowing_shl" Int (S, u32) -> SBool Never;
    OverflowingShr "overflowing_shr" Int (S, u32) -> SBool Never;
    OverflowingAddSigned "overflowing_add_signed" UnsignedInt (S, I) -> SBool Never;
    OverflowingSubSigned "overflowing_sub_signed" UnsignedInt (S, I) -> SBool Never;
    OverflowingAddUnsigned "overflowing_add_unsigned" SignedInt (S, U) -> SBool Never;
    OverflowingSubUnsigned "overflowing_sub_unsigned" SignedInt (S, U) -> SBool Never;
    CarryingAdd "carrying_add" UnsignedInt (S, S, bool) -> SBool Never;
    BorrowingSub "borrowing_sub" UnsignedInt (S, S, bool) -> SBool Never;
    // The product of twice as many bits, its low half first, after the other arguments are added.
    CarryingMul "carrying_mul" UnsignedInt (S, S, S) -> SS Never;
    CarryingMulAdd "carrying_mul_add" UnsignedInt (S, S, S, S) -> SS Never;
    // Integers: nothing if it overflows or is not defined.
    CheckedAdd "checked_add" Int (S, S) -> OptS Never;
    CheckedSub "checked_sub" Int (S, S) -> OptS Never;
    CheckedMul "checked_mul" Int (S, S) -> OptS Never;
    CheckedDiv "checked_div" Int (S, S) -> OptS Never;
    CheckedRem "checked_rem" Int (S, S) -> OptS Never;
    CheckedDivEuclid "checked_div_euclid" Int (S, S) -> OptS Never;
    CheckedRemEuclid "checked_rem_euclid" Int (S, S) -> OptS Never;
    CheckedNeg "checked_neg" Int (S) -> OptS Never;
    CheckedAbs "checked_abs" SignedInt (S) -> OptS Never;
    CheckedPow "checked_pow" Int (S, u32) -> OptS Never;
    CheckedShl "checked_shl" Int (S, u32) -> OptS Never;
    CheckedShr "checked_shr" Int (S, u32) -> OptS Never;
    CheckedAddSigned "checked_add_signed" UnsignedInt (S, I) -> OptS Never;
    CheckedSubSigned "checked_sub_signed" UnsignedInt (S, I) -> OptS Never;
    CheckedAddUnsigned "checked_add_unsigned" SignedInt (S, U) -> OptS Never;
    CheckedSubUnsigned "checked_sub_unsigned" SignedInt (S, U) -> OptS Never;
    CheckedSignedDiff "checked_signed_diff" UnsignedInt (S, S) -> OptI Never;
    CheckedIsqrt "checked_isqrt" SignedInt (S) -> OptS Never;
    CheckedIlog "checked_ilog" Int (S, S) -> OptU32 Never;
    CheckedIlog2 "checked_ilog2" Int (S) -> OptU32 Never;
    CheckedIlog10 "checked_ilog10" Int (S) -> OptU32 Never;
    CheckedNextPowerOfTwo "checked_next_power_of_two" UnsignedInt (S) -> OptS Never;
    CheckedNextMultipleOf "checked_next_multiple_of" UnsignedInt (S, S) -> OptS Never;
    // Integers: panics on overflow in every profile.
    StrictAdd "strict_add" Int (S, S) -> S Always;
    StrictSub "strict_sub" Int (S, S) -> S Always;
    StrictMul "strict_mul" Int (S, S) -> S Always;
    StrictDiv "strict_div" Int (S, S) -> S Always;
    StrictRem "strict_rem" Int (S, S) -> S Always;
    StrictDivEuclid "strict_div_euclid" Int (S, S) -> S Always;
    StrictRemEuclid "strict_rem_euclid" Int (S, S) -> S Always;
    StrictNeg "strict_neg" Int (S) -> S Always;
    StrictAbs "strict_abs" SignedInt (S) -> S Always;
    StrictPow "strict_pow" Int (S, u32) -> S Always;
    StrictShl "strict_shl" Int (S, u32) -> S Always;
    StrictShr "strict_shr" Int (S, u32) -> S Always;
    StrictAddSigned "strict_add_signed" UnsignedInt (S, I) -> S Always;
    StrictSubSigned "strict_sub_signed" UnsignedInt (S, I) -> S Always;
    StrictAddUnsigned "strict_add_unsigned" SignedInt (S, U) -> S Always;
    StrictSubUnsigned "strict_sub_unsigned" SignedInt (S, U) -> S Always;
}

impl Intrinsic {
    /// Rust's name of the method.
    pub const fn name(self) -> &'static str {
        self.info().name
    }

    /// The method that Rust source means by this name: all of the table but what is there for code generation only.
    pub fn from_rust(name: &str) -> Option<Self> {
        Self::from_name(name).filter(|found| *found != Intrinsic::WrappingNextMultipleOf)
    }

    /// Whether the arguments after the receiver are references in Rust: `a.cmp(&b)`. In the IR they are values.
    pub const fn takes_references(self) -> bool {
        matches!(
            self,
            Intrinsic::Cmp | Intrinsic::PartialCmp | Intrinsic::TotalCmp
        )
    }

    /// The method with the meaning that this one has in a profile, for the one that may trap in every profile but for more arguments
    /// where overflow is checked. (Of the others a site says whether they check.)
    pub const fn in_profile(self, overflow_checks: bool) -> Self {
        match self {
            Intrinsic::NextMultipleOf if !overflow_checks => Intrinsic::WrappingNextMultipleOf,
            other => other,
        }
    }
}

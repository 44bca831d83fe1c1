//! What the bounds of a type parameter allow: an attribute macro knows traits by their names only.
//!
//! So every name that lowering has relied on is remembered, and the expansion asks rustc whether it means num-traits' trait of this name.

use std::cell::RefCell;
use std::collections::BTreeSet;

use crate::hir;
use crate::intrinsic::Intrinsic;

/// The traits that bound a type parameter, by the last segment of their paths.
#[derive(Debug, Default)]
pub(super) struct Bounds {
    /// Each with the node of its path.
    traits: Vec<(String, hir::Span)>,
    relied_on: RefCell<BTreeSet<String>>,
}

/// A trait that lowering took a type parameter to have. The user's bounds imply it, unless a trait of theirs has the name of one of
/// num-traits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReliedOn {
    /// The index of the type parameter.
    pub param: usize,
    /// The module of num-traits that has the trait: `float`, `ops::euclid`; empty for its root.
    pub module: &'static str,
    /// The name of the trait.
    pub name: String,
    /// The node of the path by which the user names it; it may have arguments.
    pub node: hir::Span,
}

/// The module of num-traits that has a trait of this name; `None` for traits of std.
fn module_of(name: &str) -> Option<&'static str> {
    Some(match name {
        "FloatCore" => "float",
        "Real" => "real",
        "OverflowingAdd" | "OverflowingSub" | "OverflowingMul" => "ops::overflowing",
        "Float" | "FloatConst" => "float",
        "AsPrimitive" | "FromPrimitive" | "NumCast" | "ToPrimitive" => "cast",
        "Bounded" => "bounds",
        "One" | "Zero" => "identities",
        "PrimInt" => "int",
        "Signed" | "Unsigned" => "sign",
        "Euclid" => "ops::euclid",
        "Saturating" | "SaturatingAdd" | "SaturatingSub" | "SaturatingMul" => "ops::saturating",
        "WrappingAdd" | "WrappingSub" | "WrappingMul" | "WrappingNeg" | "WrappingShl"
        | "WrappingShr" => "ops::wrapping",
        "Num" | "NumAssign" | "NumRef" | "NumAssignRef" => "",
        _ => return None,
    })
}

/// Traits of std that numbers have.
const OF_STD: &[&str] = &[
    "Copy",
    "Clone",
    "PartialEq",
    "Eq",
    "PartialOrd",
    "Ord",
    "Add",
    "Sub",
    "Mul",
    "Div",
    "Rem",
    "Neg",
    "AddAssign",
    "SubAssign",
    "MulAssign",
    "DivAssign",
    "RemAssign",
    "Not",
    "BitAnd",
    "BitOr",
    "BitXor",
    "Shl",
    "Shr",
    "BitAndAssign",
    "BitOrAssign",
    "BitXorAssign",
    "ShlAssign",
    "ShrAssign",
    "Hash",
    "Sum",
    "Product",
    "From",
    "Into",
    "Default",
    "Debug",
    "Display",
    "Send",
    "Sync",
    "Sized",
];

/// Whether a trait is neither of std nor of num-traits.
fn is_users(name: &str) -> bool {
    module_of(name).is_none() && !OF_STD.contains(&name)
}

/// Traits of num-traits (with the traits that they imply here) that have constants or conversions.
const FLOATS: &[&str] = &["Float", "Real", "FloatCore"];
const NUMS: &[&str] = &[
    "Num",
    "NumAssign",
    "NumRef",
    "NumAssignRef",
    "Float",
    "Real",
    "FloatCore",
    "Signed",
    "Unsigned",
    "PrimInt",
];

impl Bounds {
    pub(super) fn add(&mut self, bounds: &[hir::Path]) {
        for bound in bounds {
            if let Some(segment) = bound.segments.last() {
                self.traits.push((segment.ident.to_string(), bound.span));
            }
        }
    }

    /// Whether a trait of the user's is among the bounds, which may have any methods.
    pub(super) fn has_unknown(&self) -> bool {
        self.traits.iter().any(|(name, _)| is_users(name))
    }

    /// Whether the operators are those of numbers, with numbers of the type itself: no bound is one for another type on the right, nor one that may
    /// imply such.
    pub(super) fn has_numeric_operators(&self) -> bool {
        let is_for_another = |name: &str| {
            let operator = name.strip_suffix("Assign").unwrap_or(name);
            matches!(
                operator,
                "Add"
                    | "Sub"
                    | "Mul"
                    | "Div"
                    | "Rem"
                    | "BitAnd"
                    | "BitOr"
                    | "BitXor"
                    | "PartialEq"
                    | "PartialOrd"
                    | "NumRef"
                    | "NumAssignRef"
            )
        };
        self.has_num_traits()
            && !(self.traits.iter()).any(|(name, _)| is_users(name) || is_for_another(name))
    }

    /// Whether a trait of the user's of this name is among the bounds.
    pub(super) fn has_users(&self, name: &str) -> bool {
        is_users(name) && self.traits.iter().any(|(bound, _)| bound == name)
    }

    /// Whether a trait of num-traits is among the bounds.
    pub(super) fn has_num_traits(&self) -> bool {
        (self.traits.iter()).any(|(name, _)| module_of(name).is_some())
    }

    pub(super) fn has(&self, name: &str) -> bool {
        let found = self.traits.iter().any(|(bound, _)| bound == name);
        if found {
            self.relied_on.borrow_mut().insert(name.to_owned());
        }
        found
    }

    /// The traits of num-traits that lowering took bounds of this type parameter for.
    pub(super) fn relied_on(&self, param: usize) -> Vec<ReliedOn> {
        let relied_on = self.relied_on.borrow();
        (self.traits.iter())
            .filter(|(name, _)| relied_on.contains(name))
            .filter_map(|(name, node)| {
                Some(ReliedOn {
                    param,
                    module: module_of(name)?,
                    name: name.clone(),
                    node: *node,
                })
            })
            .collect()
    }

    fn has_any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.has(name))
    }

    /// Whether `T::zero()` and `is_zero` are num-traits'.
    pub(super) fn has_zero(&self) -> bool {
        self.has("Zero") || self.has_any(NUMS)
    }

    /// Whether `T::one()` and `is_one` are num-traits'.
    pub(super) fn has_one(&self) -> bool {
        self.has("One") || self.has_any(NUMS)
    }

    /// Whether `T::min_value()` and `T::max_value()` are num-traits'.
    pub(super) fn has_bounded(&self) -> bool {
        self.has("Bounded") || self.has("PrimInt") || self.has_any(FLOATS)
    }

    /// Whether `T::epsilon()`, `T::nan()` and their like are num-traits'.
    pub(super) fn has_float_consts(&self) -> bool {
        self.has_any(FLOATS)
    }

    /// Whether `T::PI()` and its like are num-traits'.
    pub(super) fn has_math_consts(&self) -> bool {
        self.has("FloatConst")
    }

    /// Whether `x.as_()` is num-traits'.
    pub(super) fn has_as_primitive(&self) -> bool {
        self.has("AsPrimitive")
    }

    /// Whether `x.to_f64()` and its like are num-traits'.
    pub(super) fn has_to_primitive(&self) -> bool {
        self.has("ToPrimitive")
            || self.has("NumCast")
            || self.has("PrimInt")
            || self.has_any(FLOATS)
    }

    /// Whether `T::from_f64(x)` and its like are num-traits'.
    pub(super) fn has_from_primitive(&self) -> bool {
        self.has("FromPrimitive")
    }

    /// Whether `T::from(x)` is num-traits' `NumCast::from`.
    pub(super) fn has_num_cast(&self) -> bool {
        (self.has("NumCast") || self.has("PrimInt") || self.has("Float") || self.has("Real"))
            && !self.has("From")
    }

    /// Whether this method of a type parameter is num-traits', with the meaning of std's method of this name.
    pub(super) fn has_method(&self, intrinsic: Intrinsic) -> bool {
        use Intrinsic as I;
        match intrinsic {
            I::Sqrt
            | I::MulAdd
            | I::Cbrt
            | I::Hypot
            | I::Powf
            | I::Exp
            | I::Exp2
            | I::ExpM1
            | I::Ln
            | I::Log
            | I::Log2
            | I::Log10
            | I::Ln1p
            | I::Sin
            | I::Cos
            | I::Tan
            | I::SinCos
            | I::Asin
            | I::Acos
            | I::Atan
            | I::Atan2
            | I::Sinh
            | I::Cosh
            | I::Tanh
            | I::Asinh
            | I::Acosh
            | I::Atanh
            | I::Powi
            | I::Copysign => self.has("Float") || (intrinsic != I::Copysign && self.has("Real")),
            I::Floor
            | I::Ceil
            | I::Trunc
            | I::Round
            | I::Fract
            | I::Recip
            | I::ToDegrees
            | I::ToRadians
            | I::IsNan
            | I::IsInfinite
            | I::IsFinite
            | I::IsNormal
            | I::IsSubnormal
            | I::IsSignPositive
            | I::IsSignNegative => self.has("Float") || self.has("FloatCore") || self.has("Real"),
            I::Abs | I::Signum => {
                self.has("Signed") || self.has("Float") || self.has("FloatCore") || self.has("Real")
            }
            I::Min | I::Max => self.has_any(FLOATS) || self.has("Ord") || self.has("PrimInt"),
            I::Clamp => self.has("Ord") || self.has("PrimInt"),
            I::Pow
            | I::CountOnes
            | I::CountZeros
            | I::LeadingZeros
            | I::LeadingOnes
            | I::TrailingZeros
            | I::TrailingOnes
            | I::RotateLeft
            | I::RotateRight
            | I::SwapBytes
            | I::ReverseBits => self.has("PrimInt"),
            I::DivEuclid | I::RemEuclid => self.has("Euclid"),
            I::WrappingAdd => self.has("WrappingAdd"),
            I::WrappingSub => self.has("WrappingSub"),
            I::WrappingMul => self.has("WrappingMul"),
            I::WrappingNeg => self.has("WrappingNeg"),
            I::WrappingShl => self.has("WrappingShl"),
            I::WrappingShr => self.has("WrappingShr"),
            I::SaturatingAdd => {
                self.has("SaturatingAdd") || self.has("Saturating") || self.has("PrimInt")
            }
            I::SaturatingSub => {
                self.has("SaturatingSub") || self.has("Saturating") || self.has("PrimInt")
            }
            I::SaturatingMul => self.has("SaturatingMul"),
            I::OverflowingAdd => self.has("OverflowingAdd"),
            I::OverflowingSub => self.has("OverflowingSub"),
            I::OverflowingMul => self.has("OverflowingMul"),
            // Not methods of a num-traits trait, or with another meaning there.
            I::RoundTiesEven
            | I::ToBits
            | I::FromBits
            | I::Isqrt
            | I::Ilog
            | I::Ilog2
            | I::Ilog10
            | I::AbsDiff
            | I::UnsignedAbs
            | I::CastUnsigned
            | I::CastSigned
            | I::IsPowerOfTwo
            | I::NextPowerOfTwo
            | I::DivCeil
            | I::WrappingAbs
            | I::WrappingDiv
            | I::WrappingRem
            | I::WrappingPow => false,
            I::IsPositive | I::IsNegative => self.has("Signed"),
            I::SaturatingPow | I::Midpoint => false,
            I::AbsSub => self.has("Float") || self.has("Real"),
            I::Cmp => self.has("Ord") || self.has("PrimInt"),
            I::PartialCmp => self.has("PartialOrd") || self.has("Ord") || self.has("PrimInt"),
            I::TotalCmp => self.has("TotalOrder"),
            I::UnboundedShl | I::UnboundedShr => false,
            I::ToBe | I::ToLe | I::FromBe | I::FromLe => self.has("PrimInt"),
            I::CheckedAdd => self.has("CheckedAdd") || self.has("PrimInt"),
            I::CheckedSub => self.has("CheckedSub") || self.has("PrimInt"),
            I::CheckedMul => self.has("CheckedMul") || self.has("PrimInt"),
            I::CheckedDiv => self.has("CheckedDiv") || self.has("PrimInt"),
            I::CheckedRem => self.has("CheckedRem"),
            I::CheckedNeg => self.has("CheckedNeg"),
            I::CheckedShl => self.has("CheckedShl"),
            I::CheckedShr => self.has("CheckedShr"),
            I::CheckedDivEuclid | I::CheckedRemEuclid => self.has("CheckedEuclid"),
            // Not in num-traits.
            _ => false,
        }
    }

    /// A bound that would give a type parameter this method, for a help line.
    pub(super) fn bound_for(intrinsic: Intrinsic) -> Option<&'static str> {
        [
            "Float",
            "Signed",
            "PrimInt",
            "Euclid",
            "WrappingAdd",
            "WrappingSub",
            "WrappingMul",
            "WrappingNeg",
            "WrappingShl",
            "WrappingShr",
            "SaturatingMul",
            "OverflowingAdd",
            "OverflowingSub",
            "OverflowingMul",
            "Ord",
        ]
        .into_iter()
        .find(|name| {
            Bounds {
                traits: vec![((*name).to_owned(), hir::Span::default())],
                ..Bounds::default()
            }
            .has_method(intrinsic)
        })
    }
}

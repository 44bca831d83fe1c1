//! Which operations exist for which scalar type, what they yield, and which of them may trap: the facts that
//! specialization, verification, evaluation and code generation share.

use crate::expr::{BinaryOp, ConstValue, NamedConst, UnaryOp};
use crate::intrinsic::{Intrinsic, SigTy, Traps};
use crate::ty::{ScalarTy, Ty};

impl UnaryOp {
    /// Rust's spelling.
    pub const fn symbol(self) -> &'static str {
        match self {
            UnaryOp::Neg => "-",
            UnaryOp::Not => "!",
        }
    }

    /// Whether the type has this operator.
    pub const fn applies_to(self, ty: ScalarTy) -> bool {
        match self {
            UnaryOp::Neg => ty.is_signed_int() || ty.is_float(),
            UnaryOp::Not => !ty.is_float(),
        }
    }

    /// Whether it traps for some value of this type.
    pub const fn may_trap_for(self, ty: ScalarTy, overflow_checks: bool) -> bool {
        matches!(self, UnaryOp::Neg) && ty.is_signed_int() && overflow_checks
    }
}

impl BinaryOp {
    /// Whether a left operand of this type has this operator. (The right operand has the same type; that of a shift
    /// may be any integer.)
    pub const fn applies_to(self, ty: ScalarTy) -> bool {
        match self {
            BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem => {
                ty.is_int() || ty.is_float()
            }
            BinaryOp::BitAnd | BinaryOp::BitOr | BinaryOp::BitXor => !ty.is_float(),
            BinaryOp::Shl | BinaryOp::Shr => ty.is_int(),
            BinaryOp::Eq
            | BinaryOp::Ne
            | BinaryOp::Lt
            | BinaryOp::Le
            | BinaryOp::Gt
            | BinaryOp::Ge => true,
        }
    }

    /// Whether it traps for some values of this type.
    pub const fn may_trap_for(self, ty: ScalarTy, overflow_checks: bool) -> bool {
        match self {
            BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Shl | BinaryOp::Shr => {
                ty.is_int() && overflow_checks
            }
            BinaryOp::Div | BinaryOp::Rem => ty.is_int(),
            BinaryOp::BitAnd
            | BinaryOp::BitOr
            | BinaryOp::BitXor
            | BinaryOp::Eq
            | BinaryOp::Ne
            | BinaryOp::Lt
            | BinaryOp::Le
            | BinaryOp::Gt
            | BinaryOp::Ge => false,
        }
    }
}

/// Whether Rust has `value as to` for a value of type `from`.
pub const fn cast_exists(from: ScalarTy, to: ScalarTy) -> bool {
    match (from, to) {
        (ScalarTy::Bool, to) => !to.is_float(),
        (_, ScalarTy::Bool) => false,
        _ => true,
    }
}

/// Whether num-traits has a conversion between these types.
pub const fn num_cast_exists(from: ScalarTy, to: ScalarTy) -> bool {
    !matches!(from, ScalarTy::Bool) && !matches!(to, ScalarTy::Bool)
}

impl SigTy {
    /// The type that this stands for in a method of `s`; `None` if `s` has no such type (`BitsOfS` of an integer).
    pub fn resolve(self, s: ScalarTy) -> Option<Ty> {
        self.resolve_ty(&Ty::Scalar(s))
    }

    /// Likewise for a type that may be a parameter; `None` also if no type can say how this depends on the parameter.
    pub fn resolve_ty(self, of: &Ty) -> Option<Ty> {
        let scalar = of.as_scalar();
        let option = |ty| Ty::Tuple(vec![Ty::BOOL, ty]);
        Some(match self {
            SigTy::S => of.clone(),
            SigTy::Fixed(ty) => Ty::Scalar(ty),
            SigTy::UnsignedOfS => Ty::Scalar(scalar?.to_unsigned()),
            SigTy::SignedOfS => Ty::Scalar(scalar?.to_signed()),
            SigTy::BitsOfS => Ty::Scalar(scalar?.bits_ty()?),
            SigTy::PairOfS => Ty::Tuple(vec![of.clone(), of.clone()]),
            SigTy::SAndBool => Ty::Tuple(vec![of.clone(), Ty::BOOL]),
            SigTy::Ordering => Ty::Scalar(ScalarTy::I8),
            SigTy::OptionOfS => option(of.clone()),
            SigTy::OptionOfSigned => option(Ty::Scalar(scalar?.to_signed())),
            SigTy::OptionOfU32 => option(Ty::Scalar(ScalarTy::U32)),
            SigTy::OptionOfOrdering => option(Ty::Scalar(ScalarTy::I8)),
        })
    }
}

impl Intrinsic {
    /// Whether the first argument has the type that the method belongs to. Of `from_bits` it is the result.
    pub fn receiver_is_self(self) -> bool {
        matches!(self.info().args.first(), Some(SigTy::S))
    }

    /// Whether the method of type `ty` traps for some arguments.
    pub const fn may_trap_for(self, ty: ScalarTy, overflow_checks: bool) -> bool {
        match self.info().traps {
            Traps::Never => false,
            Traps::OnOverflow => ty.is_int() && overflow_checks,
            Traps::Always => match self {
                Intrinsic::DivEuclid | Intrinsic::RemEuclid => !ty.is_float(),
                Intrinsic::Isqrt => !ty.is_unsigned_int(),
                _ => true,
            },
        }
    }
}

impl ConstValue {
    /// Whether this is a constant of type `ty`; integers must fit its width.
    pub const fn is_of(self, ty: ScalarTy) -> bool {
        match self {
            ConstValue::Bool(_) => matches!(ty, ScalarTy::Bool),
            ConstValue::Int(value) => {
                ty.is_int() && (ty.bits() == 128 || value >> (ty.bits() % 128) == 0)
            }
            ConstValue::F32(_) => matches!(ty, ScalarTy::F32),
            ConstValue::F64(_) => matches!(ty, ScalarTy::F64),
        }
    }
}

macro_rules! int_const {
    ($name:ident, $int:ty, $unsigned:ty) => {
        match $name {
            NamedConst::Zero | NamedConst::NegZero => 0,
            NamedConst::One => 1,
            NamedConst::Min => <$int>::MIN as $unsigned as u128,
            NamedConst::Max => <$int>::MAX as $unsigned as u128,
            _ => return None,
        }
    };
}

macro_rules! float_const {
    ($name:ident, $float:ident) => {{
        use std::$float::consts;
        match $name {
            NamedConst::Zero => 0.0,
            NamedConst::One => 1.0,
            NamedConst::Min => $float::MIN,
            NamedConst::Max => $float::MAX,
            NamedConst::Epsilon => $float::EPSILON,
            NamedConst::MinPositive => $float::MIN_POSITIVE,
            NamedConst::Infinity => $float::INFINITY,
            NamedConst::NegInfinity => $float::NEG_INFINITY,
            NamedConst::Nan => $float::NAN,
            NamedConst::NegZero => -0.0,
            NamedConst::Pi => consts::PI,
            NamedConst::Tau => consts::TAU,
            NamedConst::E => consts::E,
            NamedConst::Sqrt2 => consts::SQRT_2,
            NamedConst::Frac1Sqrt2 => consts::FRAC_1_SQRT_2,
            NamedConst::Ln2 => consts::LN_2,
            NamedConst::Ln10 => consts::LN_10,
            NamedConst::Log2E => consts::LOG2_E,
            NamedConst::Log2Of10 => consts::LOG2_10,
            NamedConst::Log10E => consts::LOG10_E,
            NamedConst::Log10Of2 => consts::LOG10_2,
            NamedConst::Frac1Pi => consts::FRAC_1_PI,
            NamedConst::Frac2Pi => consts::FRAC_2_PI,
            NamedConst::Frac2SqrtPi => consts::FRAC_2_SQRT_PI,
            NamedConst::FracPi2 => consts::FRAC_PI_2,
            NamedConst::FracPi3 => consts::FRAC_PI_3,
            NamedConst::FracPi4 => consts::FRAC_PI_4,
            NamedConst::FracPi6 => consts::FRAC_PI_6,
            NamedConst::FracPi8 => consts::FRAC_PI_8,
        }
    }};
}

impl NamedConst {
    /// The constant of this name that `ty` has, if it has one. Its type is `ty`.
    pub fn value(self, ty: ScalarTy) -> Option<ConstValue> {
        let name = self;
        let int = match ty {
            ScalarTy::Bool => return None,
            ScalarTy::F32 => return Some(ConstValue::F32(float_const!(name, f32).to_bits())),
            ScalarTy::F64 => return Some(ConstValue::F64(float_const!(name, f64).to_bits())),
            ScalarTy::I8 => int_const!(name, i8, u8),
            ScalarTy::I16 => int_const!(name, i16, u16),
            ScalarTy::I32 => int_const!(name, i32, u32),
            ScalarTy::I64 | ScalarTy::Isize => int_const!(name, i64, u64),
            ScalarTy::I128 => int_const!(name, i128, u128),
            ScalarTy::U8 => int_const!(name, u8, u8),
            ScalarTy::U16 => int_const!(name, u16, u16),
            ScalarTy::U32 => int_const!(name, u32, u32),
            ScalarTy::U64 | ScalarTy::Usize => int_const!(name, u64, u64),
            ScalarTy::U128 => int_const!(name, u128, u128),
        };
        Some(ConstValue::Int(int))
    }
}

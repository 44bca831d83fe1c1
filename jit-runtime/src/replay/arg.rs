//! A scalar that knows its type at run time only.

use std::cmp::Ordering;
use std::fmt;

use hotloop_ir::ScalarTy;

/// A scalar out of compiled code. It prints and compares as the scalar that it is.
#[derive(Clone, Copy)]
pub struct Arg {
    pub(crate) ty: ScalarTy,
    /// The bits, zero-extended.
    pub(crate) bits: u128,
}

impl Arg {
    /// The value as a width or a precision.
    pub fn count(self) -> usize {
        self.bits as usize
    }
}

/// Evaluates `$use` with `$value` bound to the scalar.
macro_rules! with_scalar {
    ($arg:expr, $value:ident => $use:expr, floats $value_f:ident => $use_f:expr, bool $value_b:ident => $use_b:expr) => {{
        let arg: Arg = $arg;
        macro_rules! as_int {
            ($ty:ty) => {{
                let $value = arg.bits as $ty;
                $use
            }};
        }
        match arg.ty {
            ScalarTy::Bool => {
                let $value_b = arg.bits & 1 == 1;
                $use_b
            }
            ScalarTy::I8 => as_int!(i8),
            ScalarTy::I16 => as_int!(i16),
            ScalarTy::I32 => as_int!(i32),
            ScalarTy::I64 => as_int!(i64),
            ScalarTy::I128 => as_int!(i128),
            ScalarTy::Isize => as_int!(isize),
            ScalarTy::U8 => as_int!(u8),
            ScalarTy::U16 => as_int!(u16),
            ScalarTy::U32 => as_int!(u32),
            ScalarTy::U64 => as_int!(u64),
            ScalarTy::U128 => as_int!(u128),
            ScalarTy::Usize => as_int!(usize),
            ScalarTy::F32 => {
                let $value_f = f32::from_bits(arg.bits as u32);
                $use_f
            }
            ScalarTy::F64 => {
                let $value_f = f64::from_bits(arg.bits as u64);
                $use_f
            }
        }
    }};
}

macro_rules! forward {
    (all: $($every:ident)*; numbers: $($number:ident)*; integers: $($int:ident)*) => {
        $(impl fmt::$every for Arg {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                with_scalar!(*self, value => fmt::$every::fmt(&value, f), floats value => fmt::$every::fmt(&value, f),
                    bool value => fmt::$every::fmt(&value, f))
            }
        })*
        $(impl fmt::$number for Arg {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                with_scalar!(*self, value => fmt::$number::fmt(&value, f), floats value => fmt::$number::fmt(&value, f),
                    bool value => fmt::Debug::fmt(&value, f))
            }
        })*
        $(impl fmt::$int for Arg {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                // rustc has checked the user's format: it is an integer.
                with_scalar!(*self, value => fmt::$int::fmt(&value, f), floats value => fmt::Debug::fmt(&value, f),
                    bool value => fmt::Debug::fmt(&value, f))
            }
        })*
    };
}
forward!(all: Display Debug; numbers: LowerExp UpperExp; integers: LowerHex UpperHex Binary Octal);

impl PartialEq for Arg {
    fn eq(&self, other: &Self) -> bool {
        self.partial_cmp(other) == Some(Ordering::Equal)
    }
}

impl PartialOrd for Arg {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        if self.ty != other.ty {
            return None;
        }
        macro_rules! parse_other {
            ($value:expr, $ty:ident) => {
                $value.partial_cmp(&(other.bits as $ty))
            };
        }
        match self.ty {
            ScalarTy::F32 => {
                f32::from_bits(self.bits as u32).partial_cmp(&f32::from_bits(other.bits as u32))
            }
            ScalarTy::F64 => {
                f64::from_bits(self.bits as u64).partial_cmp(&f64::from_bits(other.bits as u64))
            }
            ScalarTy::I8 => parse_other!((self.bits as i8), i8),
            ScalarTy::I16 => parse_other!((self.bits as i16), i16),
            ScalarTy::I32 => parse_other!((self.bits as i32), i32),
            ScalarTy::I64 => parse_other!((self.bits as i64), i64),
            ScalarTy::I128 => parse_other!((self.bits as i128), i128),
            ScalarTy::Isize => parse_other!((self.bits as isize), isize),
            ScalarTy::Bool
            | ScalarTy::U8
            | ScalarTy::U16
            | ScalarTy::U32
            | ScalarTy::U64
            | ScalarTy::U128
            | ScalarTy::Usize => self.bits.partial_cmp(&other.bits),
        }
    }
}

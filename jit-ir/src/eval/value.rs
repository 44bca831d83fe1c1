//! Values of the evaluator: bits with a type, as a trap carries them.

use std::fmt;
use std::sync::Arc;

use crate::expr::ConstValue;
use crate::layout::{field_offsets, layout_of};
use crate::ty::{ScalarTy, StructTy, Ty};

/// A scalar: its bits, zero-extended to 128 (as in a trap's operands), and what they mean.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scalar {
    /// The type.
    pub ty: ScalarTy,
    /// The bits of the value; those above the type's width are 0.
    pub bits: u128,
}

/// A value. Equality is of bits: a NaN equals itself, 0.0 and -0.0 differ. See [`Value::agrees_with`].
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `()`.
    Unit,
    /// A number or truth value.
    Scalar(Scalar),
    /// A tuple.
    Tuple(Vec<Value>),
    /// An array.
    Array {
        /// The type of its elements.
        elem: Ty,
        /// The elements.
        values: Vec<Value>,
    },
    /// A struct.
    Struct {
        /// Its type.
        ty: Arc<StructTy>,
        /// The values of its fields, in the order of the type.
        fields: Vec<Value>,
    },
    /// A reference or a slice.
    Ref(Box<Reference>),
}

/// Where a reference or a slice points to, in the memory of one evaluation.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// The type of the reference or slice.
    pub(super) ty: Ty,
    pub(super) object: usize,
    /// The way from the object; for a slice, to the array that contains its elements.
    pub(super) path: Vec<u64>,
    /// The first element of a slice, and how many there are.
    pub(super) start: u64,
    pub(super) len: u64,
}

impl Scalar {
    /// The scalar with these bits; those above the width of `ty` are cut off.
    pub const fn from_bits(ty: ScalarTy, bits: u128) -> Self {
        let bits = match ty {
            ScalarTy::Bool => bits & 1,
            _ => bits & (u128::MAX >> (128 - ty.bits())),
        };
        Scalar { ty, bits }
    }

    /// The value of a constant of this type, if it is one.
    pub fn from_const(ty: ScalarTy, value: ConstValue) -> Option<Self> {
        let bits = match value {
            ConstValue::Bool(value) => u128::from(value),
            ConstValue::Int(value) => value,
            ConstValue::F32(bits) => u128::from(bits),
            ConstValue::F64(bits) => u128::from(bits),
        };
        value.is_of(ty).then_some(Scalar { ty, bits })
    }

    /// The bits of an integer, sign-extended to 128 if the type is signed.
    pub const fn extended(self) -> u128 {
        if self.ty.is_signed_int() {
            let unused = 128 - self.ty.bits();
            (((self.bits << unused) as i128) >> unused) as u128
        } else {
            self.bits
        }
    }

    /// Whether this is a NaN.
    pub fn is_nan(self) -> bool {
        match self.ty {
            ScalarTy::F32 => f32::from_bits(self.bits as u32).is_nan(),
            ScalarTy::F64 => f64::from_bits(self.bits as u64).is_nan(),
            _ => false,
        }
    }

    /// Whether both have the same type and bits, or are both NaN.
    pub fn agrees_with(self, other: Scalar) -> bool {
        self == other || (self.ty == other.ty && self.is_nan() && other.is_nan())
    }
}

impl fmt::Debug for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ty {
            ScalarTy::Bool => write!(f, "{}", self.bits != 0),
            ScalarTy::F32 => write!(f, "{:?}f32", f32::from_bits(self.bits as u32)),
            ScalarTy::F64 => write!(f, "{:?}f64", f64::from_bits(self.bits as u64)),
            ty if ty.is_signed_int() => write!(f, "{}{ty}", self.extended() as i128),
            ty => write!(f, "{}{ty}", self.bits),
        }
    }
}

impl Value {
    /// The type of the value.
    pub fn ty(&self) -> Ty {
        match self {
            Value::Unit => Ty::Unit,
            Value::Scalar(scalar) => Ty::Scalar(scalar.ty),
            Value::Tuple(elems) => Ty::Tuple(elems.iter().map(Value::ty).collect()),
            Value::Array { elem, values } => Ty::Array {
                elem: Box::new(elem.clone()),
                len: values.len() as u64,
            },
            Value::Struct { ty, .. } => Ty::Struct(ty.clone()),
            Value::Ref(reference) => reference.ty.clone(),
        }
    }

    /// Whether this is a value of the type, through and through.
    pub fn is_of(&self, ty: &Ty) -> bool {
        let all = |values: &[Value], ty: &Ty| {
            values.len() == ty.parts().count()
                && values
                    .iter()
                    .zip(ty.parts())
                    .all(|(value, ty)| value.is_of(ty))
        };
        match self {
            Value::Unit | Value::Scalar(_) | Value::Ref(_) => self.ty() == *ty,
            Value::Tuple(elems) => matches!(ty, Ty::Tuple(_)) && all(elems, ty),
            Value::Array { elem, values } => match ty {
                Ty::Array {
                    elem: expected,
                    len,
                } => {
                    elem == &**expected
                        && values.len() as u64 == *len
                        && values.iter().all(|value| value.is_of(elem))
                }
                _ => false,
            },
            Value::Struct { ty: own, fields } => match ty {
                Ty::Struct(expected) => own == expected && all(fields, ty),
                _ => false,
            },
        }
    }

    /// The elements or fields of an aggregate.
    pub fn parts(&self) -> Option<&[Value]> {
        match self {
            Value::Unit | Value::Scalar(_) | Value::Ref(_) => None,
            Value::Tuple(parts)
            | Value::Array { values: parts, .. }
            | Value::Struct { fields: parts, .. } => Some(parts),
        }
    }

    pub(super) fn parts_mut(&mut self) -> Option<&mut [Value]> {
        match self {
            Value::Unit | Value::Scalar(_) | Value::Ref(_) => None,
            Value::Tuple(parts)
            | Value::Array { values: parts, .. }
            | Value::Struct { fields: parts, .. } => Some(parts),
        }
    }

    /// The value whose bytes in memory these are; `None` if there are not as many as [`layout_of`] says, or for references.
    pub fn from_bytes(ty: &Ty, bytes: &[u8]) -> Option<Value> {
        let layout = layout_of(ty).ok()?;
        if bytes.len() as u64 != layout.size {
            return None;
        }
        match ty {
            Ty::Unit => Some(Value::Unit),
            Ty::Scalar(scalar) => {
                let mut wide = [0; 16];
                wide.get_mut(..bytes.len())?.copy_from_slice(bytes);
                let bits = u128::from_le_bytes(wide);
                Some(Value::Scalar(Scalar::from_bits(*scalar, bits)))
            }
            Ty::Array { elem, len } => {
                let size = layout_of(elem).ok()?.size as usize;
                let value = |n: u64| {
                    let start = n as usize * size;
                    Value::from_bytes(elem, bytes.get(start..start + size)?)
                };
                // Elements without bytes could be any number, and are of no use.
                let values: Option<Vec<_>> = match size {
                    0 if *len > MAX_EMPTY_ELEMENTS => None,
                    _ => (0..*len).map(value).collect(),
                };
                Some(Value::Array {
                    elem: (**elem).clone(),
                    values: values?,
                })
            }
            Ty::Tuple(_) | Ty::Struct(_) => {
                let offsets = field_offsets(ty).ok()?;
                let fields = ty.parts().zip(offsets).map(|(part, offset)| {
                    let start = offset as usize;
                    let size = layout_of(part).ok()?.size as usize;
                    Value::from_bytes(part, bytes.get(start..start.checked_add(size)?)?)
                });
                let fields = fields.collect::<Option<_>>()?;
                Some(match ty {
                    Ty::Struct(ty) => {
                        let ty = ty.clone();
                        Value::Struct { ty, fields }
                    }
                    _ => Value::Tuple(fields),
                })
            }
            Ty::Param(_) | Ty::Ref { .. } | Ty::Slice { .. } => None,
        }
    }

    /// The bytes of the value in memory, padding 0; `None` for references.
    pub fn to_bytes(&self) -> Option<Vec<u8>> {
        let ty = self.ty();
        let size = layout_of(&ty).ok()?.size as usize;
        let mut bytes = match self {
            Value::Unit => Vec::new(),
            Value::Scalar(scalar) => scalar.bits.to_le_bytes().get(..size)?.to_vec(),
            Value::Array { values, .. } => {
                let mut bytes = Vec::with_capacity(size);
                for value in values {
                    bytes.extend(value.to_bytes()?);
                }
                bytes
            }
            Value::Tuple(parts) | Value::Struct { fields: parts, .. } => {
                let mut bytes = vec![0; size];
                for (part, offset) in parts.iter().zip(field_offsets(&ty).ok()?) {
                    let part = part.to_bytes()?;
                    let start = offset as usize;
                    let to = bytes.get_mut(start..start.checked_add(part.len())?)?;
                    to.copy_from_slice(&part);
                }
                bytes
            }
            Value::Ref(_) => return None,
        };
        bytes.resize(size, 0);
        Some(bytes)
    }

    /// The scalar, if it is one.
    pub fn as_scalar(&self) -> Option<Scalar> {
        match self {
            Value::Scalar(scalar) => Some(*scalar),
            Value::Unit
            | Value::Tuple(_)
            | Value::Array { .. }
            | Value::Struct { .. }
            | Value::Ref(_) => None,
        }
    }

    /// Whether both have the same type and bits, where any NaN is as good as any other. This is the equality that
    /// compiled code keeps: the payload and sign of a NaN are unspecified.
    pub fn agrees_with(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Unit, Value::Unit) => true,
            (Value::Scalar(a), Value::Scalar(b)) => a.agrees_with(*b),
            (Value::Tuple(a), Value::Tuple(b)) => all_agree(a, b),
            (
                Value::Array { elem, values },
                Value::Array {
                    elem: other,
                    values: others,
                },
            ) => elem == other && all_agree(values, others),
            (
                Value::Struct { ty, fields },
                Value::Struct {
                    ty: other,
                    fields: others,
                },
            ) => ty == other && all_agree(fields, others),
            _ => false,
        }
    }
}

/// How many elements without bytes [`Value::from_bytes`] makes at most.
const MAX_EMPTY_ELEMENTS: u64 = 4096;

fn all_agree(a: &[Value], b: &[Value]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.agrees_with(b))
}

/// A Rust type that stands for a scalar type. `usize` and `isize` stand as 64 bits wide, whatever the host.
pub(super) trait Native: Copy {
    fn from_scalar_bits(bits: u128) -> Self;
    fn to_scalar_bits(self) -> u128;
}

macro_rules! native_ints {
    ($($int:ty as $unsigned:ty),*) => {
        $(impl Native for $int {
            fn from_scalar_bits(bits: u128) -> Self {
                bits as Self
            }
            fn to_scalar_bits(self) -> u128 {
                self as $unsigned as u128
            }
        })*
    };
}
native_ints!(i8 as u8, i16 as u16, i32 as u32, i64 as u64, i128 as u128);
native_ints!(u8 as u8, u16 as u16, u32 as u32, u64 as u64, u128 as u128);

impl Native for bool {
    fn from_scalar_bits(bits: u128) -> Self {
        bits != 0
    }
    fn to_scalar_bits(self) -> u128 {
        self as u128
    }
}

impl Native for f32 {
    fn from_scalar_bits(bits: u128) -> Self {
        f32::from_bits(bits as u32)
    }
    fn to_scalar_bits(self) -> u128 {
        self.to_bits() as u128
    }
}

impl Native for f64 {
    fn from_scalar_bits(bits: u128) -> Self {
        f64::from_bits(bits as u64)
    }
    fn to_scalar_bits(self) -> u128 {
        self.to_bits() as u128
    }
}

macro_rules! from_rust {
    ($($rust:ident => $ty:ident),*) => {
        $(impl From<$rust> for Value {
            fn from(value: $rust) -> Value {
                Value::Scalar(Scalar { ty: ScalarTy::$ty, bits: value.to_scalar_bits() })
            }
        })*
    };
}
from_rust!(bool => Bool, f32 => F32, f64 => F64);
from_rust!(i8 => I8, i16 => I16, i32 => I32, i64 => I64, i128 => I128);
from_rust!(u8 => U8, u16 => U16, u32 => U32, u64 => U64, u128 => U128);

impl From<Vec<Value>> for Value {
    /// An array with the type of its first element; of bytes, if there is none.
    fn from(values: Vec<Value>) -> Value {
        let elem = values.first().map_or(Ty::Scalar(ScalarTy::U8), Value::ty);
        Value::Array { elem, values }
    }
}

impl From<usize> for Value {
    fn from(value: usize) -> Value {
        Value::Scalar(Scalar::from_bits(ScalarTy::Usize, value as u128))
    }
}

impl From<isize> for Value {
    fn from(value: isize) -> Value {
        Value::Scalar(Scalar::from_bits(ScalarTy::Isize, value as u128))
    }
}

/// Runs `$body` with `$T` as the Rust type of an integer type, or `$other` for other types.
macro_rules! with_int {
    ($ty:expr, $T:ident => $body:expr, else $other:expr) => {
        match $ty {
            ScalarTy::Bool | ScalarTy::F32 | ScalarTy::F64 => $other,
            ty if ty.is_signed_int() => {
                $crate::eval::value::with_signed!(ty, $T => $body, else $other)
            }
            ty => $crate::eval::value::with_unsigned!(ty, $T => $body, else $other),
        }
    };
}

/// Likewise for signed integer types.
macro_rules! with_signed {
    ($ty:expr, $T:ident => $body:expr, else $other:expr) => {
        match $ty {
            ScalarTy::I8 => {
                type $T = i8;
                $body
            }
            ScalarTy::I16 => {
                type $T = i16;
                $body
            }
            ScalarTy::I32 => {
                type $T = i32;
                $body
            }
            ScalarTy::I64 | ScalarTy::Isize => {
                type $T = i64;
                $body
            }
            ScalarTy::I128 => {
                type $T = i128;
                $body
            }
            _ => $other,
        }
    };
}

/// Likewise for unsigned integer types.
macro_rules! with_unsigned {
    ($ty:expr, $T:ident => $body:expr, else $other:expr) => {
        match $ty {
            ScalarTy::U8 => {
                type $T = u8;
                $body
            }
            ScalarTy::U16 => {
                type $T = u16;
                $body
            }
            ScalarTy::U32 => {
                type $T = u32;
                $body
            }
            ScalarTy::U64 | ScalarTy::Usize => {
                type $T = u64;
                $body
            }
            ScalarTy::U128 => {
                type $T = u128;
                $body
            }
            _ => $other,
        }
    };
}

/// Likewise for float types.
macro_rules! with_float {
    ($ty:expr, $T:ident => $body:expr, else $other:expr) => {
        match $ty {
            ScalarTy::F32 => {
                type $T = f32;
                $body
            }
            ScalarTy::F64 => {
                type $T = f64;
                $body
            }
            _ => $other,
        }
    };
}

pub(super) use {with_float, with_int, with_signed, with_unsigned};

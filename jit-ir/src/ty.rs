//! The types of the IR.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A machine number or truth value. `usize` and `isize` have 64 bits: only such targets are compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum ScalarTy {
    Bool,
    I8,
    I16,
    I32,
    I64,
    I128,
    Isize,
    U8,
    U16,
    U32,
    U64,
    U128,
    Usize,
    F32,
    F64,
}

impl ScalarTy {
    /// Every scalar type once.
    pub const ALL: [ScalarTy; 15] = [
        ScalarTy::Bool,
        ScalarTy::I8,
        ScalarTy::I16,
        ScalarTy::I32,
        ScalarTy::I64,
        ScalarTy::I128,
        ScalarTy::Isize,
        ScalarTy::U8,
        ScalarTy::U16,
        ScalarTy::U32,
        ScalarTy::U64,
        ScalarTy::U128,
        ScalarTy::Usize,
        ScalarTy::F32,
        ScalarTy::F64,
    ];

    /// Rust's name of the type.
    pub const fn name(self) -> &'static str {
        match self {
            ScalarTy::Bool => "bool",
            ScalarTy::I8 => "i8",
            ScalarTy::I16 => "i16",
            ScalarTy::I32 => "i32",
            ScalarTy::I64 => "i64",
            ScalarTy::I128 => "i128",
            ScalarTy::Isize => "isize",
            ScalarTy::U8 => "u8",
            ScalarTy::U16 => "u16",
            ScalarTy::U32 => "u32",
            ScalarTy::U64 => "u64",
            ScalarTy::U128 => "u128",
            ScalarTy::Usize => "usize",
            ScalarTy::F32 => "f32",
            ScalarTy::F64 => "f64",
        }
    }

    /// The type of this name, if it is one.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ty| ty.name() == name)
    }

    /// Width in bits; 8 for `bool`, which is stored as a byte 0 or 1.
    pub const fn bits(self) -> u32 {
        match self {
            ScalarTy::Bool | ScalarTy::I8 | ScalarTy::U8 => 8,
            ScalarTy::I16 | ScalarTy::U16 => 16,
            ScalarTy::I32 | ScalarTy::U32 | ScalarTy::F32 => 32,
            ScalarTy::I64 | ScalarTy::U64 | ScalarTy::Isize | ScalarTy::Usize | ScalarTy::F64 => 64,
            ScalarTy::I128 | ScalarTy::U128 => 128,
        }
    }

    /// Size in memory, in bytes.
    pub const fn size_bytes(self) -> usize {
        (self.bits() / 8) as usize
    }

    /// Whether this is `f32` or `f64`.
    pub const fn is_float(self) -> bool {
        matches!(self, ScalarTy::F32 | ScalarTy::F64)
    }

    /// Whether this is an integer type (`bool` is none).
    pub const fn is_int(self) -> bool {
        !matches!(self, ScalarTy::Bool | ScalarTy::F32 | ScalarTy::F64)
    }

    /// Whether this is an integer type with negative values.
    pub const fn is_signed_int(self) -> bool {
        matches!(
            self,
            ScalarTy::I8
                | ScalarTy::I16
                | ScalarTy::I32
                | ScalarTy::I64
                | ScalarTy::I128
                | ScalarTy::Isize
        )
    }

    /// Whether this is an integer type without negative values.
    pub const fn is_unsigned_int(self) -> bool {
        self.is_int() && !self.is_signed_int()
    }

    /// The unsigned integer of the same width, for any integer type; the type itself otherwise.
    pub const fn to_unsigned(self) -> Self {
        match self {
            ScalarTy::I8 => ScalarTy::U8,
            ScalarTy::I16 => ScalarTy::U16,
            ScalarTy::I32 => ScalarTy::U32,
            ScalarTy::I64 => ScalarTy::U64,
            ScalarTy::I128 => ScalarTy::U128,
            ScalarTy::Isize => ScalarTy::Usize,
            other => other,
        }
    }

    /// The signed integer of the same width, for any integer type; the type itself otherwise.
    pub const fn to_signed(self) -> Self {
        match self {
            ScalarTy::U8 => ScalarTy::I8,
            ScalarTy::U16 => ScalarTy::I16,
            ScalarTy::U32 => ScalarTy::I32,
            ScalarTy::U64 => ScalarTy::I64,
            ScalarTy::U128 => ScalarTy::I128,
            ScalarTy::Usize => ScalarTy::Isize,
            other => other,
        }
    }

    /// What `to_bits` yields: `u32` for `f32`, `u64` for `f64`; `None` for other types.
    pub const fn bits_ty(self) -> Option<Self> {
        match self {
            ScalarTy::F32 => Some(ScalarTy::U32),
            ScalarTy::F64 => Some(ScalarTy::U64),
            _ => None,
        }
    }
}

impl fmt::Display for ScalarTy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The type of a local or an expression.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Ty {
    /// `()`, the type of a function without a result.
    Unit,
    /// A number or truth value.
    Scalar(ScalarTy),
    /// The type parameter with this index in [`crate::Function::type_params`]; always a scalar in the end.
    /// Absent from specialized functions.
    Param(u32),
    /// `(A, B, ..)` with two or more elements (or one: `(A,)`), each anything but unit.
    Tuple(#[serde(deserialize_with = "crate::encode::deserialize_nested")] Vec<Ty>),
    /// `[T; N]`: the elements one after the other.
    Array {
        /// The type of the elements: anything but unit.
        #[serde(deserialize_with = "crate::encode::deserialize_nested")]
        elem: Box<Ty>,
        /// How many there are.
        len: u64,
    },
    /// A struct, laid out as rustc says.
    Struct(#[serde(deserialize_with = "crate::encode::deserialize_nested")] Arc<StructTy>),
    /// `&T` or `&mut T` of a sized type: a pointer. A mutable parameter aliases nothing else.
    Ref {
        /// What it points to: anything but unit.
        #[serde(deserialize_with = "crate::encode::deserialize_nested")]
        to: Box<Ty>,
        /// Whether it may be stored through.
        mutable: bool,
    },
    /// `&[T]` or `&mut [T]`: pointer and length. A mutable parameter aliases no other slice (D9 in the design).
    Slice {
        /// The type of the elements: anything but unit.
        #[serde(deserialize_with = "crate::encode::deserialize_nested")]
        elem: Box<Ty>,
        /// Whether elements may be stored to.
        mutable: bool,
    },
}

/// A struct type: its fields, and where they are in memory.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct StructTy {
    /// Its name in the source, for people; the layout and the fields are what it is.
    pub name: String,
    /// Size in bytes, a multiple of `align`.
    pub size: u64,
    /// Alignment in bytes, a power of two.
    pub align: u64,
    /// The fields in the order of the source.
    pub fields: Vec<FieldTy>,
    /// Whether fields may overlap: this is an enum whose variants have fields. The first field is the tag, which lies apart from all others; of
    /// the others only those of one variant have a meaning. Its values are built by assigning to a local's fields.
    pub overlaps: bool,
}

/// A field of a struct.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FieldTy {
    /// Its name; `0`, `1` .. in tuple structs.
    pub name: String,
    /// Where it starts, in bytes.
    pub offset: u64,
    /// Its type: anything but unit, and without type parameters or references.
    pub ty: Ty,
}

impl Ty {
    /// `bool`.
    pub const BOOL: Ty = Ty::Scalar(ScalarTy::Bool);
    /// `usize`.
    pub const USIZE: Ty = Ty::Scalar(ScalarTy::Usize);

    /// The scalar type, if it is one.
    pub fn as_scalar(&self) -> Option<ScalarTy> {
        match self {
            Ty::Scalar(scalar) => Some(*scalar),
            Ty::Unit
            | Ty::Param(_)
            | Ty::Tuple(_)
            | Ty::Array { .. }
            | Ty::Struct(_)
            | Ty::Ref { .. }
            | Ty::Slice { .. } => None,
        }
    }

    /// Whether a type parameter occurs in it.
    pub fn has_params(&self) -> bool {
        match self {
            Ty::Param(_) => true,
            _ => self.parts().any(Ty::has_params),
        }
    }

    /// The types directly inside, in order: elements, fields, what a reference points to.
    pub fn parts(&self) -> impl DoubleEndedIterator<Item = &Ty> {
        let (one, many, fields): (Option<&Ty>, &[Ty], &[FieldTy]) = match self {
            Ty::Unit | Ty::Scalar(_) | Ty::Param(_) => (None, &[], &[]),
            Ty::Tuple(elems) => (None, elems, &[]),
            Ty::Array { elem, .. } | Ty::Slice { elem, .. } => (Some(elem), &[], &[]),
            Ty::Ref { to, .. } => (Some(to), &[], &[]),
            Ty::Struct(ty) => (None, &[], &ty.fields),
        };
        let fields = fields.iter().map(|field| &field.ty);
        one.into_iter().chain(many).chain(fields)
    }

    /// Whether a reference or a slice occurs in it.
    pub fn has_refs(&self) -> bool {
        match self {
            Ty::Ref { .. } | Ty::Slice { .. } => true,
            _ => self.parts().any(Ty::has_refs),
        }
    }

    /// Whether something may be stored through a value of this type.
    pub fn has_mutable_refs(&self) -> bool {
        match self {
            Ty::Ref { mutable: true, .. } | Ty::Slice { mutable: true, .. } => true,
            _ => self.parts().any(Ty::has_mutable_refs),
        }
    }

    /// The element or field with this number of a tuple or struct.
    pub fn field(&self, field: u32) -> Option<&Ty> {
        match self {
            Ty::Tuple(elems) => elems.get(field as usize),
            Ty::Struct(ty) => Some(&ty.fields.get(field as usize)?.ty),
            _ => None,
        }
    }

    /// What an index selects, of a slice or an array.
    pub fn element(&self) -> Option<&Ty> {
        match self {
            Ty::Array { elem, .. } | Ty::Slice { elem, .. } => Some(elem),
            _ => None,
        }
    }

    /// The scalars of this type in order, tuples flattened; `None` if anything else is inside.
    pub fn leaves(&self) -> Option<Vec<&Ty>> {
        fn collect<'a>(ty: &'a Ty, out: &mut Vec<&'a Ty>) -> bool {
            match ty {
                Ty::Unit => true,
                Ty::Scalar(_) | Ty::Param(_) => {
                    out.push(ty);
                    true
                }
                Ty::Tuple(elems) => elems.iter().all(|elem| collect(elem, out)),
                Ty::Array { .. } | Ty::Struct(_) | Ty::Ref { .. } | Ty::Slice { .. } => false,
            }
        }
        let mut out = Vec::new();
        collect(self, &mut out).then_some(out)
    }
}

impl From<ScalarTy> for Ty {
    fn from(scalar: ScalarTy) -> Ty {
        Ty::Scalar(scalar)
    }
}

//! The types of generated programs.

use std::fmt;

use super::rng::Rng;

/// An integer type. `bits` is 0 for `isize` and `usize`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Int {
    pub(crate) bits: u32,
    pub(crate) signed: bool,
}

pub(crate) const USIZE: Int = Int {
    bits: 0,
    signed: false,
};
pub(crate) const BYTE: Int = Int {
    bits: 8,
    signed: false,
};
pub(crate) const I32: Int = Int {
    bits: 32,
    signed: true,
};
pub(crate) const U32: Int = Int {
    bits: 32,
    signed: false,
};

impl Int {
    pub(crate) fn width(self) -> u32 {
        if self.bits == 0 { 64 } else { self.bits }
    }
}

impl fmt::Display for Int {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letter = if self.signed { 'i' } else { 'u' };
        match self.bits {
            0 => write!(f, "{letter}size"),
            bits => write!(f, "{letter}{bits}"),
        }
    }
}

/// A type whose values are `Copy`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ty {
    Unit,
    Bool,
    Int(Int),
    F32,
    F64,
    Tuple(Vec<Ty>),
    Array(Box<Ty>, usize),
    /// `S0`, `S1` ..: its fields are in [`Items`](super::items::Items).
    Struct(usize),
    /// `E0`, `E1` ..
    Enum(usize),
    /// `D0`, `D1` ..: enums whose variants have fields.
    Data(usize),
    Option(Box<Ty>),
    Result(Box<Ty>, Box<Ty>),
    /// The type parameter of a generic function.
    Param(Class),
}

/// What is known of a type parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// `T: Float`.
    Float,
    /// `T: PrimInt`.
    Int,
}

pub(crate) const BOOL: Ty = Ty::Bool;

/// The length of arrays of `N` elements, `N` being a parameter.
pub(crate) const LEN_N: usize = usize::MAX;

impl fmt::Display for Ty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ty::Unit => write!(f, "()"),
            Ty::Bool => write!(f, "bool"),
            Ty::Int(int) => write!(f, "{int}"),
            Ty::F32 => write!(f, "f32"),
            Ty::F64 => write!(f, "f64"),
            Ty::Tuple(parts) => {
                write!(f, "(")?;
                for part in parts {
                    write!(f, "{part}, ")?;
                }
                write!(f, ")")
            }
            Ty::Array(elem, LEN_N) => write!(f, "[{elem}; N]"),
            Ty::Array(elem, n) => write!(f, "[{elem}; {n}]"),
            Ty::Struct(i) => write!(f, "S{i}"),
            Ty::Enum(i) => write!(f, "E{i}"),
            Ty::Data(i) => write!(f, "D{i}"),
            Ty::Option(inner) => write!(f, "Option<{inner}>"),
            Ty::Result(ok, err) => write!(f, "Result<{ok}, {err}>"),
            Ty::Param(_) => write!(f, "T"),
        }
    }
}

impl Ty {
    pub(crate) fn usize() -> Ty {
        Ty::Int(USIZE)
    }

    pub(crate) fn is_scalar(&self) -> bool {
        matches!(
            self,
            Ty::Bool | Ty::Int(_) | Ty::F32 | Ty::F64 | Ty::Param(_)
        )
    }

    /// The type where the type parameter is this one.
    pub(crate) fn with_param(&self, param: &Ty) -> Ty {
        let with = |ty: &Ty| Box::new(ty.with_param(param));
        match self {
            Ty::Param(_) => param.clone(),
            Ty::Array(elem, len) => Ty::Array(with(elem), *len),
            Ty::Tuple(parts) => {
                Ty::Tuple(parts.iter().map(|part| part.with_param(param)).collect())
            }
            Ty::Option(inner) => Ty::Option(with(inner)),
            Ty::Result(ok, err) => Ty::Result(with(ok), with(err)),
            other => other.clone(),
        }
    }

    pub(crate) fn is_float(&self) -> bool {
        matches!(self, Ty::F32 | Ty::F64)
    }

    /// The type where `N` is a number.
    pub(crate) fn with_len(&self, n: usize) -> Ty {
        match self {
            Ty::Array(elem, LEN_N) => Ty::Array(Box::new(elem.with_len(n)), n),
            Ty::Array(elem, len) => Ty::Array(Box::new(elem.with_len(n)), *len),
            Ty::Tuple(parts) => Ty::Tuple(parts.iter().map(|part| part.with_len(n)).collect()),
            Ty::Option(inner) => Ty::Option(Box::new(inner.with_len(n))),
            Ty::Result(ok, err) => Ty::Result(Box::new(ok.with_len(n)), Box::new(err.with_len(n))),
            other => other.clone(),
        }
    }

    /// Whether the type has no `Option` in it: such are not stored in slices, arrays and structs.
    pub(crate) fn is_plain(&self) -> bool {
        match self {
            Ty::Option(_) | Ty::Result(..) | Ty::Unit => false,
            Ty::Tuple(parts) => parts.iter().all(Ty::is_plain),
            Ty::Array(elem, _) => elem.is_plain(),
            _ => true,
        }
    }
}

impl Rng {
    pub(crate) fn int(&mut self) -> Int {
        let bits = *self.pick(&[&8, &16, &32, &32, &64, &64, &0, &0, &128]);
        Int {
            bits,
            signed: self.one_in(2),
        }
    }

    pub(crate) fn scalar(&mut self) -> Ty {
        match self.below(10) {
            0 => Ty::Bool,
            1 | 2 => Ty::F64,
            3 => Ty::F32,
            4 | 5 => Ty::Int(I32),
            _ => Ty::Int(self.int()),
        }
    }

    pub(crate) fn number(&mut self) -> Ty {
        match self.scalar() {
            Ty::Bool => Ty::F64,
            other => other,
        }
    }
}

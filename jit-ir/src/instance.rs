//! What lowering knows about names that only rustc can resolve: the types, constants and functions that a captured function names.
//!
//! A macro sees tokens. So a captured function is kept as syntax ([`crate::hir`]), and its expansion has a function that asks
//! rustc what each such name means: the runtime runs it before it lowers, and gets the [`Extern`]s of an [`Instance`]. While a crate is
//! built there are none, and lowering takes every such name for something unknown, about which it reports no problem.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::hir;
use crate::specialize::BuildOptions;
use crate::ty::ScalarTy;

/// A captured function with everything that is needed to lower it.
#[derive(Clone, Debug)]
pub struct Instance {
    /// What was captured.
    pub function: Arc<hir::Function>,
    /// The module path of the function, for people.
    pub module: String,
    /// The types of its type parameters, in order; those of a method begin with those of its `impl`.
    pub type_args: Vec<TypeInfo>,
    /// The values of its const parameters, in order.
    pub const_args: Vec<ConstInfo>,
    /// What its names mean, by the node ([`hir::Span`]) of the name.
    pub externs: BTreeMap<u32, Extern>,
    /// The profile and the liberties of the crate and the attribute.
    pub build: BuildOptions,
}

/// What a name means.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Extern {
    /// A type.
    Type(TypeInfo),
    /// A constant, a static, a variant of an enum without fields.
    Const(ConstInfo),
    /// A jitted function or method, by its number among the instances.
    Callee(usize),
    /// A function of Rust's that is called through a trampoline.
    Host(HostInfo),
    /// A method whose receiver's type has no jitted method of this name: one of a scalar or a slice, perhaps.
    NotJitted,
    /// A method or function of num-traits for numbers that lowering has an operation for, by its name.
    OfNumbers,
    /// A function that is not jitted and cannot be called through a trampoline, either: the fact that stands in the way, such as "its result
    /// has type `Vec<f64>`".
    OutOfReach(String),
}

/// A type as rustc laid it out.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TypeInfo {
    /// `()`.
    Unit,
    /// A scalar.
    Scalar(ScalarTy),
    /// `char`.
    Char,
    /// A tuple; the offset of each element is rustc's own.
    Tuple(Arc<StructInfo>),
    /// `[T; N]`.
    Array(Arc<TypeInfo>, u64),
    /// `&[T]` or `&mut [T]`.
    Slice {
        /// The type of the elements.
        elem: Arc<TypeInfo>,
        /// Whether it is `&mut`.
        mutable: bool,
    },
    /// `&T` or `&mut T` of a sized type.
    Ref {
        /// What it points to.
        to: Arc<TypeInfo>,
        /// Whether it is `&mut`.
        mutable: bool,
    },
    /// A struct.
    Struct(Arc<StructInfo>),
    /// An enum without fields.
    Enum(Arc<EnumInfo>),
    /// An enum whose variants have fields.
    DataEnum(Arc<DataEnumInfo>),
    /// `Option<T>`; has no layout, so it is no part of a struct.
    Option(Arc<TypeInfo>),
    /// `Result<T, E>`; likewise.
    Result(Arc<TypeInfo>, Arc<TypeInfo>),
    /// A type that compiled code cannot use, by its name.
    Unknown(String),
}

/// A struct as rustc laid it out.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StructInfo {
    /// The path of the type with its arguments, which no other type has.
    pub name: String,
    /// Size in bytes.
    pub size: u64,
    /// Alignment in bytes.
    pub align: u64,
    /// The fields in the order of the source, each with its offset. Elements of tuples are called `0`, `1` ..
    pub fields: Vec<(String, u64, TypeInfo)>,
}

/// An enum without fields.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EnumInfo {
    /// The path of the type, which no other type has.
    pub name: String,
    /// The integer that it is in memory.
    pub repr: ScalarTy,
    /// The variants, each with its bits, zero-extended.
    pub variants: Vec<(String, u128)>,
    /// Whether its values are equal where their integers are, as far as they can be compared.
    pub equality: bool,
    /// Whether its values can be ordered, and are as their integers.
    pub order: bool,
}

/// An enum whose variants have fields, laid out as its `repr` attribute says.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DataEnumInfo {
    /// The path of the type with its arguments, which no other type has.
    pub name: String,
    /// Size in bytes.
    pub size: u64,
    /// Alignment in bytes.
    pub align: u64,
    /// The integer that tells the variants apart, at offset 0.
    pub tag: ScalarTy,
    /// The variants in the order of the source.
    pub variants: Vec<VariantInfo>,
}

/// A variant of an enum whose variants have fields.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct VariantInfo {
    /// Its name.
    pub name: String,
    /// The bits of its tag, zero-extended.
    pub tag: u128,
    /// Its fields, as those of a struct: names, or `0`, `1` ..; offsets from the start of the enum.
    pub fields: Vec<(String, u64, TypeInfo)>,
}

/// The value of a constant.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ConstInfo {
    /// Its type; a constant slice has the type of an array behind a [`TypeInfo::Ref`], which coerces.
    pub ty: TypeInfo,
    /// Its bytes, little-endian, padding zero; what it points to, if it is a reference.
    pub bytes: Vec<u8>,
}

/// A function that is called through a trampoline.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HostInfo {
    /// Its path in the source.
    pub name: String,
    /// Its parameters.
    pub params: Vec<TypeInfo>,
    /// Its result.
    pub result: TypeInfo,
}

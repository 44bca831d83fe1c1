//! What rustc says about types and constants: [`JitType`], which describes a type to lowering, and the writer that copies constants.
//!
//! A macro sees the name of a type; how it is laid out is known to rustc alone. So the expansion calls [`JitType::describe`] of each
//! type that a captured function names. `#[derive(JitType)]` describes structs and enums through [`describe_struct`] and
//! [`describe_enum`].

#[cfg(feature = "ndarray")]
mod arrays;
mod comparisons;
#[cfg(feature = "complex")]
mod complex;
mod found;
mod impls;
mod params;
mod shapes;
mod structs;
#[cfg(test)]
mod tests;
mod writer;

use hotloop_ir::instance::{ConstInfo, TypeInfo};

#[cfg(feature = "ndarray")]
pub use arrays::{ArrayParts, array_parts, array_parts_mut, view_parts, view_parts_mut};
pub use comparisons::{EnumValue, EnumValues, NoEquality, NoPartialOrder, NoTotalOrder};
pub use found::{FoundField, FoundVariant, describe_found_enum, sample};
pub use params::{describe_param, is_number, scalar_of, write_param};
pub(crate) use shapes::{shape_of, write_shape};
pub use structs::{
    Field, VariantField, describe_array, describe_data_enum, describe_enum, describe_ref,
    describe_slice, describe_struct, describe_tuple, offset_in,
};
pub use writer::ConstWriter;

/// A type that jitted functions can use: numbers, `bool`, tuples, arrays, references and slices of these, and structs and enums that derive
/// it. An enum whose variants have fields has the layout that `#[repr(u8)]` or another integer, or `#[repr(C)]`, says; without these its layout is
/// found out by looking at values, and where the tag has no place of its own (`enum { Flag(bool), Nothing }`), functions that use it run rustc's body.
///
/// ```ignore
/// #[derive(hotloop::JitType)]
/// struct Point {
///     x: f64,
///     y: f64,
/// }
/// ```
///
/// # Safety
///
/// Compiled code relies on the description: every value of the type has, at each offset that is described, a valid value of the type that
/// is described there (of an enum: the tag of its variant, and the variant's fields); bytes with valid values in all of these places,
/// and zeros where nothing is described, are a valid value of the type; and `write` writes just these bytes. Not every value that a described type may have is valid for the type itself (`char`,
/// the `NonZero` integers, enums are described as integers): compiled code makes values of a type from values of the type, from literals and
/// constants of it, and from its variants, as Rust does, and never from other bits.
#[diagnostic::on_unimplemented(
    message = "jitted functions cannot use values of type `{Self}`",
    label = "not a type that hotloop can compile for",
    note = "derive it: `#[derive(hotloop::JitType)]` on the struct or the enum",
    note = "of num-complex's `Complex`: enable the feature `complex` of hotloop",
    note = "numbers, `bool`, tuples, arrays, slices and references of such types have it already"
)]
pub unsafe trait JitType {
    /// How rustc laid the type out.
    #[doc(hidden)]
    fn describe() -> TypeInfo;

    /// Copies the value into `out`, scalar by scalar: padding is never read.
    #[doc(hidden)]
    fn write(&self, out: &mut ConstWriter);

    /// The value of a constant of this type.
    #[doc(hidden)]
    fn constant(&self) -> ConstInfo
    where
        Self: Sized,
    {
        let mut out = ConstWriter::new(size_of::<Self>());
        self.write(&mut out);
        out.finish(Self::describe())
    }
}

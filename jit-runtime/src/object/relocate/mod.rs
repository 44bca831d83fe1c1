//! Applying relocations: pure functions over bytes and addresses, so that both architectures are tested on any host.

pub(super) mod aarch64;
pub(super) mod x86_64;

use super::error::RelocateError;

/// What a type of relocation wants from the loader before it can be applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    /// The address of the symbol.
    Symbol,
    /// The address of the symbol, or of a stub that jumps to it if it is out of reach.
    Call,
    /// An entry of the global offset table that holds the symbol's address.
    Got,
    /// Only the address of the global offset table.
    GotBase,
    /// Nothing: the relocation does nothing.
    Nothing,
}

/// The addresses that a relocation is computed from, named as in the psABI documents.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Operands {
    /// P: the address of the field.
    pub(super) place: u64,
    /// S: the address of the symbol (0 when the type needs none).
    pub(super) symbol: u64,
    /// A: the addend.
    pub(super) addend: i64,
    /// The address of a stub that jumps to the symbol, if there is one.
    pub(super) stub: Option<u64>,
    /// G: the address of the symbol's entry in the global offset table (0 when the type needs none).
    pub(super) got_entry: u64,
    /// GOT: the address of the global offset table.
    pub(super) got: u64,
}

impl Operands {
    /// S + A, as 64-bit arithmetic that wraps.
    fn target(&self) -> u64 {
        self.symbol.wrapping_add_signed(self.addend)
    }
}

/// The `N` bytes of the field at `offset`.
fn field<const N: usize>(bytes: &mut [u8], offset: usize) -> Result<&mut [u8; N], RelocateError> {
    let end = offset.checked_add(N).ok_or(RelocateError::OutOfSection)?;
    let field = bytes
        .get_mut(offset..end)
        .ok_or(RelocateError::OutOfSection)?;
    field.try_into().map_err(|_| RelocateError::OutOfSection)
}

/// Writes a 64-bit field.
fn write_u64(bytes: &mut [u8], offset: usize, value: u64) -> Result<(), RelocateError> {
    *field(bytes, offset)? = value.to_le_bytes();
    Ok(())
}

/// Writes the difference of two addresses into a signed 32-bit field.
fn write_i32(bytes: &mut [u8], offset: usize, value: u64) -> Result<(), RelocateError> {
    let value = i32::try_from(value.cast_signed()).map_err(|_| RelocateError::Overflow)?;
    *field(bytes, offset)? = value.to_le_bytes();
    Ok(())
}

/// Writes an address into an unsigned 32-bit field.
fn write_u32(bytes: &mut [u8], offset: usize, value: u64) -> Result<(), RelocateError> {
    let value = u32::try_from(value).map_err(|_| RelocateError::Overflow)?;
    *field(bytes, offset)? = value.to_le_bytes();
    Ok(())
}

//! Versioned bytes of functions and programs. Magic, schema version, postcard.

use std::cell::Cell;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};

use crate::func::{Function, Program};
use crate::walk::{MAX_BLOCK_DEPTH, MAX_TYPE_DEPTH};

/// The version of the encoding. Increase it with every change of a type inside [`Function`] that changes the bytes: a
/// new variant, a new field, a new intrinsic, another order. A test compares with a recorded encoding and notices.
pub const SCHEMA_VERSION: u16 = 7;

/// What encoded IR starts with.
pub const MAGIC: [u8; 4] = *b"hlIR";

/// What an encoded program starts with.
pub const PROGRAM_MAGIC: [u8; 4] = *b"hlIP";

/// Why bytes are no encoded function, or a function cannot be encoded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// The bytes do not start with [`MAGIC`] or [`PROGRAM_MAGIC`].
    #[error("not encoded IR: wrong magic number")]
    Magic,
    /// Another version of hotloop wrote the bytes.
    #[error("IR of schema version {found}, this is version {SCHEMA_VERSION}")]
    Version {
        /// The version that the bytes name.
        found: u16,
    },
    /// There are bytes behind the end of the function.
    #[error("{bytes} bytes behind the end")]
    TrailingBytes {
        /// How many.
        bytes: usize,
    },
    /// The bytes end early, or mean nothing, or what they mean is nested too deep.
    #[error("damaged IR: {0}")]
    Damaged(String),
    /// The function is nested too deep.
    #[error("the function is nested too deep")]
    TooDeep,
}

/// The bytes of a function. It need not be well-formed.
///
/// # Errors
///
/// If blocks or types are nested deeper than the verifier allows.
pub fn encode(func: &Function) -> Result<Vec<u8>, EncodeError> {
    if !func.depths_fit() {
        return Err(EncodeError::TooDeep);
    }
    to_bytes(MAGIC, func)
}

/// The bytes of a program. It need not be well-formed.
///
/// # Errors
///
/// If blocks or types are nested deeper than the verifier allows.
pub fn encode_program(program: &Program) -> Result<Vec<u8>, EncodeError> {
    if !program.functions.iter().all(Function::depths_fit) {
        return Err(EncodeError::TooDeep);
    }
    to_bytes(PROGRAM_MAGIC, program)
}

fn to_bytes(magic: [u8; 4], value: &impl Serialize) -> Result<Vec<u8>, EncodeError> {
    let mut bytes = Vec::from(magic);
    bytes.extend(SCHEMA_VERSION.to_le_bytes());
    postcard::to_extend(value, bytes).map_err(|error| EncodeError::Damaged(error.to_string()))
}

/// The function in these bytes. It is not verified.
///
/// # Errors
///
/// If the bytes are anything else than what [`encode`] of this schema version returned.
pub fn decode(bytes: &[u8]) -> Result<Function, EncodeError> {
    from_bytes(MAGIC, bytes)
}

/// The program in these bytes. It is not verified.
///
/// # Errors
///
/// If the bytes are anything else than what [`encode_program`] of this schema version returned.
pub fn decode_program(bytes: &[u8]) -> Result<Program, EncodeError> {
    from_bytes(PROGRAM_MAGIC, bytes)
}

fn from_bytes<T: DeserializeOwned>(magic: [u8; 4], bytes: &[u8]) -> Result<T, EncodeError> {
    let rest = bytes.strip_prefix(&magic).ok_or(EncodeError::Magic)?;
    let Some((version, rest)) = rest.split_first_chunk() else {
        return Err(EncodeError::Damaged("no schema version".into()));
    };
    let found = u16::from_le_bytes(*version);
    if found != SCHEMA_VERSION {
        return Err(EncodeError::Version { found });
    }
    NESTING.set(0);
    let (value, rest) =
        postcard::take_from_bytes(rest).map_err(|error| EncodeError::Damaged(error.to_string()))?;
    if !rest.is_empty() {
        return Err(EncodeError::TrailingBytes { bytes: rest.len() });
    }
    Ok(value)
}

thread_local! {
    /// How deep [`deserialize_nested`] is inside itself on this thread.
    static NESTING: Cell<usize> = const { Cell::new(0) };
}

/// How deep a decoded value may nest: a bit more than what [`encode`] writes.
const MAX_NESTING: usize = MAX_BLOCK_DEPTH + MAX_TYPE_DEPTH + 2;

/// Deserializes a field that makes its type recursive. Damaged bytes could ask for any depth, and postcard would follow
/// them until the stack is used up.
pub(crate) fn deserialize_nested<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct Leave;
    impl Drop for Leave {
        fn drop(&mut self) {
            NESTING.set(NESTING.get().saturating_sub(1));
        }
    }
    if NESTING.get() >= MAX_NESTING {
        return Err(serde::de::Error::custom("nested too deep"));
    }
    NESTING.set(NESTING.get() + 1);
    let _leave = Leave;
    T::deserialize(deserializer)
}

#[cfg(test)]
mod tests;

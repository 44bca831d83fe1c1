//! From object bytes to executable code: parse, lay out, relocate, protect.
//!
//! [`load_object`] takes what LLVM emitted, or the same bytes from the cache, and trusts none of it: every offset, size and
//! alignment is checked before it is used. Whether the *instructions* are ours is the caller's business.

mod error;
mod layout;
mod link;
mod loader;
mod memory;
mod relocate;
#[cfg(test)]
pub(crate) mod test_objects;
#[cfg(test)]
mod tests;

pub use error::{LoadError, RelocateError};
pub use loader::{Code, LoadedObject, load_object};
pub(crate) use loader::{code_of, section_of};

//! Copies constants.

use hotloop_ir::instance::{ConstInfo, TypeInfo};

/// The bytes of a constant while it is copied. What is not written, padding, is zero.
#[derive(Debug, Default)]
pub struct ConstWriter {
    bytes: Vec<u8>,
    base: usize,
    /// Why the value cannot be copied, if it cannot.
    refused: Option<String>,
}

impl ConstWriter {
    /// A writer for a value of this size.
    pub fn new(size_bytes: usize) -> Self {
        ConstWriter {
            bytes: vec![0; size_bytes],
            base: 0,
            refused: None,
        }
    }

    /// Writes a part of the value that starts at this offset.
    pub fn at(&mut self, offset: usize, write: impl FnOnce(&mut Self)) {
        let outer = self.base;
        self.base += offset;
        write(self);
        self.base = outer;
    }

    /// Writes the first `size` bytes of a scalar, given as bits.
    pub fn scalar(&mut self, bits: u128, size: usize) {
        let target = self.bytes.get_mut(self.base..self.base + size);
        match (target, bits.to_le_bytes().get(..size)) {
            (Some(target), Some(source)) => target.copy_from_slice(source),
            _ => self.refuse("a value that is larger than its type"),
        }
    }

    /// Says that the value cannot be copied.
    pub fn refuse(&mut self, what: &str) {
        self.refused.get_or_insert_with(|| what.to_owned());
    }

    /// The constant, if all of it could be copied; otherwise one of a type that compiled code cannot use.
    pub(crate) fn finish(self, ty: TypeInfo) -> ConstInfo {
        match self.refused {
            None => ConstInfo {
                ty,
                bytes: self.bytes,
            },
            Some(what) => ConstInfo {
                ty: TypeInfo::Unknown(what),
                bytes: Vec::new(),
            },
        }
    }
}

//! From captured bytes to a loaded specialization.

use std::sync::Arc;

use hotloop_ir::ScalarTy;

use crate::companion::Source;
use crate::dispatch::EntryPoint;
use crate::error::Error;

/// A jitted function, compiled for one tuple of types. Cheap to clone; the code stays loaded for as long as the process runs.
#[derive(Clone, Debug)]
pub struct Specialization {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    signature: String,
    entry: EntryPoint,
}

impl Specialization {
    /// The function with its types: `dot<f64>(&[f64], &[f64]) -> f64`.
    pub fn signature(&self) -> &str {
        &self.inner.signature
    }

    pub(crate) fn entry_point(&self) -> EntryPoint {
        self.inner.entry
    }

    /// LLVM IR.
    ///
    /// # Errors
    ///
    /// None yet.
    pub fn llvm_ir(&self) -> Result<String, Error> {
        Err(Error::Bug {
            message: "to be written".to_owned(),
        })
    }

    /// Machine code.
    ///
    /// # Errors
    ///
    /// None yet.
    pub fn asm(&self) -> Result<String, Error> {
        self.llvm_ir()
    }
}

/// Compiles.
pub(crate) fn compile(source: &'static Source, _: &[ScalarTy]) -> Result<Specialization, Error> {
    Err(Error::Bug {
        message: format!("`{}` cannot be compiled yet", source.name),
    })
}

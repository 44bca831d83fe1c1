//! Why there is no LLVM to compile with.

use std::fmt;
use std::path::PathBuf;

use super::search::{Origin, Outcome, Searched};
use super::{MAX_MAJOR, MIN_MAJOR};

/// Why LLVM could not be loaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LlvmError {
    /// This build has no way to call LLVM on this platform.
    #[error("this platform is not supported: code is compiled on x86-64 and AArch64 Linux only")]
    Platform,
    /// `HOTLOOP_LLVM` names something that cannot be used; nothing else was tried.
    #[error("HOTLOOP_LLVM names `{}`, which cannot be used: {reason}", path.display())]
    Environment {
        /// The value of the variable.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The library could not be opened.
    #[error("cannot be opened: {message}")]
    Open {
        /// The library.
        path: PathBuf,
        /// What the system said.
        message: String,
    },
    /// The library is not an LLVM, or not one of the versions we can use.
    #[error("it is LLVM {}.{}.{}, and hotloop uses LLVM {MIN_MAJOR} to {MAX_MAJOR}", version.0, version.1, version.2)]
    Version {
        /// The library.
        path: PathBuf,
        /// Its version: major, minor, patch.
        version: (u32, u32, u32),
    },
    /// The library lacks a function of the C API that we use.
    #[error("it does not have the function `{name}`")]
    MissingFunction {
        /// The function.
        name: String,
        /// The library.
        path: PathBuf,
    },
    /// No LLVM that can be used was found anywhere.
    #[error("{}", NotFound(searched))]
    NotFound {
        /// Everything that was looked at, in order, and what came of it.
        searched: Vec<Searched>,
    },
}

/// The text of `LlvmError::NotFound`: what was looked for, where, and what to do.
struct NotFound<'a>(&'a [Searched]);

impl fmt::Display for NotFound<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "no LLVM library (version {MIN_MAJOR} to {MAX_MAJOR}) was found; looked in:"
        )?;
        for searched in self
            .0
            .iter()
            .filter(|searched| searched.origin != Origin::System)
        {
            writeln!(f, "  {searched}")?;
        }
        let system = self
            .0
            .iter()
            .filter(|searched| searched.origin == Origin::System);
        let (absent, present): (Vec<_>, Vec<_>) =
            system.partition(|searched| searched.outcome == Outcome::Absent);
        for searched in present {
            writeln!(f, "  {searched}")?;
        }
        if let (Some(first), Some(last)) = (absent.first(), absent.last()) {
            let (first, last, n) = (first.path.display(), last.path.display(), absent.len());
            writeln!(
                f,
                "  the system's libraries: none of {n} names from `{first}` to `{last}`"
            )?;
        }
        write!(
            f,
            "install a Rust toolchain with rustup, or set HOTLOOP_LLVM to a libLLVM.so or the folder that holds it"
        )
    }
}

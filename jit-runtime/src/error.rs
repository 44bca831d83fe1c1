//! Why a function was not compiled.

/// Why a function was not compiled. An ordinary call never returns it: it runs rustc's code instead, and the reason is
/// kept for the inspector. The functions that ask for compilation, such as `f::compile()`, return it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A type argument is no scalar; only rustc's code can work on it.
    #[error(
        "`{ty}` is not a type that hotloop compiles for: only integers, `f32`, `f64` and `bool` are"
    )]
    Unsupported {
        /// The type, as `std::any::type_name` has it.
        ty: String,
    },
    /// The function cannot be compiled for these types.
    #[error("`{function}` cannot be compiled: {message}")]
    Type {
        /// The function with its type arguments.
        function: String,
        /// What is wrong.
        message: String,
    },
    /// The code is not what `#[jit(require(..))]` asks for. An ordinary call panics with this.
    #[error("`{function}` is not what its `require(..)` asks for: {message}")]
    Requirement {
        /// The function with its types.
        function: String,
        /// What is not as required, and why.
        message: String,
    },
    /// A loop that `prange` or `par` asks for cannot run in parallel. An ordinary call panics with this.
    #[error("`{function}` asks for a parallel loop that cannot be one: {message}")]
    Prange {
        /// The function with its types.
        function: String,
        /// Which one, and why.
        message: String,
    },
    /// Nothing has been compiled yet, so that there is nothing to show.
    #[error(
        "`{function}` has not been compiled for any types yet: call it, or `{function}::compile::<..>()`"
    )]
    NotCompiled {
        /// The function.
        function: String,
    },
    /// Compilation is switched off.
    #[error("compilation is switched off by {by}")]
    Disabled {
        /// By what: a variable, a tool.
        by: &'static str,
    },
    /// There is no LLVM to compile with.
    #[error("there is no LLVM to compile with: {message}")]
    Llvm {
        /// What is wrong, and where an LLVM was looked for.
        message: String,
    },
    /// The system refused something, such as executable memory.
    #[error("{what}: {message}")]
    Io {
        /// What was attempted.
        what: String,
        /// What the system said.
        message: String,
    },
    /// The function is asked for by its own compilation, on this thread. Never kept.
    #[error("`{function}` is being compiled right now")]
    Busy {
        /// The function.
        function: String,
    },
    /// A mistake of hotloop. Please report it.
    #[error("this is a bug in hotloop, please report it: {message}")]
    Bug {
        /// What went wrong.
        message: String,
    },
}

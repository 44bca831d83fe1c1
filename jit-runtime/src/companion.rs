//! What the companion type of a jitted function offers, and what the macro recorded of the function.

use hotloop_ir::{BuildOptions, Function};

use crate::compile::Specialization;
use crate::dispatch::{Declined, Registry, TypeArgs};
use crate::error::Error;

/// What `#[jit]` recorded of a function; the expansion builds it in a static.
#[derive(Debug)]
#[non_exhaustive]
pub struct Source {
    /// The function's name.
    pub name: &'static str,
    /// The path of the module that contains it.
    pub module: &'static str,
    /// The captured function, encoded.
    pub ir: &'static [u8],
    /// The options of the attribute and the profile of the crate that contains it.
    pub options: BuildOptions,
    /// Whether that crate is built to measure coverage: then rustc's body is to run.
    pub coverage: bool,
}

impl Source {
    /// Everything that is recorded.
    pub const fn new(
        name: &'static str,
        module: &'static str,
        ir: &'static [u8],
        options: BuildOptions,
        coverage: bool,
    ) -> Self {
        Source {
            name,
            module,
            ir,
            options,
            coverage,
        }
    }

    /// The captured function, with its module's path, and its name as the companion type has it (without `r#`).
    ///
    /// # Errors
    ///
    /// [`Error::Bug`] if the bytes are damaged or were written by another version.
    pub fn decode(&self) -> Result<Function, Error> {
        let mut function = hotloop_ir::decode(self.ir).map_err(|error| Error::Bug {
            message: format!("the IR of `{}` cannot be read: {error}", self.name),
        })?;
        self.module.clone_into(&mut function.module);
        self.name.clone_into(&mut function.name);
        Ok(function)
    }
}

/// A function with `#[jit]`. `#[jit] fn dot` implements it for the companion type `dot`; nothing else does.
///
/// ```ignore
/// fn show<F: hotloop::JitFunction>() {
///     for specialization in F::specializations() {
///         println!("{} in {:?}", specialization.signature(), specialization.times());
///     }
/// }
/// ```
pub trait JitFunction {
    #[doc(hidden)]
    fn __registry() -> &'static Registry;

    /// The function's name.
    fn name() -> &'static str {
        Self::__registry().source().name
    }

    /// The path of the module that contains the function.
    fn module() -> &'static str {
        Self::__registry().source().module
    }

    /// The captured function as versioned bytes.
    fn encoded_ir() -> &'static [u8] {
        Self::__registry().source().ir
    }

    /// The options it is compiled with.
    fn options() -> &'static BuildOptions {
        &Self::__registry().source().options
    }

    /// What has been compiled so far, in order of the first request.
    fn specializations() -> Vec<Specialization> {
        Self::__registry().specializations()
    }

    /// What runs rustc's code although it was called, and why.
    fn declined() -> Vec<Declined> {
        Self::__registry().declined()
    }
}

/// `f::compile::<..>()`.
///
/// # Errors
///
/// The reason why it is not compiled.
pub fn compile<A: TypeArgs>(registry: &'static Registry) -> Result<Specialization, Error> {
    registry.specialization(&A::scalars()?)
}

/// `f::ir()`: the captured function as text.
pub fn ir(registry: &Registry) -> String {
    match registry.source().decode() {
        Ok(function) => function.to_string(),
        Err(error) => format!("; {error}\n"),
    }
}

/// `f::llvm_ir()`: the LLVM IR of everything compiled so far.
///
/// # Errors
///
/// [`Error::NotCompiled`] for a generic function that was not compiled yet; for others whatever keeps them from being
/// compiled.
pub fn llvm_ir(registry: &'static Registry) -> Result<String, Error> {
    listing(registry, Specialization::llvm_ir)
}

/// `f::asm()`: the machine code of everything compiled so far, disassembled.
///
/// # Errors
///
/// As [`llvm_ir`].
pub fn asm(registry: &'static Registry) -> Result<String, Error> {
    listing(registry, Specialization::asm)
}

/// One text for each specialization, under its signature. A function without type parameters is compiled for it.
fn listing(
    registry: &'static Registry,
    text_of: impl Fn(&Specialization) -> Result<String, Error>,
) -> Result<String, Error> {
    let mut specializations = registry.specializations();
    if specializations.is_empty() {
        if !registry.source().decode()?.type_params.is_empty() {
            return Err(Error::NotCompiled {
                function: registry.source().name.to_owned(),
            });
        }
        specializations.push(registry.specialization(&[])?);
    }
    let mut text = String::new();
    for specialization in &specializations {
        text += &format!(
            "; {}\n{}\n",
            specialization.signature(),
            text_of(specialization)?
        );
    }
    Ok(text)
}

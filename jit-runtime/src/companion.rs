//! What the companion type of a jitted function offers, and what the macro recorded of the function.

use hotloop_ir::{BuildOptions, FastMath, hir};
// A crate without std has no path to these.
#[doc(hidden)]
pub use std::{string::String, vec::Vec};

use crate::compile::Specialization;
#[doc(hidden)]
pub use crate::dispatch::FunctionStats;
use crate::dispatch::{Declined, NextCall, Registry, TypeArgs, scope_here};
use crate::error::Error;
use crate::link::{Deps, InstanceFn, Jitted, no_deps};
use crate::replay::{TrapInfo, replay_failed};
use crate::report::{self, Report, Requirements};

/// What `#[jit]` recorded of a function; the expansion builds it in a static.
#[derive(Debug)]
#[non_exhaustive]
pub struct Source {
    /// The function's name.
    pub name: &'static str,
    /// The path of the module that contains it.
    pub module: &'static str,
    /// The captured function, encoded.
    pub hir: &'static [u8],
    /// The options of the attribute and the profile of the crate that contains it.
    pub options: BuildOptions,
    /// Whether that crate is built to measure coverage: then rustc's body is to run.
    pub coverage: bool,
    /// Panics as a node of the function did.
    pub replay: fn(&TrapInfo) -> !,
    /// How many arguments and results the shim passes; `None` if only compiled code calls the function.
    pub convention: Option<(usize, usize)>,
    /// Whether its code is kept on disk.
    pub cache: bool,
    /// What the attribute requires of the code.
    pub requirements: Requirements,
    /// Why Rust's calls run rustc's body, if that is so for all types.
    pub left: Option<&'static str>,
    /// What the names in the function mean, if it has no type parameters, on which that would depend. For companions; methods have it
    /// elsewhere.
    pub deps: Option<fn(&mut Deps)>,
}

impl Source {
    /// Everything that is recorded.
    // The expansion alone calls it.
    #[expect(clippy::too_many_arguments)]
    pub const fn new(
        name: &'static str,
        module: &'static str,
        hir: &'static [u8],
        options: BuildOptions,
        coverage: bool,
        replay: fn(&TrapInfo) -> !,
        convention: Option<(usize, usize)>,
        cache: bool,
    ) -> Self {
        Source {
            name,
            module,
            hir,
            options,
            coverage,
            replay,
            convention,
            cache,
            requirements: Requirements::NONE,
            left: None,
            deps: None,
        }
    }

    /// The usual: a function without type parameters that names nothing of other items, and without options. It takes little of rustc's time.
    // The expansion alone calls it.
    #[expect(clippy::too_many_arguments)]
    pub const fn usual(
        name: &'static str,
        module: &'static str,
        hir: &'static [u8],
        overflow_checks: bool,
        debug_assertions: bool,
        replay: fn(&TrapInfo) -> !,
        n_args: usize,
        n_results: usize,
    ) -> Self {
        Source {
            name,
            module,
            hir,
            options: BuildOptions {
                overflow_checks,
                debug_assertions,
                fastmath: FastMath::STRICT,
                parallel: None,
            },
            coverage: false,
            replay,
            convention: Some((n_args, n_results)),
            cache: false,
            requirements: Requirements::NONE,
            left: None,
            deps: Some(no_deps),
        }
    }

    /// The same with what the names in it mean; nothing, if that depends on type arguments.
    #[must_use]
    pub const fn deps(mut self, deps: Option<fn(&mut Deps)>) -> Self {
        self.deps = deps;
        self
    }

    /// A function that is left to rustc, and why.
    pub const fn left(name: &'static str, module: &'static str, reason: &'static str) -> Self {
        Source {
            name,
            module,
            hir: &[],
            options: BuildOptions {
                overflow_checks: false,
                debug_assertions: false,
                fastmath: FastMath::STRICT,
                parallel: None,
            },
            coverage: false,
            replay: replay_failed,
            convention: None,
            cache: false,
            requirements: Requirements::NONE,
            left: Some(reason),
            deps: Some(no_deps),
        }
    }

    /// The same for a function that only compiled code calls, and why.
    #[must_use]
    pub const fn contained(mut self, reason: &'static str) -> Self {
        self.left = Some(reason);
        self
    }

    /// The same with requirements.
    #[must_use]
    pub const fn require(mut self, requirements: Requirements) -> Self {
        self.requirements = requirements;
        self
    }

    /// The captured function.
    ///
    /// # Errors
    ///
    /// [`Error::Bug`] if the bytes are damaged or were written by another version.
    pub fn decode(&self) -> Result<hir::Function, Error> {
        hir::decode(self.hir).map_err(|error| Error::Bug {
            message: format!(
                "what was captured of `{}` cannot be read: {error}",
                self.name
            ),
        })
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
        Self::__registry().source().hir
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

    /// What became of it in this process: how often it was compiled, loaded from the cache, or declined, and how long that took.
    fn stats() -> FunctionStats {
        Self::__registry().stats()
    }

    /// What became of the loops of everything compiled so far, and why.
    fn report() -> Report {
        report::reports(Self::__registry(), None)
    }
}

/// The companion's public functions, but for `plain`. They are `#[inline]` so that crates that do not use them do not compile them.
#[doc(hidden)]
#[macro_export]
macro_rules! __tools {
    (vis($($vis:tt)*) compile($($compile:tt)*) would_compile($($would:tt)*) of($companion:ident, $types:ty) deps($deps:expr)) => {
        #[doc = "Compiles the function for these types now, unless that was done: no call compiles anything thereafter.\n\n# Errors\n\nWhy it cannot be compiled; calls run rustc's version then, all of them or those that need what is missing."]
        #[inline]
        $($vis)* $($compile)* {
            $crate::companion::compile::<$companion, $types>($deps)
        }
        #[doc = "What a call for these types would do now: run what is loaded, load it from the cache, compile it, or run rustc's version. Nothing is compiled."]
        #[inline]
        $($vis)* $($would)* {
            $crate::companion::would_compile::<$companion, $types>($deps)
        }
        #[doc = "What became of it in this process: how often it was compiled, loaded from the cache, or declined, and how long that took."]
        #[must_use]
        #[inline]
        $($vis)* fn stats() -> $crate::companion::FunctionStats {
            <$companion as $crate::JitFunction>::stats()
        }
        #[doc = "What has been compiled so far."]
        #[must_use]
        #[inline]
        $($vis)* fn specializations() -> $crate::companion::Vec<$crate::Specialization> {
            <$companion as $crate::JitFunction>::specializations()
        }
        #[doc = "What runs rustc's version although it was called, and why."]
        #[must_use]
        #[inline]
        $($vis)* fn declined() -> $crate::companion::Vec<$crate::dispatch::Declined> {
            <$companion as $crate::JitFunction>::declined()
        }
        #[doc = "What became of the loops, and why, for everything compiled so far. A function without type parameters is compiled for it."]
        #[must_use]
        #[inline]
        $($vis)* fn report() -> $crate::Report {
            $crate::companion::report::<$companion>()
        }
        #[doc = "The IR of what has been compiled so far, as text."]
        #[must_use]
        #[inline]
        $($vis)* fn ir() -> $crate::companion::String {
            $crate::companion::ir::<$companion>()
        }
        #[doc = "The optimized LLVM IR of what has been compiled so far.\n\n# Errors\n\nWhy there is none."]
        #[inline]
        $($vis)* fn llvm_ir() -> ::core::result::Result<$crate::companion::String, $crate::Error> {
            $crate::companion::llvm_ir::<$companion>()
        }
        #[doc = "The machine code of what has been compiled so far, disassembled.\n\n# Errors\n\nWhy there is none."]
        #[inline]
        $($vis)* fn asm() -> ::core::result::Result<$crate::companion::String, $crate::Error> {
            $crate::companion::asm::<$companion>()
        }
    };
}

/// `f::compile::<..>()`.
///
/// # Errors
///
/// The reason why it is not compiled.
pub fn compile<F: JitFunction + ?Sized, A: TypeArgs>(
    deps: fn(&mut Deps),
) -> Result<Specialization, Error> {
    compile_of::<A>(F::__registry(), deps)
}

fn compile_of<A: TypeArgs>(
    registry: &'static Registry,
    deps: fn(&mut Deps),
) -> Result<Specialization, Error> {
    let specialization = registry.specialization(&A::generic_args()?, || {
        InstanceFn::new::<A>(registry.source(), deps)
    })?;
    specialization.complete()?;
    Ok(specialization)
}

/// `f::would_compile::<..>()`.
pub fn would_compile<F: JitFunction + ?Sized, A: TypeArgs>(deps: fn(&mut Deps)) -> NextCall {
    let registry = F::__registry();
    if scope_here() {
        return NextCall::Declines(Error::Disabled {
            by: "`hotloop::disabled`",
        });
    }
    match A::generic_args() {
        Ok(args) => registry.next_call(&args, || InstanceFn::new::<A>(registry.source(), deps)),
        Err(error) => NextCall::Declines(error),
    }
}

/// `f::ir()`: the IR of everything compiled so far, as text; why there is none, if there is none.
#[must_use]
pub fn ir<F: JitFunction + ?Sized>() -> String {
    ir_of(F::__registry(), F::__registry().source().deps)
}

/// `f::llvm_ir()`: the LLVM IR of everything compiled so far.
///
/// # Errors
///
/// [`Error::NotCompiled`] for a generic function that was not compiled yet; for others whatever keeps them from being
/// compiled.
pub fn llvm_ir<F: JitFunction + ?Sized>() -> Result<String, Error> {
    llvm_ir_of(F::__registry(), F::__registry().source().deps)
}

/// `f::asm()`: the machine code of everything compiled so far, disassembled.
///
/// # Errors
///
/// As [`llvm_ir`].
pub fn asm<F: JitFunction + ?Sized>() -> Result<String, Error> {
    asm_of(F::__registry(), F::__registry().source().deps)
}

/// `f::report()`: what became of everything compiled so far.
#[must_use]
pub fn report<F: JitFunction + ?Sized>() -> Report {
    report_of(F::__registry(), F::__registry().source().deps)
}

fn ir_of(registry: &'static Registry, deps: Option<fn(&mut Deps)>) -> String {
    listing(registry, deps, |specialization| Ok(specialization.ir()))
        .unwrap_or_else(|error| format!("; {error}\n"))
}

fn llvm_ir_of(registry: &'static Registry, deps: Option<fn(&mut Deps)>) -> Result<String, Error> {
    listing(registry, deps, Specialization::llvm_ir)
}

fn asm_of(registry: &'static Registry, deps: Option<fn(&mut Deps)>) -> Result<String, Error> {
    listing(registry, deps, Specialization::asm)
}

fn report_of(registry: &'static Registry, deps: Option<fn(&mut Deps)>) -> Report {
    let reason = match deps {
        Some(deps) if registry.specializations().is_empty() => {
            compile_of::<()>(registry, deps).err()
        }
        _ => None,
    };
    report::reports(registry, reason)
}

/// A function without type parameters has one instance.
impl<F: JitFunction + ?Sized> Jitted<()> for F {
    fn instance() -> InstanceFn {
        let source = F::__registry().source();
        InstanceFn::new::<()>(source, source.deps.unwrap_or(no_deps))
    }
}

/// What a companion has, for a method of a `#[jit] impl`: `hotloop::tools!(Particle::step)`.
#[derive(Clone, Copy, Debug)]
pub struct Tools {
    registry: &'static Registry,
    deps: Option<fn(&mut Deps)>,
}

impl Tools {
    #[doc(hidden)]
    pub fn new(registry: &'static Registry, deps: Option<fn(&mut Deps)>) -> Self {
        Tools { registry, deps }
    }

    /// Compiles the method now, if neither it nor its `impl` has type parameters.
    ///
    /// # Errors
    ///
    /// Why it cannot be compiled; [`Error::NotCompiled`] for a generic method.
    pub fn compile(&self) -> Result<Specialization, Error> {
        match self.deps {
            Some(deps) => compile_of::<()>(self.registry, deps),
            None => Err(Error::NotCompiled {
                function: self.registry.source().name.to_owned(),
            }),
        }
    }

    /// What became of it in this process.
    pub fn stats(&self) -> FunctionStats {
        self.registry.stats()
    }

    /// What has been compiled so far.
    pub fn specializations(&self) -> Vec<Specialization> {
        self.registry.specializations()
    }

    /// What runs rustc's version although it was called, and why.
    pub fn declined(&self) -> Vec<Declined> {
        self.registry.declined()
    }

    /// What became of the loops, and why, for everything compiled so far. A method without type parameters is compiled for it.
    pub fn report(&self) -> Report {
        report_of(self.registry, self.deps)
    }

    /// The IR of what has been compiled so far, as text.
    pub fn ir(&self) -> String {
        ir_of(self.registry, self.deps)
    }

    /// The optimized LLVM IR of what has been compiled so far.
    ///
    /// # Errors
    ///
    /// Why there is none.
    pub fn llvm_ir(&self) -> Result<String, Error> {
        llvm_ir_of(self.registry, self.deps)
    }

    /// The machine code of what has been compiled so far, disassembled.
    ///
    /// # Errors
    ///
    /// Why there is none.
    pub fn asm(&self) -> Result<String, Error> {
        asm_of(self.registry, self.deps)
    }
}

/// One text for each specialization, under its signature. A function without type parameters has `deps`, and is compiled for it.
fn listing(
    registry: &'static Registry,
    deps: Option<fn(&mut Deps)>,
    text_of: impl Fn(&Specialization) -> Result<String, Error>,
) -> Result<String, Error> {
    let mut specializations = registry.specializations();
    if specializations.is_empty() {
        let Some(deps) = deps else {
            return Err(Error::NotCompiled {
                function: registry.source().name.to_owned(),
            });
        };
        specializations.push(compile_of::<()>(registry, deps)?);
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

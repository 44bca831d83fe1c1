//! Just-in-time compilation for numeric loops, as an attribute on ordinary Rust functions.
//!
//! Put [`#[jit]`](macro@jit) on a function with a loop in it, and change nothing else. Its first call compiles it with LLVM, for the
//! machine that it runs on and for the types that it is called with; later calls cost about a nanosecond more than calls of an
//! ordinary function.
//!
//! ```
//! use hotloop::jit;
//! use num_traits::Float;
//!
//! #[jit]
//! fn dot<T: Float>(a: &[T], b: &[T]) -> T {
//!     let mut sum = T::zero();
//!     for i in 0..a.len() {
//!         sum = sum + a[i] * b[i];
//!     }
//!     sum
//! }
//!
//! let (a, b) = ([1.0, 2.0, 3.0], [4.0, 5.0, 6.0]);
//! assert_eq!(dot(&a, &b), 32.0); // an ordinary call
//! assert_eq!(dot::plain(&a, &b), 32.0); // the version that rustc compiled
//!
//! for specialization in dot::specializations() {
//!     println!("{} took {:?}", specialization.signature(), specialization.times().total());
//! }
//! ```
//!
//! # What it promises
//!
//! - The function stays ordinary Rust: rustc checks and compiles the same body.
//! - The answer is the same, to the bit, panics included: message, file, line and column. Only `#[jit(fastmath)]` lets
//!   float arithmetic differ.
//! - Safe code stays memory-safe.
//! - It always builds and always runs. LLVM is looked for at run time, first in the Rust toolchain; where none is found, rustc's
//!   version runs, and one line is logged (through the crate `log`).
//!
//! # Parallel loops
//!
//! With `#[jit(parallel)]`, loops run on the threads of the current rayon pool where that is proved to be right; results do not depend on the
//! number of threads. `prange` and [`Par::par`] demand it of a loop, and [`rand`] has random numbers for such loops. `docs/parallel.md` in the repository has the details.
//!
//! # What it compiles
//!
//! Functions and methods over numbers, `bool`, slices, arrays, tuples, structs with [`derive@JitType`], references, `Option` and `Result`, with
//! loops, iterators, closures and `match`. What allocates, trait objects and strings are not compiled. What cannot be compiled is a compile
//! error at the token that stands in the way; `docs/supported.md` in the repository lists the language.
//!
//! # Features
//!
//! - `fastmath`, `parallel` (rayon), `cache` (default): the options of these names.
//! - `complex`: `Complex<f32>` and `Complex<f64>` of num-complex.
//! - `ndarray`: arrays and views of ndarray as parameters.
//! - `llvm-link`: LLVM is linked when the program is built.
//!
//! # The companion type
//!
//! `#[jit] fn dot` makes a type `dot` as well. `dot::plain(..)` is rustc's version, `dot::compile::<f32>()` compiles now,
//! `dot::would_compile::<f32>()` says what a call would do ([`NextCall`]), `dot::stats()` what became of it so far ([`FunctionStats`]),
//! `dot::report()` says which loops were vectorized and which were not, and why ([`Report`]),
//! `dot::specializations()`, `dot::ir()`, `dot::llvm_ir()` and `dot::asm()` show what was made. It implements [`JitFunction`].
//!
//! # Environment
//!
//! | variable | meaning |
//! | --- | --- |
//! | `HOTLOOP_DISABLE=1` | compile nothing |
//! | `HOTLOOP_REQUIRE=1` | panic, with the reason, where rustc's version would run |
//! | `HOTLOOP_LLVM=path` | the LLVM library to open, instead of searching |
//! | `HOTLOOP_DUMP=ir,llvm,asm` | write what was compiled to files, numbered by stage |
//! | `HOTLOOP_DUMP_DIR=path` | where to; `hotloop-dump` if not set |
//! | `HOTLOOP_THREADS=n` | a parallel loop uses so many threads at most |
//! | `HOTLOOP_CACHE_DIR=path` | the folder of cached code, instead of `hotloop` in the user's folder for caches |
//! | `HOTLOOP_CACHE_LIMIT=n` | how much cached code is kept, in MiB; 512 if not set |
//! | `HOTLOOP_CACHE_LAYERS=paths` | folders of cached code and bundles that are only read, as in `PATH` |
//! | `HOTLOOP_CACHE_LEVELS=x86-64-v3,..` | processors that cached code is also compiled for, to be bundled |

// Jitted functions of this crate name it as those of others do.
extern crate self as hotloop;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
#[cfg(feature = "complex")]
mod complex;
#[cfg(feature = "parallel")]
mod parallel;
pub mod rand;

pub use hotloop_macros::{JitType, jit, tools};
#[cfg(feature = "cache")]
pub mod cache {
    //! The cache of compiled code, for functions with the option `cache`.
    pub use hotloop_runtime::cache::directory::Untrusted;
    pub use hotloop_runtime::cache::entry::EntryError;
    #[doc(hidden)]
    pub use hotloop_runtime::cache::include;
    pub use hotloop_runtime::cache::store::ReadError;
    pub use hotloop_runtime::cache::store::Removed;
    pub use hotloop_runtime::cache::{Stats, add_bundle, add_layer, clear, dir, set_dir, stats};
}
pub use hotloop_runtime::cpu::CpuLevel;
pub use hotloop_runtime::dispatch::{Declined, FunctionStats, NextCall, disabled};
pub use hotloop_runtime::ir::{BuildOptions, FastMath, Parallelism, ScalarTy, Schedule};
pub use hotloop_runtime::{
    CompileTimes, Error, JitFunction, JitType, Report, Specialization, Tools, llvm_load_time,
};
#[cfg(feature = "parallel")]
pub use parallel::{Par, ParallelRange, prange};

/// Makes the bundle in a file, which `hotloop bundle` wrote, a part of the program, and a layer of its cache: functions with the option
/// `cache` run the code that is in it, without an LLVM. The path is relative to the file that contains the call, as for `include_bytes!`.
/// Call it before the functions, at the start of `main`:
///
/// ```ignore
/// fn main() {
///     hotloop::include_hotloop_cache!("../kernels.hlb");
///     ..
/// }
/// ```
///
/// An empty file is a bundle of nothing: begin with that. A bundle that another version of hotloop wrote is not used, and one warning says so.
#[cfg(feature = "cache")]
#[macro_export]
macro_rules! include_hotloop_cache {
    ($path:literal $(,)?) => {
        $crate::cache::include(::core::include_bytes!($path), $path)
    };
}

/// What a [`Report`] consists of.
pub mod report {
    pub use hotloop_runtime::report::{
        CallReport, CheckReport, Checks, LoopKind, LoopReport, ParallelReport, Report,
        SpecializationReport, Unrolled, Vectorized,
    };
}

/// The example of README.md, as a doc test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;

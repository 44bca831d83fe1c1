//! What `#[jit]` compiles, feature by feature, through the facade: rustc's body against the compiled code. One binary, because each
//! links the runtime; built a second time, without overflow checks, by the package `tests/wrapping`.

// The functions under test are written as their users might, odd spellings included.
#![allow(
    clippy::all,
    clippy::dbg_macro,
    unused,
    deprecated,
    irrefutable_let_patterns,
    unreachable_pub,
    arithmetic_overflow,
    unconditional_panic
)]

#[macro_use]
mod harness;

mod arrays;
mod attributes;
mod calls;
mod casts;
mod chars;
mod checks;
mod closures;
mod conditional;
mod consts;
mod control;
mod conversions;
mod deferred;
mod dispatch;
mod distribution;
mod docs;
mod enum_meanings;
mod enum_programs;
mod enums;
mod equality;
mod extrema;
mod fallback;
mod floats;
mod forms;
mod fusion;
mod generic_code;
mod generics;
mod implied;
mod indexing;
mod indirect;
mod inferred;
mod integers;
mod iterators;
mod jam;
mod kept_constants;
mod kernels_iter;
mod literal_types;
mod local_fns;
mod locality;
mod macro_flow;
mod matching;
mod meanings;
mod messages;
mod method_tools;
mod methods;
mod namesakes;
mod narrowing;
mod nests;
mod open_params;
mod operators;
mod options;
mod orders;
mod outside;
#[cfg(feature = "parallel")]
mod parallel;
mod plugin;
mod polybench;
mod published;
mod rand;
mod ranges;
mod real_code;
mod references;
mod regressions;
mod report;
mod side_by_side;
mod slice_methods;
mod slice_patterns;
mod sorts;
mod soundness;
mod structs;
mod sub_slices;
mod traps;
mod tuple_arrays;
mod types;
mod unjitted;
mod user_traits;
mod valid_rust;
mod variables;
mod wrappers;

//! What `#[jit]` compiles of the types of other crates: rustc's body against the compiled code.

// The functions under test are written as their users might, odd spellings included.
#![allow(
    clippy::all,
    unused,
    unreachable_pub,
    arithmetic_overflow,
    unconditional_panic
)]

#[macro_use]
#[path = "../lang/harness.rs"]
mod harness;

macro_rules! compiled {
    ($f:ident) => {
        assert!(!$f::specializations().is_empty(), "{:?}", $f::declined());
    };
}

mod array_iterators;
mod array_methods;
mod array_slices;
mod array_zip;
mod arrays;
mod complex;
mod parallel;

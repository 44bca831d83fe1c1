//! Lowering: syntax becomes IR.
//!
//! One walk over the body lowers it and infers its types at once: an expression gets a type variable where its type is not
//! known yet, and `finish` writes the answers in. What an expression needs done before it (a block with statements, a
//! `match`-like `if`) is emitted as statements into the current frame; operands to its left that such statements could change are
//! put into temporaries first, so that everything happens in Rust's order.
//!
//! It runs twice over the same syntax. [`check`] runs while the user's crate is built: what the names of types, constants and functions mean is
//! not known then, so they have a type that agrees with everything, and what does not depend on them is checked. [`lower_program`] runs when
//! the function is first called, with the meaning of every name.

mod array_closures;
mod arrays;
mod ascii;
mod bind;
mod binding;
mod body;
mod bounds;
mod calls;
mod captures;
mod chars;
mod closure;
mod closure_copies;
mod consts;
mod conversions;
mod counted;
mod diag;
mod expected;
mod expr;
mod externs;
mod finish;
mod hosts;
mod infer;
mod instances;
mod iter;
#[cfg(all(test, feature = "frontend"))]
mod iter_tests;
mod lets;
mod local_fns;
mod loops;
mod macro_flow;
mod macros;
mod matching;
mod mem;
mod methods;
mod num_casts;
mod operators;
mod option_closures;
mod option_places;
mod options;
mod params;
mod passed_fns;
mod pat;
mod pat_bind;
mod pat_slice;
mod pat_test;
mod paths;
mod place;
mod prange;
#[cfg(all(test, feature = "frontend"))]
mod prange_tests;
mod precedence;
mod program;
mod refs;
mod signature;
mod slice_moves;
mod slices;
mod sorts;
mod state;
mod stmt;
mod structs;
mod sub_slices;
mod subject;
#[cfg(test)]
mod tests;
mod tuple_arrays;
mod ty;
mod types;
mod user_index;
mod user_operators;
mod variables;
mod variants;
mod views;
mod witnesses;
mod wrapping;

pub use bounds::ReliedOn;
pub use diag::{Code, Diagnostic};
pub use externs::{ArrayLen, CaptureUse, ExternKind, ExternUse, IterMade, Made, Witness};
pub use finish::{Checked, check};
pub use macro_flow::{Leaves, Returned};
pub use prange::ParallelRequest;
pub use program::{LowerError, Lowered, lower_keeping_references, lower_program};

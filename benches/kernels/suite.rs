//! The kernels and their data, shared by the benches: definitions by family, the table of them, and how one is called.

// Kernels are written with plain indices, as the first language slice has them.
#![allow(
    clippy::needless_range_loop,
    clippy::manual_memcpy,
    clippy::excessive_precision
)]

#[macro_use]
mod variants;

pub(crate) mod case;
mod data;
pub(crate) mod table;

mod elementwise;
mod matrices;
mod pairs;
mod reductions;
mod searches;
mod stencils;
mod unchecked;

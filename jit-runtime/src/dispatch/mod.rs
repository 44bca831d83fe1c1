//! From a call to an entry point.
//!
//! `dispatcher` is what a call reads: a slot per specialization, and the count of [`disabled`] scopes. `first_call` compiles each
//! specialization once, whoever comes first, and lets the others wait. `deferred` compiles what is hardly ever called. `fallback` is the way to rustc's body: scopes,
//! the line that is logged once, `HOTLOOP_REQUIRE`. `shim` is what the expansion of `#[jit]` calls.

mod deferred;
mod dispatcher;
mod fallback;
mod first_call;
mod instances;
mod outlook;
mod shim;
mod type_args;

pub(crate) use deferred::{Deferred, address_of as address_of_deferred};
pub use dispatcher::{Dispatcher, EntryPoint};
pub use fallback::disabled;
pub(crate) use fallback::scope_here;
pub(crate) use first_call::while_compiling;
pub use first_call::{Declined, Registry};
pub use outlook::{FunctionStats, NextCall};
pub use shim::Trap;
pub use type_args::{ConstArg, ConstArgs, GenericArgs, TypeArgs, WithConsts, const_args};

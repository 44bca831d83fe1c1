//! Closures: kept as syntax, and lowered where they are called.

/// The number of a closure among [`super::state::Lowering::closures`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ClosureId(pub(super) usize);

/// A closure of the source.
pub(super) struct Closure {}

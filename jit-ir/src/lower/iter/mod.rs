//! Iterators: pipelines that become loops where they are consumed.

/// The number of an iterator among [`super::state::Lowering::iters`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct IterId(pub(super) usize);

/// An iterator or a range.
pub(super) struct Iter {}

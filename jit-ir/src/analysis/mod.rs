//! What can be known about a specialized function without running it. An analysis reads and changes nothing; the passes of
//! [`crate::transform`] act on what it finds.

pub mod affine;
pub(crate) mod bounds;
mod character;
pub mod dependence;
pub mod differences;
pub mod effects;
mod inlining;
pub(crate) mod iterations;
pub mod liveness;
pub mod narrowing;
mod outline;
pub mod parallel;
pub mod poly;
pub(crate) mod prove;

pub use character::{Character, short_loops};
pub use inlining::inlined;
pub use outline::{LoopKind, LoopOutline, outline};

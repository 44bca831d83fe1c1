//! The `#[jit]` attribute.

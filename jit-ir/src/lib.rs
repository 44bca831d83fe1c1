//! The typed loop IR.

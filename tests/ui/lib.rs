//! Nothing: this package exists for its test.

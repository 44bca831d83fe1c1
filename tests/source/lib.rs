//! Makes random functions in Rust's syntax: the build script writes them to a file, which `functions.rs` includes, jits, and compares with
//! rustc's bodies. How many and which, two variables of the environment say when the package is built:
//!
//! ```sh
//! HOTLOOP_SOURCE_SEED=7 HOTLOOP_SOURCE_COUNT=200 cargo test -p hotloop-source-tests
//! ```
//!
//! `HOTLOOP_SOURCE_ONLY=f12` runs one of them. `CARGO_PROFILE_TEST_OVERFLOW_CHECKS=false` compares what wraps.

pub mod generate;

#[cfg(test)]
mod tests {
    use crate::generate::{Config, generate};

    #[test]
    fn the_same_seed_makes_the_same_functions() {
        let config = |seed| Config {
            seed,
            count: 30,
            prefix: "f".to_owned(),
        };
        assert_eq!(generate(&config(3)), generate(&config(3)));
        assert_ne!(generate(&config(3)), generate(&config(4)));
    }
}

//! Writes the functions that `functions.rs` includes.

#[allow(dead_code, unreachable_pub)]
mod generate;

use std::path::Path;
use std::{env, fs};

fn number(name: &str, default: u64) -> u64 {
    println!("cargo::rerun-if-env-changed={name}");
    let given = env::var(name).ok().and_then(|text| text.parse().ok());
    given.unwrap_or(default)
}

fn main() {
    println!("cargo::rerun-if-changed=generate");
    println!("cargo::rerun-if-changed=build.rs");
    let config = generate::Config {
        seed: number("HOTLOOP_SOURCE_SEED", 1),
        count: usize::try_from(number("HOTLOOP_SOURCE_COUNT", 24)).unwrap_or(24),
        prefix: "fun".to_owned(),
    };
    let text = generate::generate(&config);
    let Some(out) = env::var_os("OUT_DIR") else {
        panic!("cargo sets OUT_DIR");
    };
    let path = Path::new(&out).join("functions.rs");
    if let Err(error) = fs::write(&path, text) {
        panic!("{}: {error}", path.display());
    }
}

//! A library with a jitted function (`examples/plugin.rs`), loaded by a program that uses hotloop as well: each has its own copy of
//! the runtime, and both compile.

use std::path::{Path, PathBuf};
use std::process::Command;

use hotloop::jit;

#[jit]
fn double(x: f64) -> f64 {
    x * 2.0
}

/// `cargo test` builds examples beside the tests: `target/debug/examples/libplugin.so` for `target/debug/deps/lang-..`. With
/// `cargo test --test lang` it does not, so this does.
fn plugin_path() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let folder = test.parent().and_then(Path::parent).unwrap();
    let name = format!(
        "{}plugin{}",
        std::env::consts::DLL_PREFIX,
        std::env::consts::DLL_SUFFIX
    );
    let path = folder.join("examples").join(name);
    if !path.exists() {
        let profile = match folder.file_name().and_then(|name| name.to_str()) {
            Some("debug") | None => "dev",
            Some(profile) => profile,
        };
        let status = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()))
            .args(["build", "--example", "plugin", "--profile", profile])
            .arg("--target-dir")
            .arg(folder.parent().unwrap())
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status()
            .unwrap();
        assert!(status.success() && path.exists(), "{}", path.display());
    }
    path
}

#[test]
fn a_library_compiles_in_a_program_that_loads_it() {
    let path = plugin_path();
    // SAFETY: the library is `examples/plugin.rs`, whose functions have these signatures. It is never closed.
    let (sum, compiled) = unsafe {
        let library = Box::leak(Box::new(libloading::Library::new(&path).unwrap()));
        let sum = library
            .get::<extern "C" fn(u32) -> f64>(b"plugin_sum\0")
            .unwrap();
        let compiled = library
            .get::<extern "C" fn() -> usize>(b"plugin_compiled\0")
            .unwrap();
        (*sum, *compiled)
    };
    assert_eq!(double(4.0), 8.0);
    std::thread::scope(|threads| {
        for _ in 0..2 {
            threads.spawn(|| assert_eq!(sum(5), 5.0));
        }
    });
    assert_eq!(compiled(), 1);
    assert_eq!(double::specializations().len(), 1);
}

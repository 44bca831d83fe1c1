//! Decides how this build reaches LLVM, and records the toolchain that may have one and the target triple.
//!
//! Sets `cfg(hotloop_llvm = ..)` to `"open"` (the jump stubs, LLVM is opened at run time), `"link"` (feature `llvm-link`)
//! or `"none"` (no stubs for this platform: the program builds, and `load` says that it cannot compile here).

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=HOTLOOP_LLVM_CONFIG");
    println!("cargo:rustc-check-cfg=cfg(hotloop_llvm, values(\"open\", \"link\", \"none\"))");

    let target = |key: &str| env::var(format!("CARGO_CFG_{key}")).unwrap_or_default();
    let (os, arch) = (target("TARGET_OS"), target("TARGET_ARCH"));
    let miri = env::var_os("CARGO_CFG_MIRI").is_some();
    let route = if cfg!(feature = "llvm-link") && !miri {
        link_llvm();
        "link"
    } else if os == "linux"
        && (arch == "x86_64" || arch == "aarch64")
        && target("TARGET_POINTER_WIDTH") == "64"
        && !miri
    {
        "open"
    } else {
        "none"
    };
    println!("cargo:rustc-cfg=hotloop_llvm=\"{route}\"");

    println!("cargo:rustc-env=HOTLOOP_SOURCES={:016x}", sources_hash());

    // For `hotloop info`: a program does not know its triple otherwise.
    let triple = env::var("TARGET").unwrap_or_default();
    println!("cargo:rustc-env=HOTLOOP_TARGET={triple}");

    // The toolchain's LLVM runs on the host: of no use to a program for another machine.
    let host = env::var("HOST").unwrap_or_default();
    if host.split('-').next() == Some(arch.as_str())
        && let Some(sysroot) = output(
            env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()),
            &["--print", "sysroot"],
        )
    {
        println!("cargo:rustc-env=HOTLOOP_BUILD_SYSROOT={sysroot}");
        if let Some(library) = only_llvm_in(&Path::new(&sysroot).join("lib")) {
            println!("cargo:rustc-env=HOTLOOP_BUILD_LLVM={library}");
        }
    }
}

/// The LLVM library of the toolchain, if there is one only, so that programs need not look through the folder to name it.
fn only_llvm_in(folder: &Path) -> Option<String> {
    let files = fs::read_dir(folder).ok()?.flatten();
    let mut libraries = files.filter(|file| {
        let name = file.file_name();
        name.to_str()
            .is_some_and(|name| name.starts_with("libLLVM") && name.contains(".so"))
            // The other one, `libLLVM-22-rust-..so`, is a linker script.
            && file.metadata().is_ok_and(|metadata| metadata.len() > 1 << 20)
    });
    let library = libraries.next()?.path();
    let library = library.to_str()?.to_owned();
    libraries.next().is_none().then_some(library)
}

/// A hash (FNV-1a) of the compiler's own sources, for the keys of the cache: while hotloop is worked on, its version says too little. `hotloop-ir`
/// is beside this package in the repository; a published one has its version alone.
fn sources_hash() -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325;
    for folder in ["src", "../jit-ir/src"] {
        println!("cargo:rerun-if-changed={folder}");
        hash_files(Path::new(folder), &mut hash);
    }
    hash
}

fn hash_files(folder: &Path, hash: &mut u64) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            hash_files(&path, hash);
        } else if let Ok(bytes) = fs::read(&path) {
            let name = path.as_os_str().as_encoded_bytes();
            for byte in name.iter().chain(&[0]).chain(&bytes) {
                *hash = (*hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
            }
        }
    }
}

/// Prints the link lines that `llvm-config` gives: the shared library where there is one, else the static ones.
///
/// inkwell's feature `llvm22-1-no-llvm-linking` keeps llvm-sys from doing it, and features only ever add up.
fn link_llvm() {
    let named = env::var_os("HOTLOOP_LLVM_CONFIG").map(|path| vec![path]);
    let tools = named.unwrap_or_else(|| vec!["llvm-config-22".into(), "llvm-config".into()]);
    let Some((tool, libdir)) = tools.iter().find_map(|tool| {
        output(tool.clone(), &["--version"]).filter(|version| version.starts_with("22."))?;
        Some((tool, output(tool.clone(), &["--libdir"])?))
    }) else {
        println!(
            "cargo:error=feature `llvm-link` needs LLVM 22: no llvm-config of it was found (set HOTLOOP_LLVM_CONFIG)"
        );
        return;
    };
    println!("cargo:rustc-link-search=native={libdir}");
    let shared = output(tool.clone(), &["--link-shared", "--libs"]);
    let (kind, libs) = match &shared {
        Some(libs) => ("dylib", libs.clone()),
        None => (
            "static",
            output(tool.clone(), &["--link-static", "--libs"]).unwrap_or_default(),
        ),
    };
    for lib in libs.split_whitespace() {
        println!(
            "cargo:rustc-link-lib={kind}={}",
            lib.trim_start_matches("-l")
        );
    }
    if shared.is_none() {
        let system = output(tool.clone(), &["--link-static", "--system-libs"]).unwrap_or_default();
        for lib in system
            .split_whitespace()
            .filter_map(|word| word.strip_prefix("-l"))
        {
            println!("cargo:rustc-link-lib=dylib={lib}");
        }
        println!("cargo:rustc-link-lib=dylib=stdc++");
    }
}

/// What a command prints, on one line; `None` if it cannot be run, fails, or prints nothing.
fn output(tool: OsString, args: &[&str]) -> Option<String> {
    let output = Command::new(tool).args(args).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let text = text.trim();
    (output.status.success() && !text.is_empty() && !text.contains('\n')).then(|| text.to_owned())
}

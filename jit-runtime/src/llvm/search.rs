//! Where an LLVM library may be, in the order in which we look.
//!
//! 1. `HOTLOOP_LLVM`, a library or a folder; if it is set, nothing else is tried.
//! 2. The toolchain that built this program, recorded by the build script.
//! 3. The toolchains that are here now: `rustc --print sysroot`, then those that rustup installed.
//! 4. The system's libraries, by the names that distributions give them.
//!
//! Each place is asked only when those before it had nothing.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::{MAX_MAJOR, MIN_MAJOR};

/// Which rule led to a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Origin {
    /// The environment variable `HOTLOOP_LLVM`.
    Environment,
    /// The Rust toolchain that built the program.
    BuildToolchain,
    /// A Rust toolchain found at run time.
    Toolchain,
    /// A library of the operating system.
    System,
    /// Linked into the program (feature `llvm-link`).
    Linked,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Origin::Environment => "HOTLOOP_LLVM",
            Origin::BuildToolchain => "the toolchain that built this program",
            Origin::Toolchain => "a Rust toolchain",
            Origin::System => "the system",
            Origin::Linked => "linked into the program",
        })
    }
}

/// What came of trying a candidate.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// It is in use.
    Loaded,
    /// There is no such file.
    Absent,
    /// It is there and was passed over; why.
    Rejected(String),
}

/// One place that was looked at. The library in use, if any, is the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Searched {
    /// A library, a name given to the dynamic loader, or a folder that holds none.
    pub path: PathBuf,
    /// Why we looked there.
    pub origin: Origin,
    /// What came of it.
    pub outcome: Outcome,
}

impl fmt::Display for Searched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): ", self.path.display(), self.origin)?;
        match &self.outcome {
            Outcome::Loaded => f.write_str("loaded"),
            Outcome::Absent => f.write_str("not there"),
            Outcome::Rejected(reason) => f.write_str(reason),
        }
    }
}

/// The value of `HOTLOOP_LLVM`; empty counts as not set.
pub(super) fn from_environment() -> Option<PathBuf> {
    std::env::var_os("HOTLOOP_LLVM")
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}

/// The library that would be tried first, by the rules that need no other program; it is not opened.
pub(super) fn first() -> Option<PathBuf> {
    if let Some(path) = from_environment() {
        return first_in(&path);
    }
    // The one that was there when the program was built, unless the toolchain was replaced since.
    let recorded = option_env!("HOTLOOP_BUILD_LLVM").map(PathBuf::from);
    recorded
        .filter(|path| path.exists())
        .or_else(|| first_in(&build_toolchain()?))
}

/// The folder of libraries of the toolchain that built this program.
pub(super) fn build_toolchain() -> Option<PathBuf> {
    option_env!("HOTLOOP_BUILD_SYSROOT").map(|sysroot| Path::new(sysroot).join("lib"))
}

/// The LLVM libraries in `folder`, or in its `lib`, or `path` itself if it is no folder; newest version first.
pub(super) fn libraries_in(path: &Path) -> Vec<PathBuf> {
    let mut found = candidates_in(path);
    let mut seen = HashSet::new();
    found.retain(|path| seen.insert(fs::canonicalize(path).unwrap_or_else(|_| path.clone())));
    found
}

/// The first of [`libraries_in`].
fn first_in(path: &Path) -> Option<PathBuf> {
    candidates_in(path).into_iter().next()
}

/// [`libraries_in`], some perhaps by two names.
fn candidates_in(path: &Path) -> Vec<PathBuf> {
    if !path.is_dir() {
        return if path.exists() {
            vec![path.to_owned()]
        } else {
            Vec::new()
        };
    }
    let mut found = Vec::new();
    for folder in [path.to_owned(), path.join("lib")] {
        for entry in fs::read_dir(folder)
            .into_iter()
            .flatten()
            .flatten()
            .take(10_000)
        {
            let name = entry.file_name();
            if let Some(major) = name.to_str().and_then(major_in_name)
                && is_elf(&entry.path())
            {
                found.push((major, entry.path()));
            }
        }
    }
    // Versions that we can use first, then by the version, then by the name so that the order does not depend on the disk.
    found.sort_by_key(|(major, path)| {
        let usable = (MIN_MAJOR..=MAX_MAJOR).contains(major);
        (!usable, u32::MAX - major, path.clone())
    });
    found.into_iter().map(|(_, path)| path).collect()
}

/// The major version in the name of an LLVM library: 22 in `libLLVM.so.22.1-rust-1.95.0-stable` and in `libLLVM-22.so.1`,
/// 0 for a bare `libLLVM.so`, `None` for the name of another file.
fn major_in_name(name: &str) -> Option<u32> {
    let rest = name.strip_prefix("libLLVM")?;
    if !rest.contains(".so") || !(rest.starts_with('-') || rest.starts_with('.')) {
        return None;
    }
    let version = rest
        .trim_start_matches('-')
        .trim_start_matches(".so")
        .trim_start_matches('.');
    let digits = version
        .split(|c: char| !c.is_ascii_digit())
        .next()
        .unwrap_or_default();
    if digits.is_empty() {
        return (rest == ".so").then_some(0);
    }
    digits.parse().ok()
}

/// Whether the file is an ELF file: a toolchain's second `libLLVM` is a linker script.
fn is_elf(path: &Path) -> bool {
    let mut magic = [0; 4];
    File::open(path)
        .and_then(|mut file| file.read_exact(&mut magic))
        .is_ok()
        && magic == *b"\x7fELF"
}

/// The names and paths under which a system may have an LLVM, newest version first.
pub(super) fn system_names() -> Vec<PathBuf> {
    let mut names = Vec::new();
    for major in (MIN_MAJOR..=MAX_MAJOR).rev() {
        for name in [
            format!("libLLVM.so.{major}.1"),
            format!("libLLVM-{major}.so"),
            format!("libLLVM-{major}.so.1"),
        ] {
            names.push(PathBuf::from(name));
        }
        for name in [
            "libLLVM.so.1".to_owned(),
            format!("libLLVM-{major}.so"),
            "libLLVM.so".to_owned(),
        ] {
            names.push(Path::new(&format!("/usr/lib/llvm-{major}/lib")).join(name));
            names.push(
                Path::new(&format!("/usr/lib64/llvm{major}/lib64"))
                    .join(format!("libLLVM.so.{major}.1")),
            );
        }
    }
    let mut seen = HashSet::new();
    names.retain(|name| seen.insert(name.clone()));
    names
}

/// The folders of libraries of the Rust toolchains that are on this machine now.
pub(super) fn toolchains() -> Vec<PathBuf> {
    let mut folders = Vec::new();
    let rustc = std::env::var_os("RUSTC")
        .filter(|value| !value.is_empty())
        .unwrap_or_else(|| "rustc".into());
    folders.extend(ask_sysroot(rustc).map(|sysroot| sysroot.join("lib")));
    let home = std::env::var_os("RUSTUP_HOME").map(PathBuf::from);
    if let Some(rustup) = home.or_else(|| std::env::home_dir().map(|home| home.join(".rustup"))) {
        let entries = fs::read_dir(rustup.join("toolchains"))
            .into_iter()
            .flatten()
            .flatten();
        let mut installed: Vec<_> = entries.map(|entry| entry.path()).collect();
        // Stable ones first, and the newest of those with a version in their name; a few are enough.
        let is_stable = |path: &PathBuf| {
            path.file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with("stable"))
        };
        installed.sort_by(|a, b| is_stable(b).cmp(&is_stable(a)).then_with(|| b.cmp(a)));
        folders.extend(
            installed
                .into_iter()
                .take(8)
                .map(|toolchain| toolchain.join("lib")),
        );
    }
    let mut seen = HashSet::new();
    folders.retain(|folder| seen.insert(folder.clone()));
    folders
}

/// What `rustc --print sysroot` prints. Gives up after two seconds, and keeps a rustup proxy from installing anything.
fn ask_sysroot(rustc: OsString) -> Option<PathBuf> {
    let mut child = Command::new(rustc)
        .args(["--print", "sysroot"])
        .env("RUSTUP_AUTO_INSTALL", "0")
        .current_dir("/") // not under a `rust-toolchain.toml` that says otherwise
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let deadline = Instant::now() + Duration::from_secs(2);
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(5)),
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                return None;
            }
        }
    };
    // A path fits in a pipe's buffer, so the child never waited for us to read. A grandchild may still hold the
    // pipe open, so read one buffer only, not to the end.
    let mut buffer = [0; 4096];
    let n_bytes = child.stdout.take()?.read(&mut buffer).ok()?;
    let text = std::str::from_utf8(buffer.get(..n_bytes)?).ok()?.trim();
    (status.success() && !text.is_empty()).then(|| PathBuf::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_file_names() {
        assert_eq!(
            major_in_name("libLLVM.so.22.1-rust-1.95.0-stable"),
            Some(22)
        );
        assert_eq!(major_in_name("libLLVM-22-rust-1.95.0-stable.so"), Some(22));
        assert_eq!(major_in_name("libLLVM-19.so.1"), Some(19));
        assert_eq!(major_in_name("libLLVM.so.19.1"), Some(19));
        assert_eq!(major_in_name("libLLVM.so"), Some(0));
        assert_eq!(major_in_name("libLLVMCore.a"), None);
        assert_eq!(major_in_name("libLLVMSupport.so.19.1"), None);
    }

    #[test]
    fn a_linker_script_is_no_library() {
        let folder = std::env::temp_dir().join(format!("hotloop-search-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("libLLVM-22.so"), "INPUT(libLLVM.so.22.1)").unwrap();
        fs::write(folder.join("libLLVM.so.22.1"), b"\x7fELF").unwrap();
        fs::write(folder.join("libLLVM.so.23.1"), b"\x7fELF").unwrap();
        fs::write(folder.join("libLLVM.so.18.1"), b"\x7fELF").unwrap();
        let found = libraries_in(&folder);
        fs::remove_dir_all(&folder).unwrap();
        let names: Vec<_> = found
            .iter()
            .map(|path| path.file_name().unwrap().to_str().unwrap())
            .collect();
        assert_eq!(
            names,
            ["libLLVM.so.23.1", "libLLVM.so.22.1", "libLLVM.so.18.1"]
        );
    }

    #[test]
    fn a_compiler_that_hangs_or_is_absent_gives_nothing() {
        assert_eq!(ask_sysroot("hotloop-no-such-compiler".into()), None);
        assert_eq!(ask_sysroot("false".into()), None);
    }
}

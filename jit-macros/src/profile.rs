//! How the calling crate is built, from the arguments of the compiler that this macro runs in.

use std::ffi::OsString;

use proc_macro2::TokenStream;
use quote::quote;

/// What matters to jitted code of the calling crate's profile.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Profile {
    /// `-C overflow-checks`, if it is given.
    pub(crate) overflow_checks: Option<bool>,
    /// Whether coverage is measured: `-C instrument-coverage`, or `--cfg coverage`, which tools such as cargo-llvm-cov pass.
    pub(crate) coverage: bool,
    /// Whether the edition is 2015, in which a `use` names items from the root of the crate.
    pub(crate) edition_2015: bool,
}

impl Profile {
    /// The profile of the crate that is being compiled.
    pub(crate) fn of_this_compilation() -> Self {
        let mut args = Vec::new();
        for arg in std::env::args_os().skip(1) {
            match arg.to_str().and_then(|arg| arg.strip_prefix('@')) {
                // Cargo puts long command lines into a file, with a line for each argument.
                Some(path) => {
                    let text = std::fs::read_to_string(path).unwrap_or_default();
                    args.extend(text.lines().map(OsString::from));
                }
                None => args.push(arg),
            }
        }
        Self::from_args(args.iter().filter_map(|arg| arg.to_str()))
    }

    fn from_args<'a>(args: impl Iterator<Item = &'a str>) -> Self {
        // Rustc's own default is the oldest.
        let mut profile = Profile {
            edition_2015: true,
            ..Profile::default()
        };
        let mut args = args.peekable();
        while let Some(arg) = args.next() {
            let value = match arg {
                "--edition" => {
                    profile.edition_2015 = args.next() == Some("2015");
                    continue;
                }
                _ if arg.starts_with("--edition=") => {
                    profile.edition_2015 = arg.ends_with("=2015");
                    continue;
                }
                "-C" | "--codegen" => args.next().unwrap_or_default(),
                "--cfg" => {
                    profile.coverage |= args.next() == Some("coverage");
                    continue;
                }
                "--cfg=coverage" => {
                    profile.coverage = true;
                    continue;
                }
                _ => match arg.strip_prefix("-C").or(arg.strip_prefix("--codegen=")) {
                    Some(value) => value,
                    None => continue,
                },
            };
            let (name, value) = value.split_once('=').unwrap_or((value, "yes"));
            match name.replace('_', "-").as_str() {
                // The last one counts, as for rustc.
                "overflow-checks" => profile.overflow_checks = flag(value),
                "instrument-coverage" => profile.coverage |= flag(value) != Some(false),
                _ => {}
            }
        }
        profile
    }

    /// A constant expression for whether integer overflow panics. Without the flag it follows debug assertions, rustc's
    /// own default; `cfg(overflow_checks)` is not stable.
    pub(crate) fn overflow_checks(&self) -> TokenStream {
        match self.overflow_checks {
            Some(checked) => quote!(#checked),
            None => quote!(::core::cfg!(debug_assertions)),
        }
    }
}

fn flag(value: &str) -> Option<bool> {
    match value {
        "y" | "yes" | "on" | "true" => Some(true),
        "n" | "no" | "off" | "false" | "0" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(args: &str) -> Profile {
        Profile::from_args(args.split_whitespace())
    }

    #[test]
    fn overflow_checks_are_found_in_every_spelling() {
        assert_eq!(profile("-C opt-level=3").overflow_checks, None);
        for args in [
            "-C overflow-checks=on",
            "-Coverflow-checks",
            "--codegen overflow_checks=yes",
            "--codegen=overflow-checks=y",
            "-C overflow-checks=off -C overflow-checks=on",
        ] {
            assert_eq!(profile(args).overflow_checks, Some(true), "{args}");
        }
        assert_eq!(
            profile("-Coverflow-checks=off").overflow_checks,
            Some(false)
        );
    }

    #[test]
    fn the_edition_is_2015_if_none_is_given() {
        assert!(profile("-C opt-level=3").edition_2015);
        assert!(profile("--edition 2015").edition_2015);
        assert!(!profile("--edition=2018").edition_2015);
        assert!(!profile("--edition 2024 --cfg a").edition_2015);
    }

    #[test]
    fn coverage_is_found_as_a_flag_and_as_a_cfg() {
        assert!(!profile("--cfg feature=\"coverage\" -C opt-level=0").coverage);
        for args in [
            "--cfg coverage",
            "--cfg=coverage",
            "-C instrument-coverage",
            "-Cinstrument-coverage=all",
        ] {
            assert!(profile(args).coverage, "{args}");
        }
        assert!(!profile("-C instrument-coverage=off").coverage);
    }
}

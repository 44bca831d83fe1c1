//! What the environment asks for. Every variable is listed in `VARIABLES` and parsed once, at its first use; a value that
//! cannot be understood is warned about and then ignored.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::cpu::CpuLevel;
use crate::events::tell;

/// An environment variable: its name and what it is for.
const VARIABLES: &[(&str, &str)] = &[
    (
        "HOTLOOP_DISABLE",
        "1: compile nothing, run rustc's code everywhere",
    ),
    (
        "HOTLOOP_REQUIRE",
        "1: panic, with the reason, where rustc's code would run instead of compiled code",
    ),
    (
        "HOTLOOP_LLVM",
        "the LLVM library to open (or the folder that holds it), instead of searching",
    ),
    (
        "HOTLOOP_DUMP",
        "write what was compiled to files: a list of `ir`, `llvm`, `asm`",
    ),
    (
        "HOTLOOP_DUMP_DIR",
        "where HOTLOOP_DUMP writes; `hotloop-dump` if not set",
    ),
    (
        "HOTLOOP_CACHE_DIR",
        "the folder of cached code; `hotloop` in the user's folder for caches if not set",
    ),
    (
        "HOTLOOP_CACHE_LIMIT",
        "how much cached code is kept, in MiB; 512 if not set",
    ),
    (
        "HOTLOOP_CACHE_LAYERS",
        "folders of cached code and bundles that are only read, as in PATH; asked where the folder above has nothing",
    ),
    (
        "HOTLOOP_CACHE_LEVELS",
        "processors that cached code is also compiled for, to be bundled: a list of `x86-64-v2`, `x86-64-v3`, `x86-64-v4`",
    ),
    (
        "HOTLOOP_CACHE_PREFER_NATIVE",
        "1: where there is an LLVM, compile for this processor instead of running what a layer has for a level",
    ),
    (
        "HOTLOOP_CACHE_TRACE",
        "a file that is told of each function that the cache is asked for (`hotloop cache why`)",
    ),
    (
        "HOTLOOP_THREADS",
        "how many threads a parallel loop uses at most; 1: the calling thread alone",
    ),
];

/// How much cached code is kept if nobody says otherwise, in MiB.
const DEFAULT_CACHE_MIB: u64 = 512;

/// The environment, understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Config {
    /// `HOTLOOP_DISABLE`: nothing is compiled.
    pub disable: bool,
    /// `HOTLOOP_REQUIRE`: a fallback is a panic.
    pub require: bool,
    /// `HOTLOOP_DUMP`: which stages are written to files.
    pub dump: Dump,
    /// `HOTLOOP_DUMP_DIR`: where to; `hotloop-dump` in the current directory if not set.
    pub dump_dir: PathBuf,
    /// `HOTLOOP_CACHE_LIMIT`: how many bytes of cached code are kept.
    pub cache_limit: u64,
    /// `HOTLOOP_CACHE_LAYERS`: caches that are only read.
    pub cache_layers: Vec<PathBuf>,
    /// `HOTLOOP_CACHE_LEVELS`: what cached code is also compiled for.
    pub cache_levels: Vec<CpuLevel>,
    /// Where an LLVM could compile for this processor, what layers have for levels does not count.
    pub cache_prefer_native: bool,
    /// The file that is told of each function that the cache is asked for.
    pub cache_trace: Option<PathBuf>,
    /// `HOTLOOP_THREADS`: how many threads a parallel loop uses at most.
    pub threads: Option<u32>,
}

/// Which stages `HOTLOOP_DUMP` names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dump {
    /// `ir`: hotloop's IR, as captured and as specialized.
    pub ir: bool,
    /// `llvm`: LLVM IR, before and after optimization.
    pub llvm: bool,
    /// `asm`: the machine code, disassembled.
    pub asm: bool,
}

impl Dump {
    /// Whether anything is to be written.
    pub fn any(self) -> bool {
        self.ir || self.llvm || self.asm
    }
}

/// The environment of this process, as it was at the first call.
pub fn config() -> &'static Config {
    static CONFIG: OnceLock<(Config, Vec<String>)> = OnceLock::new();
    static WARNED: AtomicBool = AtomicBool::new(false);
    let (config, problems) = CONFIG.get_or_init(|| {
        let mut problems = Vec::new();
        let config = parse(|name| std::env::var_os(name), &mut problems);
        (config, problems)
    });
    // Not inside of the initialization: the program's logger may call jitted functions, which come here again.
    if !problems.is_empty() && !WARNED.swap(true, Ordering::Relaxed) {
        for problem in problems {
            tell!(Warn, "hotloop: {problem}");
        }
    }
    config
}

/// What is wrong with the values of the variables now, a sentence each. Such values are ignored.
pub fn environment_problems() -> Vec<String> {
    let mut problems = Vec::new();
    parse(|name| std::env::var_os(name), &mut problems);
    problems
}

/// An environment variable that hotloop reads.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// Its value now, if it is set.
    pub value: Option<String>,
    /// What it is for.
    pub meaning: &'static str,
}

/// Every environment variable that hotloop reads, with its value in this process.
pub fn environment() -> Vec<Variable> {
    let value = |name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
    VARIABLES
        .iter()
        .map(|&(name, meaning)| Variable {
            name,
            value: value(name),
            meaning,
        })
        .collect()
}

fn parse(read: impl Fn(&str) -> Option<OsString>, problems: &mut Vec<String>) -> Config {
    let mut flag = |name: &str| match read(name) {
        None => false,
        Some(value) => match value.to_str().map(str::trim) {
            Some("1" | "true" | "yes" | "on") => true,
            Some("" | "0" | "false" | "no" | "off") => false,
            _ => {
                problems.push(format!(
                    "{name} is `{}`, which is neither 1 nor 0; it is ignored",
                    value.to_string_lossy()
                ));
                false
            }
        },
    };
    let cache_prefer_native = flag("HOTLOOP_CACHE_PREFER_NATIVE");
    let disable = flag("HOTLOOP_DISABLE");
    let require = flag("HOTLOOP_REQUIRE");
    let dump = read("HOTLOOP_DUMP")
        .map(|value| parse_dump(&value.to_string_lossy(), problems))
        .unwrap_or_default();
    let dump_dir = read("HOTLOOP_DUMP_DIR")
        .filter(|value| !value.is_empty())
        .map_or_else(|| PathBuf::from("hotloop-dump"), PathBuf::from);
    let cache_limit = read("HOTLOOP_CACHE_LIMIT").map_or(Some(DEFAULT_CACHE_MIB), |value| {
        value.to_str()?.trim().parse::<u64>().ok()
    });
    if cache_limit.is_none() {
        problems.push("HOTLOOP_CACHE_LIMIT is no number of MiB; it is ignored".to_owned());
    }
    let cache_layers = read("HOTLOOP_CACHE_LAYERS").map_or_else(Vec::new, |value| {
        let paths = std::env::split_paths(&value);
        paths.filter(|path| !path.as_os_str().is_empty()).collect()
    });
    let cache_trace = read("HOTLOOP_CACHE_TRACE")
        .filter(|value| !value.is_empty())
        .map(PathBuf::from);
    let cache_levels = read("HOTLOOP_CACHE_LEVELS")
        .map(|value| parse_levels(&value.to_string_lossy(), problems))
        .unwrap_or_default();
    let threads = read("HOTLOOP_THREADS").and_then(|value| {
        let threads = value.to_str().and_then(|value| value.trim().parse().ok());
        if threads.is_none_or(|threads: u32| threads == 0) {
            problems.push("HOTLOOP_THREADS is no number of threads; it is ignored".to_owned());
            return None;
        }
        threads
    });
    Config {
        cache_layers,
        cache_levels,
        disable,
        require,
        dump,
        dump_dir,
        cache_prefer_native,
        cache_trace,
        cache_limit: cache_limit
            .unwrap_or(DEFAULT_CACHE_MIB)
            .saturating_mul(1 << 20),
        threads,
    }
}

fn parse_levels(value: &str, problems: &mut Vec<String>) -> Vec<CpuLevel> {
    let mut levels = Vec::new();
    for name in value.split(',').map(str::trim) {
        match name.parse() {
            // Code for this processor is stored anyway.
            Ok(CpuLevel::Native) => {}
            Ok(level) if levels.contains(&level) => {}
            Ok(level) => levels.push(level),
            Err(_) if name.is_empty() => {}
            Err(error) => {
                problems.push(format!("HOTLOOP_CACHE_LEVELS: {error}; it is ignored"));
            }
        }
    }
    levels
}

fn parse_dump(value: &str, problems: &mut Vec<String>) -> Dump {
    let mut dump = Dump::default();
    for stage in value.split(',').map(str::trim) {
        match stage {
            "" | "0" => {}
            "ir" => dump.ir = true,
            "llvm" => dump.llvm = true,
            "asm" => dump.asm = true,
            "1" | "all" => {
                dump = Dump {
                    ir: true,
                    llvm: true,
                    asm: true,
                };
            }
            _ => problems.push(format!(
                "HOTLOOP_DUMP names `{stage}`, which is none of `ir`, `llvm`, `asm`; it is ignored"
            )),
        }
    }
    dump
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_from(vars: &[(&str, &str)]) -> (Config, Vec<String>) {
        let mut problems = Vec::new();
        let read = |name: &str| {
            let found = vars.iter().find(|(var, _)| *var == name);
            found.map(|(_, value)| OsString::from(value))
        };
        (parse(read, &mut problems), problems)
    }

    #[test]
    fn an_empty_environment_asks_for_nothing() {
        let (config, problems) = parse_from(&[]);
        assert!(!config.disable && !config.require && !config.dump.any());
        assert_eq!(config.dump_dir, PathBuf::from("hotloop-dump"));
        assert_eq!(problems, Vec::<String>::new());
    }

    #[test]
    fn flags_and_lists_are_understood() {
        let (config, problems) = parse_from(&[
            ("HOTLOOP_DISABLE", "1"),
            ("HOTLOOP_REQUIRE", "off"),
            ("HOTLOOP_DUMP", "ir, asm"),
            ("HOTLOOP_DUMP_DIR", "/tmp/d"),
            ("HOTLOOP_THREADS", " 3"),
        ]);
        assert_eq!(config.threads, Some(3));
        assert!(config.disable && !config.require);
        assert!(config.dump.ir && !config.dump.llvm && config.dump.asm);
        assert_eq!(config.dump_dir, PathBuf::from("/tmp/d"));
        assert_eq!(problems, Vec::<String>::new());
    }

    #[test]
    fn values_that_cannot_be_understood_are_named_and_ignored() {
        let (config, problems) = parse_from(&[
            ("HOTLOOP_REQUIRE", "maybe"),
            ("HOTLOOP_DUMP", "ir,wat"),
            ("HOTLOOP_THREADS", "0"),
        ]);
        assert!(!config.require && config.dump.ir && config.threads.is_none());
        assert_eq!(problems.len(), 3);
        assert!(problems[0].contains("HOTLOOP_REQUIRE is `maybe`"));
        assert!(problems[1].contains("`wat`"));
    }
}

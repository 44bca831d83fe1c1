//! What machine this is, seen as hotloop sees it: the processor, LLVM, threads, vector math, the cache and the environment.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use hotloop_ir::SCHEMA_VERSION;
use serde::Serialize;

use crate::cache::directory;
use crate::config;
use crate::cpu;
use crate::llvm::{self, LlvmError, Origin, Outcome, Searched};

/// Everything that decides how functions are compiled on this machine, gathered by [`machine_info`].
///
/// Serialized, it is the output of `hotloop info --json`: fields are added, and never renamed or removed.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct MachineInfo {
    /// The version of hotloop.
    pub hotloop_version: &'static str,
    /// The version of the IR that `#[jit]` embeds; a program and the runtime that it is linked with always agree.
    pub ir_schema_version: u16,
    /// The target triple that this program was built for.
    pub target: &'static str,
    /// The processor.
    pub cpu: CpuInfo,
    /// Where LLVM was looked for, and what was found.
    pub llvm: LlvmInfo,
    /// How many threads parallel loops will have.
    pub threads: ThreadInfo,
    /// The platform's library of vector functions.
    pub vector_math: VectorMathInfo,
    /// Where compiled code will be kept.
    pub cache: CacheInfo,
    /// The environment variables that hotloop reads, set or not.
    pub environment: Vec<config::Variable>,
    /// What is wrong with their values, a sentence each; such values are ignored.
    pub environment_problems: Vec<String>,
}

/// The processor.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct CpuInfo {
    /// Its maker, as it says itself.
    pub vendor: String,
    /// Its name for people.
    pub name: String,
    /// What the standard library detects, by LLVM's names.
    pub features: Vec<&'static str>,
    /// LLVM's name of it, which code is compiled for; `None` without LLVM.
    pub llvm_name: Option<String>,
    /// LLVM's list of its features, `+` for present and `-` for absent, sorted; `None` without LLVM.
    pub llvm_features: Option<String>,
}

/// Where LLVM was looked for, and what was found.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct LlvmInfo {
    /// Whether there is one. Without it, functions run as rustc compiled them.
    pub found: bool,
    /// Its version, such as `22.1.2`.
    pub version: Option<String>,
    /// Its path, or the name that the dynamic loader found it by.
    pub path: Option<PathBuf>,
    /// How long finding, opening and initializing it took, in milliseconds.
    pub load_ms: Option<f64>,
    /// Why there is none, and what to do about it.
    pub error: Option<String>,
    /// Everything that was tried, in order. The search ends with the first that will do.
    pub searched: Vec<LlvmCandidate>,
}

/// One place where LLVM was looked for.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct LlvmCandidate {
    /// A library, a name given to the dynamic loader, or a folder.
    pub path: PathBuf,
    /// Why it was tried.
    pub origin: Origin,
    /// What came of it.
    pub outcome: CandidateOutcome,
    /// Why it was passed over, if it was there.
    pub reason: Option<String>,
}

/// What came of trying a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CandidateOutcome {
    /// It is in use.
    Loaded,
    /// There is no such file.
    Absent,
    /// It is there and was passed over.
    Rejected,
}

/// How many threads parallel loops will have. This version has no parallel loops.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct ThreadInfo {
    /// Threads in rayon's global pool, unless the program configures it.
    pub rayon: usize,
    /// What decides that number: `RAYON_NUM_THREADS`, or `available_parallelism`.
    pub decided_by: &'static str,
    /// How many threads the system says this process can run at once; 1 if it does not say.
    pub available_parallelism: usize,
    /// Whether anything uses them: not in this version.
    pub in_use: bool,
}

/// The platform's library of vector functions.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct VectorMathInfo {
    /// Its name, or `None` where there is none.
    pub library: Option<&'static str>,
    /// Whether compiled code may call it: with `fastmath`, for the functions that hotloop has no vector form of.
    pub in_use: bool,
}

/// Where compiled code will be kept.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct CacheInfo {
    /// The directory; `None` if no variable below says where.
    pub directory: Option<PathBuf>,
    /// The variable that decides: `HOTLOOP_CACHE_DIR`, `XDG_CACHE_HOME` or `HOME`.
    pub decided_by: Option<&'static str>,
    /// Whether it is there and can be trusted.
    pub in_use: bool,
}

/// Looks at the machine and the environment. Loads LLVM if there is one; that there is none is part of the answer.
pub fn machine_info() -> MachineInfo {
    let read = |name: &str| env::var_os(name);
    MachineInfo {
        hotloop_version: env!("CARGO_PKG_VERSION"),
        ir_schema_version: SCHEMA_VERSION,
        target: env!("HOTLOOP_TARGET"),
        cpu: cpu_info(),
        llvm: llvm_info(llvm::load()),
        threads: thread_info(
            read,
            std::thread::available_parallelism().map_or(1, usize::from),
        ),
        vector_math: VectorMathInfo {
            library: cpu::vector_math_library().map(|library| library.name),
            in_use: cpu::vector_math_library().is_some(),
        },
        cache: cache_info(read),
        environment: config::environment(),
        environment_problems: config::environment_problems(),
    }
}

fn cpu_info() -> CpuInfo {
    let host = cpu::host();
    let by_llvm = cpu::llvm_host().ok();
    CpuInfo {
        vendor: host.vendor.clone(),
        name: host.name.clone(),
        features: host.features.to_vec(),
        llvm_name: by_llvm.as_ref().map(|host| host.name.clone()),
        llvm_features: by_llvm.map(|host| host.features),
    }
}

fn llvm_info(loaded: Result<&llvm::Llvm, &LlvmError>) -> LlvmInfo {
    match loaded {
        Ok(llvm) => {
            let (major, minor, patch) = llvm.version;
            LlvmInfo {
                found: true,
                version: Some(format!("{major}.{minor}.{patch}")),
                path: Some(llvm.path.clone()),
                load_ms: Some(llvm.load_time.as_secs_f64() * 1e3),
                error: None,
                searched: llvm.searched.iter().map(LlvmCandidate::new).collect(),
            }
        }
        Err(error) => LlvmInfo {
            found: false,
            version: None,
            path: None,
            load_ms: None,
            error: Some(error.to_string()),
            searched: match error {
                LlvmError::NotFound { searched } => {
                    searched.iter().map(LlvmCandidate::new).collect()
                }
                LlvmError::Environment { path, reason } => vec![LlvmCandidate {
                    path: path.clone(),
                    origin: Origin::Environment,
                    outcome: if path.exists() {
                        CandidateOutcome::Rejected
                    } else {
                        CandidateOutcome::Absent
                    },
                    reason: Some(reason.clone()),
                }],
                LlvmError::Platform
                | LlvmError::Open { .. }
                | LlvmError::Version { .. }
                | LlvmError::MissingFunction { .. } => Vec::new(),
            },
        },
    }
}

impl LlvmCandidate {
    fn new(searched: &Searched) -> Self {
        let (outcome, reason) = match &searched.outcome {
            Outcome::Loaded => (CandidateOutcome::Loaded, None),
            Outcome::Absent => (CandidateOutcome::Absent, None),
            Outcome::Rejected(reason) => (CandidateOutcome::Rejected, Some(reason.clone())),
        };
        LlvmCandidate {
            path: searched.path.clone(),
            origin: searched.origin,
            outcome,
            reason,
        }
    }
}

/// As rayon's `ThreadPoolBuilder` decides it for the global pool: a number in `RAYON_NUM_THREADS`, else one in the older
/// `RAYON_RS_NUM_CPUS`, else what is available; 0 means what is available.
fn thread_info(
    read: impl Fn(&str) -> Option<OsString>,
    available_parallelism: usize,
) -> ThreadInfo {
    let number = |name| read(name)?.to_str()?.parse::<usize>().ok();
    let asked = match number("RAYON_NUM_THREADS") {
        Some(n) => Some((n, "RAYON_NUM_THREADS")),
        None => number("RAYON_RS_NUM_CPUS").map(|n| (n, "RAYON_RS_NUM_CPUS")),
    };
    let (rayon, decided_by) = asked
        .filter(|(n, _)| *n > 0)
        .unwrap_or((available_parallelism, "available_parallelism"));
    ThreadInfo {
        rayon,
        decided_by,
        available_parallelism,
        in_use: false,
    }
}

/// Where the cache is, and whether there is one.
fn cache_info(read: impl Fn(&str) -> Option<OsString>) -> CacheInfo {
    let (directory, decided_by) = directory::place(read).unzip();
    let in_use = directory
        .as_deref()
        .is_some_and(|folder| directory::trusted(folder).is_ok());
    CacheInfo {
        directory,
        decided_by,
        in_use,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment<'a>(
        vars: &'a [(&'a str, &'a str)],
    ) -> impl Fn(&str) -> Option<OsString> + use<'a> {
        |name| {
            let found = vars.iter().find(|(var, _)| *var == name);
            found.map(|(_, value)| OsString::from(value))
        }
    }

    #[test]
    fn threads_are_counted_as_rayon_does() {
        for (vars, expected) in [
            (&[][..], (8, "available_parallelism")),
            (&[("RAYON_NUM_THREADS", "3")], (3, "RAYON_NUM_THREADS")),
            (&[("RAYON_NUM_THREADS", "0")], (8, "available_parallelism")),
            (
                &[("RAYON_NUM_THREADS", "many")],
                (8, "available_parallelism"),
            ),
            (
                &[("RAYON_NUM_THREADS", "0"), ("RAYON_RS_NUM_CPUS", "5")],
                (8, "available_parallelism"),
            ),
            (&[("RAYON_RS_NUM_CPUS", "5")], (5, "RAYON_RS_NUM_CPUS")),
        ] {
            let info = thread_info(environment(vars), 8);
            assert_eq!((info.rayon, info.decided_by), expected, "{vars:?}");
            assert_eq!(info.available_parallelism, 8);
        }
    }

    #[test]
    fn the_cache_directory_follows_the_most_specific_variable() {
        let (own, xdg, home) = (
            ("HOTLOOP_CACHE_DIR", "/own"),
            ("XDG_CACHE_HOME", "/xdg"),
            ("HOME", "/home/me"),
        );
        for (vars, directory, decided_by) in [
            (&[own, xdg, home][..], "/own", "HOTLOOP_CACHE_DIR"),
            (&[xdg, home], "/xdg/hotloop", "XDG_CACHE_HOME"),
            (&[home], "/home/me/.cache/hotloop", "HOME"),
            (
                &[("XDG_CACHE_HOME", "relative"), home],
                "/home/me/.cache/hotloop",
                "HOME",
            ),
            (
                &[("HOTLOOP_CACHE_DIR", ""), xdg],
                "/xdg/hotloop",
                "XDG_CACHE_HOME",
            ),
        ] {
            let info = cache_info(environment(vars));
            assert_eq!(info.directory, Some(PathBuf::from(directory)), "{vars:?}");
            assert_eq!(info.decided_by, Some(decided_by), "{vars:?}");
        }
        assert_eq!(cache_info(environment(&[])).directory, None);
    }

    #[test]
    fn a_failed_search_is_information() {
        let path = PathBuf::from("/nonexistent");
        let error = LlvmError::Environment {
            path: path.clone(),
            reason: "there is no such file or folder".to_owned(),
        };
        let info = llvm_info(Err(&error));
        assert!(!info.found && info.version.is_none());
        assert_eq!(info.searched.len(), 1);
        assert_eq!(info.searched[0].path, path);
        assert_eq!(info.searched[0].outcome, CandidateOutcome::Absent);
        assert!(info.error.unwrap().contains("HOTLOOP_LLVM"));
    }

    #[test]
    fn this_machine_can_be_described() {
        let info = machine_info();
        assert!(info.threads.rayon >= 1);
        assert_eq!(info.llvm.found, info.llvm.version.is_some());
        assert_eq!(info.llvm.found, info.llvm.error.is_none());
        assert!(info.target.contains(std::env::consts::ARCH) || info.target.starts_with('i'));
        assert!(
            info.environment
                .iter()
                .any(|var| var.name == "HOTLOOP_LLVM")
        );
    }
}

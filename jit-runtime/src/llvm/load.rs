//! Opens LLVM: finds a library that will do, fills the slots of the stubs, initializes the targets. Once per process.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use llvm_sys::target as init;

use super::LlvmError;
use super::search::{self, Origin, Outcome, Searched};

/// The LLVM in use: which it is, and how it was found.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Llvm {
    /// Major, minor and patch version.
    pub version: (u32, u32, u32),
    /// The library's path, or the name that the system's loader found it by.
    pub path: PathBuf,
    /// Everything that was tried, in order; the last is the one in use.
    pub searched: Vec<Searched>,
    /// How long the search, opening, resolving and initializing took.
    pub load_time: Duration,
}

/// Loads LLVM on the first call, and gives the same answer from then on.
///
/// Threads that race for the first call wait for one load. The library stays open for as long as the process runs.
///
/// # Errors
///
/// [`LlvmError`] says what was looked for and where. `HOTLOOP_LLVM` set to something unusable is an error of its own: it
/// is never passed over in silence.
pub fn load() -> Result<&'static Llvm, &'static LlvmError> {
    static LOADED: OnceLock<Result<Llvm, LlvmError>> = OnceLock::new();
    LOADED.get_or_init(load_once).as_ref()
}

#[cfg(hotloop_llvm = "none")]
fn load_once() -> Result<Llvm, LlvmError> {
    Err(LlvmError::Platform)
}

#[cfg(hotloop_llvm = "link")]
fn load_once() -> Result<Llvm, LlvmError> {
    let start = Instant::now();
    let path = PathBuf::from("linked into the program");
    let (mut major, mut minor, mut patch) = (0, 0, 0);
    // SAFETY: LLVM is linked, and the three pointers are to `u32`s that live through the call.
    unsafe { llvm_sys::core::LLVMGetVersion(&mut major, &mut minor, &mut patch) };
    initialize_targets(|_| true);
    let searched = vec![Searched {
        path: path.clone(),
        origin: Origin::Linked,
        outcome: Outcome::Loaded,
    }];
    Ok(Llvm {
        version: (major, minor, patch),
        path,
        searched,
        load_time: start.elapsed(),
    })
}

#[cfg(hotloop_llvm = "open")]
fn load_once() -> Result<Llvm, LlvmError> {
    use super::required::{NATIVE_TARGET, REQUIRED};

    let start = Instant::now();
    let (library, searched) = find(search::from_environment(), |path| {
        open::Library::open(path, &[REQUIRED, NATIVE_TARGET])
    })?;
    library.publish();
    if library.is_ours {
        set_options();
    }
    initialize_targets(|name| library.has(name));
    let open::Library { version, path, .. } = library;
    Ok(Llvm {
        version,
        path,
        searched,
        load_time: start.elapsed(),
    })
}

/// Options of the whole process, where nobody else in it has opened this LLVM.
///
/// Loop strength reduction takes a third of code generation's time, up to two thirds for stencils, and the processors' addressing modes of x86 do
/// what it does: without it the benchmark's kernels take 1.00 of the time in the geometric mean (stencils 0.88 to 0.96, a strided
/// loop that does nothing but store 1.15), and their first calls 0.8.
///
/// Conditional moves stay what they are: LLVM's pass for x86 that makes branches of some in loops, where the chain of values seems to
/// become shorter, cannot know whether data decide them. Least and greatest values of dynamic programming do: a Smith-Waterman score takes 0.39 of
/// the time without it.
///
/// Innermost loops begin at multiples of 32 bytes instead of 16, as do the windows in which processors keep decoded instructions: a loop of a few instructions
/// that is in two of them takes up to 1.4 of the time (products of a sparse matrix), by chance.
///
/// Loads are not replaced by earlier stores where that takes conditions about indices that wrap: LLVM forgets some of these conditions
/// ([`hotloop_ir::analysis::narrowing`]).
#[cfg(hotloop_llvm = "open")]
fn set_options() {
    let mut arguments = vec![
        c"hotloop".as_ptr(),
        c"-loop-load-elimination-scev-check-threshold=0".as_ptr(),
    ];
    if cfg!(target_arch = "x86_64") {
        arguments.extend([
            c"-disable-lsr".as_ptr(),
            c"-x86-cmov-converter=false".as_ptr(),
            c"-x86-experimental-pref-innermost-loop-alignment=5".as_ptr(),
        ]);
    }
    // SAFETY: LLVM is loaded, and nobody uses it yet; as many C strings as are said, which LLVM reads during the call. All versions that
    // `load` accepts know the options.
    unsafe {
        llvm_sys::support::LLVMParseCommandLineOptions(
            arguments.len() as i32,
            arguments.as_ptr(),
            std::ptr::null(),
        );
    }
}

/// A search under way: what was tried so far, and how a candidate is tried.
struct Attempts<F> {
    searched: Vec<Searched>,
    open: F,
}

impl<T, F: Fn(&Path) -> Result<T, LlvmError>> Attempts<F> {
    /// Tries one library.
    fn library(&mut self, path: PathBuf, origin: Origin) -> Option<T> {
        if self.searched.iter().any(|searched| searched.path == path) {
            return None;
        }
        let result = (self.open)(&path);
        let outcome = match &result {
            Ok(_) => Outcome::Loaded,
            // A bare name is for the dynamic loader to find: that it could not is all that can be said.
            Err(LlvmError::Open { .. }) if origin == Origin::System && !path.exists() => {
                Outcome::Absent
            }
            Err(error) => Outcome::Rejected(error.to_string()),
        };
        self.searched.push(Searched {
            path,
            origin,
            outcome,
        });
        result.ok()
    }

    /// Tries the libraries of a folder (or the one that `path` itself is), newest first.
    fn folder(&mut self, path: PathBuf, origin: Origin) -> Option<T> {
        let libraries = search::libraries_in(&path);
        if libraries.is_empty() {
            let outcome = match path.exists() {
                true => Outcome::Rejected("holds no libLLVM".to_owned()),
                false => Outcome::Absent,
            };
            self.searched.push(Searched {
                path,
                origin,
                outcome,
            });
            return None;
        }
        libraries
            .into_iter()
            .find_map(|library| self.library(library, origin))
    }
}

/// The first library that `open` accepts, with all that was tried. `named` is the value of `HOTLOOP_LLVM`.
#[cfg_attr(not(hotloop_llvm = "open"), allow(dead_code))]
fn find<T>(
    named: Option<PathBuf>,
    open: impl Fn(&Path) -> Result<T, LlvmError>,
) -> Result<(T, Vec<Searched>), LlvmError> {
    let mut attempts = Attempts {
        searched: Vec::new(),
        open,
    };
    if let Some(path) = named {
        return match attempts.folder(path.clone(), Origin::Environment) {
            Some(library) => Ok((library, attempts.searched)),
            None => {
                let reasons = attempts
                    .searched
                    .iter()
                    .map(|searched| match &searched.outcome {
                        Outcome::Rejected(reason) if searched.path == path => reason.clone(),
                        Outcome::Rejected(reason) => {
                            format!("{}: {reason}", searched.path.display())
                        }
                        Outcome::Absent | Outcome::Loaded => {
                            "there is no such file or folder".to_owned()
                        }
                    });
                let reason = reasons.collect::<Vec<_>>().join("; ");
                Err(LlvmError::Environment { path, reason })
            }
        };
    }
    let library = search::build_toolchain()
        .and_then(|folder| attempts.folder(folder, Origin::BuildToolchain))
        .or_else(|| {
            search::toolchains()
                .into_iter()
                .find_map(|folder| attempts.folder(folder, Origin::Toolchain))
        })
        .or_else(|| {
            search::system_names()
                .into_iter()
                .find_map(|name| attempts.library(name, Origin::System))
        });
    match library {
        Some(library) => Ok((library, attempts.searched)),
        None => Err(LlvmError::NotFound {
            searched: attempts.searched,
        }),
    }
}

/// Initializes the code generators for x86 and AArch64, each if `has` says that all functions of it are there.
///
/// The native one is among the required functions; the other is for tests and for looking at its code.
#[cfg_attr(hotloop_llvm = "none", allow(dead_code))]
fn initialize_targets(has: impl Fn(&str) -> bool) {
    macro_rules! initialize {
        ($($function:ident)*) => {
            if [$(stringify!($function)),*].iter().all(|name| has(name)) {
                // SAFETY: LLVM is loaded with these functions, they may be called again and again, and `load` runs once.
                unsafe { $(init::$function();)* }
            }
        };
    }
    initialize!(LLVMInitializeX86TargetInfo LLVMInitializeX86Target LLVMInitializeX86TargetMC
        LLVMInitializeX86AsmPrinter LLVMInitializeX86AsmParser);
    initialize!(LLVMInitializeAArch64TargetInfo LLVMInitializeAArch64Target LLVMInitializeAArch64TargetMC
        LLVMInitializeAArch64AsmPrinter LLVMInitializeAArch64AsmParser);
}

#[cfg(hotloop_llvm = "open")]
mod open {
    //! Opening one library and looking up its functions.

    use std::sync::atomic::Ordering;

    use libloading::os::unix;

    use super::super::required::OPTIONAL;
    use super::super::{MAX_MAJOR, MIN_MAJOR, stubs};
    use super::*;

    /// An LLVM that has all required functions, not yet in use.
    pub(super) struct Library {
        pub(super) path: PathBuf,
        pub(super) version: (u32, u32, u32),
        /// Whether nobody had opened it before.
        pub(super) is_ours: bool,
        /// Name and address, or null, for each stub, sorted by name.
        functions: Vec<(&'static str, *mut ())>,
    }

    impl Library {
        /// Opens the library at `path` and looks up the `required` functions, which must all be there, and the others.
        pub(super) fn open(path: &Path, required: &[&[&str]]) -> Result<Library, LlvmError> {
            // SAFETY: a library that is open already is not initialized again, and one that is not stays closed.
            let is_ours = unsafe {
                unix::Library::open(Some(path), libc::RTLD_NOLOAD | unix::RTLD_LAZY).is_err()
            };
            // SAFETY: opening a library runs its initializers; the path comes from the user, from a toolchain, or is the
            // name of a system library, each of which may run code in this process.
            let library =
                unsafe { unix::Library::open(Some(path), unix::RTLD_NOW | unix::RTLD_LOCAL) }
                    .map_err(|error| LlvmError::Open {
                        path: path.to_owned(),
                        message: message(&error),
                    })?;
            // Never closed, not even if it is passed over: LLVM does not promise that it can be unloaded.
            let handle = library.into_raw();
            // SAFETY: `handle` came from `into_raw` just now. The new owner is not dropped, so it is never closed.
            let library = std::mem::ManuallyDrop::new(unsafe { unix::Library::from_raw(handle) });
            let look_up = |name: &str| -> *mut () {
                // SAFETY: the symbol is taken as an untyped address; its type is given by llvm-sys where it is called.
                match unsafe { library.get::<*mut ()>(name) } {
                    Ok(symbol) => symbol.as_raw_ptr().cast(),
                    Err(_) => std::ptr::null_mut(),
                }
            };
            let missing = |name: &str| LlvmError::MissingFunction {
                name: name.to_owned(),
                path: path.to_owned(),
            };

            let get_version = look_up("LLVMGetVersion");
            if get_version.is_null() {
                return Err(missing("LLVMGetVersion"));
            }
            let (mut major, mut minor, mut patch) = (0, 0, 0);
            // SAFETY: `LLVMGetVersion` has had this type in every LLVM that has it (16 on), and writes three `unsigned`s.
            unsafe {
                let get_version = std::mem::transmute::<
                    *mut (),
                    unsafe extern "C" fn(*mut u32, *mut u32, *mut u32),
                >(get_version);
                get_version(&mut major, &mut minor, &mut patch);
            }
            let version = (major, minor, patch);
            if !(MIN_MAJOR..=MAX_MAJOR).contains(&major) {
                return Err(LlvmError::Version {
                    path: path.to_owned(),
                    version,
                });
            }

            let wanted = |name: &str| {
                !cfg!(debug_assertions)
                    || required
                        .iter()
                        .any(|list| list.binary_search(&name).is_ok())
                    || OPTIONAL.contains(&name)
                    || name.starts_with("LLVMInitialize")
            };
            let functions = stubs::names()
                .map(|name| {
                    (
                        name,
                        if wanted(name) {
                            look_up(name)
                        } else {
                            std::ptr::null_mut()
                        },
                    )
                })
                .collect();
            let library = Library {
                path: path.to_owned(),
                version,
                is_ours,
                functions,
            };
            match required
                .concat()
                .into_iter()
                .find(|name| !library.has(name))
            {
                Some(name) => Err(missing(name)),
                None => Ok(library),
            }
        }

        /// Whether a function was looked up and found.
        pub(super) fn has(&self, name: &str) -> bool {
            let index = self
                .functions
                .binary_search_by(|(stub, _)| (*stub).cmp(name))
                .ok();
            index
                .and_then(|index| self.functions.get(index))
                .is_some_and(|(_, function)| !function.is_null())
        }

        /// Lets the stubs jump to this library. From here on inkwell may be called.
        pub(super) fn publish(&self) {
            for (slot, (_, function)) in stubs::slots().iter().zip(&self.functions) {
                slot.store(*function, Ordering::Release);
            }
        }
    }

    /// What the dynamic loader said, in its own words.
    fn message(error: &libloading::Error) -> String {
        let source = std::error::Error::source(error).map(|source| source.to_string());
        source.unwrap_or_else(|| error.to_string())
    }
}

#[cfg(all(test, hotloop_llvm = "open"))]
mod tests {
    use super::super::required::{NATIVE_TARGET, REQUIRED};
    use super::*;

    #[test]
    fn racing_first_calls_get_one_llvm() {
        let loaded: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| load().unwrap() as *const Llvm as usize))
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });
        assert!(loaded.iter().all(|llvm| *llvm == loaded[0]));
        let llvm = load().unwrap();
        println!(
            "LLVM {:?} from {} in {:?}",
            llvm.version,
            llvm.path.display(),
            llvm.load_time
        );
        assert_eq!(llvm.searched.last().unwrap().outcome, Outcome::Loaded);
        assert_eq!(llvm.searched.last().unwrap().path, llvm.path);
    }

    #[test]
    fn a_missing_function_is_named() {
        let path = &load().unwrap().path;
        let required: &[&[&str]] = &[REQUIRED, NATIVE_TARGET, &["LLVMNoSuchFunction"]];
        let error = open::Library::open(path, required).err().unwrap();
        assert_eq!(
            error,
            LlvmError::MissingFunction {
                name: "LLVMNoSuchFunction".to_owned(),
                path: path.clone()
            }
        );
        assert_eq!(
            error.to_string(),
            "it does not have the function `LLVMNoSuchFunction`"
        );
    }

    #[test]
    fn what_the_user_names_is_used_or_an_error() {
        let refuse = |path: &Path| open::Library::open(path, &[REQUIRED]);
        let message = |named: &Path| {
            find(Some(named.to_owned()), refuse)
                .err()
                .unwrap()
                .to_string()
        };
        assert_eq!(
            message(Path::new("/nonexistent/libLLVM.so")),
            "HOTLOOP_LLVM names `/nonexistent/libLLVM.so`, which cannot be used: there is no such file or folder"
        );
        let garbage = std::env::temp_dir().join(format!("hotloop-garbage-{}", std::process::id()));
        std::fs::write(&garbage, "not a library").unwrap();
        let said = message(&garbage);
        std::fs::remove_file(&garbage).unwrap();
        assert!(said.contains("cannot be opened"), "{said}");
        assert!(message(&std::env::temp_dir()).ends_with("holds no libLLVM"));
    }

    #[test]
    fn not_found_says_where_it_looked_and_what_to_do() {
        let nothing = |path: &Path| -> Result<(), _> {
            Err(LlvmError::Open {
                path: path.to_owned(),
                message: "no such file".to_owned(),
            })
        };
        let error = find(None, nothing).err().unwrap();
        let text = error.to_string();
        println!("{text}");
        assert!(matches!(&error, LlvmError::NotFound { searched } if searched.len() > 20));
        assert!(text.contains("set HOTLOOP_LLVM"), "{text}");
        if search::build_toolchain().is_some() {
            assert!(
                text.contains("(the toolchain that built this program)"),
                "{text}"
            );
        }
    }

    /// A call that no slot serves aborts with its name: tried in a process of its own, where LLVM is not loaded.
    #[test]
    fn an_unresolved_stub_aborts_with_its_name() {
        if std::env::var_os("HOTLOOP_TEST_UNRESOLVED").is_some() {
            // SAFETY: the stub's slot is empty in this process, so the call ends in `missing_function`.
            unsafe { llvm_sys::core::LLVMContextCreate() };
            unreachable!("the stub must abort");
        }
        let test = "llvm::load::tests::an_unresolved_stub_aborts_with_its_name";
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args([test, "--exact", "--nocapture"])
            .env("HOTLOOP_TEST_UNRESOLVED", "1")
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(
            text.contains("hotloop: LLVMContextCreate was called, but no LLVM has been loaded"),
            "{text}"
        );
        assert!(!output.status.success());
    }
}

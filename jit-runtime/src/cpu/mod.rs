//! What processor this is, found without LLVM (for cache keys and for people) and with it (for code generation).

mod detect;
mod level;

use std::sync::OnceLock;

use hotloop_ir::Target;
use inkwell::targets::TargetMachine;

pub use level::{CpuLevel, UnknownLevel};

use crate::llvm::{self, LlvmError};

/// The processor this program runs on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cpu {
    /// Who made it, as it says itself: `GenuineIntel`, or Arm's number of the maker, `0x41`.
    pub vendor: String,
    /// Its name for people: `Intel(R) Xeon(R) Processor`, or Arm's number of the part.
    pub name: String,
    /// The instruction set extensions that the standard library detects, by LLVM's names, in the order of the detection.
    pub features: &'static [&'static str],
}

/// The processor this program runs on, detected on the first call.
pub fn host() -> &'static Cpu {
    static HOST: OnceLock<Cpu> = OnceLock::new();
    HOST.get_or_init(detect::host)
}

/// [`Cpu::features`], without the rest.
pub(crate) fn features() -> &'static [&'static str] {
    static FEATURES: OnceLock<Vec<&'static str>> = OnceLock::new();
    FEATURES.get_or_init(detect::features)
}

/// Everything that the processor says about its instruction set, and what the system lets programs use of it: two machines with the same
/// value run the same code. Finer than [`Cpu::features`], and sooner known, for cache keys.
pub fn fingerprint() -> &'static [u32] {
    static FINGERPRINT: OnceLock<Vec<u32>> = OnceLock::new();
    FINGERPRINT.get_or_init(detect::fingerprint)
}

/// The processor as LLVM sees it: what a target machine is made for. Nothing is taken out of either.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LlvmHost {
    /// LLVM's name of the processor, such as `icelake-server`.
    pub name: String,
    /// Its features as LLVM writes them, such as `+avx2,-avx512f`, sorted, as LLVM's order is no one's promise.
    pub features: String,
}

/// The processor as LLVM sees it. Loads LLVM if that has not been done.
///
/// # Errors
///
/// If there is no LLVM.
pub fn llvm_host() -> Result<LlvmHost, &'static LlvmError> {
    llvm::load()?;
    let features = TargetMachine::get_host_cpu_features().to_string();
    let mut features: Vec<&str> = features.split(',').collect();
    features.sort_unstable();
    Ok(LlvmHost {
        name: TargetMachine::get_host_cpu_name().to_string(),
        features: features.join(","),
    })
}

/// What our passes need to know of the processor that is compiled for. Cache sizes are typical ones: no portable way asks for them.
pub(crate) fn target(level: CpuLevel) -> Target {
    let has = |feature: &str| level.has(feature);
    let (vector_bits, vector_registers) = if has("avx512f") {
        (512, 32)
    } else if has("avx2") {
        (256, 16)
    } else if has("neon") {
        (128, 32)
    } else {
        (128, 16)
    };
    Target {
        vector_bits,
        vector_registers,
        fma: has("fma") || has("neon"),
        l1_bytes: 32 << 10,
        l2_bytes: 1 << 20,
        defers: false,
    }
}

/// The platform's library of vector functions (glibc's libmvec), opened.
#[derive(Debug)]
pub struct VectorMath {
    /// The name it was opened by.
    pub name: &'static str,
    #[cfg(unix)]
    library: libloading::os::unix::Library,
}

impl VectorMath {
    /// The address of a function, such as `_ZGVdN4v_sin`. Valid for as long as the process runs.
    #[cfg(unix)]
    pub fn symbol(&self, name: &str) -> Option<*const ()> {
        // SAFETY: the symbol is taken as an untyped address, and the library is in a static, never closed.
        let symbol = unsafe { self.library.get::<*const ()>(name) }.ok()?;
        Some(symbol.as_raw_ptr().cast_const().cast())
            .filter(|address: &*const ()| !address.is_null())
    }

    /// The address of a function: none, as there is no such library here.
    #[cfg(not(unix))]
    pub fn symbol(&self, _name: &str) -> Option<*const ()> {
        None
    }
}

/// The version of the C library, which has the functions of mathematics; `None` where it does not say.
pub(crate) fn libc_version() -> Option<String> {
    #[cfg(all(target_os = "linux", target_env = "gnu", not(miri)))]
    {
        // SAFETY: the function takes nothing, and returns a C string in a static.
        let version = unsafe { std::ffi::CStr::from_ptr(libc::gnu_get_libc_version()) };
        Some(version.to_string_lossy().into_owned())
    }
    #[cfg(not(all(target_os = "linux", target_env = "gnu", not(miri))))]
    None
}

/// The platform's library of vector functions, or `None` where there is none.
pub fn vector_math_library() -> Option<&'static VectorMath> {
    static LIBRARY: OnceLock<Option<VectorMath>> = OnceLock::new();
    LIBRARY.get_or_init(open_vector_math).as_ref()
}

#[cfg(all(target_os = "linux", target_env = "gnu", not(miri)))]
fn open_vector_math() -> Option<VectorMath> {
    use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
    let name = "libmvec.so.1";
    // SAFETY: libmvec is a part of glibc; its initializers do nothing but choose implementations.
    let library = unsafe { Library::open(Some(name), RTLD_NOW | RTLD_LOCAL) }.ok()?;
    Some(VectorMath { name, library })
}

#[cfg(not(all(target_os = "linux", target_env = "gnu", not(miri))))]
fn open_vector_math() -> Option<VectorMath> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_has_a_name_and_features() {
        let cpu = host();
        println!("{cpu:?}");
        assert!(!cpu.vendor.is_empty());
        assert!(fingerprint().iter().any(|&word| word != 0));
        assert_eq!(fingerprint(), detect::fingerprint());
        assert!(
            cpu.features.contains(&"sse2") || cpu.features.contains(&"neon"),
            "{:?}",
            cpu.features
        );
    }

    /// Our names are LLVM's, and LLVM agrees on what is there.
    #[test]
    fn llvm_sees_the_same_features() {
        let llvm = llvm_host().unwrap();
        println!("{llvm:?}");
        assert!(!llvm.name.is_empty());
        for feature in host().features {
            assert!(
                !llvm
                    .features
                    .split(',')
                    .any(|known| known.strip_prefix('-') == Some(feature)),
                "LLVM denies `{feature}`"
            );
            // Base features such as `sse2` are implied by the processor's name in some versions.
            let known = llvm
                .features
                .split(',')
                .any(|known| known.get(1..) == Some(feature));
            assert!(
                known || cfg!(not(target_arch = "x86_64")),
                "LLVM does not know `{feature}`"
            );
        }
    }

    #[cfg(all(target_os = "linux", target_env = "gnu", target_arch = "x86_64"))]
    #[test]
    fn glibc_has_vector_math() {
        let library = vector_math_library().unwrap();
        assert!(library.symbol("_ZGVdN4v_sin").is_some());
        assert_eq!(library.symbol("_ZGVdN4v_no_such_function"), None);
    }
}

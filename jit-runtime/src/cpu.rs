//! What processor this is, found without LLVM (for cache keys and for people) and with it (for code generation).

use std::sync::OnceLock;

use hotloop_ir::Target;
use inkwell::targets::TargetMachine;

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
    pub features: Vec<&'static str>,
    /// Everything that the processor says about its instruction set, in hexadecimal: two machines with the same value
    /// run the same code. Finer than `features`, for cache keys.
    pub fingerprint: String,
}

/// The processor this program runs on, detected on the first call.
pub fn host() -> &'static Cpu {
    static HOST: OnceLock<Cpu> = OnceLock::new();
    HOST.get_or_init(detect::host)
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

/// What our passes need to know of this processor. Cache sizes are typical ones: no portable way asks for them.
pub(crate) fn target() -> Target {
    let features = &host().features;
    let has = |feature: &str| features.contains(&feature);
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

#[cfg(all(target_arch = "x86_64", not(miri)))]
mod detect {
    use std::arch::x86_64::{__cpuid_count, CpuidResult};
    use std::fmt::Write;

    use super::Cpu;

    /// One leaf of CPUID, zero if the processor has no such leaf.
    #[allow(unused_unsafe)] // `__cpuid_count` is safe in newer toolchains
    fn leaf(leaf: u32, subleaf: u32) -> CpuidResult {
        // SAFETY: every x86-64 processor has CPUID, and it changes nothing.
        let highest = unsafe { __cpuid_count(leaf & 0x8000_0000, 0) }.eax;
        if leaf > highest {
            return CpuidResult {
                eax: 0,
                ebx: 0,
                ecx: 0,
                edx: 0,
            };
        }
        // SAFETY: as above.
        unsafe { __cpuid_count(leaf, subleaf) }
    }

    fn text(words: &[u32]) -> String {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        String::from_utf8_lossy(&bytes)
            .trim_matches(['\0', ' '])
            .to_owned()
    }

    pub(super) fn host() -> Cpu {
        let first = leaf(0, 0);
        let vendor = text(&[first.ebx, first.edx, first.ecx]);
        let brand = (0x8000_0002..=0x8000_0004).map(|number| leaf(number, 0));
        let name = text(
            &brand
                .flat_map(|part| [part.eax, part.ebx, part.ecx, part.edx])
                .collect::<Vec<_>>(),
        );

        // The leaves that say what instructions there are, without the parts that name the core that was asked.
        let basic = leaf(1, 0);
        let mut words = vec![basic.eax, basic.ecx, basic.edx];
        for (number, subleaf) in [
            (7, 0),
            (7, 1),
            (7, 2),
            (0x14, 0),
            (0x19, 0),
            (0x1e, 1),
            (0x24, 0),
        ] {
            let part = leaf(number, subleaf);
            words.extend([part.ebx, part.ecx, part.edx]);
            // Subleaf 1 of leaf 7 has features in eax too; elsewhere it is the number of subleaves.
            words.extend((subleaf == 1).then_some(part.eax));
        }
        let (state, extended, sizes) = (leaf(0xd, 1), leaf(0x8000_0001, 0), leaf(0x8000_0008, 0));
        words.extend([state.eax, extended.ecx, extended.edx, sizes.ebx]);
        let mut fingerprint = vendor.clone();
        for word in words {
            let _ = write!(fingerprint, "-{word:x}"); // writing to a string cannot fail
        }
        Cpu {
            vendor,
            name,
            features: features(),
            fingerprint,
        }
    }

    fn features() -> Vec<&'static str> {
        let mut features = Vec::new();
        macro_rules! detect {
            ($($rust:tt $(as $llvm:literal)?,)*) => {
                $(if std::is_x86_feature_detected!($rust) {
                    let name = $rust;
                    $(let _ = name; let name = $llvm;)?
                    features.push(name);
                })*
            };
        }
        detect! {
            "sse", "sse2", "sse3", "ssse3", "sse4.1", "sse4.2", "sse4a", "avx", "avx2", "fma", "f16c",
            "avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl", "avx512ifma", "avx512vbmi", "avx512vbmi2",
            "avx512vpopcntdq", "avx512vnni", "avx512bitalg", "avx512bf16", "avx512vp2intersect",
            "gfni", "vaes", "vpclmulqdq", "aes", "pclmulqdq" as "pclmul", "sha",
            "popcnt", "lzcnt", "bmi1" as "bmi", "bmi2", "tbm", "adx", "movbe", "rdrand" as "rdrnd", "rdseed",
            "cmpxchg16b" as "cx16", "fxsr", "xsave", "xsaveopt", "xsavec", "xsaves", "rtm",
        }
        features
    }
}

#[cfg(all(target_arch = "aarch64", target_os = "linux", not(miri)))]
mod detect {
    use super::Cpu;

    pub(super) fn host() -> Cpu {
        let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let value = |key: &str| {
            let line = info.lines().find(|line| line.starts_with(key));
            line.and_then(|line| line.split_once(':'))
                .map_or("unknown", |(_, value)| value.trim())
                .to_owned()
        };
        let (vendor, part) = (value("CPU implementer"), value("CPU part"));
        // SAFETY: `getauxval` has no preconditions.
        let (capabilities, more) = unsafe {
            (
                libc::getauxval(libc::AT_HWCAP),
                libc::getauxval(libc::AT_HWCAP2),
            )
        };
        let fingerprint = format!(
            "{vendor}-{part}-{}-{}-{capabilities:x}-{more:x}",
            value("CPU variant"),
            value("CPU revision")
        );
        Cpu {
            vendor,
            name: format!("part {part}"),
            features: features(),
            fingerprint,
        }
    }

    fn features() -> Vec<&'static str> {
        let mut features = Vec::new();
        macro_rules! detect {
            ($($rust:tt $(as $llvm:literal)?,)*) => {
                $(if std::arch::is_aarch64_feature_detected!($rust) {
                    let name = $rust;
                    $(let _ = name; let name = $llvm;)?
                    features.push(name);
                })*
            };
        }
        detect! {
            "neon", "fp16" as "fullfp16", "fhm" as "fp16fml", "bf16", "i8mm", "dotprod", "fcma" as "complxnum",
            "rdm", "lse", "lse2", "rcpc", "rcpc2" as "rcpc-immo", "jsconv", "frintts" as "fptoint", "crc",
            "aes", "sha2", "sha3", "sm4", "sve", "sve2", "sve2-aes", "sve2-bitperm", "sve2-sha3", "sve2-sm4",
            "f32mm", "f64mm", "flagm" as "flagm", "ssbs", "sb", "paca" as "pauth", "bti", "mte", "dit", "dpb" as "ccpp",
        }
        features
    }
}

#[cfg(not(any(
    all(target_arch = "x86_64", not(miri)),
    all(target_arch = "aarch64", target_os = "linux", not(miri))
)))]
mod detect {
    use super::Cpu;

    /// Nothing is compiled for this platform, so nothing is detected.
    pub(super) fn host() -> Cpu {
        let arch = std::env::consts::ARCH.to_owned();
        Cpu {
            vendor: "unknown".to_owned(),
            name: arch.clone(),
            features: Vec::new(),
            fingerprint: arch,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_has_a_name_and_features() {
        let cpu = host();
        println!("{cpu:?}");
        assert!(!cpu.vendor.is_empty() && !cpu.fingerprint.is_empty());
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
        for feature in &host().features {
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

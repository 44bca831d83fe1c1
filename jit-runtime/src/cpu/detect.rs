//! What the processor says about itself, without LLVM.

pub(super) use platform::{features, fingerprint, host};

#[cfg(all(target_arch = "x86_64", not(miri)))]
mod platform {
    use std::arch::x86_64::{__cpuid_count, CpuidResult};

    use super::super::Cpu;

    /// One leaf of CPUID. In a virtual machine each is a trap, which takes 10 microseconds and more.
    #[allow(unused_unsafe)] // `__cpuid_count` is safe in newer toolchains
    fn cpuid(leaf: u32, subleaf: u32) -> CpuidResult {
        // SAFETY: every x86-64 processor has CPUID, and it changes nothing.
        unsafe { __cpuid_count(leaf, subleaf) }
    }

    fn text(words: &[u32]) -> String {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        String::from_utf8_lossy(&bytes)
            .trim_matches(['\0', ' '])
            .to_owned()
    }

    pub(in super::super) fn host() -> Cpu {
        let first = cpuid(0, 0);
        let brand: Vec<u32> = match cpuid(0x8000_0000, 0).eax >= 0x8000_0004 {
            true => (0x8000_0002..=0x8000_0004)
                .map(|number| cpuid(number, 0))
                .flat_map(|part| [part.eax, part.ebx, part.ecx, part.edx])
                .collect(),
            false => Vec::new(),
        };
        Cpu {
            vendor: text(&[first.ebx, first.edx, first.ecx]),
            name: text(&brand),
            features: super::super::features(),
        }
    }

    /// The leaves that say what instructions there are (without tiles, which nothing here is compiled to), each with the number that the C
    /// library has for it, and which of its registers count: the others name the core that was asked, or are numbers of subleaves.
    const LEAVES: [(u32, u32, u32, [bool; 4]); 8] = [
        (1, 0, 0, [true, false, true, true]),
        (7, 0, 1, [false, true, true, true]),
        (0x8000_0001, 0, 2, [false, false, true, true]),
        (0xd, 1, 3, [true, false, false, false]),
        (0x8000_0008, 0, 5, [false, true, false, false]),
        (7, 1, 6, [true; 4]),
        (0x19, 0, 7, [false, true, false, false]),
        (0x14, 0, 8, [false, true, false, false]),
    ];

    pub(in super::super) fn fingerprint() -> Vec<u32> {
        match libc_leaves() {
            Some(leaves) => words_of_libc(leaves),
            None => words_of_cpuid(),
        }
    }

    fn counting(registers: [u32; 4], counts: [bool; 4]) -> impl Iterator<Item = u32> {
        let registers = registers.into_iter().zip(counts);
        registers
            .filter(|(_, counts)| *counts)
            .map(|(word, _)| word)
    }

    /// Without the maker's name: no two makers' processors have the same family, model and features.
    fn words_of_libc(leaves: Leaves) -> Vec<u32> {
        let mut words = Vec::new();
        for (leaf, subleaf, number, counts) in LEAVES {
            // SAFETY: the function is `__x86_get_cpuid_feature_leaf`, which any number may be given.
            let leaf_of_libc = unsafe { leaves(number) };
            // SAFETY: what it returns is null, or points to what is never written again.
            let (registers, usable) = match unsafe { leaf_of_libc.as_ref() } {
                Some(known) => (known.has, known.usable),
                None => continue,
            };
            words.extend(counting(registers, counts));
            words.extend(counting(usable, counts));
            if (leaf, subleaf) == (7, 1) && has_avx10(registers) {
                words.push(cpuid(0x24, 0).ebx);
            }
        }
        words
    }

    fn has_avx10([.., edx]: [u32; 4]) -> bool {
        edx & 1 << 19 != 0
    }

    fn words_of_cpuid() -> Vec<u32> {
        let first = cpuid(0, 0);
        let mut words = vec![first.ebx, first.ecx, first.edx];
        let highest_extended = cpuid(0x8000_0000, 0).eax;
        for (leaf, subleaf, _, counts) in LEAVES {
            let highest = match leaf >> 31 {
                0 => first.eax,
                _ => highest_extended,
            };
            if leaf > highest {
                continue;
            }
            let part = cpuid(leaf, subleaf);
            let registers = [part.eax, part.ebx, part.ecx, part.edx];
            words.extend(counting(registers, counts));
            if (leaf, subleaf) == (7, 1) && has_avx10(registers) {
                words.push(cpuid(0x24, 0).ebx);
            }
        }
        // What the system lets programs use is in nothing above.
        let usable = super::super::features().iter();
        words.extend(usable.flat_map(|name| name.bytes().map(u32::from)));
        words
    }

    /// What glibc knows of a leaf, `struct cpuid_feature` of `sys/platform/x86.h`.
    #[repr(C)]
    struct Leaf {
        has: [u32; 4],
        usable: [u32; 4],
    }

    /// `__x86_get_cpuid_feature_leaf`. A leaf that it does not know is zeros.
    type Leaves = unsafe extern "C" fn(number: u32) -> *const Leaf;

    /// glibc has asked when the process started, and tells from version 2.33 on.
    #[cfg(all(
        target_os = "linux",
        target_env = "gnu",
        not(target_feature = "crt-static")
    ))]
    fn libc_leaves() -> Option<Leaves> {
        let name = c"__x86_get_cpuid_feature_leaf";
        // SAFETY: the name is a C string, and looking it up runs no code of it.
        let found = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
        // SAFETY: a function of this name is glibc's, which has had this type since there is one.
        (!found.is_null()).then(|| unsafe { std::mem::transmute::<*mut _, Leaves>(found) })
    }

    #[cfg(not(all(
        target_os = "linux",
        target_env = "gnu",
        not(target_feature = "crt-static")
    )))]
    fn libc_leaves() -> Option<Leaves> {
        None
    }

    pub(in super::super) fn features() -> Vec<&'static str> {
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
mod platform {
    use super::super::Cpu;

    pub(in super::super) fn host() -> Cpu {
        let [vendor, part, ..] = numbers();
        Cpu {
            vendor,
            name: format!("part {part}"),
            features: super::super::features(),
        }
    }

    /// Who made it, which part, variant and revision it is.
    fn numbers() -> [String; 4] {
        let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        ["CPU implementer", "CPU part", "CPU variant", "CPU revision"].map(|key| {
            let line = info.lines().find(|line| line.starts_with(key));
            line.and_then(|line| line.split_once(':'))
                .map_or("unknown", |(_, value)| value.trim())
                .to_owned()
        })
    }

    pub(in super::super) fn fingerprint() -> Vec<u32> {
        // SAFETY: `getauxval` has no preconditions.
        let capabilities = unsafe {
            [
                libc::getauxval(libc::AT_HWCAP),
                libc::getauxval(libc::AT_HWCAP2),
            ]
        };
        let capabilities = capabilities
            .iter()
            .flat_map(|word| [*word as u32, (*word >> 32) as u32]);
        let numbers = numbers().join("-");
        capabilities.chain(numbers.bytes().map(u32::from)).collect()
    }

    pub(in super::super) fn features() -> Vec<&'static str> {
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
mod platform {
    use super::super::Cpu;

    /// Nothing is compiled for this platform, so nothing is detected.
    pub(in super::super) fn host() -> Cpu {
        let arch = std::env::consts::ARCH.to_owned();
        Cpu {
            vendor: "unknown".to_owned(),
            name: arch,
            features: super::super::features(),
        }
    }

    pub(in super::super) fn features() -> Vec<&'static str> {
        Vec::new()
    }

    pub(in super::super) fn fingerprint() -> Vec<u32> {
        std::env::consts::ARCH.bytes().map(u32::from).collect()
    }
}

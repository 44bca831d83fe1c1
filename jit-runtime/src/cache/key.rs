//! What decides the bytes of compiled code, and the key that is made of it.

use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

use super::entry::{FORMAT_VERSION, FileId};
use crate::cpu::{self, CpuLevel};

/// One thing that decides the code, with the hash of its value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Part {
    /// What it is, for people: `processor`, ``body of `tests::dot` ``.
    pub name: String,
    /// The first bytes of the BLAKE3 hash of its value.
    pub hash: [u8; 16],
}

/// Everything that decides the code of a specialization, in a fixed order. The library that LLVM is in comes apart from the rest: code may be used
/// where there is no LLVM at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Inputs {
    pub(crate) parts: Vec<Part>,
    pub(crate) llvm: Option<FileId>,
}

/// The part that names the compiler.
const OURS: usize = 1;

/// Collects parts.
#[derive(Debug, Default)]
pub(crate) struct Collector {
    parts: Vec<Part>,
}

impl Collector {
    /// A collector that knows what writes the code, and for which processor.
    pub(crate) fn new(level: CpuLevel) -> Self {
        let mut collector = Collector::ours();
        collector.add_target(level);
        collector
    }

    fn ours() -> Self {
        let mut collector = Collector::default();
        let schema = (FORMAT_VERSION, hotloop_ir::SCHEMA_VERSION);
        let sources = env!("HOTLOOP_SOURCES");
        collector.add(
            "hotloop",
            &(
                (env!("CARGO_PKG_VERSION"), hotloop_ir::VERSION),
                sources,
                schema,
            ),
        );
        collector
    }

    fn add_target(&mut self, level: CpuLevel) {
        match level {
            CpuLevel::Native => self.add_machine(cpu::fingerprint(), cpu::libc_version()),
            _ => {
                self.add("processor", level.name());
                // Where a later version lacks a function that is called, the code is not loaded.
                self.add("math library", &cpu::libc_version().is_some());
            }
        }
    }

    fn add_machine(&mut self, fingerprint: &[u32], libc_version: Option<String>) {
        self.add("processor", fingerprint);
        self.add("math library", &libc_version);
    }

    /// Adds a value. Only what `Hash` sees of it counts.
    pub(crate) fn add(&mut self, name: impl Into<String>, value: &(impl Hash + ?Sized)) {
        let mut hasher = Blake3::default();
        value.hash(&mut hasher);
        self.parts.push(Part {
            name: name.into(),
            hash: hasher.truncated(),
        });
    }

    pub(crate) fn finish(self, llvm: Option<FileId>) -> Inputs {
        Inputs {
            parts: self.parts,
            llvm,
        }
    }
}

impl Inputs {
    /// The same for other processors.
    pub(crate) fn for_level(&self, level: CpuLevel) -> Inputs {
        let mut target = Collector::default();
        target.add_target(level);
        let mut parts = self.parts.clone();
        for (part, other) in parts.iter_mut().skip(OURS).zip(target.parts) {
            *part = other;
        }
        Inputs {
            parts,
            llvm: self.llvm.clone(),
        }
    }

    /// The key without LLVM.
    pub(crate) fn key(&self) -> Key {
        Key::of(&self.parts)
    }

    /// The name of LLVM's library in file names; `None` if there is no LLVM.
    pub(crate) fn llvm_name(&self) -> Option<String> {
        let mut hasher = Blake3::default();
        self.llvm.as_ref()?.hash(&mut hasher);
        Some(hex(&hasher.truncated()[..6]))
    }
}

/// The hash of all parts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key([u8; 16]);

impl Key {
    /// The key that these parts make.
    pub fn of(parts: &[Part]) -> Self {
        let mut hasher = Blake3::default();
        parts.hash(&mut hasher);
        Key(hasher.truncated())
    }

    pub(super) fn from_bytes(bytes: [u8; 16]) -> Self {
        Key(bytes)
    }

    pub(super) fn bytes(self) -> [u8; 16] {
        self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// BLAKE3 of what `Hash` writes. Two versions of the standard library may write different bytes for one value: then an entry is not found.
#[derive(Default)]
struct Blake3(blake3::Hasher);

impl Blake3 {
    fn truncated(&self) -> [u8; 16] {
        let hash = self.0.finalize();
        let mut truncated = [0; 16];
        truncated.copy_from_slice(&hash.as_bytes()[..16]);
        truncated
    }
}

impl Hasher for Blake3 {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Never the answer; [`Blake3::truncated`] is.
    fn finish(&self) -> u64 {
        let hash = self.truncated();
        u64::from_le_bytes([
            hash[0], hash[1], hash[2], hash[3], hash[4], hash[5], hash[6], hash[7],
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(parts: &[(&str, u32)]) -> Key {
        let mut collector = Collector::new(CpuLevel::Native);
        for (name, value) in parts {
            collector.add(*name, value);
        }
        collector.finish(None).key()
    }

    #[test]
    fn every_part_decides() {
        let first = key(&[("a", 1), ("b", 2)]);
        assert_eq!(first, key(&[("a", 1), ("b", 2)]));
        assert_ne!(first, key(&[("a", 2), ("b", 2)]));
        assert_ne!(first, key(&[("a", 1), ("b", 1)]));
        assert_ne!(first, key(&[("a", 1)]));
        assert_ne!(first, key(&[("a", 1), ("c", 2)]));
        assert_eq!(first.to_string().len(), 32);
    }

    #[test]
    fn every_bit_of_the_machine_decides() {
        let of = |fingerprint: &[u32], libc: &str| {
            let mut collector = Collector::default();
            collector.add_machine(fingerprint, Some(libc.to_owned()));
            collector.finish(None).key()
        };
        let here = cpu::fingerprint();
        let mut keys = vec![of(here, "2.36"), of(here, "2.37"), of(&here[1..], "2.36")];
        for bit in 0..here.len() * 32 {
            let mut other = here.to_vec();
            other[bit / 32] ^= 1 << (bit % 32);
            keys.push(of(&other, "2.36"));
        }
        let n_keys = keys.len();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), n_keys);
    }

    #[test]
    fn llvm_has_a_name_of_its_own() {
        let file = |bytes| FileId {
            path: "/llvm".into(),
            bytes,
            modified_ns: 0,
        };
        let name = |llvm| Collector::new(CpuLevel::Native).finish(llvm).llvm_name();
        assert_eq!(name(None), None);
        assert_ne!(name(Some(file(1))), name(Some(file(2))));
        let key = |llvm| Collector::new(CpuLevel::Native).finish(llvm).key();
        assert_eq!(key(None), key(Some(file(1))));
    }

    #[test]
    fn levels_have_keys_of_their_own() {
        let of = |level| {
            let mut collector = Collector::new(level);
            collector.add("a", &1);
            collector.finish(None)
        };
        let native = of(CpuLevel::Native);
        let mut keys = vec![native.key()];
        for &level in CpuLevel::LEVELS {
            assert_eq!(native.for_level(level), of(level));
            assert_eq!(of(level).for_level(CpuLevel::Native), native);
            keys.push(of(level).key());
        }
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), 1 + CpuLevel::LEVELS.len());
    }
}

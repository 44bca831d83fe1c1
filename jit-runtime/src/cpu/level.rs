//! What code is compiled for: this very processor, or a level of instructions that many processors have.
//!
//! # Source
//!
//! System V Application Binary Interface, AMD64 Architecture Processor Supplement, "Micro-Architecture Levels".

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What code is compiled for.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[non_exhaustive]
pub enum CpuLevel {
    /// This very processor.
    #[default]
    Native,
    /// SSE4.2 and what came with it: from 2009 on.
    X86_64V2,
    /// AVX2 and FMA: from 2013 on.
    X86_64V3,
    /// AVX-512: servers from 2017 on.
    X86_64V4,
}

const V2: [&str; 6] = ["sse3", "ssse3", "sse4.1", "sse4.2", "popcnt", "cx16"];
const V3: [&str; 9] = [
    "avx", "avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe", "xsave",
];
const V4: [&str; 5] = ["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"];

impl CpuLevel {
    /// All levels of this architecture, the highest first; without [`CpuLevel::Native`].
    pub const LEVELS: &[CpuLevel] = match cfg!(target_arch = "x86_64") {
        true => &[CpuLevel::X86_64V4, CpuLevel::X86_64V3, CpuLevel::X86_64V2],
        false => &[],
    };

    /// Its name, which LLVM has for it, too: `x86-64-v3`.
    pub fn name(self) -> &'static str {
        match self {
            CpuLevel::Native => "native",
            CpuLevel::X86_64V2 => "x86-64-v2",
            CpuLevel::X86_64V3 => "x86-64-v3",
            CpuLevel::X86_64V4 => "x86-64-v4",
        }
    }

    /// Whether this processor can run code of the level.
    pub fn is_here(self) -> bool {
        let features = super::features();
        self == CpuLevel::Native
            || CpuLevel::LEVELS.contains(&self)
                && self
                    .beyond_base()
                    .all(|feature| features.contains(&feature))
    }

    /// Whether code of the level may use a feature, by LLVM's name.
    pub(crate) fn has(self, feature: &str) -> bool {
        match self {
            CpuLevel::Native => super::features().contains(&feature),
            _ => {
                ["sse", "sse2"].contains(&feature)
                    || self.beyond_base().any(|known| known == feature)
            }
        }
    }

    /// What the level has beyond every x86-64 processor.
    fn beyond_base(self) -> impl Iterator<Item = &'static str> {
        let parts: &[&[&str]] = match self {
            CpuLevel::Native => &[],
            CpuLevel::X86_64V2 => &[&V2],
            CpuLevel::X86_64V3 => &[&V2, &V3],
            CpuLevel::X86_64V4 => &[&V2, &V3, &V4],
        };
        parts.iter().flat_map(|part| part.iter().copied())
    }
}

impl fmt::Display for CpuLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is no level's on this architecture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownLevel(pub String);

impl fmt::Display for UnknownLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is none of `native`", self.0)?;
        for level in CpuLevel::LEVELS {
            write!(f, ", `{level}`")?;
        }
        Ok(())
    }
}

impl std::error::Error for UnknownLevel {}

impl FromStr for CpuLevel {
    type Err = UnknownLevel;

    fn from_str(name: &str) -> Result<Self, UnknownLevel> {
        [CpuLevel::Native]
            .iter()
            .chain(CpuLevel::LEVELS)
            .find(|level| level.name() == name)
            .copied()
            .ok_or_else(|| UnknownLevel(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for level in CpuLevel::LEVELS {
            assert_eq!(level.name().parse(), Ok(*level));
        }
        assert_eq!("native".parse(), Ok(CpuLevel::Native));
        let error = "x86-64-v9".parse::<CpuLevel>().unwrap_err();
        assert!(error.to_string().starts_with("`x86-64-v9` is none of"));
    }

    #[test]
    fn each_level_contains_the_one_below() {
        for pair in CpuLevel::LEVELS.windows(2) {
            assert!(pair[1].beyond_base().all(|feature| pair[0].has(feature)));
            assert!(pair[0].beyond_base().any(|feature| !pair[1].has(feature)));
            assert!(!pair[0].is_here() || pair[1].is_here());
        }
    }
}

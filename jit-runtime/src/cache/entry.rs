//! One file of the cache: what it says about itself, and how its bytes are checked before anything in them is believed.
//!
//! ```text
//! magic                8 bytes, "hotloop\n"
//! format version       u32, little-endian like all numbers
//! reserved             u32, 0
//! checksum             32 bytes: BLAKE3 of everything behind it
//! lengths              u64 each: meta, program, object
//! meta                 postcard of `Meta`
//! program              the optimized IR (`hotloop_ir::encode_program`): trap sites, and texts for people
//! object               the object file that LLVM emitted
//! ```

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::key::Part;
use crate::cpu::CpuLevel;
use crate::pipeline::CompileTimes;

/// What every entry starts with.
pub const MAGIC: [u8; 8] = *b"hotloop\n";

/// The version of the format. Increase it when the layout or [`Meta`] changes.
pub const FORMAT_VERSION: u32 = 3;

/// The largest file that is read.
pub const MAX_ENTRY_BYTES: u64 = 64 << 20;

const CHECKSUM: Range<usize> = 16..48;
const LENGTHS: Range<usize> = 48..72;
const HEADER_BYTES: usize = 72;

/// Where an entry comes from, and what loading it needs besides the object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Meta {
    /// The function's name.
    pub function: String,
    /// The path of the module that contains it.
    pub module: String,
    /// The function with its types.
    pub signature: String,
    /// What decided the code, each input with its hash; the key is made of them.
    pub parts: Vec<Part>,
    /// The version of hotloop that wrote it.
    pub hotloop: String,
    /// The version of LLVM that compiled it.
    pub llvm: String,
    /// The library file of that LLVM, as it was.
    pub llvm_file: Option<FileId>,
    /// Whether it was compiled for one processor, or for all of a level.
    pub level: CpuLevel,
    /// The processor that it was compiled on, for people.
    pub cpu: String,
    /// The options of the attribute, for people.
    pub options: String,
    /// When it was compiled, in seconds since 1970.
    pub created: u64,
    /// How long the stages took, in nanoseconds: specialize, lower, optimize, emit.
    pub compile_ns: [u64; 4],
    /// The symbol of the entry point.
    pub entry_symbol: String,
    /// The host functions that the code calls, in the order of their numbers.
    pub hosts: Vec<String>,
    /// The bytes of machine code.
    pub code_bytes: u64,
    /// The source files that it was compiled from, by the numbers that spans in the program have for them.
    pub files: Vec<String>,
}

impl Meta {
    /// How long the stages took.
    pub fn times(&self) -> CompileTimes {
        let [specialize, lower, optimize, emit] = self.compile_ns.map(Duration::from_nanos);
        CompileTimes {
            specialize,
            lower,
            optimize,
            emit,
            load: Duration::ZERO,
        }
    }
}

/// The times in nanoseconds, as [`Meta::compile_ns`] has them.
pub(crate) fn nanoseconds(times: &CompileTimes) -> [u64; 4] {
    [times.specialize, times.lower, times.optimize, times.emit]
        .map(|time| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX))
}

/// Which version of a file it is: another size or time of modification is another version.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FileId {
    /// Where it is.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// When it was modified, in nanoseconds since 1970.
    pub modified_ns: u128,
}

impl FileId {
    /// The file as it is now; `None` if it cannot be looked at.
    pub fn of(path: PathBuf) -> Option<Self> {
        let metadata = std::fs::metadata(&path).ok()?;
        let modified = metadata.modified().ok()?;
        let modified_ns = modified.duration_since(UNIX_EPOCH).ok()?.as_nanos();
        Some(FileId {
            path,
            bytes: metadata.len(),
            modified_ns,
        })
    }
}

/// Seconds since 1970.
pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

/// Why bytes are no entry.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EntryError {
    /// It does not start like an entry, or ends too early.
    NoEntry,
    /// Another version of hotloop wrote it.
    Version(u32),
    /// Its bytes are not those that were written.
    Checksum,
    /// What it says about itself makes no sense.
    Damaged(String),
}

impl fmt::Display for EntryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EntryError::NoEntry => f.write_str("it is no cache entry"),
            EntryError::Version(found) => {
                write!(f, "its format is version {found}, not {FORMAT_VERSION}")
            }
            EntryError::Checksum => f.write_str("its checksum is wrong"),
            EntryError::Damaged(what) => write!(f, "it is damaged: {what}"),
        }
    }
}

impl std::error::Error for EntryError {}

/// An entry that was checked.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What it says about itself.
    pub meta: Meta,
    bytes: Cow<'static, [u8]>,
    program: Range<usize>,
    object: Range<usize>,
}

impl Entry {
    /// Checks the bytes of a file.
    ///
    /// # Errors
    ///
    /// [`EntryError`] for anything but the bytes that [`to_bytes`] made.
    pub fn parse(bytes: impl Into<Cow<'static, [u8]>>) -> Result<Self, EntryError> {
        let bytes = bytes.into();
        if bytes.get(..8) != Some(&MAGIC[..]) {
            return Err(EntryError::NoEntry);
        }
        let version = u32_at(&bytes, 8).ok_or(EntryError::NoEntry)?;
        if version != FORMAT_VERSION {
            return Err(EntryError::Version(version));
        }
        if bytes.len() < HEADER_BYTES || u32_at(&bytes, 12) != Some(0) {
            return Err(EntryError::NoEntry);
        }
        if blake3::hash(&bytes[CHECKSUM.end..]).as_bytes()[..] != bytes[CHECKSUM] {
            return Err(EntryError::Checksum);
        }
        let mut start = HEADER_BYTES;
        let mut section = |at: usize| {
            let length = u64_at(&bytes, at).and_then(|length| usize::try_from(length).ok())?;
            let end = start
                .checked_add(length)
                .filter(|&end| end <= bytes.len())?;
            let range = start..end;
            start = end;
            Some(range)
        };
        let sections = [0, 8, 16].map(|offset| section(LENGTHS.start + offset));
        let [Some(meta), Some(program), Some(object)] = sections else {
            return Err(EntryError::Damaged("a part is longer than the file".into()));
        };
        if object.end != bytes.len() {
            return Err(EntryError::Damaged("there are bytes behind its end".into()));
        }
        let meta = postcard::from_bytes(&bytes[meta])
            .map_err(|error| EntryError::Damaged(error.to_string()))?;
        Ok(Entry {
            meta,
            bytes,
            program,
            object,
        })
    }

    /// The encoded program.
    pub fn program(&self) -> &[u8] {
        &self.bytes[self.program.clone()]
    }

    /// The program, decoded and verified.
    ///
    /// # Errors
    ///
    /// If the bytes are no program, or one that hotloop would not have written.
    pub fn decode_program(&self) -> Result<hotloop_ir::Program, EntryError> {
        let damaged = |what: String| EntryError::Damaged(format!("its program: {what}"));
        let program = hotloop_ir::decode_program(self.program())
            .map_err(|error| damaged(error.to_string()))?;
        match hotloop_ir::verify_specialized_program(&program) {
            Ok(()) => Ok(program),
            Err(errors) => Err(damaged(
                (errors.first()).map_or_else(String::new, ToString::to_string),
            )),
        }
    }

    /// The object file.
    pub fn object(&self) -> &[u8] {
        &self.bytes[self.object.clone()]
    }

    /// The bytes that it was parsed from.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The size of the file in bytes.
    pub fn file_bytes(&self) -> u64 {
        self.bytes.len() as u64
    }
}

/// The bytes of an entry.
///
/// # Errors
///
/// If the description cannot be encoded.
pub fn to_bytes(meta: &Meta, program: &[u8], object: &[u8]) -> Result<Vec<u8>, EntryError> {
    let meta = postcard::to_stdvec(meta).map_err(|error| EntryError::Damaged(error.to_string()))?;
    let mut bytes = Vec::with_capacity(HEADER_BYTES + meta.len() + program.len() + object.len());
    bytes.extend(MAGIC);
    bytes.extend(FORMAT_VERSION.to_le_bytes());
    bytes.extend([0; 4]);
    bytes.extend([0; 32]);
    for part in [&meta[..], program, object] {
        bytes.extend((part.len() as u64).to_le_bytes());
    }
    for part in [&meta[..], program, object] {
        bytes.extend(part);
    }
    let checksum = *blake3::hash(&bytes[CHECKSUM.end..]).as_bytes();
    bytes[CHECKSUM].copy_from_slice(&checksum);
    Ok(bytes)
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(bytes.try_into().ok()?))
}

pub(super) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    let bytes = bytes.get(at..at.checked_add(8)?)?;
    Some(u64::from_le_bytes(bytes.try_into().ok()?))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn meta(function: &str) -> Meta {
        Meta {
            function: function.to_owned(),
            module: "tests".to_owned(),
            signature: format!("{function}(f64)"),
            parts: Vec::new(),
            hotloop: "0.1.0".to_owned(),
            llvm: "22.1.2".to_owned(),
            llvm_file: None,
            level: CpuLevel::Native,
            cpu: "a processor".to_owned(),
            options: "fastmath".to_owned(),
            created: 1_700_000_000,
            compile_ns: [1, 2, 3, 4],
            entry_symbol: format!("hotloop.{function}"),
            hosts: Vec::new(),
            code_bytes: 12,
            files: vec!["src/lib.rs".to_owned()],
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let bytes = to_bytes(&meta("f"), b"program", b"object").unwrap();
        let entry = Entry::parse(bytes.clone()).unwrap();
        assert_eq!(entry.meta, meta("f"));
        assert_eq!(entry.program(), b"program");
        assert_eq!(entry.object(), b"object");
        assert_eq!(entry.file_bytes(), bytes.len() as u64);
    }

    #[test]
    fn every_flipped_bit_and_every_truncation_is_noticed() {
        let bytes = to_bytes(&meta("f"), b"program", b"object").unwrap();
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut flipped = bytes.clone();
                flipped[at] ^= 1 << bit;
                assert!(Entry::parse(flipped).is_err(), "byte {at}, bit {bit}");
            }
            assert!(Entry::parse(bytes[..at].to_vec()).is_err(), "{at} bytes");
        }
        let longer = [&bytes[..], b"x"].concat();
        assert_eq!(Entry::parse(longer).unwrap_err(), EntryError::Checksum);
    }

    /// The checksum is right, so that the parser behind it is what decides.
    #[test]
    fn lengths_that_lie_are_noticed() {
        let bytes = to_bytes(&meta("f"), b"program", b"object").unwrap();
        for at in [LENGTHS.start, LENGTHS.start + 8, LENGTHS.start + 16] {
            for length in [0, 1, u64::MAX, u64::MAX / 2, bytes.len() as u64] {
                let mut lying = bytes.clone();
                lying[at..at + 8].copy_from_slice(&length.to_le_bytes());
                let checksum = *blake3::hash(&lying[CHECKSUM.end..]).as_bytes();
                lying[CHECKSUM].copy_from_slice(&checksum);
                assert!(Entry::parse(lying).is_err(), "length {length} at {at}");
            }
        }
    }

    #[test]
    fn another_version_says_so() {
        let mut bytes = to_bytes(&meta("f"), b"", b"").unwrap();
        bytes[8] = 9;
        assert_eq!(Entry::parse(bytes).unwrap_err(), EntryError::Version(9));
    }
}

//! Many entries in one file, or in the program itself: how they are found, and how the file is made.
//!
//! ```text
//! magic                8 bytes, "hlbundle"
//! format version       u32, little-endian like all numbers
//! number of entries    u32
//! checksum             32 bytes: BLAKE3 of the index
//! index                for each entry, ascending by key: key 16 bytes, offset u64, length u64
//! entries              each the bytes of an entry file, at its offset, a multiple of 8
//! ```
//!
//! Only the index is checked when a bundle is opened. An entry is checked as a file of its own would be, when it is asked for.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use super::directory::{self, Owner};
use super::entry::{Entry, EntryError, MAX_ENTRY_BYTES, u32_at, u64_at};
use super::key::Key;
use super::store::{self, ReadError};

/// What every bundle starts with.
pub const MAGIC: [u8; 8] = *b"hlbundle";

/// The version of the format. Increase it when the layout changes; entries have a version of their own.
pub const BUNDLE_VERSION: u32 = 1;

const HEADER_BYTES: usize = 48;
const INDEXED_BYTES: usize = 32;

/// The most entries that a bundle may have.
const MAX_ENTRIES: usize = 1 << 20;

/// A bundle whose index was checked.
#[derive(Debug)]
pub struct Bundle {
    /// Ascending by key.
    index: Vec<Indexed>,
    source: Source,
}

#[derive(Clone, Copy, Debug)]
struct Indexed {
    key: Key,
    offset: u64,
    length: u64,
}

#[derive(Debug)]
enum Source {
    Program(&'static [u8]),
    File(File),
}

impl Bundle {
    /// The bundle that a program contains. Nothing at all is a bundle without entries.
    ///
    /// # Errors
    ///
    /// If the index is damaged or of another version.
    pub fn embedded(bytes: &'static [u8]) -> Result<Self, EntryError> {
        let index = match bytes {
            [] => Vec::new(),
            _ => parse_index(&bytes[..bytes.len().min(index_end(bytes)?)])?,
        };
        Ok(Bundle {
            index,
            source: Source::Program(bytes),
        })
    }

    /// The bundle in a file, which must belong to the user or to root, and be writable for nobody else.
    ///
    /// # Errors
    ///
    /// Why it is not to be used.
    pub fn open(path: &Path) -> Result<Self, ReadError> {
        let file = File::open(path).map_err(ReadError::Io)?;
        let metadata = file.metadata().map_err(ReadError::Io)?;
        directory::trusted_metadata(&metadata, Owner::UserOrRoot).map_err(ReadError::Untrusted)?;
        let mut index = Vec::new();
        if metadata.len() > 0 {
            let header = read_at(&file, 0, HEADER_BYTES.min(metadata.len() as usize))?;
            let end = index_end(&header).map_err(ReadError::Entry)?;
            if end as u64 > metadata.len() {
                return Err(ReadError::Entry(EntryError::NoEntry));
            }
            index = parse_index(&read_at(&file, 0, end)?).map_err(ReadError::Entry)?;
        }
        Ok(Bundle {
            index,
            source: Source::File(file),
        })
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// The keys of the entries, ascending.
    pub fn keys(&self) -> impl Iterator<Item = Key> {
        self.index.iter().map(|indexed| indexed.key)
    }

    /// The entry of this key.
    ///
    /// # Errors
    ///
    /// Why there is none.
    pub fn find(&self, key: Key) -> Result<Entry, ReadError> {
        let found = self.index.binary_search_by_key(&key, |indexed| indexed.key);
        let Indexed { offset, length, .. } = match found {
            Ok(at) => self.index[at],
            Err(_) => return Err(ReadError::Absent),
        };
        let bytes: Cow<'static, [u8]> = match &self.source {
            Source::Program(bytes) => {
                let start = usize::try_from(offset).ok();
                let end = (offset.checked_add(length)).and_then(|end| usize::try_from(end).ok());
                let bytes = (start.zip(end)).and_then(|(start, end)| bytes.get(start..end));
                bytes.ok_or_else(cut)?.into()
            }
            Source::File(file) => {
                let length = usize::try_from(length).map_err(|_| cut())?;
                read_at(file, offset, length)?.into()
            }
        };
        let entry = Entry::parse(bytes).map_err(ReadError::Entry)?;
        if Key::of(&entry.meta.parts) != key {
            return Err(ReadError::Misnamed);
        }
        Ok(entry)
    }
}

fn cut() -> ReadError {
    ReadError::Entry(EntryError::Damaged("the bundle ends before it".into()))
}

#[cfg(unix)]
fn read_at(file: &File, offset: u64, length: usize) -> Result<Vec<u8>, ReadError> {
    let mut bytes = vec![0; length];
    std::os::unix::fs::FileExt::read_exact_at(file, &mut bytes, offset).map_err(ReadError::Io)?;
    Ok(bytes)
}

/// Files are not trusted here, so none is read.
#[cfg(not(unix))]
fn read_at(_file: &File, _offset: u64, _length: usize) -> Result<Vec<u8>, ReadError> {
    Err(ReadError::Untrusted(directory::Untrusted::Platform))
}

/// Where the index of a bundle ends, by its header.
fn index_end(header: &[u8]) -> Result<usize, EntryError> {
    if header.get(..8) != Some(&MAGIC[..]) {
        return Err(EntryError::NoEntry);
    }
    match u32_at(header, 8).ok_or(EntryError::NoEntry)? {
        BUNDLE_VERSION => {}
        version => return Err(EntryError::Version(version)),
    }
    let count = u32_at(header, 12).ok_or(EntryError::NoEntry)? as usize;
    if count > MAX_ENTRIES {
        return Err(EntryError::Damaged(format!("it has {count} entries")));
    }
    Ok(HEADER_BYTES + count * INDEXED_BYTES)
}

/// Checks the index, which ends where `bytes` do.
fn parse_index(bytes: &[u8]) -> Result<Vec<Indexed>, EntryError> {
    if bytes.len() < HEADER_BYTES || index_end(bytes)? != bytes.len() {
        return Err(EntryError::NoEntry);
    }
    let (header, index) = bytes.split_at(HEADER_BYTES);
    if blake3::hash(index).as_bytes()[..] != header[16..] {
        return Err(EntryError::Checksum);
    }
    let indexed = index.chunks_exact(INDEXED_BYTES).map(|bytes| {
        let mut key = [0; 16];
        key.copy_from_slice(&bytes[..16]);
        Some(Indexed {
            key: Key::from_bytes(key),
            offset: u64_at(bytes, 16)?,
            length: u64_at(bytes, 24).filter(|&length| length <= MAX_ENTRY_BYTES)?,
        })
    });
    let index: Option<Vec<_>> = indexed.collect();
    let damaged = || EntryError::Damaged("its index makes no sense".into());
    let index = index.ok_or_else(damaged)?;
    match index.is_sorted_by(|a, b| a.key < b.key) {
        true => Ok(index),
        false => Err(damaged()),
    }
}

/// The bytes of a bundle of these entries. Of several with the same key, the last counts.
///
/// # Errors
///
/// If there are too many.
pub fn to_bytes(entries: &[Entry]) -> Result<Vec<u8>, EntryError> {
    let by_key: BTreeMap<Key, &[u8]> = (entries.iter())
        .map(|entry| (Key::of(&entry.meta.parts), entry.bytes()))
        .collect();
    if by_key.len() > MAX_ENTRIES {
        return Err(EntryError::Damaged(format!(
            "{} entries are too many",
            by_key.len()
        )));
    }
    let mut index = Vec::with_capacity(by_key.len() * INDEXED_BYTES);
    let mut offset = HEADER_BYTES + by_key.len() * INDEXED_BYTES;
    for (key, bytes) in &by_key {
        index.extend(key.bytes());
        index.extend((offset as u64).to_le_bytes());
        index.extend((bytes.len() as u64).to_le_bytes());
        offset += bytes.len().next_multiple_of(8);
    }
    let mut bundle = Vec::with_capacity(offset);
    bundle.extend(MAGIC);
    bundle.extend(BUNDLE_VERSION.to_le_bytes());
    bundle.extend((by_key.len() as u32).to_le_bytes());
    bundle.extend(blake3::hash(&index).as_bytes());
    bundle.extend(&index);
    for bytes in by_key.values() {
        bundle.extend(*bytes);
        bundle.resize(bundle.len().next_multiple_of(8), 0);
    }
    Ok(bundle)
}

/// Writes a bundle to a file, for all to see at once: a program that reads what was there before goes on with that.
///
/// # Errors
///
/// If it cannot be written.
pub fn write(path: &Path, entries: &[Entry]) -> std::io::Result<u64> {
    let bytes = to_bytes(entries).map_err(std::io::Error::other)?;
    store::replace(path, &bytes)?;
    Ok(bytes.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::super::entry::{tests::meta, to_bytes as entry_bytes};
    use super::super::key::Collector;
    use super::*;
    use crate::cpu::CpuLevel;

    fn entry(function: &str, object: &[u8]) -> Entry {
        let mut collector = Collector::new(CpuLevel::X86_64V3);
        collector.add("function", function);
        let mut meta = meta(function);
        meta.parts = collector.finish(None).parts;
        Entry::parse(entry_bytes(&meta, b"program", object).unwrap()).unwrap()
    }

    fn entries() -> Vec<Entry> {
        let names = ["f", "g", "h", "f"];
        (names.iter().enumerate())
            .map(|(n, name)| entry(name, format!("object {n}").as_bytes()))
            .collect()
    }

    fn embedded(bytes: &[u8]) -> Result<Bundle, EntryError> {
        Bundle::embedded(bytes.to_vec().leak())
    }

    #[test]
    fn what_is_written_is_found() {
        let entries = entries();
        let bundle = embedded(&to_bytes(&entries).unwrap()).unwrap();
        assert_eq!(bundle.len(), 3);
        for entry in &entries[1..] {
            let found = bundle.find(Key::of(&entry.meta.parts)).unwrap();
            assert_eq!(found.bytes(), entry.bytes());
        }
        let other = Key::of(&[]);
        assert!(matches!(bundle.find(other), Err(ReadError::Absent)));
        assert!(embedded(b"").unwrap().is_empty());
        assert!(embedded(&to_bytes(&[]).unwrap()).unwrap().is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn a_file_is_read_in_parts() {
        use std::os::unix::fs::PermissionsExt;

        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("kernels.hlb");
        write(&path, &entries()).unwrap();
        let bundle = Bundle::open(&path).unwrap();
        for key in bundle.keys() {
            assert_eq!(Key::of(&bundle.find(key).unwrap().meta.parts), key);
        }
        // Truncated under the reader.
        let file = File::options().write(true).open(&path).unwrap();
        file.set_len(200).unwrap();
        let last = bundle.keys().last().unwrap();
        assert!(matches!(bundle.find(last), Err(ReadError::Io(_))));
        for length in 1..200 {
            file.set_len(length).unwrap();
            if let Ok(bundle) = Bundle::open(&path) {
                assert!(bundle.keys().all(|key| bundle.find(key).is_err()));
            }
        }
        file.set_len(0).unwrap();
        assert!(Bundle::open(&path).unwrap().is_empty());
        let mode = std::fs::Permissions::from_mode(0o666);
        std::fs::set_permissions(&path, mode).unwrap();
        assert!(matches!(Bundle::open(&path), Err(ReadError::Untrusted(_))));
    }

    /// Each byte of a bundle is damaged alone: what is found then is what was written.
    #[test]
    fn damage_is_noticed() {
        let entries = entries();
        let bytes = to_bytes(&entries).unwrap();
        let written: BTreeMap<Key, &[u8]> = (entries.iter())
            .map(|entry| (Key::of(&entry.meta.parts), entry.bytes()))
            .collect();
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << (at % 8);
            let Ok(bundle) = embedded(&damaged) else {
                continue;
            };
            for (key, bytes) in &written {
                if let Ok(found) = bundle.find(*key) {
                    assert_eq!(found.bytes(), *bytes);
                }
            }
        }
        for length in 1..bytes.len() {
            if let Ok(bundle) = embedded(&bytes[..length]) {
                let n_found = bundle.keys().filter(|key| bundle.find(*key).is_ok());
                // Behind the last entry there may be zeros, up to a multiple of 8.
                assert!(n_found.count() < 3 || length + 8 > bytes.len());
            }
        }
    }

    /// An index that is well-formed and lies: the checksum is no protection against that, bounds are.
    #[test]
    fn an_index_that_leads_outside_is_harmless() {
        let bytes = to_bytes(&entries()).unwrap();
        for (at, value) in [
            (16, u64::MAX),
            (16, 1 << 40),
            (24, u64::MAX),
            (24, MAX_ENTRY_BYTES),
        ] {
            let mut damaged = bytes.clone();
            let place = HEADER_BYTES + at;
            damaged[place..place + 8].copy_from_slice(&value.to_le_bytes());
            let end = HEADER_BYTES + 3 * INDEXED_BYTES;
            let checksum = *blake3::hash(&damaged[HEADER_BYTES..end]).as_bytes();
            damaged[16..48].copy_from_slice(&checksum);
            if let Ok(bundle) = embedded(&damaged) {
                let first = bundle.keys().next().unwrap();
                assert!(bundle.find(first).is_err(), "{at} {value:x}");
            }
        }
        let mut huge = bytes.clone();
        huge[12..16].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(matches!(embedded(&huge), Err(EntryError::Damaged(_))));
    }
}

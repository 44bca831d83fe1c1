//! A folder of entries: found, read, published, counted, thrown away.
//!
//! A file is published by a rename, so a reader sees the whole of it or nothing; it reads into memory of its own, so nobody can change what
//! was checked (a mapped file could be truncated under the reader). No file is ever changed, and no lock is held.

use std::ffi::OsStr;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use super::directory::{self, Owner, Untrusted};
use super::entry::{Entry, EntryError, MAX_ENTRY_BYTES};
use super::key::Key;

/// The end of the names of entries: `KEY-LLVM.hlc`.
pub(crate) const EXTENSION: &str = "hlc";
/// The end of the names of files that are being written.
const TEMPORARY: &str = "tmp";
/// The end of the names of marks that somebody compiles an entry.
const MARK: &str = "compiling";

/// How old a temporary file or a mark is when nobody can be at work on it any more.
const ABANDONED: Duration = Duration::from_secs(600);
/// How old a mark is when it is not worth waiting for.
const SLOW: Duration = Duration::from_secs(2);
/// How long somebody waits for an entry that another process compiles.
const PATIENCE: Duration = Duration::from_millis(250);
/// How much newer an entry's last use has to be for its time to be written.
const USE_GRAIN: Duration = Duration::from_secs(3600);

/// A folder of entries.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

/// Why a file was not used.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReadError {
    /// There is none.
    Absent,
    /// It cannot be read.
    Io(io::Error),
    /// Somebody else could have written it.
    Untrusted(Untrusted),
    /// It is larger than an entry can be.
    Huge(u64),
    /// Its bytes are no entry.
    Entry(EntryError),
    /// It is the entry of another key than its name says.
    Misnamed,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::Absent => f.write_str("there is no such file"),
            ReadError::Io(error) => error.fmt(f),
            ReadError::Untrusted(error) => error.fmt(f),
            ReadError::Huge(bytes) => write!(f, "it has {bytes} bytes"),
            ReadError::Entry(error) => error.fmt(f),
            ReadError::Misnamed => f.write_str("its name is that of another entry"),
        }
    }
}

impl std::error::Error for ReadError {}

/// A file of the store.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listed {
    /// Where it is.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// When it was last used, to the hour.
    pub used: SystemTime,
}

impl Listed {
    /// A file of this size that was last used then.
    pub fn new(path: PathBuf, bytes: u64, used: SystemTime) -> Self {
        Listed { path, bytes, used }
    }
}

/// What was thrown away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Removed {
    /// Files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl Store {
    /// The store in this folder, which is made if it is not there.
    ///
    /// # Errors
    ///
    /// If the folder cannot be had, or others could write to it.
    pub fn open(folder: PathBuf) -> Result<Self, Untrusted> {
        directory::make_trusted(&folder)?;
        Ok(Store { folder })
    }

    /// The store in this folder, if there is one that can be trusted.
    ///
    /// # Errors
    ///
    /// If there is none, or others could write to it.
    pub fn open_existing(folder: PathBuf) -> Result<Self, Untrusted> {
        directory::trusted(&folder)?;
        Ok(Store { folder })
    }

    /// A folder that is only read: the user's own or root's.
    ///
    /// # Errors
    ///
    /// If there is none, or others could write to it.
    pub(crate) fn open_layer(folder: PathBuf) -> Result<Self, Untrusted> {
        let metadata = fs::metadata(&folder).map_err(Untrusted::Io)?;
        if !metadata.is_dir() {
            return Err(Untrusted::NoFolder);
        }
        directory::trusted_metadata(&metadata, Owner::UserOrRoot)?;
        Ok(Store { folder })
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The name of an entry.
    pub(crate) fn path(&self, key: Key, llvm: &str) -> PathBuf {
        self.folder.join(format!("{key}-{llvm}.{EXTENSION}"))
    }

    /// The entry of this key that this LLVM compiled; without an LLVM, any.
    ///
    /// # Errors
    ///
    /// Why there is none.
    pub(crate) fn find(&self, key: Key, llvm: Option<&str>) -> Result<Entry, ReadError> {
        if let Some(llvm) = llvm {
            return read_entry(&self.path(key, llvm), Some(key));
        }
        self.find_any(key, |path| read_entry(path, Some(key)))
    }

    /// The entry of this key in a folder that is only read, whatever LLVM compiled it.
    ///
    /// # Errors
    ///
    /// Why there is none.
    pub(crate) fn find_in_layer(&self, key: Key) -> Result<Entry, ReadError> {
        self.find_any(key, |path| {
            let (entry, _) = read_checked(path, Some(key), Owner::UserOrRoot)?;
            Ok(entry)
        })
    }

    /// The first entry of this key that `read` can read, in order of their names.
    fn find_any(
        &self,
        key: Key,
        read: impl Fn(&Path) -> Result<Entry, ReadError>,
    ) -> Result<Entry, ReadError> {
        let prefix = format!("{key}-");
        let files = fs::read_dir(&self.folder).map_err(ReadError::Io)?;
        let mut paths: Vec<_> = (files.flatten())
            .filter(|file| {
                let name = file.file_name();
                (name.to_str()).is_some_and(|name| name.starts_with(&prefix))
            })
            .map(|file| file.path())
            .filter(|path| path.extension().is_some_and(|end| end == EXTENSION))
            .collect();
        paths.sort();
        let mut error = ReadError::Absent;
        for path in paths {
            match read(&path) {
                Ok(entry) => return Ok(entry),
                Err(why) => error = why,
            }
        }
        Err(error)
    }

    /// Writes an entry, for all to see at once. What was there under its name is replaced.
    ///
    /// # Errors
    ///
    /// If the file cannot be written; then nothing of it is left.
    pub(crate) fn publish(&self, key: Key, llvm: &str, bytes: &[u8]) -> io::Result<()> {
        replace(&self.path(key, llvm), bytes)
    }

    /// Says that this process compiles an entry. `None` if another one said so a moment ago: [`Store::wait`] for it.
    pub(crate) fn announce(&self, key: Key, llvm: &str) -> Option<Announcement> {
        let path = self.path(key, llvm).with_extension(MARK);
        if age(&path).is_some_and(|age| age < SLOW) {
            return None;
        }
        // What cannot be made, because of a full disk or an old mark, is done without.
        let _ = fs::remove_file(&path);
        let made = create_new(&path).is_ok();
        Some(Announcement {
            path: made.then_some(path),
        })
    }

    /// Waits a while for an entry that another process compiles.
    pub(crate) fn wait(&self, key: Key, llvm: &str) -> Result<Entry, ReadError> {
        let mark = self.path(key, llvm).with_extension(MARK);
        let start = std::time::Instant::now();
        loop {
            let is_at_work = age(&mark).is_some_and(|age| age < SLOW);
            match self.find(key, Some(llvm)) {
                Err(ReadError::Absent) if is_at_work && start.elapsed() < PATIENCE => {
                    std::thread::sleep(Duration::from_millis(1));
                }
                found => return found,
            }
        }
    }

    /// The entries, in order of their names. They are not read.
    ///
    /// # Errors
    ///
    /// If the folder cannot be read.
    pub fn list(&self) -> io::Result<Vec<Listed>> {
        self.list_with(|extension| extension == EXTENSION)
    }

    fn list_with(&self, wanted: impl Fn(&str) -> bool) -> io::Result<Vec<Listed>> {
        let mut list = Vec::new();
        for file in fs::read_dir(&self.folder)? {
            let Ok(file) = file else { continue };
            let path = file.path();
            let extension = path.extension().and_then(OsStr::to_str);
            // A file may be gone by now.
            if extension.is_some_and(&wanted)
                && let Ok(metadata) = file.metadata()
                && metadata.is_file()
            {
                list.push(Listed {
                    path,
                    bytes: metadata.len(),
                    used: metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH),
                });
            }
        }
        list.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(list)
    }

    /// Throws away the entries that were not used for longest, until at most `limit` bytes are left; and what killed processes left behind.
    ///
    /// # Errors
    ///
    /// If the folder cannot be read.
    pub fn collect_garbage(&self, limit: u64) -> io::Result<Removed> {
        let mut removed = Removed::default();
        let now = SystemTime::now();
        for left in self.list_with(|extension| extension == TEMPORARY || extension == MARK)? {
            let age = now.duration_since(left.used).unwrap_or_default();
            if age > ABANDONED {
                removed.remove(&left);
            }
        }
        let mut entries = self.list()?;
        entries.sort_by_key(|entry| entry.used);
        let mut total: u64 = entries.iter().map(|entry| entry.bytes).sum();
        for entry in &entries {
            if total <= limit {
                break;
            }
            removed.remove(entry);
            total = total.saturating_sub(entry.bytes);
        }
        Ok(removed)
    }

    /// Throws everything away.
    ///
    /// # Errors
    ///
    /// If the folder cannot be read.
    pub fn clear(&self) -> io::Result<Removed> {
        let mut removed = Removed::default();
        let ours = [EXTENSION, TEMPORARY, MARK];
        for file in self.list_with(|extension| ours.contains(&extension))? {
            removed.remove(&file);
        }
        Ok(removed)
    }
}

impl Removed {
    fn remove(&mut self, file: &Listed) {
        if fs::remove_file(&file.path).is_ok() {
            self.files += 1;
            self.bytes += file.bytes;
        }
    }
}

/// This process compiles an entry; the mark goes when it is done.
#[derive(Debug)]
pub(crate) struct Announcement {
    path: Option<PathBuf>,
}

impl Drop for Announcement {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            let _ = fs::remove_file(path);
        }
    }
}

/// Writes a file beside `path` and renames it, so that whoever opens `path` sees the old or the new one.
///
/// # Errors
///
/// If that is not possible; then nothing of it is left.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let temporary = path.with_file_name(format!("{}-{number}.{TEMPORARY}", std::process::id()));
    let written = create_new(&temporary)
        .and_then(|mut file| {
            file.write_all(bytes)?;
            // So that after a loss of power the name does not lead to a file without its bytes.
            file.sync_data()
        })
        .and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written
}

/// Reads a file and checks it. With a key, its parts must make that key.
///
/// # Errors
///
/// Why it is not to be used.
pub fn read_entry(path: &Path, key: Option<Key>) -> Result<Entry, ReadError> {
    let (entry, (file, metadata)) = read_checked(path, key, Owner::User)?;
    let now = SystemTime::now();
    let used = metadata.modified().unwrap_or(now);
    if key.is_some() && now.duration_since(used).is_ok_and(|age| age > USE_GRAIN) {
        // In a folder that is only to be read nothing is noted.
        let _ = file.set_modified(now);
    }
    Ok(entry)
}

fn read_checked(
    path: &Path,
    key: Option<Key>,
    owner: Owner,
) -> Result<(Entry, (File, fs::Metadata)), ReadError> {
    let mut file = open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => ReadError::Absent,
        _ => ReadError::Io(error),
    })?;
    let metadata = file.metadata().map_err(ReadError::Io)?;
    if !metadata.is_file() {
        return Err(ReadError::Untrusted(Untrusted::NoFolder));
    }
    directory::trusted_metadata(&metadata, owner).map_err(ReadError::Untrusted)?;
    if metadata.len() > MAX_ENTRY_BYTES {
        return Err(ReadError::Huge(metadata.len()));
    }
    let mut bytes = Vec::with_capacity(metadata.len() as usize + 1);
    // It may grow meanwhile; that is no entry any more, but no reason to read for ever.
    (&mut file)
        .take(MAX_ENTRY_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(ReadError::Io)?;
    let entry = Entry::parse(bytes).map_err(ReadError::Entry)?;
    if key.is_some_and(|key| key != Key::of(&entry.meta.parts)) {
        return Err(ReadError::Misnamed);
    }
    Ok((entry, (file, metadata)))
}

fn age(path: &Path) -> Option<Duration> {
    let modified = fs::symlink_metadata(path).and_then(|metadata| metadata.modified());
    Some(
        SystemTime::now()
            .duration_since(modified.ok()?)
            .unwrap_or_default(),
    )
}

/// Opens a file to read, but no symbolic link, and nothing that one would wait for.
#[cfg(unix)]
pub(super) fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
        .open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Makes a file that was not there, for its owner only.
#[cfg(unix)]
fn create_new(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

#[cfg(not(unix))]
fn create_new(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::super::entry::{tests::meta, to_bytes};
    use super::super::key::Collector;
    use super::*;
    use crate::cpu::CpuLevel;

    /// A store with one entry.
    fn with_entry() -> (tempfile::TempDir, Store, Key) {
        let root = tempfile::tempdir().unwrap();
        let store = Store::open(root.path().join("cache")).unwrap();
        let key = publish(&store, "f");
        (root, store, key)
    }

    fn publish(store: &Store, function: &str) -> Key {
        let mut collector = Collector::new(CpuLevel::Native);
        collector.add("function", function);
        let inputs = collector.finish(None);
        let mut meta = meta(function);
        meta.parts = inputs.parts.clone();
        let bytes = to_bytes(&meta, b"program", b"object").unwrap();
        store.publish(inputs.key(), "llvm", &bytes).unwrap();
        inputs.key()
    }

    fn names(store: &Store) -> Vec<String> {
        let files = fs::read_dir(store.folder()).unwrap();
        let mut names: Vec<_> = files
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn what_is_published_is_found() {
        let (_root, store, key) = with_entry();
        assert_eq!(store.find(key, Some("llvm")).unwrap().meta.function, "f");
        assert_eq!(store.find(key, None).unwrap().meta.function, "f");
        let other = store.find(key, Some("other"));
        assert!(matches!(other, Err(ReadError::Absent)));
        assert_eq!(names(&store), [format!("{key}-llvm.hlc")]);
    }

    #[test]
    fn a_misnamed_entry_is_not_used() {
        let (_root, store, key) = with_entry();
        let other = publish(&store, "g");
        fs::rename(store.path(key, "llvm"), store.path(other, "llvm")).unwrap();
        let found = store.find(other, Some("llvm"));
        assert!(matches!(found, Err(ReadError::Misnamed)));
    }

    #[test]
    fn what_is_no_file_of_ours_is_not_used() {
        let (root, store, key) = with_entry();
        let path = store.path(key, "llvm");
        let mode = |mode| fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        mode(0o666);
        assert!(matches!(
            store.find(key, Some("llvm")),
            Err(ReadError::Untrusted(_))
        ));
        mode(0o600);
        let elsewhere = root.path().join("elsewhere");
        fs::rename(&path, &elsewhere).unwrap();
        symlink(&elsewhere, &path).unwrap();
        assert!(matches!(
            store.find(key, Some("llvm")),
            Err(ReadError::Io(_))
        ));
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert!(store.find(key, Some("llvm")).is_err());
    }

    #[test]
    fn a_huge_file_is_not_read() {
        let (_root, store, key) = with_entry();
        let file = OpenOptions::new().write(true).open(store.path(key, "llvm"));
        file.unwrap().set_len(MAX_ENTRY_BYTES + 1).unwrap();
        assert!(matches!(
            store.find(key, Some("llvm")),
            Err(ReadError::Huge(_))
        ));
    }

    #[test]
    fn garbage_is_what_was_used_longest_ago() {
        let (_root, store, old) = with_entry();
        let new = publish(&store, "g");
        let long_ago = SystemTime::now() - Duration::from_secs(100_000);
        let file = File::open(store.path(old, "llvm")).unwrap();
        file.set_modified(long_ago).unwrap();
        let bytes = file.metadata().unwrap().len();

        // Reading is use.
        store.find(old, Some("llvm")).unwrap();
        assert!(file.metadata().unwrap().modified().unwrap() > long_ago);
        file.set_modified(long_ago).unwrap();

        assert_eq!(store.collect_garbage(1 << 30).unwrap(), Removed::default());
        let removed = store.collect_garbage(bytes).unwrap();
        assert_eq!(removed, Removed { files: 1, bytes });
        assert!(store.find(old, Some("llvm")).is_err());
        assert!(store.find(new, Some("llvm")).is_ok());
    }

    #[test]
    fn what_killed_processes_leave_is_garbage_after_a_while() {
        let (_root, store, key) = with_entry();
        let left = store.folder().join("1-2.tmp");
        fs::write(&left, "half").unwrap();
        let mark = store.path(key, "llvm").with_extension(MARK);
        fs::write(&mark, "").unwrap();
        assert_eq!(store.collect_garbage(u64::MAX).unwrap().files, 0);
        for path in [&left, &mark] {
            let file = OpenOptions::new().write(true).open(path).unwrap();
            file.set_modified(SystemTime::now() - 2 * ABANDONED)
                .unwrap();
        }
        assert_eq!(store.collect_garbage(u64::MAX).unwrap().files, 2);
        assert_eq!(names(&store).len(), 1);
        assert_eq!(store.clear().unwrap().files, 1);
    }

    #[test]
    fn one_compiles_and_others_wait() {
        let (_root, store, key) = with_entry();
        let mine = store.announce(key, "other").unwrap();
        assert!(store.announce(key, "other").is_none());
        let waited = std::thread::scope(|threads| {
            let waiting = threads.spawn(|| store.wait(key, "other"));
            fs::copy(store.path(key, "llvm"), store.path(key, "other")).unwrap();
            drop(mine);
            waiting.join().unwrap()
        });
        // The copy may be seen half done, which a rename never is.
        assert!(matches!(waited, Ok(_) | Err(ReadError::Entry(_))));
        // Nobody compiles: there is nothing to wait for.
        assert!(matches!(store.wait(key, "third"), Err(ReadError::Absent)));
    }

    #[test]
    fn nothing_is_left_of_what_cannot_be_written() {
        let (_root, store, key) = with_entry();
        fs::create_dir(store.path(key, "folder")).unwrap();
        fs::write(store.path(key, "folder").join("x"), "").unwrap();
        assert!(store.publish(key, "folder", b"bytes").is_err());
        assert!(names(&store).iter().all(|name| !name.ends_with(TEMPORARY)));
    }
}

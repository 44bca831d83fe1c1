//! Where the cache is, and whether it can be trusted. Loading an entry is running code: the folder is the user's own, or it is not used.

use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A folder, and which environment variable decided it.
pub type Place = (PathBuf, &'static str);

/// `HOTLOOP_CACHE_DIR`, else `hotloop` in the user's folder for caches (XDG Base Directory Specification, which has
/// relative paths ignored).
pub fn place(read: impl Fn(&str) -> Option<OsString>) -> Option<Place> {
    let path = |name| {
        read(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let absolute = |name| path(name).filter(|path: &PathBuf| path.is_absolute());
    let in_caches = |folder: &Path| folder.join("hotloop");
    if let Some(directory) = path("HOTLOOP_CACHE_DIR") {
        return Some((directory, "HOTLOOP_CACHE_DIR"));
    }
    if let Some(caches) = absolute("XDG_CACHE_HOME") {
        return Some((in_caches(&caches), "XDG_CACHE_HOME"));
    }
    absolute("HOME").map(|home| (in_caches(&home.join(".cache")), "HOME"))
}

/// Why a folder is not used.
#[derive(Debug)]
#[non_exhaustive]
pub enum Untrusted {
    /// It cannot be looked at or made.
    Io(io::Error),
    /// It is no folder (a symbolic link is none, either).
    NoFolder,
    /// Somebody else owns it.
    Owner(u32),
    /// Others may write to it.
    Mode(u32),
    /// This system has no owners and modes of files that we know of.
    Platform,
}

impl fmt::Display for Untrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Untrusted::Io(error) => error.fmt(f),
            Untrusted::NoFolder => f.write_str("it is no folder"),
            Untrusted::Owner(user) => write!(f, "user {user} owns it"),
            Untrusted::Mode(mode) => write!(f, "others may write to it (mode {mode:o})"),
            Untrusted::Platform => f.write_str("this system is not supported"),
        }
    }
}

impl std::error::Error for Untrusted {}

/// Makes the folder if it is not there, for its owner only, and looks whether it is the user's own.
///
/// # Errors
///
/// Why it is not to be used.
pub(crate) fn make_trusted(folder: &Path) -> Result<(), Untrusted> {
    match trusted(folder) {
        Err(Untrusted::Io(error)) if error.kind() == io::ErrorKind::NotFound => {}
        other => return other,
    }
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent).map_err(Untrusted::Io)?;
    }
    match make(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(Untrusted::Io(error)),
        _ => trusted(folder),
    }
}

#[cfg(unix)]
fn make(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn make(folder: &Path) -> io::Result<()> {
    fs::create_dir(folder)
}

/// Who may have written a folder or a file that is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    User,
    /// What a system's packages install is as good as the program itself.
    UserOrRoot,
}

/// Whether the folder is there, is the user's own, and nobody else can write to it.
///
/// # Errors
///
/// Why not.
pub(crate) fn trusted(folder: &Path) -> Result<(), Untrusted> {
    let metadata = fs::symlink_metadata(folder).map_err(Untrusted::Io)?;
    if !metadata.is_dir() {
        return Err(Untrusted::NoFolder);
    }
    trusted_metadata(&metadata, Owner::User)
}

/// Whether a file or folder belongs to who it should, and nobody else can write to it.
///
/// # Errors
///
/// Why not.
#[cfg(unix)]
pub(crate) fn trusted_metadata(metadata: &fs::Metadata, owner: Owner) -> Result<(), Untrusted> {
    use std::os::unix::fs::MetadataExt;

    // SAFETY: the call has no arguments and cannot fail.
    let user = unsafe { libc::geteuid() };
    let is_owner = metadata.uid() == user || owner == Owner::UserOrRoot && metadata.uid() == 0;
    if !is_owner {
        return Err(Untrusted::Owner(metadata.uid()));
    }
    if metadata.mode() & 0o022 != 0 {
        return Err(Untrusted::Mode(metadata.mode() & 0o7777));
    }
    Ok(())
}

#[cfg(not(unix))]
pub(crate) fn trusted_metadata(_metadata: &fs::Metadata, _owner: Owner) -> Result<(), Untrusted> {
    Err(Untrusted::Platform)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn a_new_folder_is_the_users_alone() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("a/b");
        make_trusted(&folder).unwrap();
        let mode = fs::metadata(&folder).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        make_trusted(&folder).unwrap();
    }

    #[test]
    fn what_others_may_write_to_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("cache");
        make_trusted(&folder).unwrap();
        for mode in [0o770, 0o702, 0o777] {
            fs::set_permissions(&folder, fs::Permissions::from_mode(mode)).unwrap();
            assert!(matches!(make_trusted(&folder), Err(Untrusted::Mode(found)) if found == mode));
        }
    }

    #[test]
    fn what_somebody_else_owns_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("cache");
        make_trusted(&folder).unwrap();
        if std::os::unix::fs::chown(&folder, Some(12345), None).is_err() {
            eprintln!("SKIPPED: only root may give folders away");
            return;
        }
        assert!(matches!(
            make_trusted(&folder),
            Err(Untrusted::Owner(12345))
        ));
    }

    #[test]
    fn a_link_and_a_file_are_no_folders() {
        let root = tempfile::tempdir().unwrap();
        let (file, link) = (root.path().join("file"), root.path().join("link"));
        fs::write(&file, "").unwrap();
        symlink(root.path(), &link).unwrap();
        assert!(matches!(make_trusted(&file), Err(Untrusted::NoFolder)));
        assert!(matches!(make_trusted(&link), Err(Untrusted::NoFolder)));
        assert!(matches!(
            make_trusted(&file.join("below")),
            Err(Untrusted::Io(_))
        ));
    }
}

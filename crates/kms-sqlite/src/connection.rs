//! Connections to the two database files.

use std::{
    fs::{self, File},
    io,
    os::unix::ffi::OsStrExt as _,
    os::unix::fs::{
        DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
    },
    path::{Path, PathBuf},
    time::Duration,
};

use kms_files::folder_of;
pub(crate) use kms_files::{beside, sync_folder};
use rusqlite::{Connection, ErrorCode, OpenFlags};
use rustix::{
    fs::{Access, FlockOperation, access, flock},
    io::Errno,
};

/// The time that a change waits for another process's.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);
const FILE_MODE: u32 = 0o600;
const DIRECTORY_MODE: u32 = 0o700;

/// Makes the directory of a file, for its owner only.
pub(crate) fn make_directory(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(directory) if !directory.as_os_str().is_empty() && !directory.exists() => {
            fs::DirBuilder::new().recursive(true).mode(DIRECTORY_MODE).create(directory)
        }
        _ => Ok(()),
    }
}

/// Creates an empty file for its owner only, if none exists.
pub(crate) fn make_file(path: &Path) -> io::Result<()> {
    fs::OpenOptions::new().write(true).create(true).truncate(false).mode(FILE_MODE).open(path)?;
    Ok(())
}

/// One process at a time makes or converts a file: the one that holds its directory's lock.
pub(crate) fn lock_directory(path: &Path) -> io::Result<File> {
    let directory = File::open(folder_of(path))?;
    flock(&directory, FlockOperation::LockExclusive)?;
    Ok(directory)
}

/// A file that is created beside its destination, and removed unless it is renamed to it. Its
/// creator holds the directory's lock.
#[derive(Debug)]
pub(crate) struct NewFile {
    path: PathBuf,
}

impl NewFile {
    /// An empty file beside the one to be made, without what a crash may have left there.
    pub(crate) fn make(path: &Path) -> io::Result<Self> {
        let new = Self { path: beside(path, ".new") };
        new.remove()?;
        make_file(&new.path)?;
        Ok(new)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the complete file its name. Never takes the place of a file that is there.
    pub(crate) fn publish(self, path: &Path) -> io::Result<()> {
        File::open(&self.path)?.sync_all()?;
        fs::hard_link(&self.path, path)?;
        self.remove()?;
        sync_folder(path)
    }

    /// Puts the complete file in the place of one that is there.
    pub(crate) fn replace(self, path: &Path) -> io::Result<()> {
        File::open(&self.path)?.sync_all()?;
        fs::rename(&self.path, path)?;
        sync_folder(path)
    }

    fn remove(&self) -> io::Result<()> {
        for part in [self.path.clone(), beside(&self.path, "-wal"), beside(&self.path, "-shm")] {
            match fs::remove_file(part) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => (),
            }
        }
        Ok(())
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        // The reported error is the one that prevented the renaming.
        let _ = self.remove();
    }
}

/// Returns true if SQLite's log of an earlier file lies at the path. SQLite would play it into
/// whatever is put there.
pub(crate) fn has_log(path: &Path) -> bool {
    fs::metadata(beside(path, "-wal")).is_ok_and(|log| log.len() > 0)
}

/// Removes other users' access to an existing file. Only its owner can: a pod's volume gives files of
/// other users to the pod's group, and their modes stay.
pub(crate) fn restrict(path: &Path) -> io::Result<()> {
    let found = fs::metadata(path)?;
    if found.permissions().mode() & 0o077 == 0 {
        return Ok(());
    }
    let restricted = fs::set_permissions(path, fs::Permissions::from_mode(FILE_MODE));
    let is_own = found.uid() == rustix::process::geteuid().as_raw();
    restricted.or_else(|error| match error.kind() {
        io::ErrorKind::PermissionDenied if !is_own => Ok(()),
        _ => Err(error),
    })
}

/// Fails where a file was mounted without its folder. SQLite's log and locks would lie elsewhere:
/// other processes on that file would not see them, and a process that is killed would leave a part
/// of a change in the file and the rest in a log that is gone with its mount.
pub(crate) fn check_not_alone(path: &Path) -> io::Result<()> {
    if kms_files::is_mounted_alone(path) { Err(Errno::XDEV.into()) } else { Ok(()) }
}

/// Fails where a file or its folder cannot be written, as on a mount that is read only. SQLite puts
/// its log and its locks into the folder.
pub(crate) fn check_writable(path: &Path) -> io::Result<()> {
    access(path, Access::WRITE_OK)?;
    Ok(access(folder_of(path), Access::WRITE_OK)?)
}

/// Returns true if nothing can be written at a path.
pub(crate) fn is_read_only(path: &Path) -> bool {
    check_writable(path).is_err_and(|error| {
        matches!(Errno::from_io_error(&error), Some(Errno::ROFS | Errno::ACCESS | Errno::PERM))
    })
}

/// Opens a file where nothing can be written. With a log beside it, what SQLite's other processes
/// keep there is used; without one, nobody writes the file.
pub(crate) fn open_read_only(path: &Path) -> rusqlite::Result<Connection> {
    if !has_log(path) {
        return open_unchanged(path);
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.query_row("select count(*) from sqlite_schema", [], |_| Ok(()))?;
    Ok(connection)
}

/// An error of SQLite with what to do about it, where the file system is at fault.
pub(crate) fn told(error: &rusqlite::Error) -> String {
    let advice = match error.sqlite_error_code() {
        Some(ErrorCode::CannotOpen) => {
            "; its folder must be writable for the log beside it: mount the folder writable, not \
             the file alone. If a log (`-wal`) is already there, open the store once where it is \
             writable"
        }
        Some(ErrorCode::ReadOnly) => {
            "; the file or folder is not writable: mount the folder writable (without `ro`), and \
             run the program as its owner"
        }
        Some(ErrorCode::DiskFull) => "; the disk is full: free some space; nothing was changed",
        Some(ErrorCode::SystemIoFailure) => {
            "; the disk could not be read or written: check it (`dmesg`, `df`); nothing was changed"
        }
        Some(ErrorCode::PermissionDenied) => "; run the program as the owner of file and folder",
        _ => "",
    };
    format!("{error}{advice}")
}

/// Opens a file that nobody writes, and changes no byte of it or beside it.
pub(crate) fn open_unchanged(path: &Path) -> rusqlite::Result<Connection> {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(uri(&path), flags)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    Ok(connection)
}

/// Every byte of a path that may mean something in a URI is written as a number.
fn uri(path: &Path) -> String {
    let mut uri = String::from("file:");
    for &byte in path.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte) {
            uri.push(char::from(byte))
        } else {
            uri.push_str(&format!("%{byte:02x}"))
        }
    }
    uri.push_str("?immutable=1");
    uri
}

/// Opens an existing file. SQLite gives its log the file's mode.
pub(crate) fn open(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "trusted_schema", false)?;
    Ok(connection)
}

//! How the two files are opened.

use std::{
    fs::{self, File},
    io,
    os::unix::ffi::OsStrExt as _,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags};
use rustix::fs::{FlockOperation, flock};

/// How long a change waits for another process's.
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

/// Makes an empty file for its owner only, if there is none.
pub(crate) fn make_file(path: &Path) -> io::Result<()> {
    fs::OpenOptions::new().write(true).create(true).truncate(false).mode(FILE_MODE).open(path)?;
    Ok(())
}

/// One process at a time makes or converts a file: the one that holds its directory's lock.
pub(crate) fn lock_directory(path: &Path) -> io::Result<File> {
    let directory = File::open(directory_of(path))?;
    flock(&directory, FlockOperation::LockExclusive)?;
    Ok(directory)
}

/// An empty file beside the one to be made, without what a crash may have left there.
pub(crate) fn make_new(path: &Path) -> io::Result<PathBuf> {
    let new = beside(path, ".new");
    for old in [new.clone(), beside(&new, "-wal"), beside(&new, "-shm")] {
        match fs::remove_file(old) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => (),
        }
    }
    make_file(&new)?;
    Ok(new)
}

/// Gives a complete new file its name. Never takes the place of a file that is there.
pub(crate) fn publish(new: &Path, path: &Path) -> io::Result<()> {
    File::open(new)?.sync_all()?;
    fs::hard_link(new, path)?;
    fs::remove_file(new)?;
    sync_directory(path)
}

pub(crate) fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(directory_of(path))?.sync_all()
}

/// Whether SQLite's log of an earlier file lies at the path. SQLite would play it into whatever
/// is put there.
pub(crate) fn has_log(path: &Path) -> bool {
    fs::metadata(beside(path, "-wal")).is_ok_and(|log| log.len() > 0)
}

/// A file in the same directory whose name is this one's and an ending.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    path.with_file_name(name)
}

fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(directory) if !directory.as_os_str().is_empty() => directory,
        _ => Path::new("."),
    }
}

/// Takes the access of others away from a file that is there.
pub(crate) fn restrict(path: &Path) -> io::Result<()> {
    let mode = fs::metadata(path)?.permissions().mode();
    match mode & 0o077 {
        0 => Ok(()),
        _ => fs::set_permissions(path, fs::Permissions::from_mode(FILE_MODE)),
    }
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
        match byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte) {
            true => uri.push(char::from(byte)),
            false => uri.push_str(&format!("%{byte:02x}")),
        }
    }
    uri.push_str("?immutable=1");
    uri
}

/// Opens a file that is there. SQLite gives its log the file's own mode.
pub(crate) fn open(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "trusted_schema", false)?;
    Ok(connection)
}

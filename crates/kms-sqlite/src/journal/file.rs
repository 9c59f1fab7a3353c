//! The journal's file: created completely, checked when it is opened, and migrated.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use kms_files::told;
use rusqlite::{Connection, ErrorCode};
use thiserror::Error;

use crate::connection::{self, NewFile};

const APPLICATION_ID: i32 = 0x744b_4d4a; // "tKMJ"
/// Pages of the log (4 KiB each) after which it is written into the file. Every commit of a busy
/// daemon changes hundreds of them, many again and again.
const LOG_PAGES: u32 = 8_192;
const OLD_AND_READ_ONLY: &str = "it has an older version and is not writable; open it once where \
                                 it is writable, so that it can be upgraded";
/// The statements that bring a journal from one version to the next, starting from nothing.
const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/journal_1.sql"),
    include_str!("../../migrations/journal_2.sql"),
    include_str!("../../migrations/journal_3.sql"),
    include_str!("../../migrations/journal_4.sql"),
    include_str!("../../migrations/journal_5.sql"),
];

/// The reason why a journal's file is not opened.
#[derive(Debug, Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant's message is its sentence")]
pub enum JournalOpenError {
    #[error("{}: {}", path.display(), told(source))]
    Io { path: PathBuf, source: std::io::Error },
    #[error(
        "{} is damaged ({reason}); do not delete it, because it prevents payments from being made \
         twice. Restore it from a backup; move it away only if nothing is pending",
        path.display()
    )]
    Damaged { path: PathBuf, reason: String },
    #[error(
        "{} has version {version}, which this program cannot read; update tatum-kms", path.display())]
    Version { path: PathBuf, version: i32 },
}

/// Opens the journal; creates or migrates it where needed.
pub(super) fn prepare(path: &Path) -> Result<Connection, JournalOpenError> {
    let io = |source| JournalOpenError::Io { path: path.to_owned(), source };
    if !path.exists() {
        create(path)?;
    }
    let is_read_only = connection::is_read_only(path);
    if !is_read_only {
        connection::restrict(path).map_err(io)?;
    }
    if fs::metadata(path).map_err(io)?.len() == 0 {
        return Err(damaged(path, "it is empty"));
    }
    let unusable = |error| unusable(path, error);
    let connection = open_again(path)?;
    let version = version_of(path, &connection)?;
    let check: String =
        connection.query_row("pragma quick_check(1)", [], |row| row.get(0)).map_err(unusable)?;
    if check != "ok" {
        return Err(damaged(path, &check));
    }
    if version < MIGRATIONS.len() && is_read_only {
        return Err(io(io::Error::other(OLD_AND_READ_ONLY)));
    }
    if version < MIGRATIONS.len() {
        migrate(&connection).map_err(unusable)?;
    }
    connection.pragma_update(None, "wal_autocheckpoint", LOG_PAGES).map_err(unusable)?;
    Ok(connection)
}

/// A journal without a file.
pub(super) fn in_memory() -> Result<Connection, JournalOpenError> {
    let unusable = |error| unusable(Path::new(""), error);
    let connection = Connection::open_in_memory().map_err(unusable)?;
    connection.pragma_update(None, "application_id", APPLICATION_ID).map_err(unusable)?;
    migrate(&connection).map_err(unusable)?;
    Ok(connection)
}

/// A further connection to a journal that was prepared.
pub(super) fn open_again(path: &Path) -> Result<Connection, JournalOpenError> {
    let opened = if connection::is_read_only(path) {
        connection::open_read_only(path)
    } else {
        connection::open(path)
    };
    opened.map_err(|error| unusable(path, error))
}

fn damaged(path: &Path, reason: &str) -> JournalOpenError {
    JournalOpenError::Damaged { path: path.to_owned(), reason: reason.to_owned() }
}

/// A file that SQLite cannot make sense of is damaged; one it cannot get at may be well.
fn unusable(path: &Path, error: rusqlite::Error) -> JournalOpenError {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            damaged(path, &error.to_string())
        }
        _ => JournalOpenError::Io {
            path: path.to_owned(),
            source: io::Error::other(connection::told(&error)),
        },
    }
}

/// The number of migrations that the journal has had.
fn version_of(path: &Path, connection: &Connection) -> Result<usize, JournalOpenError> {
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let unusable = |error| unusable(path, error);
    if number("application_id").map_err(unusable)? != APPLICATION_ID {
        return Err(damaged(path, "it is another program's database"));
    }
    let version = number("user_version").map_err(unusable)?;
    match usize::try_from(version) {
        Ok(known) if (1..=MIGRATIONS.len()).contains(&known) => Ok(known),
        _ => Err(JournalOpenError::Version { path: path.to_owned(), version }),
    }
}

/// Makes a whole journal before it gets its name, so that an empty one is always damage.
fn create(path: &Path) -> Result<(), JournalOpenError> {
    let io = |source| JournalOpenError::Io { path: path.to_owned(), source };
    connection::make_directory(path).map_err(io)?;
    let _lock = connection::lock_directory(path).map_err(io)?;
    if path.exists() {
        return Ok(());
    }
    if connection::has_log(path) {
        return Err(damaged(path, "its log exists, but the file itself is missing"));
    }
    let new = NewFile::make(path).map_err(io)?;
    fill(new.path()).map_err(|error| unusable(path, error))?;
    new.publish(path).map_err(io)
}

fn fill(path: &Path) -> rusqlite::Result<()> {
    let connection = connection::open(path)?;
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    migrate(&connection)?;
    connection.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()))?;
    connection.close().map_err(|(_, error)| error)
}

/// All or nothing; of several processes that open an old journal, one migrates it.
fn migrate(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("begin immediate")?;
    let migrated = migrate_in_transaction(connection);
    let end = if migrated.is_ok() { "commit" } else { "rollback" };
    connection.execute_batch(end)?;
    migrated
}

fn migrate_in_transaction(connection: &Connection) -> rusqlite::Result<()> {
    let version: i32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let seen = usize::try_from(version).unwrap_or(0);
    for migration in MIGRATIONS.iter().skip(seen) {
        connection.execute_batch(migration)?;
    }
    connection.pragma_update(None, "user_version", i32::try_from(MIGRATIONS.len()).unwrap_or(0))
}

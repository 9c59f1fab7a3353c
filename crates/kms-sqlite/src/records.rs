//! The sealed records of `wallet.dat`.

use std::{fs, io, path::Path};

use kms_keystore::{
    BackendError, Bucket, Change, JournalWord, Page, Parts, Plan, RecordStore, SealedRecord,
    StoreError,
};
use rusqlite::{
    Connection, ErrorCode, OptionalExtension as _, Row, Transaction, TransactionBehavior, params,
    types::Type,
};

use crate::connection;

/// "tKMS": tells a wallet store from other SQLite files.
const APPLICATION_ID: i32 = 0x744b_4d53;
const SCHEMA_VERSION: i32 = 1;
const SCHEMA: &str = include_str!("../migrations/wallet_1.sql");
/// The store's record of its journal. The table is created when it is first needed; earlier
/// versions of this program leave it alone.
const JOURNAL_TABLE: &str = "create table if not exists journal \
     (only integer primary key check (only = 1), bytes blob not null) strict";

/// The records of one file.
pub(crate) struct SqliteRecords {
    connection: Connection,
    /// Opened without SQLite's locks: what others change is seen only by reading all of it again.
    is_unlocked: bool,
}

impl SqliteRecords {
    /// Fills an empty file with a new store.
    pub(crate) fn create(path: &Path, header: &[u8], first: &Change) -> Result<(), BackendError> {
        let mut connection = connection::open(path).map_err(backend)?;
        let transaction = connection.transaction().map_err(backend)?;
        transaction.execute_batch(SCHEMA).map_err(backend)?;
        transaction
            .execute("insert into header (only, bytes) values (1, ?1)", params![header])
            .and_then(|_| transaction.pragma_update(None, "application_id", APPLICATION_ID))
            .and_then(|()| transaction.pragma_update(None, "user_version", SCHEMA_VERSION))
            .map_err(backend)?;
        write(&transaction, first)?;
        transaction.commit().map_err(backend)?;
        Self { connection, is_unlocked: false }.empty_log()
    }

    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let connection = connection::open(path).map_err(|error| damaged(path, &error))?;
        Self::check(path, connection, false)
    }

    /// For reading and writing, or for reading only where nothing can be written.
    pub(crate) fn open_as_it_lies(path: &Path) -> Result<Self, StoreError> {
        if !connection::is_read_only(path) {
            return Self::open(path);
        }
        let is_unlocked = !connection::has_log(path);
        let connection = connection::open_read_only(path).map_err(|error| damaged(path, &error))?;
        Self::check(path, connection, is_unlocked)
    }

    /// For reading only, of a file that nobody writes.
    pub(crate) fn open_unchanged(path: &Path) -> Result<Self, StoreError> {
        let connection = connection::open_unchanged(path).map_err(|error| damaged(path, &error))?;
        Self::check(path, connection, true)
    }

    /// Writes the store as it is at one moment into an empty file.
    pub(crate) fn copy_into(&self, empty: &Path) -> Result<(), StoreError> {
        let name = empty.to_str().ok_or_else(|| StoreError::Io {
            path: empty.to_owned(),
            source: io::Error::other("the path is not text"),
        })?;
        self.connection.execute("vacuum into ?1", params![name]).map_err(in_use)?;
        Ok(())
    }

    fn check(path: &Path, connection: Connection, is_unlocked: bool) -> Result<Self, StoreError> {
        let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
        let application = number("application_id").map_err(|error| damaged(path, &error))?;
        let version = number("user_version").map_err(|error| damaged(path, &error))?;
        match (application, version) {
            (APPLICATION_ID, SCHEMA_VERSION) => {
                check_length(path, &connection)?;
                Ok(Self { connection, is_unlocked })
            }
            (APPLICATION_ID, other) => {
                Err(StoreError::UnsupportedFormat(u64::try_from(other).unwrap_or(u64::MAX)))
            }
            _ => Err(StoreError::NotAStore {
                path: path.to_owned(),
                problem: "it is another program's database",
            }),
        }
    }

    #[cfg(test)]
    pub(crate) fn wait_at_most(&self, limit: std::time::Duration) -> rusqlite::Result<()> {
        self.connection.busy_timeout(limit)
    }

    /// Moves the log into the file, so that the file alone is the whole store. A reader of
    /// another process may keep the log; then the next change empties it.
    fn empty_log(&self) -> Result<(), BackendError> {
        let checkpoint = "pragma wal_checkpoint(truncate)";
        self.connection.query_row(checkpoint, [], |_| Ok(())).map_err(backend)
    }
}

fn backend(error: rusqlite::Error) -> BackendError {
    BackendError(connection::told(&error).into())
}

/// SQLite takes a last page that was cut off for one that ends in zeros.
fn check_length(path: &Path, connection: &Connection) -> Result<(), StoreError> {
    let page: u32 = connection
        .pragma_query_value(None, "page_size", |row| row.get(0))
        .map_err(|error| damaged(path, &error))?;
    let length = fs::metadata(path)
        .map_err(|source| StoreError::Io { path: path.to_owned(), source })?
        .len();
    if length.is_multiple_of(u64::from(page)) {
        Ok(())
    } else {
        Err(StoreError::NotAStore { path: path.to_owned(), problem: "it is truncated" })
    }
}

/// Waiting for another process has an end.
fn in_use(error: rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Locked,
        _ => backend(error).into(),
    }
}

/// SQLite notices that a file is not a database, or is broken, only when it is read.
fn damaged(path: &Path, error: &rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            StoreError::NotAStore { path: path.to_owned(), problem: "it is truncated or damaged" }
        }
        _ => StoreError::Backend(BackendError(connection::told(error).into())),
    }
}

fn write(connection: &Connection, change: &Change) -> Result<(), BackendError> {
    for record in &change.add {
        connection
            .prepare_cached(
                "insert into record (blind_index, bucket, public, secret) values (?1, ?2, ?3, ?4)",
            )
            .and_then(|mut insert| {
                let bucket = bucket_of(&record.blind_index);
                insert.execute(params![record.blind_index, bucket, record.public, record.secret])
            })
            .map_err(backend)?;
    }
    for SealedRecord { blind_index, public, secret } in &change.replace {
        let words = "update record set public = ?2, secret = ?3 where blind_index = ?1";
        let updated = connection.execute(words, params![blind_index, public, secret]);
        updated.map_err(backend)?;
    }
    for blind_index in &change.remove {
        connection
            .execute("delete from record where blind_index = ?1", params![blind_index])
            .map_err(backend)?;
    }
    for Bucket { number, sum } in &change.buckets {
        connection
            .prepare_cached("insert or replace into bucket (number, sum) values (?1, ?2)")
            .and_then(|mut insert| insert.execute(params![number, sum]))
            .map_err(backend)?;
    }
    connection
        .execute("insert or replace into root (only, bytes) values (1, ?1)", params![change.root])
        .map_err(backend)?;
    Ok(())
}

/// The bucket is stored beside the record, so that one bucket is read without the others.
fn bucket_of(blind_index: &[u8; 32]) -> u16 {
    kms_keystore::bucket_of(blind_index)
}

fn read_record(row: &Row<'_>) -> rusqlite::Result<SealedRecord> {
    let record =
        SealedRecord { blind_index: row.get(0)?, public: row.get(2)?, secret: row.get(3)? };
    if row.get::<_, u16>(1)? == bucket_of(&record.blind_index) {
        Ok(record)
    } else {
        let problem = "a wallet was moved within the file; restore the file from a backup";
        Err(rusqlite::Error::FromSqlConversionFailure(1, Type::Integer, problem.into()))
    }
}

impl RecordStore for SqliteRecords {
    fn header(&self) -> Result<Vec<u8>, BackendError> {
        self.connection
            .query_row("select bytes from header where only = 1", [], |row| row.get(0))
            .map_err(backend)
    }

    fn root(&self) -> Result<Vec<u8>, BackendError> {
        self.connection
            .query_row("select bytes from root where only = 1", [], |row| row.get(0))
            .map_err(backend)
    }

    fn buckets(&self) -> Result<Vec<Bucket>, BackendError> {
        let mut select = self
            .connection
            .prepare_cached("select number, sum from bucket order by number")
            .map_err(backend)?;
        let rows = select.query_map([], |row| Ok(Bucket { number: row.get(0)?, sum: row.get(1)? }));
        rows.and_then(Iterator::collect).map_err(backend)
    }

    fn find(&self, blind_index: &[u8; 32]) -> Result<Option<SealedRecord>, BackendError> {
        self.connection
            .prepare_cached(
                "select blind_index, bucket, public, secret from record where blind_index = ?1",
            )
            .and_then(|mut select| select.query_row(params![blind_index], read_record).optional())
            .map_err(backend)
    }

    fn in_bucket(&self, number: u16) -> Result<Vec<SealedRecord>, BackendError> {
        let mut select = self
            .connection
            .prepare_cached(
                "select blind_index, bucket, public, secret from record where bucket = ?1",
            )
            .map_err(backend)?;
        let rows = select.query_map(params![number], read_record);
        rows.and_then(Iterator::collect).map_err(backend)
    }

    fn page(&self, place: u64, limit: u32, parts: Parts) -> Result<Page, BackendError> {
        let words = match parts {
            Parts::Whole => {
                "select blind_index, bucket, public, secret, place \
                 from record where place > ?1 order by place limit ?2"
            }
            Parts::PublicAndTag => {
                "select blind_index, bucket, public, substr(secret, -16), place \
                 from record where place > ?1 order by place limit ?2"
            }
        };
        let mut select = self.connection.prepare_cached(words).map_err(backend)?;
        let behind = i64::try_from(place).unwrap_or(i64::MAX);
        let mut rows = select.query(params![behind, limit]).map_err(backend)?;
        let mut page = Page { records: Vec::new(), last_place: place };
        while let Some(row) = rows.next().map_err(backend)? {
            page.records.push(read_record(row).map_err(backend)?);
            page.last_place = row.get::<_, i64>(4).map_err(backend)?.unsigned_abs();
        }
        Ok(page)
    }

    fn at_one_moment(
        &self,
        look: &mut dyn FnMut(&dyn RecordStore) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        if self.is_unlocked {
            self.connection.execute_batch("pragma shrink_memory").map_err(in_use)?;
        }
        let moment = Transaction::new_unchecked(&self.connection, TransactionBehavior::Deferred)
            .map_err(in_use)?;
        look(self)?;
        Ok(moment.commit().map_err(backend)?)
    }

    fn change(&mut self, plan: &mut Plan<'_>) -> Result<(), StoreError> {
        // Nobody else changes the store between the plan and its execution. An uncommitted
        // transaction is rolled back when it goes out of scope.
        let change = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)
            .map_err(in_use)?;
        let Some(planned) = plan(self)? else { return Ok(()) };
        write(&change, &planned)?;
        change.commit().map_err(in_use)?;
        // The change is durable in the log by now: a log that cannot be emptied does not make the
        // change fail, and the next change or the last process to close the file empties it.
        let _ = self.empty_log();
        Ok(())
    }

    fn replace_header(&mut self, before: &[u8], after: &[u8]) -> Result<bool, StoreError> {
        let words = "update header set bytes = ?2 where only = 1 and bytes = ?1";
        let change = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)
            .map_err(in_use)?;
        let rows = change.execute(words, params![before, after]).map_err(backend)?;
        change.commit().map_err(in_use)?;
        let _ = self.empty_log();
        Ok(rows == 1)
    }

    fn journal_word(&self) -> Result<Option<Vec<u8>>, BackendError> {
        let has_table = "select 1 from sqlite_master where name = 'journal'";
        let is_known =
            self.connection.prepare_cached(has_table).and_then(|mut select| select.exists([]));
        if !is_known.map_err(backend)? {
            return Ok(None);
        }
        self.connection
            .query_row("select bytes from journal where only = 1", [], |row| row.get(0))
            .optional()
            .map_err(backend)
    }

    fn replace_journal_word(&mut self, decide: &mut JournalWord<'_>) -> Result<(), StoreError> {
        let change = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)
            .map_err(in_use)?;
        let Some(word) = decide(self.journal_word()?)? else { return Ok(()) };
        change.execute_batch(JOURNAL_TABLE).map_err(backend)?;
        let words = "insert or replace into journal (only, bytes) values (1, ?1)";
        change.execute(words, params![word]).map_err(backend)?;
        change.commit().map_err(in_use)?;
        let _ = self.empty_log();
        Ok(())
    }
}

//! The sealed records of `wallet.dat`.

use std::path::Path;

use kms_keystore::{BackendError, Bucket, Change, Parts, RecordStore, SealedRecord, StoreError};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use crate::connection;

/// "tKMS": tells a wallet store from other SQLite files.
const APPLICATION_ID: i32 = 0x744b_4d53;
const SCHEMA_VERSION: i32 = 1;
const SCHEMA: &str = include_str!("../migrations/wallet_1.sql");

/// The records of one file.
pub(crate) struct SqliteRecords {
    connection: Connection,
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
        Self { connection }.empty_log()
    }

    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let connection = connection::open(path).map_err(|error| damaged(path, &error))?;
        let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
        let application = number("application_id").map_err(|error| damaged(path, &error))?;
        let version = number("user_version").map_err(|error| damaged(path, &error))?;
        match (application, version) {
            (APPLICATION_ID, SCHEMA_VERSION) => Ok(Self { connection }),
            (APPLICATION_ID, other) => {
                Err(StoreError::UnsupportedFormat(u64::try_from(other).unwrap_or(u64::MAX)))
            }
            _ => Err(StoreError::NotAStore {
                path: path.to_owned(),
                problem: "it is a database of something else",
            }),
        }
    }

    /// Moves the log into the file, so that the file alone is the whole store. A reader of
    /// another process may keep the log; then the next change empties it.
    fn empty_log(&self) -> Result<(), BackendError> {
        let checkpoint = "pragma wal_checkpoint(truncate)";
        self.connection.query_row(checkpoint, [], |_| Ok(())).map_err(backend)
    }
}

fn backend(error: rusqlite::Error) -> BackendError {
    BackendError(Box::new(error))
}

/// SQLite says that a file is no database, or a broken one, only when it is read.
fn damaged(path: &Path, error: &rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase | rusqlite::ErrorCode::DatabaseCorrupt) => {
            StoreError::NotAStore { path: path.to_owned(), problem: "it is truncated or damaged" }
        }
        _ => StoreError::Backend(BackendError(error.to_string().into())),
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
    Ok(SealedRecord { blind_index: row.get(0)?, public: row.get(1)?, secret: row.get(2)? })
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
            .prepare_cached("select blind_index, public, secret from record where blind_index = ?1")
            .and_then(|mut select| select.query_row(params![blind_index], read_record).optional())
            .map_err(backend)
    }

    fn in_bucket(&self, number: u16) -> Result<Vec<SealedRecord>, BackendError> {
        let mut select = self
            .connection
            .prepare_cached("select blind_index, public, secret from record where bucket = ?1")
            .map_err(backend)?;
        let rows = select.query_map(params![number], read_record);
        rows.and_then(Iterator::collect).map_err(backend)
    }

    fn all(&self, parts: Parts) -> Result<Vec<SealedRecord>, BackendError> {
        let words = match parts {
            Parts::Whole => "select blind_index, public, secret from record order by place desc",
            Parts::PublicAndTag => {
                "select blind_index, public, substr(secret, -16) from record order by place desc"
            }
        };
        let mut select = self.connection.prepare_cached(words).map_err(backend)?;
        let rows = select.query_map([], read_record);
        rows.and_then(Iterator::collect).map_err(backend)
    }

    fn change(
        &mut self,
        plan: &mut dyn FnMut(&dyn RecordStore) -> Result<Change, StoreError>,
    ) -> Result<(), StoreError> {
        // Nobody else changes the store between the plan and its execution.
        let begin =
            |connection: &Connection, words: &str| connection.execute_batch(words).map_err(backend);
        begin(&self.connection, "begin immediate")?;
        let outcome = plan(self).and_then(|change| Ok(write(&self.connection, &change)?));
        match outcome {
            Ok(()) => begin(&self.connection, "commit")?,
            Err(error) => {
                begin(&self.connection, "rollback")?;
                return Err(error);
            }
        }
        Ok(self.empty_log()?)
    }
}

//! By what a store knows its own journal again: the journal's name, the starts of daemons, and how
//! far it has come.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use kms_core::{
    FoundJournal, Identity, JournalError, JournalId, JournalSeal, Opening, TransactionId,
};
use rusqlite::{Connection, params};

use super::{SqliteJournal, milliseconds, signed, storage};
use crate::connection;

/// Names that are tried for a journal that is put aside.
const ASIDE_MAX: u32 = 1000;
/// The files that SQLite keeps for a database.
const COMPANIONS: [&str; 3] = ["", "-wal", "-shm"];

#[async_trait]
impl Identity for SqliteJournal {
    async fn identity(&self, seal: Option<JournalSeal>) -> Result<FoundJournal, JournalError> {
        self.read(move |connection| {
            let opening = seal.map_or([0; 16], |seal| seal.opening.0);
            let has_opening = connection
                .prepare_cached("select 1 from opening where token = ?1")
                .and_then(|mut select| select.exists(params![opening]))
                .map_err(storage)?;
            let (journal, sequence) = (name_of(connection)?, sequence_of(connection)?);
            Ok(FoundJournal { journal, has_opening, sequence })
        })
        .await
    }

    async fn note_opening(&self) -> Result<JournalSeal, JournalError> {
        let mut token = [0; 16];
        getrandom::fill(&mut token)
            .map_err(|error| JournalError::Storage(io::Error::other(error).into()))?;
        let now = signed(self.now());
        self.change(move |connection| {
            let (journal, sequence) = (name_of(connection)?, sequence_of(connection)?);
            let stored = i64::try_from(sequence).unwrap_or(i64::MAX);
            connection
                .execute("insert into opening values (?1, ?2, ?3)", params![token, now, stored])
                .map_err(storage)?;
            Ok(JournalSeal { journal, opening: Opening(token), sequence })
        })
        .await
    }

    async fn sequence(&self) -> Result<u64, JournalError> {
        self.read(sequence_of).await
    }

    async fn note_replacement(&self) -> Result<(), JournalError> {
        let now = signed(self.now());
        self.change(move |connection| {
            let written = connection.execute("update identity set replaced = ?1", params![now]);
            written.map(drop).map_err(storage)
        })
        .await
    }

    async fn replaced_for(&self) -> Result<Option<u64>, JournalError> {
        let now = signed(self.now());
        self.read(move |connection| {
            let replaced: Option<i64> = connection
                .query_row("select replaced from identity", [], |row| row.get(0))
                .map_err(storage)?;
            Ok(replaced.map(|at| u64::try_from(now.saturating_sub(at)).unwrap_or(0)))
        })
        .await
    }

    async fn has_bytes(&self, id: &TransactionId) -> Result<bool, JournalError> {
        let id = id.to_string();
        self.read(move |connection| {
            connection
                .prepare_cached("select 1 from entry where id = ?1 and raw is not null")
                .and_then(|mut select| select.exists(params![id]))
                .map_err(storage)
        })
        .await
    }

    /// The log is written into the file, which others may have open.
    async fn make_whole(&self) -> Result<(), JournalError> {
        let connection = connection::open(&self.path).map_err(storage)?;
        connection.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(())).map_err(storage)
    }
}

impl SqliteJournal {
    /// Renames the file in the journal's place, so that a new journal can be created. Nothing is
    /// deleted. Returns the new name, if there was a file.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn put_aside(path: &Path) -> io::Result<Option<PathBuf>> {
        let there = |ending: &&str| connection::beside(path, ending).symlink_metadata().is_ok();
        let parts: Vec<_> = COMPANIONS.into_iter().filter(there).collect();
        if parts.is_empty() {
            return Ok(None);
        }
        let _lock = connection::lock_directory(path)?;
        let aside = free_name(path)?;
        for ending in parts {
            fs::rename(connection::beside(path, ending), connection::beside(&aside, ending))?;
        }
        connection::sync_folder(path)?;
        Ok(Some(aside))
    }
}

fn free_name(path: &Path) -> io::Result<PathBuf> {
    let names = (1..=ASIDE_MAX).map(|number| connection::beside(path, &format!(".old-{number}")));
    let is_free = |name: &PathBuf| {
        COMPANIONS.iter().all(|ending| connection::beside(name, ending).symlink_metadata().is_err())
    };
    let mut free = names.filter(is_free);
    free.next().ok_or_else(|| io::Error::other("no free name is left; move the `.old` files away"))
}

fn name_of(connection: &Connection) -> Result<JournalId, JournalError> {
    connection
        .query_row("select id from identity", [], |row| row.get(0))
        .map(JournalId)
        .map_err(storage)
}

/// The count of what daemons noted: it stays when rows are deleted.
fn sequence_of(connection: &Connection) -> Result<u64, JournalError> {
    connection
        .prepare_cached("select steps from identity")
        .and_then(|mut select| select.query_row([], |row| row.get(0)))
        .map(milliseconds)
        .map_err(storage)
}

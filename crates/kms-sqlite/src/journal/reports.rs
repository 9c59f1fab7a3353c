//! Which failures the API was told of.

use kms_core::{ContentDigest, JournalError, TransactionId};
use rusqlite::params;

use super::{SqliteJournal, events, storage};

impl SqliteJournal {
    /// Whether a failure of this very content was reported to the API.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn is_reported(
        &self,
        id: &TransactionId,
        digest: &ContentDigest,
    ) -> Result<bool, JournalError> {
        let (id, digest) = (id.to_string(), *digest.as_bytes());
        self.read(move |connection| {
            connection
                .prepare_cached("select 1 from reported where id = ?1 and digest = ?2")
                .and_then(|mut select| select.exists(params![id, digest]))
                .map_err(storage)
        })
        .await
    }

    /// # Errors
    /// When the journal cannot be written.
    pub async fn mark_reported(
        &self,
        id: &TransactionId,
        digest: &ContentDigest,
        error: &str,
    ) -> Result<(), JournalError> {
        let (id, digest, error) = (id.to_string(), *digest.as_bytes(), error.to_owned());
        let now = self.now();
        self.change(move |connection| {
            connection
                .prepare_cached("insert or ignore into reported (id, digest) values (?1, ?2)")
                .and_then(|mut insert| insert.execute(params![id, digest]))
                .map_err(storage)?;
            events::note(connection, &id, now, "reported to the API", Some(&error))
        })
        .await
    }
}

//! What happened to each transaction, in order.

use kms_core::{Event, JournalError};
use rusqlite::{Connection, params};

use super::{SqliteJournal, storage};

/// Characters of a detail; what somebody else's server says can be long.
const DETAIL_MAX_CHARS: usize = 1_000;

pub(super) fn note(
    connection: &Connection,
    id: &str,
    at: i64,
    what: &str,
    detail: Option<&str>,
) -> Result<(), JournalError> {
    let detail: Option<String> = detail.map(|text| text.chars().take(DETAIL_MAX_CHARS).collect());
    connection
        .prepare_cached("insert into event (id, at, what, detail) values (?1, ?2, ?3, ?4)")
        .and_then(|mut insert| insert.execute(params![id, at, what, detail]))
        .map_err(storage)?;
    Ok(())
}

impl SqliteJournal {
    /// What happened to a transaction, the oldest first.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn events(&self, id: &str) -> Result<Vec<Event>, JournalError> {
        let id = id.to_owned();
        self.read(move |connection| read(connection, &id).map_err(storage)).await
    }

    /// Notes something that the daemon did about a transaction.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub async fn note_event(
        &self,
        id: &str,
        what: &'static str,
        detail: Option<String>,
    ) -> Result<(), JournalError> {
        let (id, now) = (id.to_owned(), self.now());
        self.change(move |connection| note(connection, &id, now, what, detail.as_deref())).await
    }
}

fn read(connection: &Connection, id: &str) -> rusqlite::Result<Vec<Event>> {
    let mut select = connection
        .prepare_cached("select at, what, detail from event where id = ?1 order by place")?;
    let rows = select.query_map(params![id], |row| {
        let at = row.get::<_, i64>(0)?;
        Ok(Event { at: u64::try_from(at).unwrap_or(0), what: row.get(1)?, detail: row.get(2)? })
    })?;
    rows.collect()
}

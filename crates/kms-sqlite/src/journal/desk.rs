//! The operators' port: listing, pausing, retrying, skipping, cancelling.

use async_trait::async_trait;
use kms_core::{
    ControlError, Desk, Event, Filter, Gap, JournalError, Scope, Standing, TransactionId,
    ledger::rules,
};
use rusqlite::{Connection, params};

use super::{SqliteJournal, apply, load, milliseconds, signed, standings, storage};

#[async_trait]
impl Desk for SqliteJournal {
    async fn standings(&self, filter: Filter) -> Result<Vec<Standing>, JournalError> {
        self.read(move |connection| standings::read(connection, &filter)).await
    }

    async fn gaps(&self) -> Result<Vec<Gap>, JournalError> {
        self.read(|connection| standings::read_gaps(connection).map_err(storage)).await
    }

    async fn events(&self, id: &str) -> Result<Vec<Event>, JournalError> {
        let id = id.to_owned();
        self.read(move |connection| read_events(connection, &id).map_err(storage)).await
    }

    async fn note_event(
        &self,
        id: &str,
        what: &'static str,
        detail: Option<String>,
    ) -> Result<(), JournalError> {
        let (id, now) = (id.to_owned(), signed(self.now()));
        self.change(move |connection| {
            apply::event(connection, &id, what, detail.as_deref(), now).map_err(storage)
        })
        .await
    }

    async fn pauses(&self) -> Result<Vec<(Scope, u64)>, JournalError> {
        self.read(load::pauses).await
    }

    async fn pause(&self, scope: Scope) -> Result<bool, JournalError> {
        let now = signed(self.now());
        self.change(move |connection| {
            let (scope, what) = spell(&scope);
            let insert = "insert or ignore into pause (scope, what, since) values (?1, ?2, ?3)";
            let changed = connection.execute(insert, params![scope, what, now]);
            changed.map(|changed| changed == 1).map_err(storage)
        })
        .await
    }

    async fn resume(&self, scope: Scope) -> Result<bool, JournalError> {
        self.change(move |connection| {
            let (scope, what) = spell(&scope);
            let delete = "delete from pause where scope = ?1 and what = ?2 collate nocase";
            let changed = connection.execute(delete, params![scope, what]);
            changed.map(|changed| changed > 0).map_err(storage)
        })
        .await
    }

    async fn skip(&self, id: &TransactionId) -> Result<(), ControlError> {
        let id = id.to_string();
        self.decide(id.clone(), move |found, now| Ok((rules::skip(found, &id, now), ()))).await?;
        Ok(())
    }

    async fn cancel(&self, id: &TransactionId) -> Result<(), ControlError> {
        let id = id.to_string();
        self.decide(id.clone(), move |found, now| match rules::cancel(found, &id, now) {
            Ok(writes) => Ok((writes, Ok(()))),
            Err(error) => Ok((Vec::new(), Err(error))),
        })
        .await?
    }

    async fn retry(&self, id: &TransactionId, sign_again: bool) -> Result<(), ControlError> {
        let id = id.to_string();
        self.decide(id.clone(), move |found, now| match rules::retry(found, &id, sign_again, now) {
            Ok(writes) => Ok((writes, Ok(()))),
            Err(error) => Ok((Vec::new(), Err(error))),
        })
        .await?
    }
}

fn spell(scope: &Scope) -> (&'static str, &str) {
    match scope {
        Scope::Everything => ("everything", ""),
        Scope::Chain(chain) => ("chain", chain),
        Scope::Wallet(wallet) => ("wallet", wallet),
        Scope::Receiver(address) => ("receiver", address),
    }
}

fn read_events(connection: &Connection, id: &str) -> rusqlite::Result<Vec<Event>> {
    let mut select = connection
        .prepare_cached("select at, what, detail from event where id = ?1 order by place")?;
    let rows = select.query_map(params![id], |row| {
        Ok(Event { at: milliseconds(row.get(0)?), what: row.get(1)?, detail: row.get(2)? })
    })?;
    rows.collect()
}

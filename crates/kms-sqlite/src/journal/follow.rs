//! Following what was sent until it is certain what became of it.

use async_trait::async_trait;
use kms_core::{
    ChainId, Fate, Follow, Followed, JournalError, Network, Owed, Progress, RawTransaction,
    TransactionId,
    ledger::{Asked, rules},
};
use rusqlite::{Row, params};

use super::{SqliteJournal, milliseconds, signed, storage};

const COLUMNS: &str = "
    select id, state, raw, txid, updated, reason, owed, first_slot,
        (select group_concat(what, char(10)) from claim where claim.id = entry.id)
    from entry";

#[async_trait]
impl Follow for SqliteJournal {
    async fn due(
        &self,
        chain: ChainId,
        network: Network,
        most: u32,
    ) -> Result<Vec<Followed>, JournalError> {
        let (network, now) = (network.to_string(), self.now());
        self.read(move |connection| {
            let query = format!(
                "{COLUMNS} where chain = ?1 and network = ?2 and next_look <= ?3
                     and raw is not null
                 order by next_look limit ?4"
            );
            let mut select = connection.prepare_cached(&query).map_err(storage)?;
            let parameters = params![chain.as_str(), network, signed(now), most];
            let rows = select.query_map(parameters, |row| read(row, now)).map_err(storage)?;
            let rows: rusqlite::Result<Vec<_>> = rows.collect();
            Ok(rows.map_err(storage)?.into_iter().flatten().collect())
        })
        .await
    }

    async fn followed(&self, id: &TransactionId) -> Result<Option<Followed>, JournalError> {
        let (id, now) = (id.to_string(), self.now());
        self.read(move |connection| {
            let query = format!("{COLUMNS} where id = ?1 and raw is not null");
            let mut select = connection.prepare_cached(&query).map_err(storage)?;
            let rows = select.query_map(params![id], |row| read(row, now)).map_err(storage)?;
            let rows: rusqlite::Result<Vec<_>> = rows.collect();
            Ok(rows.map_err(storage)?.into_iter().flatten().next())
        })
        .await
    }

    async fn note_fate(
        &self,
        id: &TransactionId,
        fate: Fate,
        is_offered: bool,
    ) -> Result<Option<Owed>, JournalError> {
        let id = id.to_string();
        self.decide(id.clone(), move |found, now| {
            Ok(rules::note_fate(found, &id, &fate, is_offered, now))
        })
        .await
    }

    async fn note_told(&self, id: &TransactionId, detail: &str) -> Result<(), JournalError> {
        let (id, detail) = (id.to_string(), detail.to_owned());
        self.decide(id.clone(), move |found, _| Ok((rules::note_told(found, &id, &detail), ())))
            .await
    }

    async fn note_not_told(&self, id: &TransactionId) -> Result<(), JournalError> {
        let id = id.to_string();
        self.decide(id.clone(), move |found, now| Ok((rules::note_not_told(found, &id, now), ())))
            .await
    }

    async fn note_failed(&self, followed: &Followed, error: &str) -> Result<(), JournalError> {
        let (id, error) = (followed.id.to_string(), error.to_owned());
        self.decide(id.clone(), move |found, _| {
            let asked = found.entry.as_ref().map(|row| Asked::of_entry(&id, row));
            let writes = asked.map(|asked| rules::note_failed(found, &asked, &error));
            Ok((writes.unwrap_or_default(), ()))
        })
        .await
    }
}

/// An id or a state that is not understood is not followed.
fn read(row: &Row<'_>, now: u64) -> rusqlite::Result<Option<Followed>> {
    let (id, progress): (String, String) = (row.get(0)?, row.get(1)?);
    let (Ok(id), Some(progress)) = (TransactionId::parse(&id), Progress::parse(&progress)) else {
        return Ok(None);
    };
    let owed: Option<String> = row.get(6)?;
    let claims: Option<String> = row.get(8)?;
    Ok(Some(Followed {
        id,
        progress,
        reason: row.get(5)?,
        owed: owed.and_then(|owed| Owed::parse(&owed)),
        raw: RawTransaction::from_text(row.get(2)?),
        txid: row.get(3)?,
        first_slot: row.get::<_, Option<i64>>(7)?.map(milliseconds),
        claims: claims.iter().flat_map(|claims| claims.lines().map(str::to_owned)).collect(),
        age: now.saturating_sub(milliseconds(row.get(4)?)),
    }))
}

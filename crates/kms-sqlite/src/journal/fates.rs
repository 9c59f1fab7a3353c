//! Following what was sent until it is certain what became of it.

use kms_core::{ChainId, Fate, JournalError, Network, RawTransaction, State, TransactionId};
use rusqlite::{Connection, params};

use super::{SqliteJournal, control, entries, events, storage};

/// Between two looks the time doubles from the first to the last of these, in milliseconds.
const PAUSE_LEAST: i64 = 15_000;
const PAUSE_MOST: i64 = 3_600_000;
/// After this time nothing more is looked up, in milliseconds.
const FOLLOWED_FOR: i64 = 7 * 24 * 3_600_000;

/// A transaction whose fate is open.
#[derive(Clone, Debug)]
pub struct Followed {
    pub id: TransactionId,
    pub state: State,
    pub raw: RawTransaction,
    pub txid: Option<String>,
    /// What it uses up, unless that is free again.
    pub claims: Vec<String>,
    /// For how long it has been in its state, in milliseconds.
    pub age: u64,
}

const COLUMNS: &str = "
    select id, state, raw, txid, updated,
        (select group_concat(what, char(10)) from claim where claim.id = entry.id)
    from entry";

impl SqliteJournal {
    /// Transactions of a chain that it is time to look up, the longest due first.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn due(
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
            let parameters = params![chain.as_str(), network, now, most];
            let rows = select.query_map(parameters, |row| read(row, now)).map_err(storage)?;
            let rows: rusqlite::Result<Vec<_>> = rows.collect();
            Ok(rows.map_err(storage)?.into_iter().flatten().collect())
        })
        .await
    }

    /// A transaction with bytes, whether or not it is followed.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn followed(&self, id: &TransactionId) -> Result<Option<Followed>, JournalError> {
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

    /// Notes what a look brought. A fate that is open is looked up again, later each time.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub async fn note_fate(
        &self,
        id: &TransactionId,
        fate: Fate,
        txid: Option<String>,
    ) -> Result<(), JournalError> {
        let (id, now) = (id.to_string(), self.now());
        self.change(move |connection| {
            if let Some(txid) = txid {
                name(connection, &id, &txid)?;
            }
            note(connection, &id, fate, now)
        })
        .await
    }
}

fn read(row: &rusqlite::Row<'_>, now: i64) -> rusqlite::Result<Option<Followed>> {
    let (id, state): (String, String) = (row.get(0)?, row.get(1)?);
    let age = now.saturating_sub(row.get(4)?);
    let (Ok(id), Some(state)) = (TransactionId::parse(&id), State::parse(&state)) else {
        return Ok(None);
    };
    Ok(Some(Followed {
        id,
        state,
        raw: RawTransaction::from_text(row.get(2)?),
        txid: row.get(3)?,
        claims: row
            .get::<_, Option<String>>(5)?
            .iter()
            .flat_map(|claims| claims.lines().map(str::to_owned))
            .collect(),
        age: u64::try_from(age).unwrap_or(0),
    }))
}

fn name(connection: &Connection, id: &str, txid: &str) -> Result<(), JournalError> {
    connection
        .prepare_cached("update entry set txid = ?2 where id = ?1")
        .and_then(|mut update| update.execute(params![id, txid]))
        .map_err(storage)?;
    Ok(())
}

fn note(connection: &Connection, id: &str, fate: Fate, now: i64) -> Result<(), JournalError> {
    match fate {
        Fate::Open => look_later(connection, id, now),
        Fate::Confirmed => end(connection, id, (State::Confirmed, None), now),
        Fate::Failed { reason } => end(connection, id, (State::Failed, Some(&reason)), now),
        Fate::Dropped { reason } => {
            end(connection, id, (State::Dropped, Some(&reason)), now)?;
            entries::free_claims(connection, id)
        }
        Fate::Expired { reason } => {
            end(connection, id, (State::Expired, Some(&reason)), now)?;
            control::release(connection, id, now)
        }
    }
}

fn look_later(connection: &Connection, id: &str, now: i64) -> Result<(), JournalError> {
    connection
        .prepare_cached(
            "update entry set looks = looks + 1, next_look = case
                 when ?2 - updated > ?3 then null
                 else ?2 + min(?4 << min(looks, 20), ?5) end
             where id = ?1",
        )
        .and_then(|mut update| {
            update.execute(params![id, now, FOLLOWED_FOR, PAUSE_LEAST, PAUSE_MOST])
        })
        .map_err(storage)?;
    Ok(())
}

fn end(
    connection: &Connection,
    id: &str,
    (state, reason): (State, Option<&str>),
    now: i64,
) -> Result<(), JournalError> {
    let changed = connection
        .prepare_cached(
            "update entry set state = ?2, reason = ?3, updated = ?4, next_look = null
             where id = ?1 and state <> ?2",
        )
        .and_then(|mut update| update.execute(params![id, state.as_str(), reason, now]))
        .map_err(storage)?;
    match changed {
        0 => Ok(()),
        _ => events::note(connection, id, now, state.as_str(), reason),
    }
}

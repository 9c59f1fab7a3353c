//! Transactions that were not signed: how often they were tried, and which an operator wants left
//! alone.

use kms_core::{ContentDigest, JournalError, Pending, State};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{SqliteJournal, entries::Asked, events, storage};

/// Why a transaction is not signed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TrialKind {
    /// It is tried again.
    Waiting,
    /// An approver or operator decides.
    Held,
    /// It failed too often.
    Parked,
    /// It can never be signed as it stands.
    Rejected,
}

impl TrialKind {
    const fn state(self) -> State {
        match self {
            Self::Waiting => State::Waiting,
            Self::Held => State::Held,
            Self::Parked => State::Parked,
            Self::Rejected => State::Rejected,
        }
    }
}

struct Trial {
    digest: [u8; 32],
    state: Option<State>,
    reason: String,
    tries: u32,
}

fn find(connection: &Connection, id: &str) -> Result<Option<Trial>, JournalError> {
    connection
        .prepare_cached("select digest, kind, reason, tries from trial where id = ?1")
        .and_then(|mut select| {
            let read = |row: &rusqlite::Row<'_>| {
                Ok(Trial {
                    digest: row.get(0)?,
                    state: State::parse(&row.get::<_, String>(1)?),
                    reason: row.get(2)?,
                    tries: row.get(3)?,
                })
            };
            select.query_row(params![id], read).optional()
        })
        .map_err(storage)
}

/// Fails for a transaction that is to be left alone. What was parked is tried again when its
/// content is another.
pub(super) fn check_wanted(connection: &Connection, asked: &Asked) -> Result<(), JournalError> {
    match find(connection, &asked.id)? {
        Some(Trial { state: Some(State::Skipped | State::Cancelled), .. }) => {
            Err(JournalError::Skipped)
        }
        Some(Trial { state: Some(State::Parked), digest, reason, .. })
            if digest == asked.digest =>
        {
            Err(JournalError::Parked(reason))
        }
        _ => Ok(()),
    }
}

/// Whether an operator wants it left alone.
pub(super) fn is_unwanted(connection: &Connection, id: &str) -> Result<bool, JournalError> {
    let state = find(connection, id)?.and_then(|trial| trial.state);
    Ok(matches!(state, Some(State::Skipped | State::Cancelled)))
}

pub(super) fn is_known(connection: &Connection, id: &str) -> Result<bool, JournalError> {
    Ok(find(connection, id)?.is_some())
}

/// What an operator said is taken back.
pub(super) fn clear(connection: &Connection, id: &str) -> Result<(), JournalError> {
    connection.execute("delete from trial where id = ?1", params![id]).map_err(storage)?;
    Ok(())
}

/// What an operator said stays.
pub(super) fn forget(connection: &Connection, id: &str) -> Result<(), JournalError> {
    connection
        .prepare_cached("delete from trial where id = ?1 and kind not in ('skipped', 'cancelled')")
        .and_then(|mut delete| delete.execute(params![id]))
        .map_err(storage)?;
    Ok(())
}

impl SqliteJournal {
    /// How often this content was tried and failed.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn tries(
        &self,
        id: &kms_core::TransactionId,
        digest: &ContentDigest,
    ) -> Result<u32, JournalError> {
        let (id, digest) = (id.to_string(), *digest.as_bytes());
        self.read(move |connection| {
            let trial = find(connection, &id)?.filter(|trial| trial.digest == digest);
            Ok(trial.map_or(0, |trial| trial.tries))
        })
        .await
    }

    /// Notes that a transaction was not signed and why.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub async fn note_trial(
        &self,
        pending: &Pending,
        kind: TrialKind,
        reason: &str,
        tries: u32,
    ) -> Result<(), JournalError> {
        let asked = Asked::of(pending, &pending.digest());
        let (network, reason, now) = (pending.network.to_string(), reason.to_owned(), self.now());
        let state = kind.state();
        self.change(move |connection| {
            let before = find(connection, &asked.id)?;
            let same = |trial: &Trial| trial.state == Some(state) && trial.reason == reason;
            put(connection, &asked, &network, (state, &reason, tries), now)?;
            match before.is_some_and(|trial| same(&trial)) {
                true => Ok(()),
                false => events::note(connection, &asked.id, now, state.as_str(), Some(&reason)),
            }
        })
        .await
    }
}

fn put(
    connection: &Connection,
    Asked { id, digest, chain, .. }: &Asked,
    network: &str,
    (state, reason, tries): (State, &str, u32),
    now: i64,
) -> Result<(), JournalError> {
    connection
        .prepare_cached(
            "insert into trial (id, digest, chain, network, kind, reason, tries, since, updated)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)
             on conflict (id) do update
             set digest = ?2, kind = ?5, reason = ?6, tries = ?7, updated = ?8
             where kind not in ('skipped', 'cancelled')",
        )
        .and_then(|mut insert| {
            insert.execute(params![id, digest, chain, network, state.as_str(), reason, tries, now])
        })
        .map_err(storage)?;
    Ok(())
}

//! What operators say: pause, resume, skip, retry, cancel.

use kms_core::{JournalError, Scope, State, TransactionId};
use rusqlite::{Connection, OptionalExtension as _, params};
use thiserror::Error;

use super::{
    SqliteJournal,
    entries::{self, Asked},
    events, storage, trials,
};

/// An operator's wish that is not granted.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ControlError {
    #[error("the journal knows no transaction {0}")]
    Unknown(String),
    #[error(
        "transaction {id} is {state}: its bytes may be in the chain, or come into it; nothing here \
         can take them back"
    )]
    MayBePaid { id: String, state: State },
    #[error(
        "transaction {id} is {state}: with --sign-again other bytes are signed for it, which pays \
         twice if the first ones come into the chain after all"
    )]
    NeedsSignAgain { id: String, state: State },
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// Fails when something that the transaction touches is paused. `receivers` are a line each.
pub(super) fn check_not_paused(
    connection: &Connection,
    asked: &Asked,
    receivers: &str,
) -> Result<(), JournalError> {
    let pauses = read_pauses(connection).map_err(storage)?;
    let stops = |scope: &Scope| match scope {
        Scope::Everything => true,
        Scope::Chain(chain) => chain == asked.chain,
        Scope::Wallet(wallet) => asked.wallets.contains(wallet),
        // Hexadecimal addresses have more than one spelling.
        Scope::Receiver(address) => {
            receivers.lines().any(|receiver| receiver.eq_ignore_ascii_case(address))
        }
    };
    match pauses.into_iter().map(|(scope, _)| scope).find(stops) {
        Some(scope) => Err(JournalError::Paused(scope.to_string())),
        None => Ok(()),
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

fn read_pauses(connection: &Connection) -> rusqlite::Result<Vec<(Scope, u64)>> {
    let mut select =
        connection.prepare_cached("select scope, what, since from pause order by since")?;
    let rows = select.query_map([], |row| {
        let what: String = row.get(1)?;
        let scope = match row.get::<_, String>(0)?.as_str() {
            "chain" => Scope::Chain(what),
            "wallet" => Scope::Wallet(what),
            "receiver" => Scope::Receiver(what),
            // A pause that is not understood stops everything.
            _ => Scope::Everything,
        };
        Ok((scope, u64::try_from(row.get::<_, i64>(2)?).unwrap_or(0)))
    })?;
    rows.collect()
}

impl SqliteJournal {
    /// Stops signing for a scope, in every process that uses this journal, until it is resumed.
    /// Whether it was not paused before.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub async fn pause(&self, scope: Scope) -> Result<bool, JournalError> {
        let now = self.now();
        self.change(move |connection| {
            let (scope, what) = spell(&scope);
            let insert = "insert or ignore into pause (scope, what, since) values (?1, ?2, ?3)";
            let changed = connection.execute(insert, params![scope, what, now]);
            changed.map(|changed| changed == 1).map_err(storage)
        })
        .await
    }

    /// Whether it was paused.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub async fn resume(&self, scope: Scope) -> Result<bool, JournalError> {
        self.change(move |connection| {
            let (scope, what) = spell(&scope);
            let delete = "delete from pause where scope = ?1 and what = ?2 collate nocase";
            let changed = connection.execute(delete, params![scope, what]);
            changed.map(|changed| changed > 0).map_err(storage)
        })
        .await
    }

    /// What is paused, and since when (milliseconds since 1970).
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn pauses(&self) -> Result<Vec<(Scope, u64)>, JournalError> {
        self.read(|connection| read_pauses(connection).map_err(storage)).await
    }

    /// Has a transaction left alone from now on. What was sent of it stays sent.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub async fn skip(&self, id: &TransactionId) -> Result<(), ControlError> {
        let (id, now) = (id.to_string(), self.now());
        self.change(move |connection| leave_alone(connection, &id, State::Skipped, now)).await?;
        Ok(())
    }

    /// Has a transaction left alone because it is to be deleted from the API: only one whose bytes
    /// cannot be in the chain.
    ///
    /// # Errors
    /// When bytes of it may be in the chain, or the journal cannot be written.
    pub async fn cancel(&self, id: &TransactionId) -> Result<(), ControlError> {
        let (id, now) = (id.to_string(), self.now());
        let name = id.clone();
        let cancelled = self
            .change(move |connection| match state_of(connection, &id)? {
                Some(state) if may_be_paid(state) => Ok(Err(state)),
                _ => leave_alone(connection, &id, State::Cancelled, now).map(Ok),
            })
            .await?;
        cancelled.map_err(|state| ControlError::MayBePaid { id: name, state })
    }

    /// Takes back what keeps a transaction from being tried: that it was parked, skipped or
    /// cancelled. With `sign_again`, also bytes that the network refused or that can never be in
    /// the chain.
    ///
    /// # Errors
    /// When the transaction is not known, or is such that a second signature may pay twice.
    pub async fn retry(&self, id: &TransactionId, sign_again: bool) -> Result<(), ControlError> {
        let (id, now) = (id.to_string(), self.now());
        self.change(move |connection| {
            let state = state_of(connection, &id)?;
            if state.is_none() && !trials::is_known(connection, &id)? {
                return Ok(Err(ControlError::Unknown(id)));
            }
            let bytes_are_of_no_use =
                matches!(state, Some(State::Failed | State::Dropped | State::Refused));
            match state {
                Some(state) if bytes_are_of_no_use && !sign_again => {
                    return Ok(Err(ControlError::NeedsSignAgain { id, state }));
                }
                Some(state) if sign_again && may_be_paid(state) => {
                    return Ok(Err(ControlError::MayBePaid { id, state }));
                }
                _ => trials::clear(connection, &id)?,
            }
            match bytes_are_of_no_use {
                true => release(connection, &id, now)?,
                false => events::note(connection, &id, now, "to be tried again", None)?,
            }
            Ok(Ok(()))
        })
        .await?
    }
}

/// What was only reserved cannot be: it is not recorded once an operator wants it left alone.
const fn may_be_paid(state: State) -> bool {
    matches!(state, State::Signed | State::Sent | State::Confirmed)
}

fn state_of(connection: &Connection, id: &str) -> Result<Option<State>, JournalError> {
    let state: Option<String> = connection
        .prepare_cached("select state from entry where id = ?1")
        .and_then(|mut select| select.query_row(params![id], |row| row.get(0)).optional())
        .map_err(storage)?;
    Ok(state.and_then(|state| State::parse(&state)))
}

fn leave_alone(
    connection: &Connection,
    id: &str,
    state: State,
    now: i64,
) -> Result<(), JournalError> {
    connection
        .execute(
            "insert into trial (id, digest, chain, network, kind, reason, since, updated)
             select ?1, coalesce(max(digest), zeroblob(32)), coalesce(max(chain), ''),
                 coalesce(max(network), ''), ?2, 'by an operator', ?3, ?3
             from entry where id = ?1
             on conflict (id) do update set kind = ?2, reason = 'by an operator', updated = ?3",
            params![id, state.as_str(), now],
        )
        .map_err(storage)?;
    events::note(connection, id, now, state.as_str(), Some("by an operator"))
}

/// Bytes of no use make way for others, and are kept.
pub(super) fn release(connection: &Connection, id: &str, now: i64) -> Result<(), JournalError> {
    connection
        .execute(
            "insert into past (id, raw, reason, at)
             select id, raw, state || coalesce(': ' || reason, ''), ?2 from entry
             where id = ?1 and raw is not null",
            params![id, now],
        )
        .and_then(|_| {
            connection.execute(
                "update entry set state = 'expired', next_look = null, updated = ?2 where id = ?1",
                params![id, now],
            )
        })
        .map_err(storage)?;
    entries::free_claims(connection, id)?;
    events::note(connection, id, now, "to be signed again", None)
}

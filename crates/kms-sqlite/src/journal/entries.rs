//! What was signed, and what it uses up.

use std::collections::BTreeSet;

use kms_core::{ContentDigest, Entry, Intent, JournalError, Pending, RawTransaction, State};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{control, events, storage, trials};

/// How long after it was sent a transaction is looked up first, in milliseconds.
const FIRST_LOOK: i64 = 15_000;
/// The same for one that the network refused: it may be there nevertheless.
const LOOK_AFTER_REFUSAL: i64 = 60_000;

/// A transaction about to be processed.
pub(super) struct Asked {
    pub(super) id: String,
    pub(super) digest: [u8; 32],
    pub(super) chain: &'static str,
    pub(super) wallets: Vec<String>,
}

impl Asked {
    pub(super) fn of(pending: &Pending, digest: &ContentDigest) -> Self {
        let named = pending.signatures.iter().map(|one| &one.wallet);
        Self {
            id: pending.id.to_string(),
            digest: *digest.as_bytes(),
            chain: pending.chain.as_str(),
            wallets: pending.hashes.iter().chain(named).map(ToString::to_string).collect(),
        }
    }
}

/// An opening of the journal, in the rows it holds.
pub(super) type Holder = [u8; 16];

struct Row {
    digest: [u8; 32],
    state: Option<State>,
    raw: Option<String>,
    reason: Option<String>,
    receivers: String,
}

impl Row {
    /// Whether other bytes may be signed under the id: none were, or they can never be confirmed.
    const fn is_free(&self) -> bool {
        matches!(self.state, Some(State::Reserved | State::Expired))
    }
}

fn find(connection: &Connection, id: &str) -> Result<Option<Row>, JournalError> {
    connection
        .prepare_cached("select digest, state, raw, reason, receivers from entry where id = ?1")
        .and_then(|mut select| {
            let read = |row: &rusqlite::Row<'_>| {
                Ok(Row {
                    digest: row.get(0)?,
                    state: State::parse(&row.get::<_, String>(1)?),
                    raw: row.get(2)?,
                    reason: row.get(3)?,
                    receivers: row.get(4)?,
                })
            };
            select.query_row(params![id], read).optional()
        })
        .map_err(storage)
}

pub(super) fn recall(
    connection: &Connection,
    asked: &Asked,
) -> Result<Option<Entry>, JournalError> {
    trials::check_wanted(connection, asked)?;
    let row = find(connection, &asked.id)?;
    // What left no trace outside may be signed anew, with other content too.
    let Some(row) = row.filter(|row| !row.is_free()) else {
        control::check_not_paused(connection, asked, "")?;
        return Ok(None);
    };
    if row.digest != asked.digest {
        return Err(JournalError::OtherContent);
    }
    let entry = match (row.state, row.raw) {
        (Some(State::Signed), Some(raw)) => Entry::Signed(RawTransaction::from_text(raw)),
        (Some(State::Sent | State::Confirmed), Some(raw)) => {
            Entry::Sent(RawTransaction::from_text(raw))
        }
        (Some(state @ (State::Failed | State::Dropped | State::Refused)), _) => {
            let reason = row.reason.unwrap_or_else(|| String::from("no reason is recorded"));
            return Ok(Some(Entry::Ended { state, reason }));
        }
        _ => return Err(JournalError::Storage("an entry is not whole".into())),
    };
    control::check_not_paused(connection, asked, &row.receivers)?;
    Ok(Some(entry))
}

/// What a reservation writes.
pub(super) struct Reservation {
    asked: Asked,
    network: String,
    effects: String,
    receivers: String,
    /// A set: a claim that met itself would be taken for another transaction's.
    claims: BTreeSet<kms_core::Claim>,
}

impl Reservation {
    pub(super) fn of(intent: Intent<'_>) -> Self {
        let receivers: Vec<_> = intent.effects.receivers().into_iter().collect();
        Self {
            asked: Asked::of(intent.pending, intent.digest),
            network: intent.pending.network.to_string(),
            effects: intent.effects.to_string(),
            receivers: receivers.join("\n"),
            claims: intent.claims.iter().cloned().collect(),
        }
    }
}

pub(super) fn reserve(
    connection: &Connection,
    wanted: &Reservation,
    holder: Holder,
    now: i64,
) -> Result<(), JournalError> {
    let Reservation { asked: Asked { id, digest, chain, .. }, network, .. } = wanted;
    trials::check_wanted(connection, &wanted.asked)?;
    control::check_not_paused(connection, &wanted.asked, &wanted.receivers)?;
    if find(connection, id)?.is_some_and(|row| !row.is_free()) {
        return Err(JournalError::HeldElsewhere);
    }
    free_claims(connection, id)?;
    wanted.claims.iter().try_for_each(|claim| take_claim(connection, claim, id))?;
    connection
        .prepare_cached(
            "insert into entry
                 (id, digest, chain, network, effects, receivers, holder, state, since, updated)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'reserved', ?8, ?8)
             on conflict (id) do update
             set digest = ?2, chain = ?3, network = ?4, effects = ?5, receivers = ?6, holder = ?7,
                 state = 'reserved', raw = null, txid = null, reason = null, next_look = null,
                 looks = 0, updated = ?8",
        )
        .and_then(|mut insert| {
            let Reservation { effects, receivers, .. } = wanted;
            insert.execute(params![id, digest, chain, network, effects, receivers, holder, now])
        })
        .map_err(storage)?;
    Ok(())
}

fn take_claim(
    connection: &Connection,
    claim: &kms_core::Claim,
    id: &str,
) -> Result<(), JournalError> {
    let what = claim.as_str();
    let taken: Option<String> = connection
        .prepare_cached("select id from claim where what = ?1")
        .and_then(|mut select| select.query_row(params![what], |row| row.get(0)).optional())
        .map_err(storage)?;
    if let Some(other) = taken {
        take_over(connection, what, &other)?;
    }
    let (account, number) = claim.number().unzip();
    let number = number.and_then(|number| i64::try_from(number).ok());
    connection
        .prepare_cached("insert into claim (what, id, account, number) values (?1, ?2, ?3, ?4)")
        .and_then(|mut insert| insert.execute(params![what, id, account, number]))
        .map_err(storage)?;
    Ok(())
}

/// A claim of a transaction that never got bytes is free: its process crashed, or it fails to
/// record once it finds its reservation gone.
fn take_over(connection: &Connection, claim: &str, other: &str) -> Result<(), JournalError> {
    match find(connection, other)? {
        Some(row) if row.state != Some(State::Reserved) => {
            Err(JournalError::Claimed { claim: claim.to_owned(), holder: other.to_owned() })
        }
        _ => {
            free_claims(connection, other)?;
            connection
                .execute("delete from entry where id = ?1 and state = 'reserved'", params![other])
                .map_err(storage)?;
            Ok(())
        }
    }
}

pub(super) fn free_claims(connection: &Connection, id: &str) -> Result<(), JournalError> {
    connection
        .prepare_cached("delete from claim where id = ?1")
        .and_then(|mut delete| delete.execute(params![id]))
        .map_err(storage)?;
    Ok(())
}

pub(super) fn record(
    connection: &Connection,
    id: &str,
    raw: &str,
    holder: Holder,
    now: i64,
) -> Result<(), JournalError> {
    if trials::is_unwanted(connection, id)? {
        return Err(JournalError::Skipped);
    }
    let changed = connection
        .prepare_cached(
            "update entry set raw = ?2, state = 'signed', updated = ?4
             where id = ?1 and holder = ?3 and state = 'reserved' and raw is null",
        )
        .and_then(|mut update| update.execute(params![id, raw, holder, now]))
        .map_err(storage)?;
    if changed != 1 {
        return Err(JournalError::HeldElsewhere);
    }
    trials::forget(connection, id)?;
    events::note(connection, id, now, State::Signed.as_str(), None)
}

/// What was refused stays refused: its claims are free, and others may hold them by now. What is
/// known to be in the chain stays so.
pub(super) fn close(
    connection: &Connection,
    id: &str,
    txid: Option<&str>,
    now: i64,
) -> Result<(), JournalError> {
    let changed = connection
        .prepare_cached(
            "update entry set state = 'sent', txid = coalesce(?2, txid), reason = null,
                 updated = ?3, next_look = ?4
             where id = ?1 and state = 'signed'",
        )
        .and_then(|mut update| update.execute(params![id, txid, now, now + FIRST_LOOK]))
        .map_err(storage)?;
    match changed {
        1 => {
            trials::forget(connection, id)?;
            events::note(connection, id, now, State::Sent.as_str(), txid)
        }
        _ => trials::forget(connection, id),
    }
}

/// Only what the network never took is refused for good.
pub(super) fn refuse(
    connection: &Connection,
    id: &str,
    reason: &str,
    now: i64,
) -> Result<(), JournalError> {
    let changed = connection
        .prepare_cached(
            "update entry set state = 'refused', reason = ?2, updated = ?3, next_look = ?4
             where id = ?1 and state = 'signed'",
        )
        .and_then(|mut update| update.execute(params![id, reason, now, now + LOOK_AFTER_REFUSAL]))
        .map_err(storage)?;
    match changed {
        1 => {
            free_claims(connection, id)?;
            events::note(connection, id, now, State::Refused.as_str(), Some(reason))
        }
        _ => Ok(()),
    }
}

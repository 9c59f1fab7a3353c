//! Makes the changes that the rules decided.

use kms_core::{
    Claim, JournalError,
    ledger::{Asked, AttemptRow, EntryRow, Write},
};
use rusqlite::{Connection, params};

use super::storage;

/// Characters of an event's detail; another server's message can be long.
const DETAIL_MAX_CHARS: usize = 1_000;
/// Fingerprints of payments are kept so long, in milliseconds.
const PAYMENTS_KEPT: i64 = 32 * 24 * 3_600_000;

/// All of them or, since the caller undoes what fails, none.
pub(super) fn apply(
    connection: &Connection,
    writes: &[Write],
    now: i64,
) -> Result<(), JournalError> {
    writes.iter().try_for_each(|write| one(connection, write, now)).map_err(storage)
}

fn one(connection: &Connection, write: &Write, now: i64) -> rusqlite::Result<()> {
    match write {
        Write::PutEntry { id, row } => put_entry(connection, id, row),
        Write::DropReservation { id } => {
            free_claims(connection, id)?;
            let delete = "delete from entry where id = ?1 and state = 'reserved'";
            connection.execute(delete, params![id]).map(|_| ())
        }
        Write::TakeClaim { id, claim } => take_claim(connection, id, claim),
        Write::FreeClaims { id } => free_claims(connection, id),
        Write::PutPayments { id, payments } => put_payments(connection, id, payments, now),
        Write::PutAttempt { id, row } => put_attempt(connection, id, row),
        Write::ClearAttempt { id } => connection
            .prepare_cached("delete from attempt where id = ?1")?
            .execute(params![id])
            .map(|_| ()),
        Write::Supersede { id, row } => supersede(connection, id, row, now),
        Write::PutReport { id, asked, error } => put_report(connection, id, asked, error),
        Write::TakeReport { id, digest } => connection
            .prepare_cached("update report set is_taken = 1 where id = ?1 and digest = ?2")?
            .execute(params![id, digest.as_bytes()])
            .map(|_| ()),
        Write::ClearReports { id } => {
            connection.execute("delete from report where id = ?1", params![id]).map(|_| ())
        }
        Write::Event { id, what, detail } => event(connection, id, what, detail.as_deref(), now),
    }
}

/// The column `holder` has the token of the reservation.
fn put_entry(connection: &Connection, id: &str, row: &EntryRow) -> rusqlite::Result<()> {
    let mut put = connection.prepare_cached(
        "insert into entry (id, digest, chain, network, effects, receivers, holder, state, reason,
             raw, txid, first_slot, fee, attempt, is_allowed, owed, since, updated, next_look,
             looks)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,
             ?19, ?20)
         on conflict (id) do update
         set digest = ?2, chain = ?3, network = ?4, effects = ?5, receivers = ?6, holder = ?7,
             state = ?8, reason = ?9, raw = ?10, txid = ?11, first_slot = ?12, fee = ?13,
             attempt = ?14, is_allowed = ?15, owed = ?16, since = ?17, updated = ?18,
             next_look = ?19, looks = ?20",
    )?;
    put.execute(params![
        id,
        row.digest.as_bytes(),
        row.chain,
        row.network,
        row.effects,
        row.receivers.join("\n"),
        row.token,
        row.progress.as_str(),
        row.reason,
        row.raw.as_ref().map(|raw| raw.as_str()),
        row.txid,
        row.first_slot.map(number),
        row.fee.map(|fee| fee.to_string()),
        row.attempt,
        row.is_allowed,
        row.owed.map(|owed| owed.as_str()),
        number(row.since),
        number(row.updated),
        row.next_look.map(number),
        row.looks,
    ])?;
    Ok(())
}

fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn take_claim(connection: &Connection, id: &str, claim: &Claim) -> rusqlite::Result<()> {
    let (account, number) = claim.numbered().unzip();
    let number = number.and_then(|number| i64::try_from(number).ok());
    connection
        .prepare_cached("insert into claim (what, id, account, number) values (?1, ?2, ?3, ?4)")?
        .execute(params![claim.key(), id, account, number])?;
    Ok(())
}

fn free_claims(connection: &Connection, id: &str) -> rusqlite::Result<()> {
    connection.prepare_cached("delete from claim where id = ?1")?.execute(params![id])?;
    Ok(())
}

fn put_payments(
    connection: &Connection,
    id: &str,
    payments: &[[u8; 32]],
    now: i64,
) -> rusqlite::Result<()> {
    connection.prepare_cached("delete from payment where id = ?1")?.execute(params![id])?;
    connection
        .prepare_cached("delete from payment where at < ?1")?
        .execute(params![now.saturating_sub(PAYMENTS_KEPT)])?;
    let mut insert = connection
        .prepare_cached("insert or ignore into payment (payment, id, at) values (?1, ?2, ?3)")?;
    for payment in payments {
        insert.execute(params![payment, id, now])?;
    }
    Ok(())
}

fn put_attempt(connection: &Connection, id: &str, row: &AttemptRow) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "insert into attempt (id, digest, chain, network, stance, reason, tries, asked,
                 is_wanted, since, updated)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
             on conflict (id) do update
             set digest = ?2, chain = ?3, network = ?4, stance = ?5, reason = ?6, tries = ?7,
                 asked = ?8, is_wanted = ?9, since = ?10, updated = ?11",
        )?
        .execute(params![
            id,
            row.digest.as_bytes(),
            row.chain,
            row.network,
            row.stance.map(|stance| stance.as_str()),
            row.reason,
            row.tries,
            row.asked.as_ref().map(|asked| asked.as_bytes()),
            row.is_wanted,
            number(row.since),
            number(row.updated),
        ])?;
    Ok(())
}

fn supersede(connection: &Connection, id: &str, row: &EntryRow, now: i64) -> rusqlite::Result<()> {
    let Some(raw) = &row.raw else { return Ok(()) };
    let reason = match &row.reason {
        Some(reason) => format!("{}: {reason}", row.progress),
        None => row.progress.to_string(),
    };
    connection
        .prepare_cached(
            "insert into superseded (id, raw, reason, at, state, txid, claims)
             values (?1, ?2, ?3, ?4, ?5, ?6, coalesce(
                 (select group_concat(what, char(10)) from claim where claim.id = ?1), ''))",
        )?
        .execute(params![id, raw.as_str(), reason, now, row.progress.as_str(), row.txid])?;
    Ok(())
}

fn put_report(
    connection: &Connection,
    id: &str,
    asked: &Asked,
    error: &str,
) -> rusqlite::Result<()> {
    let Asked { digest, chain, network, .. } = asked;
    connection
        .prepare_cached(
            "insert or ignore into report (id, digest, chain, network, error)
             values (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![id, digest.as_bytes(), chain, network, shortened(error)])?;
    Ok(())
}

pub(super) fn event(
    connection: &Connection,
    id: &str,
    what: &str,
    detail: Option<&str>,
    now: i64,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached("insert into event (id, at, what, detail) values (?1, ?2, ?3, ?4)")?
        .execute(params![id, now, what, detail.map(shortened)])?;
    Ok(())
}

fn shortened(text: &str) -> String {
    text.chars().take(DETAIL_MAX_CHARS).collect()
}

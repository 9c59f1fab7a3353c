//! Reads what the rules decide on.

use kms_core::{
    Claim, ContentDigest, JournalError, Owed, Progress, RawTransaction, Scope, Stance,
    ledger::{AttemptRow, EntryRow, Found, Holder, NewEntry, Surroundings},
};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{corrupt, milliseconds, storage};

/// Payments that tell what a usual fee is.
const RECENT_FEES: u32 = 50;

const ENTRY: &str = "
    select digest, chain, network, effects, receivers, holder, state, reason, raw, txid,
        first_slot, fee, attempt, is_allowed, owed, since, updated, next_look, looks
    from entry where id = ?1";

/// All that is known of an id.
pub(super) fn find(connection: &Connection, id: &str) -> Result<Found, JournalError> {
    let entry = find_entry(connection, id)?;
    Ok(Found {
        paid_by: match entry.as_ref().filter(|row| row.progress.is_refused()) {
            Some(row) => find_twin(connection, id, row.txid.as_deref())?,
            None => None,
        },
        entry,
        attempt: find_attempt(connection, id)?,
        is_reported: connection
            .prepare_cached("select 1 from report where id = ?1")
            .and_then(|mut select| select.exists(params![id]))
            .map_err(storage)?,
        pauses: pauses(connection)?.into_iter().map(|(scope, _)| scope).collect(),
        former: texts(
            connection,
            "select txid from superseded where id = ?1 and txid is not null order by place",
            id,
        )?,
    })
}

/// Another id with bytes of the same id on the chain, that may be paid by them.
fn find_twin(
    connection: &Connection,
    id: &str,
    txid: Option<&str>,
) -> Result<Option<String>, JournalError> {
    connection
        .prepare_cached(
            "select id from entry
             where txid = ?1 and id <> ?2 and state in ('signed', 'sent', 'confirmed') limit 1",
        )
        .and_then(|mut select| select.query_row(params![txid, id], |row| row.get(0)).optional())
        .map_err(storage)
}

/// Loads what a reservation considers besides its own id.
pub(super) fn find_around(
    connection: &Connection,
    wanted: &NewEntry,
) -> Result<Surroundings, JournalError> {
    let id = &wanted.asked.id;
    let mut around = Surroundings {
        used_up: texts(
            connection,
            "select claims from superseded where id = ?1 and state = 'dropped'",
            id,
        )?
        .iter()
        .flat_map(|claims| claims.lines().map(str::to_owned))
        .collect(),
        recent_fees: recent_fees(connection, wanted)?,
        ..Surroundings::default()
    };
    for claim in &wanted.claims {
        around.holders.extend(holder(connection, claim, id)?);
    }
    for payment in &wanted.payments {
        let same = connection
            .prepare_cached(
                "select p.id, p.at from payment p join entry e on e.id = p.id
                 where p.payment = ?1 and p.id <> ?2
                     and e.state in ('reserved', 'signed', 'sent', 'confirmed')
                 order by p.at desc limit 1",
            )
            .and_then(|mut select| {
                let read = |row: &Row<'_>| Ok((row.get(0)?, milliseconds(row.get(1)?)));
                select.query_row(params![payment, id], read).optional()
            })
            .map_err(storage)?;
        around.same_payments.extend(same);
    }
    Ok(around)
}

fn holder(
    connection: &Connection,
    claim: &Claim,
    id: &str,
) -> Result<Option<Holder>, JournalError> {
    let other: Option<String> = connection
        .prepare_cached("select id from claim where what = ?1 and id <> ?2")
        .and_then(|mut select| {
            select.query_row(params![claim.key(), id], |row| row.get(0)).optional()
        })
        .map_err(storage)?;
    let Some(other) = other else { return Ok(None) };
    let entry = find_entry(connection, &other)?;
    Ok(Some(Holder { claim: claim.key(), id: other, entry }))
}

fn recent_fees(
    connection: &Connection,
    wanted: &NewEntry,
) -> Result<Vec<kms_core::Amount>, JournalError> {
    let mut select = connection
        .prepare_cached(
            "select fee from entry
             where chain = ?1 and network = ?2 and fee is not null
                 and state in ('sent', 'confirmed', 'failed')
             order by place desc limit ?3",
        )
        .map_err(storage)?;
    let parameters = params![wanted.asked.chain, wanted.asked.network, RECENT_FEES];
    let rows = select.query_map(parameters, |row| row.get::<_, String>(0)).map_err(storage)?;
    let texts: Vec<String> = rows.collect::<rusqlite::Result<_>>().map_err(storage)?;
    let read = |text: &String| kms_core::Amount::parse_base_units(text);
    texts.iter().map(read).collect::<Result<_, _>>().map_err(|_| corrupt("a fee is not a number"))
}

fn texts(connection: &Connection, query: &str, id: &str) -> Result<Vec<String>, JournalError> {
    let mut select = connection.prepare_cached(query).map_err(storage)?;
    let rows = select.query_map(params![id], |row| row.get(0)).map_err(storage)?;
    rows.collect::<rusqlite::Result<_>>().map_err(storage)
}

/// A word that is not understood is damage: no guess is safe.
fn find_entry(connection: &Connection, id: &str) -> Result<Option<EntryRow>, JournalError> {
    let row = connection
        .prepare_cached(ENTRY)
        .and_then(|mut select| select.query_row(params![id], read_entry).optional())
        .map_err(storage)?;
    row.transpose().map_err(|()| corrupt("an entry has an unknown word"))
}

fn read_entry(row: &Row<'_>) -> rusqlite::Result<Result<EntryRow, ()>> {
    let progress = Progress::parse(&row.get::<_, String>(6)?);
    let fee = row.get::<_, Option<String>>(11)?;
    let fee = fee.map(|fee| kms_core::Amount::parse_base_units(&fee)).transpose();
    let (Some(progress), Ok(fee)) = (progress, fee) else { return Ok(Err(())) };
    let raw: Option<String> = row.get(8)?;
    let owed: Option<String> = row.get(14)?;
    let next_look: Option<i64> = row.get(17)?;
    Ok(Ok(EntryRow {
        digest: ContentDigest::from_bytes(row.get(0)?),
        chain: row.get(1)?,
        network: row.get(2)?,
        effects: row.get(3)?,
        receivers: row.get::<_, String>(4)?.lines().map(str::to_owned).collect(),
        token: token(row.get(5)?),
        progress,
        reason: row.get(7)?,
        raw: raw.map(RawTransaction::from_text),
        txid: row.get(9)?,
        first_slot: row.get::<_, Option<i64>>(10)?.map(milliseconds),
        fee,
        attempt: row.get(12)?,
        is_allowed: row.get(13)?,
        owed: owed.and_then(|owed| Owed::parse(&owed)),
        since: milliseconds(row.get(15)?),
        updated: milliseconds(row.get(16)?),
        next_look: next_look.map(milliseconds),
        looks: row.get(18)?,
    }))
}

/// A reservation whose token is not of sixteen bytes is nobody's.
fn token(bytes: Vec<u8>) -> [u8; 16] {
    bytes.try_into().unwrap_or_default()
}

fn find_attempt(connection: &Connection, id: &str) -> Result<Option<AttemptRow>, JournalError> {
    connection
        .prepare_cached(
            "select digest, chain, network, stance, reason, tries, asked, is_wanted, since, updated
             from attempt where id = ?1",
        )
        .and_then(|mut select| select.query_row(params![id], read_attempt).optional())
        .map_err(storage)
}

fn read_attempt(row: &Row<'_>) -> rusqlite::Result<AttemptRow> {
    let stance: Option<String> = row.get(3)?;
    Ok(AttemptRow {
        digest: ContentDigest::from_bytes(row.get(0)?),
        chain: row.get(1)?,
        network: row.get(2)?,
        // An unknown one waits for a version that knows it.
        stance: stance.map(|stance| Stance::parse(&stance).unwrap_or(Stance::Held)),
        reason: row.get(4)?,
        tries: row.get(5)?,
        asked: row.get::<_, Option<[u8; 32]>>(6)?.map(ContentDigest::from_bytes),
        is_wanted: row.get(7)?,
        since: milliseconds(row.get(8)?),
        updated: milliseconds(row.get(9)?),
    })
}

pub(super) fn pauses(connection: &Connection) -> Result<Vec<(Scope, u64)>, JournalError> {
    let mut select = connection
        .prepare_cached("select scope, what, since from pause order by since")
        .map_err(storage)?;
    let rows = select.query_map([], read_pause).map_err(storage)?;
    rows.collect::<rusqlite::Result<_>>().map_err(storage)
}

fn read_pause(row: &Row<'_>) -> rusqlite::Result<(Scope, u64)> {
    let what: String = row.get(1)?;
    let scope = match row.get::<_, String>(0)?.as_str() {
        "chain" => Scope::Chain(what),
        "wallet" => Scope::Wallet(what),
        "receiver" => Scope::Receiver(what),
        // A pause that is not understood stops everything.
        _ => Scope::Everything,
    };
    Ok((scope, milliseconds(row.get(2)?)))
}

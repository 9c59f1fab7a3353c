use super::{check_not_paused, check_signable, check_wanted, new_attempt, recall::next_attempt};
use crate::{
    amount::Amount,
    ledger::{
        error::JournalError,
        rows::{
            AttemptRow, Duplicates, EntryRow, Found, Holder, Millis, NewEntry, Surroundings, Token,
            Write,
        },
        standing::Progress,
    },
};

/// With fewer payments than these there is no usual fee.
const USUAL_AFTER: usize = 5;

/// Notes that an approver is about to be asked. Returns the transaction that paid the same of
/// late, where that is only told.
///
/// # Errors
/// As [`reserve`]: what could not be signed is not asked about.
pub fn note_question(
    found: &Found,
    around: &Surroundings,
    wanted: &NewEntry,
    now: Millis,
) -> Result<(Vec<Write>, Option<String>), JournalError> {
    let duplicate = check(found, around, wanted, now)?;
    let asked = &wanted.asked;
    let row = found.attempt.clone().unwrap_or_else(|| new_attempt(asked, now));
    if row.asked == Some(asked.digest) {
        return Ok((Vec::new(), duplicate));
    }
    let row = AttemptRow { asked: Some(asked.digest), ..row };
    Ok((vec![Write::PutAttempt { id: asked.id.clone(), row }], duplicate))
}

/// Claims a transaction and all that it uses up. Returns the transaction that paid the same of
/// late, where that is only told.
///
/// # Errors
/// When bytes are recorded for the id already, another transaction holds a claim, an operator
/// wants it left alone, or a limit does not allow it.
pub fn reserve(
    found: &Found,
    around: &Surroundings,
    wanted: &NewEntry,
    token: Token,
    now: Millis,
) -> Result<(Vec<Write>, Option<String>), JournalError> {
    let duplicate = check(found, around, wanted, now)?;
    let id = || wanted.asked.id.clone();
    let mut writes: Vec<_> =
        around.holders.iter().flat_map(|holder| give_way(holder, now)).collect();
    writes.push(Write::FreeClaims { id: id() });
    let take = |claim: &crate::claim::Claim| Write::TakeClaim { id: id(), claim: claim.clone() };
    writes.extend(wanted.claims.iter().map(take));
    let row = Box::new(reserved(found.entry.as_ref(), wanted, token, now));
    writes.push(Write::PutEntry { id: id(), row });
    writes.push(Write::PutPayments { id: id(), payments: wanted.payments.clone() });
    if let Some(other) = &duplicate {
        writes.push(Write::event(&wanted.asked.id, "pays the same as another", Some(other)));
    }
    Ok((writes, duplicate))
}

/// A claim of a transaction that never got bytes is free: its process crashed, or it fails to
/// record once it finds its reservation gone. Bytes that were signed for it before are kept.
fn give_way(holder: &Holder, now: Millis) -> Vec<Write> {
    let id = || holder.id.clone();
    match &holder.entry {
        Some(row) if row.attempt > 1 => {
            let row = EntryRow {
                progress: Progress::Expired,
                attempt: row.attempt.saturating_sub(1),
                updated: now,
                ..row.clone()
            };
            vec![Write::FreeClaims { id: id() }, Write::PutEntry { id: id(), row: Box::new(row) }]
        }
        _ => vec![Write::DropReservation { id: id() }],
    }
}

fn reserved(before: Option<&EntryRow>, wanted: &NewEntry, token: Token, now: Millis) -> EntryRow {
    EntryRow {
        digest: wanted.asked.digest,
        chain: wanted.asked.chain.clone(),
        network: wanted.asked.network.clone(),
        effects: wanted.effects.clone(),
        receivers: wanted.receivers.clone(),
        token,
        progress: Progress::Reserved,
        reason: None,
        raw: None,
        txid: None,
        first_slot: None,
        fee: wanted.fee,
        attempt: before.map_or(1, next_attempt),
        is_allowed: before.is_none_or(|row| row.is_allowed),
        owed: None,
        since: before.map_or(now, |row| row.since),
        updated: now,
        next_look: None,
        looks: 0,
    }
}

fn check(
    found: &Found,
    around: &Surroundings,
    wanted: &NewEntry,
    now: Millis,
) -> Result<Option<String>, JournalError> {
    check_wanted(found, &wanted.asked)?;
    if found.entry.as_ref().is_some_and(|row| !row.progress.is_free()) {
        return Err(JournalError::HeldElsewhere);
    }
    check_signable(found, &wanted.asked)?;
    check_not_paused(found, &wanted.asked, &wanted.receivers)?;
    check_claims(around, wanted)?;
    let is_wanted = found.attempt.as_ref().is_some_and(|attempt| attempt.is_wanted);
    if is_wanted {
        return Ok(None);
    }
    check_fee(around, wanted)?;
    find_duplicate(around, wanted, now)
}

fn check_claims(around: &Surroundings, wanted: &NewEntry) -> Result<(), JournalError> {
    let has_bytes = |row: &EntryRow| row.progress != Progress::Reserved;
    for holder in &around.holders {
        if holder.entry.as_ref().is_some_and(has_bytes) {
            let (claim, holder) = (holder.claim.clone(), holder.id.clone());
            return Err(JournalError::Claimed { claim, holder });
        }
    }
    let is_used_up = |claim: &&String| wanted.claims.iter().any(|wanted| wanted.key() == **claim);
    match around.used_up.iter().find(is_used_up) {
        Some(claim) => Err(JournalError::UsedUp { claim: claim.clone() }),
        None => Ok(()),
    }
}

/// A node or service that asks for a thousand times the usual price is wrong.
fn check_fee(around: &Surroundings, wanted: &NewEntry) -> Result<(), JournalError> {
    let (Some(multiple), Some(fee)) = (wanted.limits.fee_multiple, wanted.fee) else {
        return Ok(());
    };
    let mut fees = around.recent_fees.clone();
    fees.sort_unstable();
    let usual = match fees.get(fees.len() / 2) {
        Some(usual) if fees.len() >= USUAL_AFTER => *usual,
        _ => return Ok(()),
    };
    // A chain whose payments cost nothing has no usual fee either.
    let most = usual.checked_mul(multiple).unwrap_or(Amount::MAX);
    if usual == Amount::ZERO || fee <= most {
        return Ok(());
    }
    Err(JournalError::UnusualFee { fee: fee.to_string(), usual: usual.to_string(), multiple })
}

fn find_duplicate(
    around: &Surroundings,
    wanted: &NewEntry,
    now: Millis,
) -> Result<Option<String>, JournalError> {
    let (window, is_held) = match wanted.limits.duplicates {
        Duplicates::Ignored => return Ok(None),
        Duplicates::Told(window) => (window, false),
        Duplicates::Held(window) => (window, true),
    };
    let is_recent = |(_, at): &&(String, Millis)| now.saturating_sub(*at) <= window;
    match around.same_payments.iter().find(is_recent) {
        Some((other, _)) if is_held => Err(JournalError::Duplicate { other: other.clone() }),
        other => Ok(other.map(|(other, _)| other.clone())),
    }
}

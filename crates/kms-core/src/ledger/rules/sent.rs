use super::{FIRST_LOOK, LATE_LOOK, attempt};
use crate::ledger::{
    error::JournalError,
    ports::Bytes,
    rows::{Asked, EntryRow, Found, Millis, Token, Write},
    standing::{Progress, Stance},
};

/// Keeps signed bytes.
///
/// # Errors
/// [`JournalError::HeldElsewhere`] when the reservation is no longer the caller's;
/// [`JournalError::Skipped`] when an operator said so meanwhile, [`JournalError::Reported`] when
/// the API is told meanwhile that it failed.
pub fn record(
    found: &Found,
    id: &str,
    token: &Token,
    bytes: Bytes<'_>,
    now: Millis,
) -> Result<Vec<Write>, JournalError> {
    if is_operators(found) {
        return Err(JournalError::Skipped);
    }
    let is_callers = |row: &&EntryRow| row.progress == Progress::Reserved && row.token == *token;
    let Some(row) = found.entry.as_ref().filter(is_callers) else {
        return Err(JournalError::HeldElsewhere);
    };
    // Another process reported it as failed in the meantime: whoever reads that may pay in another
    // way.
    if found.is_reported {
        return Err(JournalError::Reported);
    }
    let row = EntryRow {
        progress: Progress::Signed,
        raw: Some(bytes.raw.clone()),
        txid: bytes.txid.map(str::to_owned),
        first_slot: bytes.first_slot,
        updated: now,
        next_look: Some(now.saturating_add(LATE_LOOK)),
        ..row.clone()
    };
    Ok(vec![
        Write::PutEntry { id: id.to_owned(), row: Box::new(row) },
        Write::ClearAttempt { id: id.to_owned() },
        Write::event(id, Progress::Signed.as_str(), None),
    ])
}

/// Notes that the network accepted the bytes. Refused bytes stay refused: their claims are free,
/// and others may hold them by now. A transaction known to be in the chain stays so.
pub fn close(
    found: &Found,
    id: &str,
    (txid, named): (Option<&str>, Option<&str>),
    now: Millis,
) -> Vec<Write> {
    let mut writes = Vec::new();
    if found.attempt.is_some() && !is_operators(found) {
        writes.push(Write::ClearAttempt { id: id.to_owned() });
    }
    let Some(row) = found.entry.as_ref().filter(|row| row.progress == Progress::Signed) else {
        return writes;
    };
    let row = EntryRow {
        progress: Progress::Sent,
        txid: row.txid.clone().or_else(|| txid.map(str::to_owned)),
        reason: None,
        updated: now,
        next_look: Some(now.saturating_add(FIRST_LOOK)),
        looks: 0,
        ..row.clone()
    };
    writes.push(Write::event(id, Progress::Sent.as_str(), row.txid.as_deref()));
    if let Some(named) = named {
        writes.push(Write::event(id, "the API named another id", Some(named)));
    }
    writes.push(Write::PutEntry { id: id.to_owned(), row: Box::new(row) });
    writes
}

/// Notes that the network refused the bytes for good. Only what the network never took is
/// refused: without a change the answer is `None`.
pub fn refuse(found: &Found, asked: &Asked, reason: &str, now: Millis) -> Option<Vec<Write>> {
    let row = found.entry.as_ref().filter(|row| row.progress == Progress::Signed)?;
    let row = EntryRow {
        progress: Progress::Refused,
        reason: Some(reason.to_owned()),
        updated: now,
        next_look: Some(now.saturating_add(LATE_LOOK)),
        looks: 0,
        ..row.clone()
    };
    let id = &asked.id;
    let mut writes = vec![
        Write::FreeClaims { id: id.clone() },
        Write::PutEntry { id: id.clone(), row: Box::new(row) },
        Write::event(id, Progress::Refused.as_str(), Some(reason)),
    ];
    let tries = found.attempt.as_ref().map_or(0, |attempt| attempt.tries);
    writes.extend(attempt::put(found, asked, (Stance::Rejected, reason, tries), now));
    writes.extend(attempt::owe_report(found, asked, reason));
    Some(writes)
}

fn is_operators(found: &Found) -> bool {
    let stance = found.attempt.as_ref().and_then(|attempt| attempt.stance);
    stance.is_some_and(Stance::is_operators)
}

use super::new_attempt;
use crate::digest::ContentDigest;
use crate::ledger::{
    error::ControlError,
    rows::{Asked, AttemptRow, EntryRow, Found, Millis, Write},
    standing::{Progress, Stance, State},
};

const BY_AN_OPERATOR: &str = "by an operator";

/// Has a transaction left alone.
pub fn skip(found: &Found, id: &str, now: Millis) -> Vec<Write> {
    leave_alone(found, id, Stance::Skipped, now)
}

/// Has a transaction left alone that is to be deleted from the API.
///
/// # Errors
/// When bytes of it may be in the chain.
pub fn cancel(found: &Found, id: &str, now: Millis) -> Result<Vec<Write>, ControlError> {
    match &found.entry {
        Some(row) if row.progress.may_be_paid() => Err(may_be_paid(id, row)),
        _ => Ok(leave_alone(found, id, Stance::Cancelled, now)),
    }
}

/// Takes back what keeps a transaction from being tried.
///
/// # Errors
/// When the transaction is not known, or is such that a second signature may pay twice.
pub fn retry(
    found: &Found,
    id: &str,
    sign_again: bool,
    now: Millis,
) -> Result<Vec<Write>, ControlError> {
    if found.entry.is_none() && found.attempt.is_none() && !found.is_reported {
        return Err(ControlError::Unknown(id.to_owned()));
    }
    let mut writes = vec![
        Write::PutAttempt { id: id.to_owned(), row: wanted(found, id, now) },
        Write::ClearReports { id: id.to_owned() },
    ];
    match &found.entry {
        Some(row) if row.progress.came_to_nothing() && !sign_again => {
            let state = State::Progress(row.progress);
            return Err(ControlError::NeedsSignAgain { id: id.to_owned(), state });
        }
        Some(row) if row.progress.came_to_nothing() => writes.extend(sign_anew(id, row, now)),
        Some(row) if sign_again && row.progress.may_be_paid() => return Err(may_be_paid(id, row)),
        _ => writes.push(Write::event(id, "retry requested", Some(BY_AN_OPERATOR))),
    }
    Ok(writes)
}

fn may_be_paid(id: &str, row: &EntryRow) -> ControlError {
    ControlError::MayBePaid { id: id.to_owned(), state: State::Progress(row.progress) }
}

/// Bytes of no use make way for others, and are kept.
fn sign_anew(id: &str, row: &EntryRow, now: Millis) -> Vec<Write> {
    let mut writes = Vec::new();
    // Those of the other two were kept when they came to nothing.
    if matches!(row.progress, Progress::Failed | Progress::Refused) {
        writes.push(Write::Supersede { id: id.to_owned(), row: Box::new(row.clone()) });
    }
    let free = EntryRow {
        progress: Progress::Expired,
        is_allowed: true,
        owed: None,
        next_look: None,
        updated: now,
        ..row.clone()
    };
    writes.push(Write::FreeClaims { id: id.to_owned() });
    writes.push(Write::PutEntry { id: id.to_owned(), row: Box::new(free) });
    writes.push(Write::event(id, "sign-again requested", Some(BY_AN_OPERATOR)));
    writes
}

/// Forgets what was found of the id, but that an operator wants it.
fn wanted(found: &Found, id: &str, now: Millis) -> AttemptRow {
    AttemptRow {
        stance: None,
        reason: String::new(),
        tries: 0,
        asked: None,
        is_wanted: true,
        updated: now,
        ..base(found, id, now)
    }
}

fn leave_alone(found: &Found, id: &str, stance: Stance, now: Millis) -> Vec<Write> {
    let reason = BY_AN_OPERATOR.to_owned();
    let row = AttemptRow { stance: Some(stance), reason, updated: now, ..base(found, id, now) };
    vec![
        Write::PutAttempt { id: id.to_owned(), row },
        Write::event(id, stance.as_str(), Some(BY_AN_OPERATOR)),
    ]
}

/// The existing attempt, or one made from the entry alone.
fn base(found: &Found, id: &str, now: Millis) -> AttemptRow {
    if let Some(row) = &found.attempt {
        return row.clone();
    }
    let unknown = || Asked {
        id: id.to_owned(),
        digest: ContentDigest::from_bytes([0; 32]),
        chain: String::new(),
        network: String::new(),
        wallets: Vec::new(),
    };
    let asked = found.entry.as_ref().map_or_else(unknown, |row| Asked::of_entry(id, row));
    new_attempt(&asked, now)
}

use super::new_attempt;
use crate::ledger::{
    rows::{Asked, AttemptRow, Found, Millis, Write},
    standing::{Progress, Stance},
};

/// Notes that a transaction was not signed, or not sent, and why. An operator's decision and a
/// transaction in the chain stay unchanged.
pub fn note_attempt(
    found: &Found,
    asked: &Asked,
    (stance, reason, tries): (Stance, &str, u32),
    now: Millis,
) -> Vec<Write> {
    let progress = found.entry.as_ref().map_or(Progress::Unsigned, |row| row.progress);
    if matches!(progress, Progress::Confirmed | Progress::Failed) {
        return Vec::new();
    }
    let before = found.attempt.as_ref();
    if before.and_then(|row| row.stance).is_some_and(Stance::is_operators) {
        return Vec::new();
    }
    let mut writes: Vec<_> = put(found, asked, (stance, reason, tries), now).into_iter().collect();
    if before.is_none_or(|row| row.stance != Some(stance) || row.reason != reason) {
        writes.push(Write::event(&asked.id, stance.as_str(), Some(reason)));
    }
    // Bytes that may be sent, or were, are never reported by what was said of one try.
    let is_final = match stance {
        Stance::Rejected => !progress.may_be_paid(),
        Stance::Parked => progress.is_free(),
        Stance::Waiting | Stance::Held | Stance::Skipped | Stance::Cancelled => false,
    };
    if is_final {
        writes.extend(owe_report(found, asked, reason));
    }
    writes
}

/// Notes that something under this id could not be read.
pub fn note_unreadable(found: &Found, asked: &Asked, problem: &str) -> Vec<Write> {
    let may_be_paid = found.entry.as_ref().is_some_and(|row| row.progress.may_be_paid());
    if may_be_paid {
        return Vec::new();
    }
    owe_report(found, asked, problem).into_iter().collect()
}

pub(super) fn put(
    found: &Found,
    asked: &Asked,
    (stance, reason, tries): (Stance, &str, u32),
    now: Millis,
) -> Option<Write> {
    let before = found.attempt.clone().unwrap_or_else(|| new_attempt(asked, now));
    if before.stance.is_some_and(Stance::is_operators) {
        return None;
    }
    let row = AttemptRow {
        digest: asked.digest,
        stance: Some(stance),
        reason: reason.to_owned(),
        tries,
        updated: now,
        ..before
    };
    Some(Write::PutAttempt { id: asked.id.clone(), row })
}

/// Once: from then on the id is not signed without an operator's word.
pub(super) fn owe_report(found: &Found, asked: &Asked, error: &str) -> Option<Write> {
    (!found.is_reported).then(|| Write::PutReport {
        id: asked.id.clone(),
        asked: Box::new(asked.clone()),
        error: error.to_owned(),
    })
}

use super::{FOLLOWED_FOR, PAUSE_LEAST, PAUSE_MOST, attempt};
use crate::{
    digest::ContentDigest,
    fate::Fate,
    ledger::{
        rows::{Asked, EntryRow, Found, Millis, Write},
        standing::{Owed, Progress},
    },
};

/// Doublings after which the pause between two looks is the longest anyway.
const DOUBLINGS_MAX: u32 = 20;

/// Notes what a look brought. Returns what the API is owed from now on.
///
/// `is_offered` says that the API offers the transaction though bytes of it may be in the chain.
pub fn note_fate(
    found: &Found,
    id: &str,
    fate: &Fate,
    is_offered: bool,
    now: Millis,
) -> (Vec<Write>, Option<Owed>) {
    let Some(row) = &found.entry else { return (Vec::new(), None) };
    let (progress, reason) = match fate {
        Fate::Open => return (vec![put(id, look_later(row, now))], row.owed),
        Fate::Confirmed => (Progress::Confirmed, None),
        Fate::Failed { reason } => (Progress::Failed, Some(reason)),
        Fate::Dropped { reason } => (Progress::Dropped, Some(reason)),
        Fate::Expired { reason } => (Progress::Expired, Some(reason)),
    };
    if row.progress == progress {
        return (Vec::new(), row.owed);
    }
    if let Some(other) = found.paid_by.as_deref().filter(|_| row.progress == Progress::Refused) {
        // One transaction of the chain is one payment: it is the other id's.
        let row = EntryRow { next_look: None, ..row.clone() };
        let event = Write::event(id, "its bytes are another id's payment", Some(other));
        return (vec![put(id, row), event], None);
    }
    let owed = owed(found, row, progress, is_offered);
    let ended = EntryRow {
        progress,
        reason: reason.cloned(),
        owed,
        // The chain's proof that the number is used up is enough for another; that a time has
        // passed rests on what nodes remember.
        is_allowed: progress == Progress::Dropped,
        updated: now,
        next_look: owed.map(|_| now),
        looks: 0,
        ..row.clone()
    };
    let mut writes = Vec::new();
    if matches!(progress, Progress::Dropped | Progress::Expired) {
        let row = Box::new(ended.clone());
        writes.push(Write::Supersede { id: id.to_owned(), row });
        writes.push(Write::FreeClaims { id: id.to_owned() });
    }
    writes.push(put(id, ended));
    writes.push(Write::event(id, progress.as_str(), reason.map(String::as_str)));
    if progress == Progress::Confirmed && found.is_reported {
        // A report that was not sent is wrong now; one that was sent needs a correction.
        writes.push(Write::ClearReports { id: id.to_owned() });
    }
    let stance = found.attempt.as_ref().and_then(|attempt| attempt.stance);
    if stance.is_some_and(|stance| !stance.is_operators()) {
        writes.push(Write::ClearAttempt { id: id.to_owned() });
    }
    (writes, owed)
}

/// The API lists what was sent as completed, and what was refused as failed.
fn owed(found: &Found, row: &EntryRow, end: Progress, is_offered: bool) -> Option<Owed> {
    let was_told_failed = found.is_reported || row.progress == Progress::Refused;
    match end {
        Progress::Confirmed => {
            let knows = row.progress == Progress::Sent && !was_told_failed && !is_offered;
            (!knows).then_some(Owed::Completed)
        }
        _ => (!was_told_failed).then_some(Owed::Failed),
    }
}

/// Notes that the API was told, or knows.
pub fn note_told(found: &Found, id: &str, detail: &str) -> Vec<Write> {
    match &found.entry {
        Some(row) if row.owed.is_some() => {
            let row = EntryRow { owed: None, next_look: None, ..row.clone() };
            vec![put(id, row), Write::event(id, "the API knows", Some(detail))]
        }
        _ => Vec::new(),
    }
}

/// Notes that the API is to be told by a report that no payment came of it; from then on the id
/// is not signed without an operator's word. Nothing when that is not owed any more: other bytes
/// may be on their way.
pub fn note_failed(found: &Found, asked: &Asked, error: &str) -> Vec<Write> {
    if found.entry.as_ref().is_none_or(|row| row.owed != Some(Owed::Failed)) {
        return Vec::new();
    }
    let mut writes: Vec<_> = attempt::owe_report(found, asked, error).into_iter().collect();
    writes.extend(note_told(found, &asked.id, "a failure is reported"));
    writes
}

/// Notes that the API took a report. One that was read before the transaction turned out to be in
/// the chain is owed a correction.
pub fn mark_reported(
    found: &Found,
    (id, digest): (&str, ContentDigest),
    error: &str,
    now: Millis,
) -> Vec<Write> {
    let mut writes = vec![
        Write::TakeReport { id: id.to_owned(), digest },
        Write::event(id, "reported to the API", Some(error)),
    ];
    if let Some(row) = found.entry.as_ref().filter(|row| row.progress == Progress::Confirmed) {
        let row =
            EntryRow { owed: Some(Owed::Completed), next_look: Some(now), looks: 0, ..row.clone() };
        writes.push(put(id, row));
    }
    writes
}

/// Notes that the API could not be told: it is tried again, later each time, for ever.
pub fn note_not_told(found: &Found, id: &str, now: Millis) -> Vec<Write> {
    match &found.entry {
        Some(row) if row.owed.is_some() => {
            let pause = pause_after(row.looks);
            let row = EntryRow {
                looks: row.looks.saturating_add(1),
                next_look: Some(now.saturating_add(pause)),
                ..row.clone()
            };
            vec![put(id, row)]
        }
        _ => Vec::new(),
    }
}

fn put(id: &str, row: EntryRow) -> Write {
    Write::PutEntry { id: id.to_owned(), row: Box::new(row) }
}

fn look_later(row: &EntryRow, now: Millis) -> EntryRow {
    let is_over = now.saturating_sub(row.updated) > FOLLOWED_FOR;
    let next = now.saturating_add(pause_after(row.looks));
    EntryRow {
        looks: row.looks.saturating_add(1),
        next_look: (!is_over).then_some(next),
        ..row.clone()
    }
}

fn pause_after(looks: u32) -> Millis {
    (PAUSE_LEAST << looks.min(DOUBLINGS_MAX)).min(PAUSE_MOST)
}

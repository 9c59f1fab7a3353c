use super::{check_not_paused, check_signable, check_wanted};
use crate::ledger::{
    error::JournalError,
    ports::{Attempt, Entry, Recalled},
    rows::{Asked, EntryRow, Found},
    standing::Progress,
};

/// Recalls a transaction that the API wants signed.
///
/// # Errors
/// When it is to be left alone, or the id stood for something else before.
pub fn recall(found: &Found, asked: &Asked) -> Result<Recalled, JournalError> {
    check_wanted(found, asked)?;
    match &found.entry {
        Some(row) if !row.progress.is_free() => known(found, row, asked),
        row => {
            check_signable(found, asked)?;
            check_not_paused(found, asked, &[])?;
            Ok(Recalled::New(attempt_of(found, row.as_ref())))
        }
    }
}

fn known(found: &Found, row: &EntryRow, asked: &Asked) -> Result<Recalled, JournalError> {
    if row.digest != asked.digest {
        return Err(JournalError::OtherContent);
    }
    let entry = match (row.progress, &row.raw) {
        (Progress::Signed, Some(raw)) => Entry::Signed(raw.clone()),
        (Progress::Sent | Progress::Confirmed, Some(raw)) => Entry::Sent(raw.clone()),
        (state @ (Progress::Failed | Progress::Refused), _) => {
            if found.is_reported {
                return Err(JournalError::Reported);
            }
            let unsaid = || String::from("no reason is recorded");
            let reason = row.reason.clone().unwrap_or_else(unsaid);
            return Ok(Recalled::Known(Entry::Ended { state, reason }));
        }
        _ => return Err(JournalError::Storage("an entry is incomplete".into())),
    };
    check_not_paused(found, asked, &row.receivers)?;
    Ok(Recalled::Known(entry))
}

fn attempt_of(found: &Found, row: Option<&EntryRow>) -> Attempt {
    let former = found.former.clone();
    match row {
        None => Attempt { number: 1, former, is_by_itself: false },
        Some(row) => Attempt { number: next_attempt(row), former, is_by_itself: !row.is_allowed },
    }
}

/// The number after that of the last bytes: a reservation had none.
pub(super) const fn next_attempt(row: &EntryRow) -> u32 {
    match row.progress {
        Progress::Reserved => row.attempt,
        _ => row.attempt.saturating_add(1),
    }
}

//! The journal's rules, pure: what was found goes in, what to write comes out.

mod attempt;
mod desk;
mod fate;
mod recall;
mod reserve;
mod sent;

pub use self::{
    attempt::{note_attempt, note_unreadable},
    desk::{cancel, retry, skip},
    fate::{mark_reported, note_failed, note_fate, note_not_told, note_told},
    recall::recall,
    reserve::{note_question, reserve},
    sent::{close, record, refuse},
};
use super::{
    error::JournalError,
    rows::{Asked, AttemptRow, Found, Millis},
    standing::{Owed, Scope, Stance},
};

/// The time until a transaction that was sent is looked up first, in milliseconds.
const FIRST_LOOK: Millis = 15_000;
/// The same for bytes that may not have been sent, or were refused: they may be in the chain all
/// the same.
const LATE_LOOK: Millis = 60_000;
/// Between two looks the time doubles from the first to the last of these.
const PAUSE_LEAST: Millis = 15_000;
const PAUSE_MOST: Millis = 3_600_000;
/// After this time nothing more is looked up.
const FOLLOWED_FOR: Millis = 7 * 24 * 3_600_000;

/// Fails for a transaction that is to be ignored. A parked one is retried when its content has
/// changed.
fn check_wanted(found: &Found, asked: &Asked) -> Result<(), JournalError> {
    match &found.attempt {
        Some(AttemptRow { stance: Some(Stance::Skipped | Stance::Cancelled), .. }) => {
            Err(JournalError::Skipped)
        }
        Some(AttemptRow { stance: Some(Stance::Parked), digest, reason, .. })
            if *digest == asked.digest =>
        {
            Err(JournalError::Parked(reason.clone()))
        }
        _ => Ok(()),
    }
}

/// Fails when the id stands for other content since an approver was asked, or when the API was
/// told that it failed: whoever acted on that has paid in another way; or is to be told first.
fn check_signable(found: &Found, asked: &Asked) -> Result<(), JournalError> {
    let question = found.attempt.as_ref().and_then(|attempt| attempt.asked);
    if question.is_some_and(|digest| digest != asked.digest) {
        return Err(JournalError::OtherContent);
    }
    if found.is_reported {
        return Err(JournalError::Reported);
    }
    // Other bytes would be forgotten if the API, which holds the first for sent, offers no more.
    if found.entry.as_ref().is_some_and(|row| row.owed == Some(Owed::Failed)) {
        return Err(JournalError::Untold);
    }
    Ok(())
}

/// Fails when something that the transaction touches is paused.
fn check_not_paused(
    found: &Found,
    asked: &Asked,
    receivers: &[String],
) -> Result<(), JournalError> {
    let stops = |scope: &&Scope| match scope {
        Scope::Everything => true,
        Scope::Chain(chain) => *chain == asked.chain,
        Scope::Wallet(wallet) => asked.wallets.contains(wallet),
        // Pauses from before accounts were compared may have any spelling.
        Scope::Receiver(address) => {
            receivers.iter().any(|receiver| receiver.eq_ignore_ascii_case(address))
        }
    };
    match found.pauses.iter().find(stops) {
        Some(scope) => Err(JournalError::Paused(scope.to_string())),
        None => Ok(()),
    }
}

/// An attempt of which nothing is known yet.
fn new_attempt(asked: &Asked, now: Millis) -> AttemptRow {
    AttemptRow {
        digest: asked.digest,
        chain: asked.chain.clone(),
        network: asked.network.clone(),
        stance: None,
        reason: String::new(),
        tries: 0,
        asked: None,
        is_wanted: false,
        since: now,
        updated: now,
    }
}

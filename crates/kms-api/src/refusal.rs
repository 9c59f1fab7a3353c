//! The meaning of an answer to a broadcast. It is classified with care: if an accepted transaction
//! were taken for refused, its claims would be freed, and another could be signed in its place.

use kms_core::NodeWords;

use crate::error::ApiError;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Meaning {
    /// The network has the transaction already.
    AlreadyKnown,
    /// The network, or the API on its behalf, will never take these bytes.
    Rejected,
    /// The network refuses the bytes in words that it would also have if they were in the chain
    /// already: their nonce or their inputs are used, or their time has passed.
    MayBeIncluded,
    /// The network does not take these bytes for a reason that passes, or that is not named.
    NotNow,
    /// Neither is certain: send the same bytes again.
    Unknown,
}

/// The API's own phrases for a transaction that is in its chain, whichever it is.
const ALREADY_KNOWN: &[&str] = &["transaction already in blockchain"];

/// Words that begin a word of the answer and speak of a transaction that may be there, on whatever
/// chain and by whatever node: if the chain's own lists miss its node's phrase, it is no refusal.
const MAY_BE_INCLUDED: &[&str] = &["known", "duplicate", "dup", "exists"];

/// A word of the same meaning, wherever it stands: `tefALREADY`.
const ALREADY: &str = "already";

/// The API's own words for funds that are missing, which nodes use as well: insufficient funds, not
/// enough balance, balance is not sufficient.
const NOT_NOW: &[&str] = &["insuff", "not enough", "not sufficient"];

/// All that the API says where it names no cause.
const WITHOUT_CAUSE: &[&str] = &["unable to broadcast", "unable to broadcast transaction"];

/// Phrases of errors about the connection to the network, not about the transaction.
const TROUBLE_ON_THE_WAY: &[&str] = &[
    "timeout",
    "timed out",
    "time out",
    "econn",
    "etimedout",
    "socket hang up",
    "connection",
    "unavailable",
    "bad gateway",
    "internal server error",
    "rate limit",
    "too many requests",
    "try again",
];

/// Codes by which the API speaks of the caller's key and plan, not of the transaction.
const CALLER_CODES: &[&str] =
    &["auth", "unauthorized", "forbidden", "subscription", "credit", "plan", "api.key", "rate"];

/// The meaning of an answer about a chain whose nodes have these words.
pub(crate) fn meaning(error: &ApiError, words: &NodeWords) -> Meaning {
    let ApiError::Status { status, code, reason, data, .. } = error else {
        return Meaning::Unknown;
    };
    let code = code.as_deref().unwrap_or_default().to_ascii_lowercase();
    let mut reason = reason.to_ascii_lowercase();
    let names_no_cause = WITHOUT_CAUSE.contains(&reason.trim().trim_end_matches('.'));
    // Beside words that say something, `data` may say anything, such as the names of members.
    if let Some(data) = data.as_deref().filter(|_| names_no_cause) {
        reason = data.to_ascii_lowercase();
    }
    let is_refusal = match status {
        400 | 409 | 422 => !code.is_empty(),
        // The API answers 403 both for a key it does not like and for a refused transaction.
        403 => code.contains("broadcast"),
        _ => false,
    };
    if !is_refusal || CALLER_CODES.iter().any(|prefix| code.starts_with(prefix)) {
        return Meaning::Unknown;
    }
    let says_any = |phrases: &[&str]| phrases.iter().any(|phrase| says(&reason, phrase));
    if says_any(ALREADY_KNOWN) || says_any(words.already_known) {
        return Meaning::AlreadyKnown;
    }
    let has = |phrases: &[&str]| phrases.iter().any(|phrase| reason.contains(phrase));
    if has(TROUBLE_ON_THE_WAY) {
        return Meaning::Unknown;
    }
    if has(words.may_be_included) || has(&[ALREADY]) || says_any(MAY_BE_INCLUDED) {
        return Meaning::MayBeIncluded;
    }
    let passes = has(words.not_now) || has(NOT_NOW) || names_no_cause;
    if passes { Meaning::NotNow } else { Meaning::Rejected }
}

/// Returns true if an answer is about a transaction and not about the caller: it says so by its
/// code, or without a code in the words of the chain's nodes.
pub(crate) fn is_of_a_transaction(code: Option<&str>, reason: &str, words: &NodeWords) -> bool {
    let code = code.unwrap_or_default().to_ascii_lowercase();
    if !code.is_empty() {
        let is_of_caller = CALLER_CODES.iter().any(|prefix| code.starts_with(prefix));
        return !is_of_caller && (code.ends_with("failed") || code.contains("broadcast"));
    }
    let reason = reason.to_ascii_lowercase();
    // "Not enough credits" is about the plan.
    if ["credit", "plan", "subscription", "api key"].iter().any(|word| reason.contains(word)) {
        return false;
    }
    let lists = [words.already_known, words.may_be_included, words.not_now, ALREADY_KNOWN, NOT_NOW];
    lists.concat().iter().any(|phrase| says(&reason, phrase))
}

/// Returns true if the phrase is in the text and begins a word: `unknown transaction` is not a
/// known one.
fn says(text: &str, phrase: &str) -> bool {
    text.match_indices(phrase).any(|(start, _)| {
        let before = text.get(..start).and_then(|before| before.chars().next_back());
        !before.is_some_and(char::is_alphanumeric)
    })
}

#[cfg(test)]
mod tests;

//! Everything that was ever broadcast, by transaction; and payments that were made twice.

use std::collections::{BTreeMap, BTreeSet};

use kms_core::ChainId;
use thiserror::Error;

/// Kept at most; one is too many.
const VIOLATIONS_MAX: usize = 1_000;

/// The broadcasts for one transaction.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Broadcasts {
    pub chain: ChainId,
    /// The number of times that each text was broadcast, in order of first appearance; more than
    /// one text is a violation.
    pub raws: Vec<(String, u64)>,
}

/// Something that no daemon may do, whatever answers get lost.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum Violation {
    #[error("{id} was broadcast again as another transaction: it was signed twice")]
    SignedTwice { id: String },
    #[error("{what} was used for {first} and again for {second}")]
    UsedTwice { what: String, first: String, second: String },
}

#[derive(Debug, Default)]
pub(crate) struct BroadcastLog {
    by_id: BTreeMap<String, Broadcasts>,
    /// The ids that used an output, or a nonce of an account.
    users: BTreeMap<String, BTreeSet<String>>,
    violations: Vec<Violation>,
}

impl BroadcastLog {
    /// The number of additional bytes that are kept if this is noted.
    pub(crate) fn growth(&self, id: &str, raw: &str) -> usize {
        let broadcasts = self.by_id.get(id);
        let is_known = broadcasts.is_some_and(|own| own.raws.iter().any(|(text, _)| text == raw));
        if is_known { 0 } else { raw.len() }
    }

    /// Notes what arrived, whatever the verdict on it will be.
    pub(crate) fn note(&mut self, id: &str, chain: ChainId, raw: &str) {
        let new = || Broadcasts { chain, raws: Vec::new() };
        let own = self.by_id.entry(id.to_owned()).or_insert_with(new);
        if let Some((_, count)) = own.raws.iter_mut().find(|(text, _)| text == raw) {
            *count = count.saturating_add(1);
            return;
        }
        own.raws.push((raw.to_owned(), 1));
        if own.raws.len() > 1 {
            self.violate(Violation::SignedTwice { id: id.to_owned() });
        }
    }

    /// Notes that a transaction uses something up; whether it is the first to do so or the same.
    pub(crate) fn note_use(&mut self, id: &str, what: &str) {
        let users = self.users.entry(what.to_owned()).or_default();
        let first = users.iter().find(|user| *user != id).cloned();
        if users.insert(id.to_owned())
            && let Some(first) = first
        {
            let (what, second) = (what.to_owned(), id.to_owned());
            self.violate(Violation::UsedTwice { what, first, second });
        }
    }

    fn violate(&mut self, violation: Violation) {
        if self.violations.len() < VIOLATIONS_MAX {
            self.violations.push(violation);
        }
    }

    pub(crate) const fn by_id(&self) -> &BTreeMap<String, Broadcasts> {
        &self.by_id
    }

    pub(crate) const fn users(&self) -> &BTreeMap<String, BTreeSet<String>> {
        &self.users
    }

    pub(crate) fn violations(&self) -> &[Violation] {
        &self.violations
    }

    /// Forgets the texts of a transaction; returns the number of bytes freed. Its outputs and
    /// nonces stay used.
    pub(crate) fn forget(&mut self, id: &str) -> usize {
        let own = self.by_id.remove(id);
        own.map_or(0, |own| own.raws.iter().map(|(text, _)| text.len()).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ETH: ChainId = ChainId::new("ETH");

    #[test]
    fn the_same_bytes_are_no_second_payment_and_others_are() {
        let mut log = BroadcastLog::default();
        for raw in ["0x01", "0x01", "0x01"] {
            log.note("a", ETH, raw);
            log.note_use("a", "nonce 7");
        }
        assert_eq!(log.violations(), []);
        assert_eq!(log.by_id()["a"].raws, [(String::from("0x01"), 3)]);
        log.note("a", ETH, "0x02");
        log.note_use("b", "nonce 7");
        log.note_use("b", "nonce 7");
        let twice = Violation::SignedTwice { id: String::from("a") };
        let [what, first, second] = ["nonce 7", "a", "b"].map(String::from);
        assert_eq!(log.violations(), [twice, Violation::UsedTwice { what, first, second }]);
        assert_eq!(log.users()["nonce 7"].len(), 2);
    }
}

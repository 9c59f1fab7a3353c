//! The transactions that were offered, their outcomes, and the nonces and outputs that are used.

use std::{
    collections::{BTreeMap, HashMap, HashSet, hash_map},
    sync::Arc,
};

use kms_core::{ChainId, Network, TransactionId};
use serde_json::Value;
use thiserror::Error;

use crate::{
    broadcasts::BroadcastLog,
    limits::{KEPT_MAX_BYTES, REPORT_MAX_CHARACTERS, TRANSACTIONS_MAX},
    offer::{OfferError, Sample},
    verify::{Nonce, Rejection, Valid},
};

/// The state of an offered transaction.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum State {
    Pending,
    /// Marked complete by its id on the chain; its bytes were not seen.
    Broadcast,
    /// Broadcast, with the content that was asked for and signed by the right keys.
    Verified,
    /// Broadcast, and refused for this reason.
    Rejected(String),
    /// The daemon reported this error.
    Failed(String),
}

/// An offered transaction as [`Running::states`](crate::Running::states) tells it.
#[derive(Clone, Debug)]
pub struct TransactionState {
    pub id: TransactionId,
    pub chain: ChainId,
    pub state: State,
    /// Its id on the chain, once accepted.
    pub txid: Option<String>,
    /// The broadcast text: the bytes that were accepted, or else the last ones.
    pub raw: Option<String>,
    /// The number of times that the daemon reported it.
    pub reports: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// In the order in which they were offered.
    entries: BTreeMap<u64, Entry>,
    places: HashMap<String, u64>,
    offered: u64,
    kept_bytes: usize,
    /// The transaction that used up an output, or a nonce of an account.
    used: HashMap<String, String>,
    next_nonces: HashMap<(ChainId, String), u64>,
    /// The transactions that a chain's node accepted, by their ids on the chain.
    submitted: HashMap<(ChainId, String), String>,
    broadcasts: BroadcastLog,
}

/// A broadcast that was accepted.
#[derive(Debug)]
pub(crate) struct Settled {
    pub(crate) txid: String,
    /// True if the very same was accepted before.
    pub(crate) is_repeat: bool,
}

#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) sample: Arc<Sample>,
    pub(crate) told: TransactionState,
}

/// The reason why a broadcast was not accepted.
#[derive(Debug, Error)]
pub(crate) enum Refused {
    #[error("there is no pending transaction with this id")]
    Unknown,
    #[error("{}", .0)]
    Rejected(#[from] Rejection),
    #[error("another transaction, {0}, was broadcast for this id: it was signed twice")]
    SignedTwice(String),
    #[error("{what} was used by transaction {by}")]
    Used { what: String, by: String },
    #[error("nonce {found} is not the nonce that the sandbox returned for the account, {expected}")]
    Nonce { found: u64, expected: u64 },
    #[error("the sandbox is full: delete its transactions first")]
    Full,
}

impl Ledger {
    pub(crate) fn offer(&mut self, mut sample: Sample) -> Result<TransactionId, OfferError> {
        let id = sample.identify()?;
        if self.find(id.as_str()).is_some() {
            return Err(OfferError::Duplicate(id));
        }
        let bytes = self.kept_bytes.saturating_add(sample.size_bytes());
        if self.entries.len() >= TRANSACTIONS_MAX || bytes > KEPT_MAX_BYTES {
            return Err(OfferError::Full);
        }
        self.kept_bytes = bytes;
        let told = TransactionState {
            id: id.clone(),
            chain: sample.coin().id,
            state: State::Pending,
            txid: None,
            raw: None,
            reports: 0,
        };
        self.places.insert(id.as_str().to_owned(), self.offered);
        self.entries.insert(self.offered, Entry { sample: Arc::new(sample), told });
        self.offered = self.offered.saturating_add(1);
        Ok(id)
    }

    pub(crate) fn find(&self, id: &str) -> Option<&Entry> {
        self.entries.get(self.places.get(id)?)
    }

    fn find_mut(&mut self, id: &str) -> Option<&mut Entry> {
        self.entries.get_mut(self.places.get(id)?)
    }

    pub(crate) fn states(&self) -> Vec<TransactionState> {
        self.entries.values().map(|entry| entry.told.clone()).collect()
    }

    /// The transactions of a chain that wait for one of these wallets; with those that were
    /// reported as failed, if that is wanted.
    pub(crate) fn pending(
        &self,
        chain: ChainId,
        wallets: &HashSet<&str>,
        with_failed: bool,
    ) -> Vec<Value> {
        let waits = |entry: &&Entry| {
            let is_listed = match entry.told.state {
                State::Pending => true,
                State::Failed(_) => with_failed,
                State::Broadcast | State::Verified | State::Rejected(_) => false,
            };
            entry.told.chain == chain
                && is_listed
                && entry.sample.wallets().iter().any(|wallet| wallets.contains(wallet.as_str()))
        };
        let object = |entry: &Entry| Value::Object(entry.sample.pending().clone());
        self.entries.values().filter(waits).map(object).collect()
    }

    /// The network that the nodes of a chain belong to.
    pub(crate) fn network(&self, chain: ChainId) -> Network {
        let latest = self.entries.values().rev().find(|entry| entry.told.chain == chain);
        latest.map_or(Network::Testnet, |entry| entry.sample.expected().network)
    }

    /// A transaction that was offered together with one that spends it, in hexadecimal.
    pub(crate) fn previous(&self, txid: &str) -> Option<String> {
        self.entries.values().find_map(|entry| entry.sample.previous().get(txid).cloned())
    }

    pub(crate) fn next_nonce(&self, chain: ChainId, account: &str) -> u64 {
        self.next_nonces.get(&(chain, account.to_owned())).copied().unwrap_or(0)
    }

    /// Stores what a chain's node received before the API was told; returns whether there was room.
    /// The first entry for an id is kept.
    pub(crate) fn submit(&mut self, chain: ChainId, txid: String, raw: String) -> bool {
        let bytes = self.kept_bytes.saturating_add(raw.len());
        if self.submitted.len() >= TRANSACTIONS_MAX || bytes > KEPT_MAX_BYTES {
            return false;
        }
        if let hash_map::Entry::Vacant(place) = self.submitted.entry((chain, txid)) {
            self.kept_bytes = bytes;
            place.insert(raw);
        }
        true
    }

    /// The transactions that chains' nodes accepted and no pending transaction has claimed by its
    /// id since: they were paid, but the API does not know.
    pub(crate) fn unclaimed(&self) -> Vec<(ChainId, String)> {
        let claimed: HashSet<_> =
            self.entries.values().filter_map(|entry| entry.told.txid.as_deref()).collect();
        let open = self.submitted.keys().filter(|(_, txid)| !claimed.contains(txid.as_str()));
        open.cloned().collect()
    }

    pub(crate) const fn broadcasts(&self) -> &BroadcastLog {
        &self.broadcasts
    }

    /// The transaction that a chain's node accepted under this id.
    pub(crate) fn submitted(&self, chain: ChainId, txid: &str) -> Option<&str> {
        self.submitted.get(&(chain, txid.to_owned())).map(String::as_str)
    }

    /// The number of a chain's transactions that were accepted.
    pub(crate) fn accepted(&self, chain: ChainId) -> usize {
        let is_accepted = |entry: &&Entry| {
            entry.told.chain == chain && matches!(entry.told.state, State::Verified)
        };
        self.entries.values().filter(is_accepted).count()
    }

    /// The text that was broadcast for the transaction with this id on its chain.
    pub(crate) fn raw_of(&self, chain: ChainId, txid: &str) -> Option<String> {
        let is_it = |entry: &&Entry| {
            let own = entry.told.txid.as_deref();
            entry.told.chain == chain && own.is_some_and(|own| own.eq_ignore_ascii_case(txid))
        };
        self.entries.values().find(is_it)?.told.raw.clone()
    }

    /// Returns true if a transaction of this id on its chain was accepted.
    pub(crate) fn has_txid(&self, chain: ChainId, txid: &str) -> bool {
        self.entries.values().any(|entry| {
            let told = &entry.told;
            told.chain == chain
                && told.txid.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(txid))
        })
    }

    /// Notes what was broadcast and what the verifier said.
    pub(crate) fn settle(
        &mut self,
        id: &str,
        raw: String,
        verdict: Result<Valid, Rejection>,
    ) -> Result<Settled, Refused> {
        let chain = self.find(id).ok_or(Refused::Unknown)?.told.chain;
        self.log(id, chain, &raw)?;
        let entry = self.find(id).ok_or(Refused::Unknown)?;
        let TransactionState { state, txid, raw: before, .. } = &entry.told;
        if let (State::Verified, Some(txid)) = (state, txid) {
            if before.as_ref() == Some(&raw) {
                return Ok(Settled { txid: txid.clone(), is_repeat: true });
            }
            // The bytes that were accepted stay on show.
            let (raw, twice) = (before.clone(), Refused::SignedTwice(txid.clone()));
            return Err(self.reject(id, raw, twice));
        }
        let bytes = self.kept_bytes.saturating_add(raw.len());
        if bytes > KEPT_MAX_BYTES {
            return Err(Refused::Full);
        }
        let replaced = before.as_ref().map_or(0, String::len);
        self.kept_bytes = bytes.saturating_sub(replaced);
        match self.accept(id, chain, verdict) {
            Err(refused) => Err(self.reject(id, Some(raw), refused)),
            Ok(txid) => {
                let told = &mut self.find_mut(id).ok_or(Refused::Unknown)?.told;
                told.state = State::Verified;
                told.txid = Some(txid.clone());
                told.raw = Some(raw);
                Ok(Settled { txid, is_repeat: false })
            }
        }
    }

    fn log(&mut self, id: &str, chain: ChainId, raw: &str) -> Result<(), Refused> {
        let bytes = self.kept_bytes.saturating_add(self.broadcasts.growth(id, raw));
        if bytes > KEPT_MAX_BYTES {
            return Err(Refused::Full);
        }
        self.kept_bytes = bytes;
        self.broadcasts.note(id, chain, raw);
        Ok(())
    }

    fn accept(
        &mut self,
        id: &str,
        chain: ChainId,
        verdict: Result<Valid, Rejection>,
    ) -> Result<String, Refused> {
        let Valid { txid, uses, nonce } = verdict?;
        // Also by the very same transaction: it cannot settle two that were asked for.
        if let Some((what, by)) = uses.iter().find_map(|what| self.used.get_key_value(what)) {
            self.broadcasts.note_use(id, what);
            return Err(Refused::Used { what: what.clone(), by: by.clone() });
        }
        if let Some(Nonce { account, value, is_given }) = nonce {
            let expected = self.next_nonce(chain, &account);
            if !is_given && value != expected {
                return Err(Refused::Nonce { found: value, expected });
            }
            let next = value.saturating_add(1).max(expected);
            self.next_nonces.insert((chain, account), next);
        }
        uses.iter().for_each(|what| self.broadcasts.note_use(id, what));
        self.used.extend(uses.into_iter().map(|what| (what, txid.clone())));
        Ok(txid)
    }

    fn reject(&mut self, id: &str, raw: Option<String>, refused: Refused) -> Refused {
        if let Some(entry) = self.find_mut(id) {
            entry.told.state = State::Rejected(refused.to_string());
            entry.told.raw = raw;
        }
        refused
    }

    /// Marks a transaction complete by its id on the chain; whether there is one.
    pub(crate) fn complete(&mut self, id: &str, txid: &str) -> bool {
        let Some(entry) = self.find_mut(id) else { return false };
        if !matches!(entry.told.state, State::Verified) {
            entry.told.state = State::Broadcast;
            entry.told.txid = Some(txid.to_owned());
        }
        true
    }

    /// Notes errors, by id, that the daemon reported. More certain outcomes stay.
    pub(crate) fn report(&mut self, errors: &HashMap<String, String>) {
        for Entry { told, .. } in self.entries.values_mut() {
            let Some(error) = errors.get(told.id.as_str()) else { continue };
            told.reports = told.reports.saturating_add(1);
            if matches!(told.state, State::Pending | State::Failed(_)) {
                let error = error.chars().take(REPORT_MAX_CHARACTERS).collect();
                told.state = State::Failed(error);
            }
        }
    }

    /// Forgets one transaction; returns whether it existed. Its outputs and nonces stay used.
    pub(crate) fn delete(&mut self, id: &str) -> bool {
        let place = self.places.remove(id);
        let Some(entry) = place.and_then(|place| self.entries.remove(&place)) else { return false };
        let raw = entry.told.raw.as_ref().map_or(0, String::len);
        let bytes = raw.saturating_add(entry.sample.size_bytes());
        let bytes = bytes.saturating_add(self.broadcasts.forget(id));
        self.kept_bytes = self.kept_bytes.saturating_sub(bytes);
        true
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sample(id: usize, payload: &str) -> Sample {
        let pending = json!({ "id": id.to_string(), "chain": "ETH", "hashes": ["w"],
            "serializedTransaction": payload });
        let body = json!({ "pending": pending, "expect": { "signers": [{ "address": "0x" }] } });
        Sample::from_json(body.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn a_bounded_number_of_transactions_is_kept() {
        let mut ledger = Ledger::default();
        for id in 0..TRANSACTIONS_MAX {
            assert!(ledger.offer(sample(id, "{}")).is_ok());
        }
        let further = ledger.offer(sample(TRANSACTIONS_MAX, "{}"));
        assert!(matches!(further, Err(OfferError::Full)), "{further:?}");
        assert!(ledger.delete("7"));
        assert!(ledger.offer(sample(TRANSACTIONS_MAX, "{}")).is_ok());
    }

    #[test]
    fn a_bounded_number_of_bytes_is_kept() {
        let mut ledger = Ledger::default();
        let long = "x".repeat(KEPT_MAX_BYTES / 3);
        assert!(ledger.offer(sample(1, &long)).is_ok());
        assert!(ledger.offer(sample(2, &long)).is_ok());
        assert!(matches!(ledger.offer(sample(3, &long)), Err(OfferError::Full)));
        let raw = "y".repeat(KEPT_MAX_BYTES / 2);
        let verdict = Err(Rejection::Malformed("it is only y"));
        assert!(matches!(ledger.settle("1", raw, verdict), Err(Refused::Full)));
        assert!(ledger.delete("1"));
        assert!(ledger.offer(sample(3, &long)).is_ok());
    }
}

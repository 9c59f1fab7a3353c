use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard},
};

use async_trait::async_trait;
use kms_core::{
    Claim, ContentDigest, Entry, Intent, Journal, JournalError, Pending, RawTransaction,
    TransactionId,
};

/// The journal's rules in memory: what the real one is compared with.
#[derive(Debug, Default)]
pub struct MemoryJournal(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    entries: HashMap<TransactionId, Row>,
    claims: HashMap<String, TransactionId>,
}

#[derive(Debug)]
struct Row {
    digest: ContentDigest,
    entry: Option<Entry>,
    /// Whether it was reserved by this opening of the journal.
    is_own: bool,
}

impl State {
    /// Another transaction that has bytes and the claim.
    fn holder(&self, claim: &Claim, id: &TransactionId) -> Option<&TransactionId> {
        let holder = self.claims.get(claim.as_str()).filter(|holder| *holder != id)?;
        let row = self.entries.get(holder)?;
        row.entry.is_some().then_some(holder)
    }

    /// A reservation that never got bytes gives way.
    fn take_over(&mut self, claim: &Claim) {
        if let Some(holder) = self.claims.get(claim.as_str()).cloned() {
            self.entries.remove(&holder);
            self.claims.retain(|_, other| *other != holder);
        }
    }
}

impl MemoryJournal {
    /// As if the journal was closed and opened again: what was only reserved is another's now.
    pub fn reopen(&self) {
        if let Ok(mut state) = self.state() {
            state.entries.values_mut().for_each(|row| row.is_own = false);
        }
    }

    fn state(&self) -> Result<MutexGuard<'_, State>, JournalError> {
        self.0.lock().map_err(|_| JournalError::Storage("the test's lock is poisoned".into()))
    }
}

#[async_trait]
impl Journal for MemoryJournal {
    async fn recall(
        &self,
        pending: &Pending,
        digest: &ContentDigest,
    ) -> Result<Option<Entry>, JournalError> {
        match self.state()?.entries.get(&pending.id) {
            Some(row) if row.entry.is_some() && row.digest != *digest => {
                Err(JournalError::OtherContent)
            }
            row => Ok(row.and_then(|row| row.entry.clone())),
        }
    }

    async fn reserve(&self, intent: Intent<'_>) -> Result<(), JournalError> {
        let mut state = self.state()?;
        let id = &intent.pending.id;
        if state.entries.get(id).is_some_and(|row| row.entry.is_some()) {
            return Err(JournalError::HeldElsewhere);
        }
        for claim in intent.claims {
            if let Some(holder) = state.holder(claim, id) {
                return Err(JournalError::Claimed {
                    claim: claim.as_str().to_owned(),
                    holder: holder.to_string(),
                });
            }
        }
        state.claims.retain(|_, holder| holder != id);
        for claim in intent.claims {
            state.take_over(claim);
        }
        for claim in intent.claims {
            state.claims.insert(claim.as_str().to_owned(), id.clone());
        }
        state.entries.insert(id.clone(), Row { digest: *intent.digest, entry: None, is_own: true });
        Ok(())
    }

    async fn record(&self, id: &TransactionId, raw: &RawTransaction) -> Result<(), JournalError> {
        match self.state()?.entries.get_mut(id) {
            Some(row) if row.entry.is_none() && row.is_own => {
                row.entry = Some(Entry::Signed(raw.clone()));
                Ok(())
            }
            _ => Err(JournalError::HeldElsewhere),
        }
    }

    async fn close(&self, id: &TransactionId, _: Option<&str>) -> Result<(), JournalError> {
        if let Some(row) = self.state()?.entries.get_mut(id)
            && let Some(Entry::Signed(raw)) = &row.entry
        {
            row.entry = Some(Entry::Sent(raw.clone()));
        }
        Ok(())
    }

    async fn refuse(&self, id: &TransactionId, reason: &str) -> Result<(), JournalError> {
        let mut state = self.state()?;
        let row = state.entries.get_mut(id);
        let Some(row) = row.filter(|row| matches!(row.entry, Some(Entry::Signed(_)))) else {
            return Ok(());
        };
        row.entry = Some(Entry::Ended { state: kms_core::State::Refused, reason: reason.into() });
        state.claims.retain(|_, holder| holder != id);
        Ok(())
    }
}

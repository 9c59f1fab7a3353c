//! The journal as the road uses it.

use async_trait::async_trait;
use kms_core::{
    Bytes, Intent, Journal, JournalError, Pending, RawTransaction, Recalled, Reservation,
    TransactionId,
    ledger::{Asked, NewEntry, rules},
};

use super::{SqliteJournal, apply, load, signed};

#[async_trait]
impl Journal for SqliteJournal {
    async fn recall(&self, pending: &Pending) -> Result<Recalled, JournalError> {
        let asked = Asked::of(pending);
        self.read(move |connection| rules::recall(&load::find(connection, &asked.id)?, &asked))
            .await
    }

    async fn note_question(&self, intent: Intent<'_>) -> Result<Option<String>, JournalError> {
        let (wanted, now) = (NewEntry::of(&intent), self.now());
        self.change(move |connection| {
            let found = load::find(connection, &wanted.asked.id)?;
            let around = load::find_around(connection, &wanted)?;
            let (writes, duplicate) = rules::note_question(&found, &around, &wanted, now)?;
            apply::apply(connection, &writes, signed(now))?;
            Ok(duplicate)
        })
        .await
    }

    async fn reserve(&self, intent: Intent<'_>) -> Result<Reservation, JournalError> {
        let (wanted, now) = (NewEntry::of(&intent), self.now());
        let mut token = [0; 16];
        getrandom::fill(&mut token).map_err(|error| JournalError::Storage(Box::new(error)))?;
        self.change(move |connection| {
            let found = load::find(connection, &wanted.asked.id)?;
            let around = load::find_around(connection, &wanted)?;
            let (writes, duplicate_of) = rules::reserve(&found, &around, &wanted, token, now)?;
            apply::apply(connection, &writes, signed(now))?;
            Ok(Reservation { token, duplicate_of })
        })
        .await
    }

    async fn record(
        &self,
        id: &TransactionId,
        reservation: &Reservation,
        bytes: Bytes<'_>,
    ) -> Result<(), JournalError> {
        let (id, token) = (id.to_string(), reservation.token);
        let raw = RawTransaction::from_text(bytes.raw.as_str().to_owned());
        let (txid, first_slot) = (bytes.txid.map(str::to_owned), bytes.first_slot);
        self.decide(id.clone(), move |found, now| {
            let bytes = Bytes { raw: &raw, txid: txid.as_deref(), first_slot };
            Ok((rules::record(found, &id, &token, bytes, now)?, ()))
        })
        .await
    }

    async fn close(
        &self,
        id: &TransactionId,
        txid: Option<&str>,
        named: Option<&str>,
    ) -> Result<(), JournalError> {
        let (id, txid, named) = (id.to_string(), txid.map(str::to_owned), named.map(str::to_owned));
        self.decide(id.clone(), move |found, now| {
            Ok((rules::close(found, &id, (txid.as_deref(), named.as_deref()), now), ()))
        })
        .await
    }

    async fn refuse(&self, pending: &Pending, reason: &str) -> Result<bool, JournalError> {
        let (asked, reason) = (Asked::of(pending), reason.to_owned());
        self.decide(asked.id.clone(), move |found, now| {
            let writes = rules::refuse(found, &asked, &reason, now);
            Ok((writes.clone().unwrap_or_default(), writes.is_some()))
        })
        .await
    }
}

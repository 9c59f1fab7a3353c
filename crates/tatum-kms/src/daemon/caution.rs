//! Asking the API before a first signature, where this journal alone cannot know that an id was
//! not paid: it took a lost one's place, or the operator wants it of every id.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use kms_api::{ApiError, ApiTransaction};
use kms_core::{Failure, Pending, TransactionId};
use tokio::time::Instant;

use super::round::{Round, Stopped};

/// So long the API is asked about ids that a new journal does not know.
const YOUNG_FOR: Duration = Duration::from_hours(7 * 24);
/// So long it is not asked again about one that it holds for paid.
const PAID_COUNTS_FOR: Duration = Duration::from_mins(10);

/// The API's answers before first signatures.
#[derive(Debug)]
pub(super) struct Caution {
    /// Until when the journal is young.
    young_until: Option<Instant>,
    paid: Mutex<HashMap<TransactionId, (String, Instant)>>,
}

/// The consequence of an answer.
#[derive(Debug)]
pub(super) enum Answer {
    /// Nothing speaks against a signature.
    Go,
    /// The API lists the payment as made.
    Paid(String),
    /// The API offers the id but answers that it does not exist: one of the two is wrong.
    NotKnown,
    NotAsked(ApiError),
}

/// Only a record without a payment lets an id go on: an API that has forgotten a paid id, and
/// offers it again, would have it paid twice.
pub(super) fn decide(told: Result<ApiTransaction, ApiError>) -> Answer {
    match told {
        Ok(ApiTransaction::Found { txid: Some(txid) }) => Answer::Paid(txid),
        Ok(ApiTransaction::Found { txid: None }) => Answer::Go,
        Ok(ApiTransaction::NotFound) => Answer::NotKnown,
        Err(error) => Answer::NotAsked(error),
    }
}

impl Caution {
    /// `replaced_for` is how long ago, in milliseconds, the journal took a lost one's place.
    pub(super) fn new(replaced_for: Option<u64>) -> Self {
        let left = replaced_for
            .and_then(|age| YOUNG_FOR.checked_sub(Duration::from_millis(age)))
            .filter(|left| !left.is_zero());
        let young_until = left.map(|left| Instant::now() + left);
        Self { young_until, paid: Mutex::default() }
    }

    pub(super) fn is_young(&self) -> bool {
        self.young_until.is_some_and(|until| Instant::now() < until)
    }

    fn known_paid(&self, id: &TransactionId) -> Option<String> {
        let mut paid = self.paid.lock().unwrap_or_else(PoisonError::into_inner);
        paid.retain(|_, (_, at)| at.elapsed() < PAID_COUNTS_FOR);
        paid.get(id).map(|(txid, _)| txid.clone())
    }

    fn note_paid(&self, id: &TransactionId, txid: &str) {
        let mut paid = self.paid.lock().unwrap_or_else(PoisonError::into_inner);
        paid.insert(id.clone(), (txid.to_owned(), Instant::now()));
    }
}

impl Round {
    /// Lets an id go on that was signed for here, or of which the API knows no payment.
    pub(super) async fn ask_first(&self, pending: &Pending) -> Result<(), Stopped> {
        let (id, caution) = (&pending.id, &self.shared.caution);
        if !self.setup.config.ask_before_signing && !caution.is_young() {
            return Ok(());
        }
        let journal = &self.shared.journal;
        let has_bytes = journal.has_bytes(id).await;
        if has_bytes.map_err(|error| Stopped::Failure(Failure::Journal(error)))? {
            return Ok(());
        }
        if let Some(txid) = caution.known_paid(id) {
            return Err(Stopped::MayBePaid(txid));
        }
        match decide(self.setup.api.transaction(id).await) {
            Answer::Go => Ok(()),
            Answer::Paid(txid) => {
                caution.note_paid(id, &txid);
                Err(Stopped::MayBePaid(txid))
            }
            Answer::NotKnown => Err(Stopped::NotKnownFirst),
            Answer::NotAsked(error) => Err(Stopped::NotAskedFirst(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_journal_is_young_for_seven_days_after_it_took_a_lost_ones_place() {
        let days = |days: u64| days * 24 * 3_600_000;
        assert!(!Caution::new(None).is_young(), "a store's first");
        let caution = Caution::new(Some(days(5)));
        assert!(caution.is_young());
        tokio::time::advance(Duration::from_millis(days(2) - 1)).await;
        assert!(caution.is_young());
        tokio::time::advance(Duration::from_millis(1)).await;
        assert!(!caution.is_young());
        assert!(!Caution::new(Some(days(7))).is_young());
    }

    #[test]
    fn only_a_record_without_a_payment_lets_an_id_go_on() {
        let found = |txid: Option<&str>| ApiTransaction::Found { txid: txid.map(str::to_owned) };
        assert!(matches!(decide(Ok(found(Some("abc")))), Answer::Paid(txid) if txid == "abc"));
        assert!(matches!(decide(Ok(found(None))), Answer::Go));
        assert!(matches!(decide(Ok(ApiTransaction::NotFound)), Answer::NotKnown));
        let garbled = ApiError::Garbled(String::from("a login page"));
        assert!(matches!(decide(Err(garbled)), Answer::NotAsked(_)));
    }
}

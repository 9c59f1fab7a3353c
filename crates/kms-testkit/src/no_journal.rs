use async_trait::async_trait;
use kms_core::{
    Attempt, Bytes, Intent, Journal, JournalError, Pending, Recalled, Reservation, TransactionId,
};

/// A journal that remembers nothing and allows everything, where the journal is not what is tested.
#[derive(Clone, Copy, Debug)]
pub struct NoJournal;

#[async_trait]
impl Journal for NoJournal {
    async fn recall(&self, _: &Pending) -> Result<Recalled, JournalError> {
        Ok(Recalled::New(Attempt { number: 1, ..Attempt::default() }))
    }

    async fn note_question(&self, _: Intent<'_>) -> Result<Option<String>, JournalError> {
        Ok(None)
    }

    async fn reserve(&self, _: Intent<'_>) -> Result<Reservation, JournalError> {
        Ok(Reservation::default())
    }

    async fn record(
        &self,
        _: &TransactionId,
        _: &Reservation,
        _: Bytes<'_>,
    ) -> Result<(), JournalError> {
        Ok(())
    }

    async fn close(
        &self,
        _: &TransactionId,
        _: Option<&str>,
        _: Option<&str>,
    ) -> Result<(), JournalError> {
        Ok(())
    }

    async fn refuse(&self, _: &Pending, _: &str) -> Result<bool, JournalError> {
        Ok(true)
    }
}

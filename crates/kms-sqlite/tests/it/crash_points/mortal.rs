//! A journal whose process dies before or after one of its steps.

use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use kms_core::{
    Bytes, Intent, Journal, JournalError, Pending, Recalled, Reservation, TransactionId,
};
use kms_sqlite::SqliteJournal;

pub(super) struct Mortal {
    pub(super) journal: SqliteJournal,
    steps_left: AtomicU64,
    dies_before: bool,
}

fn dead() -> JournalError {
    JournalError::Storage("the process has died".into())
}

impl Mortal {
    pub(super) fn new(journal: SqliteJournal, steps: u64, dies_before: bool) -> Self {
        Self { journal, steps_left: AtomicU64::new(steps), dies_before }
    }

    pub(super) fn is_dead(&self) -> bool {
        self.steps_left.load(Ordering::Relaxed) == 0
    }

    fn begin(&self) -> Result<bool, JournalError> {
        let left = self
            .steps_left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        match left {
            Err(_) => Err(dead()),
            Ok(1) if self.dies_before => {
                self.steps_left.store(0, Ordering::Relaxed);
                Err(dead())
            }
            Ok(1) => Ok(true),
            Ok(_) => Ok(false),
        }
    }

    pub(super) async fn step<T>(
        &self,
        act: impl Future<Output = Result<T, JournalError>>,
    ) -> Result<T, JournalError> {
        let dies_after = self.begin()?;
        let done = act.await;
        if dies_after { Err(dead()) } else { done }
    }
}

#[async_trait]
impl Journal for Mortal {
    async fn recall(&self, pending: &Pending) -> Result<Recalled, JournalError> {
        self.step(self.journal.recall(pending)).await
    }
    async fn note_question(&self, intent: Intent<'_>) -> Result<Option<String>, JournalError> {
        self.step(self.journal.note_question(intent)).await
    }
    async fn reserve(&self, intent: Intent<'_>) -> Result<Reservation, JournalError> {
        self.step(self.journal.reserve(intent)).await
    }
    async fn record(
        &self,
        id: &TransactionId,
        reservation: &Reservation,
        bytes: Bytes<'_>,
    ) -> Result<(), JournalError> {
        self.step(self.journal.record(id, reservation, bytes)).await
    }
    async fn close(
        &self,
        id: &TransactionId,
        txid: Option<&str>,
        named: Option<&str>,
    ) -> Result<(), JournalError> {
        self.step(self.journal.close(id, txid, named)).await
    }
    async fn refuse(&self, pending: &Pending, reason: &str) -> Result<bool, JournalError> {
        self.step(self.journal.refuse(pending, reason)).await
    }
}

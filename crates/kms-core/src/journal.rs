use async_trait::async_trait;
use thiserror::Error;

use crate::{
    claim::Claim, digest::ContentDigest, effects::Effects, history::State, id::TransactionId,
    pending::Pending, signing::RawTransaction,
};

/// The write-ahead record of what was, or is about to be, signed.
///
/// Every method is durable before it returns: a crash after it must not lose the entry.
#[async_trait]
pub trait Journal: Send + Sync {
    /// What is known of a transaction, if it was signed earlier.
    ///
    /// # Errors
    /// [`JournalError::OtherContent`] when the id was used for something else before;
    /// [`JournalError::Paused`], [`JournalError::Skipped`] and [`JournalError::Parked`] when it is
    /// to be left alone.
    async fn recall(
        &self,
        pending: &Pending,
        digest: &ContentDigest,
    ) -> Result<Option<Entry>, JournalError>;

    /// Claims the transaction, and everything it uses up on its chain, for this process. A claim
    /// left without bytes by a crashed run is taken over: nothing can have left a process before
    /// [`record`](Self::record) returned, and `record` fails for a process whose claim was taken.
    ///
    /// # Errors
    /// When bytes are recorded for the id already, another transaction holds a claim, or an
    /// operator wants it left alone.
    async fn reserve(&self, intent: Intent<'_>) -> Result<(), JournalError>;

    /// # Errors
    /// [`JournalError::HeldElsewhere`] when the reservation is no longer this process's.
    async fn record(&self, id: &TransactionId, raw: &RawTransaction) -> Result<(), JournalError>;

    /// Notes that the network took the transaction, and under which id of its own. The entry
    /// stays: the API may offer the transaction again, and must get the same bytes.
    ///
    /// # Errors
    /// When the journal cannot be written.
    async fn close(&self, id: &TransactionId, txid: Option<&str>) -> Result<(), JournalError>;

    /// Notes that the network refused the bytes for good. They are never sent again, and what
    /// they claimed is free.
    ///
    /// # Errors
    /// When the journal cannot be written.
    async fn refuse(&self, id: &TransactionId, reason: &str) -> Result<(), JournalError>;
}

/// How far a transaction that was signed earlier came.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Entry {
    /// These bytes were signed and no others will be. Whether they were sent is not known.
    Signed(RawTransaction),
    /// The network took these bytes at least once.
    Sent(RawTransaction),
    /// Nothing will come of what was signed.
    Ended { state: State, reason: String },
}

/// What is about to be signed.
#[derive(Clone, Copy, Debug)]
pub struct Intent<'a> {
    pub pending: &'a Pending,
    pub digest: &'a ContentDigest,
    pub effects: &'a Effects,
    pub claims: &'a [Claim],
}

#[derive(Debug, Error)]
#[non_exhaustive]
pub enum JournalError {
    #[error("another running process holds the transaction")]
    HeldElsewhere,
    #[error(
        "transaction {holder} was signed and uses {claim} too; only one of them can be confirmed"
    )]
    Claimed { claim: String, holder: String },
    #[error(
        "this id was used for another transaction before; \
         its content must not change once it was signed"
    )]
    OtherContent,
    #[error("what was signed for this transaction is {state} ({reason}); it is not sent again")]
    Ended { state: State, reason: String },
    #[error("signing is paused for {0}; `tatum-kms resume` goes on")]
    Paused(String),
    #[error("an operator wants it left alone; `tatum-kms pending retry` takes that back")]
    Skipped,
    #[error(
        "it failed too often and was parked ({0}); `tatum-kms pending retry` tries it once more"
    )]
    Parked(String),
    #[error("the journal could not be read or written")]
    Storage(#[source] Box<dyn std::error::Error + Send + Sync>),
}

use thiserror::Error;

use super::standing::{Progress, State};

/// The reason why the journal does not let a transaction go on.
#[derive(Debug, Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message of each variant documents it")]
pub enum JournalError {
    #[error("another running process is processing the transaction")]
    HeldElsewhere,
    #[error(
        "transaction {holder}, which is already signed, also uses {claim}; only one of the two can \
         be confirmed"
    )]
    Claimed { claim: String, holder: String },
    /// Bytes with the same claim were dropped: another transaction has used it for good.
    #[error(
        "it needs {claim}, which another transaction has used for good; in its present form it can \
         never be confirmed"
    )]
    UsedUp { claim: String },
    #[error(
        "the content of this id has changed since it was signed, or since an approver was asked; \
         `tatum-kms pending retry` accepts the new content"
    )]
    OtherContent,
    #[error("the bytes signed for this transaction are {state} ({reason}) and are not sent again")]
    Ended { state: Progress, reason: String },
    #[error(
        "the API was told that it failed, and it may have been paid in another way; `tatum-kms \
         pending retry` signs it anyway"
    )]
    Reported,
    #[error(
        "the API may list the earlier bytes as sent; it is first asked, and told that they came to \
         nothing"
    )]
    Untold,
    #[error(
        "the earlier bytes ({}) have expired, and on mainnet only an operator can have new ones \
         signed: look for the earlier ones in the chain, then run `tatum-kms pending retry \
         --sign-again`",
        former.join(", ")
    )]
    SecondAttempt { former: Vec<String> },
    #[error("signing is paused for {0}; run `tatum-kms resume` to continue")]
    Paused(String),
    #[error(
        "an operator skipped or cancelled this transaction; `tatum-kms pending retry` undoes that"
    )]
    Skipped,
    #[error("it failed too often and was parked ({0}); run `tatum-kms pending retry` to try again")]
    Parked(String),
    #[error(
        "the fee of {fee} base units is more than {multiple} times the median of recent payments \
         ({usual}); wait until fees fall, run `tatum-kms pending retry`, or raise --fee-multiple"
    )]
    UnusualFee { fee: String, usual: String, multiple: u64 },
    #[error(
        "transaction {other} paid the same amount from the same wallet to the same receiver; \
         `tatum-kms pending retry` signs this one too"
    )]
    Duplicate { other: String },
    #[error("the journal could not be read or written")]
    Storage(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The reason why an operator's wish is not granted.
#[derive(Debug, Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message of each variant documents it")]
pub enum ControlError {
    #[error("the journal knows no transaction {0}")]
    Unknown(String),
    #[error(
        "transaction {id} is {state}: its bytes are in the chain or may still enter it, and cannot \
         be taken back"
    )]
    MayBePaid { id: String, state: State },
    #[error(
        "transaction {id} is {state}: --sign-again has new bytes signed for it, which pays twice \
         if the first ones enter the chain after all"
    )]
    NeedsSignAgain { id: String, state: State },
    #[error(transparent)]
    Journal(#[from] JournalError),
}

use thiserror::Error;

use super::standing::{Progress, State};

/// Why the journal does not let a transaction go on.
#[derive(Debug, Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant's message is its sentence")]
pub enum JournalError {
    #[error("another running process holds the transaction")]
    HeldElsewhere,
    #[error(
        "transaction {holder} was signed and uses {claim} too; only one of them can be confirmed"
    )]
    Claimed { claim: String, holder: String },
    /// Bytes that used the same thing were dropped: somebody else used it for good.
    #[error(
        "it needs {claim}, which another transaction used up for good; it can never be in the \
         chain as it stands"
    )]
    UsedUp { claim: String },
    #[error(
        "this id stood for another transaction when it was signed, or when an approver was asked; \
         `tatum-kms pending retry` takes the new content"
    )]
    OtherContent,
    #[error("what was signed for this transaction is {state} ({reason}); it is not sent again")]
    Ended { state: Progress, reason: String },
    #[error(
        "the API was told that it failed, and may have had it paid in another way; \
         `tatum-kms pending retry` signs it nevertheless"
    )]
    Reported,
    #[error(
        "the API may hold the bytes signed before for sent, and is asked and told first that \
         nothing came of them"
    )]
    Untold,
    #[error(
        "the bytes signed before ({}) are said to be of no use, and others need an operator's \
         word on mainnet: look for them in the chain, then `tatum-kms pending retry --sign-again`",
        former.join(", ")
    )]
    SecondAttempt { former: Vec<String> },
    #[error("signing is paused for {0}; run `tatum-kms resume` to continue")]
    Paused(String),
    #[error(
        "an operator skipped or cancelled this transaction; `tatum-kms pending retry` undoes that"
    )]
    Skipped,
    #[error(
        "it failed too often and was parked ({0}); `tatum-kms pending retry` tries it once more"
    )]
    Parked(String),
    #[error(
        "a fee of {fee} base units is more than {multiple} times what was paid of late ({usual}); \
         wait for it to fall, or raise --fee-multiple"
    )]
    UnusualFee { fee: String, usual: String, multiple: u64 },
    #[error(
        "transaction {other} paid the same to the same receiver from the same wallet; \
         `tatum-kms pending retry` signs this one too"
    )]
    Duplicate { other: String },
    #[error("the journal could not be read or written")]
    Storage(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Why an operator's wish is not granted.
#[derive(Debug, Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant's message is its sentence")]
pub enum ControlError {
    #[error("the journal knows no transaction {0}")]
    Unknown(String),
    #[error(
        "transaction {id} is {state}: its bytes may be in the chain, or come into it; nothing here \
         can take them back"
    )]
    MayBePaid { id: String, state: State },
    #[error(
        "transaction {id} is {state}: with --sign-again other bytes are signed for it, which pays \
         twice if the first ones come into the chain after all"
    )]
    NeedsSignAgain { id: String, state: State },
    #[error(transparent)]
    Journal(#[from] JournalError),
}

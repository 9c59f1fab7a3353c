use thiserror::Error;

use crate::{
    chain_error::{DecodeError, ResolveError},
    gate::denial::{ApproveError, Denial},
    ledger::JournalError,
    ports::{broadcast::BroadcastError, lookup::LookupError, sign::SignError},
    signers::SignerError,
};

/// The reason why a pending transaction did not make it to the network, by the stage at which it
/// stopped.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Failure {
    /// A wallet that is named is missing, or does not fit.
    #[error("{}", .0)]
    Signer(#[from] SignerError),
    /// The payload is not a transaction that can be signed.
    #[error("{}", .0)]
    Decode(#[from] DecodeError),
    /// The transaction cannot be completed, or must not be signed.
    #[error("{}", .0)]
    Resolve(#[from] ResolveError),
    /// A question had no answer.
    #[error("{}", .0)]
    Lookup(#[from] LookupError),
    /// The gate denied it.
    #[error("{}", .0)]
    Denied(#[from] Denial),
    /// A wallet did not sign.
    #[error("{}", .0)]
    Sign(#[from] SignError),
    /// The journal did not let it go on.
    #[error("{}", .0)]
    Journal(#[from] JournalError),
    /// The network did not take it.
    #[error("{}", .0)]
    Broadcast(#[from] BroadcastError),
}

/// The thing to do about a failure.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Disposition {
    /// Nothing was tried, or it is somebody else's turn: the next poll tries again, however often.
    Wait,
    /// Leave it pending; a later poll tries again, but not for ever.
    Retry,
    /// Look up what became of an earlier sending before anything else.
    Doubt,
    /// Report it to the API; it will never be signed in its present form.
    Report,
    /// Report nothing to the API; an operator or approver decides.
    Hold,
    /// Stop signing altogether: the daemon's own state is in doubt.
    Halt,
}

impl Failure {
    /// The one decision about what is done about each failure.
    pub fn disposition(&self) -> Disposition {
        match self {
            Self::Signer(SignerError::Lookup(error)) | Self::Sign(error) => of_signing(error),
            Self::Decode(error) => of_decoding(error),
            Self::Signer(_) => Disposition::Report,
            Self::Resolve(error) => of_completion(error),
            Self::Lookup(LookupError::NotAsked { .. })
            | Self::Broadcast(BroadcastError::NotSent { .. })
            | Self::Denied(Denial::FourEyes(
                ApproveError::Unreachable(_) | ApproveError::Undecided,
            )) => Disposition::Wait,
            // Such answers describe the present state of balances, nodes and gateways.
            Self::Lookup(LookupError::Unreachable { .. } | LookupError::Refused { .. }) => {
                Disposition::Retry
            }
            Self::Denied(_) => Disposition::Hold,
            Self::Journal(error) => of_journal(error),
            Self::Broadcast(BroadcastError::Refused { .. }) => Disposition::Report,
            Self::Broadcast(BroadcastError::Doubtful { .. }) => Disposition::Doubt,
            Self::Broadcast(BroadcastError::Unknown { .. } | BroadcastError::NotNow { .. }) => {
                Disposition::Retry
            }
        }
    }
}

/// A newer API may send members that mean nothing: the business must not hear of a failure and
/// pay again, so an operator decides.
const fn of_decoding(error: &DecodeError) -> Disposition {
    match error {
        DecodeError::Unknown { .. } | DecodeError::Unsigned { .. } => Disposition::Hold,
        _ => Disposition::Report,
    }
}

/// An answer may be another the next time; the payload may not.
const fn of_completion(error: &ResolveError) -> Disposition {
    match error {
        ResolveError::UnexpectedAnswer(..)
        | ResolveError::Incomplete(_)
        | ResolveError::TooManyQueries
        | ResolveError::Substituted { .. }
        | ResolveError::AbsurdGas { .. } => Disposition::Retry,
        ResolveError::Decode(error) => of_decoding(error),
        ResolveError::NotOurs { .. }
        | ResolveError::UnsignedInput { .. }
        | ResolveError::KeyCount { .. }
        | ResolveError::Overspent { .. }
        | ResolveError::Dust { .. }
        | ResolveError::SpentDiffers { .. }
        | ResolveError::SpentMissing { .. }
        | ResolveError::AbsurdFee { .. }
        | ResolveError::FeeDiffers { .. }
        | ResolveError::Overflow => Disposition::Report,
    }
}

/// A wallet that cannot be opened may be a wallet file that was tampered with: an operator has to
/// look, and the payer of the transaction must not be told that it failed for good.
const fn of_signing(error: &SignError) -> Disposition {
    match error {
        SignError::DamagedRecord(_) | SignError::Store(_) | SignError::NotApproved => {
            Disposition::Hold
        }
        SignError::UnknownWallet(_)
        | SignError::MissingIndex(_)
        | SignError::NotAMnemonic(_)
        | SignError::WrongChain { .. }
        | SignError::UnreadableKey { .. }
        | SignError::Scheme(_)
        | SignError::Assemble => Disposition::Report,
    }
}

const fn of_journal(error: &JournalError) -> Disposition {
    match error {
        JournalError::HeldElsewhere
        | JournalError::Claimed { .. }
        | JournalError::Untold
        | JournalError::Paused(_) => Disposition::Wait,
        JournalError::OtherContent
        | JournalError::Skipped
        | JournalError::Parked(_)
        | JournalError::Reported
        | JournalError::SecondAttempt { .. }
        | JournalError::UnusualFee { .. }
        | JournalError::Duplicate { .. } => Disposition::Hold,
        JournalError::Ended { .. } | JournalError::UsedUp { .. } => Disposition::Report,
        JournalError::Storage(_) => Disposition::Halt,
    }
}

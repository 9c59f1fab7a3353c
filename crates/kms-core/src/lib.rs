//! The vocabulary of the daemon and the one road a transaction takes through it.
//!
//! [`process`] is the road: decode, complete, review, reserve, sign, record, broadcast, close.
//! Each stage is a type; a stage is made by one function and consumed by one other, so a step
//! cannot be left out, repeated or done in another order. What does not compile is listed, with
//! the compiler's words, in `tests/misuse/`.
//!
//! This crate is pure: no secret, no socket, no file, no clock. The outside world comes in
//! through four ports, [`Lookup`], [`Sign`], [`Journal`] and [`Broadcast`].

mod amount;
mod chain;
mod effects;
mod failure;
mod fate;
mod history;
mod id;
mod journal;
mod key;
mod pending;
mod pipeline;
mod policy;
mod signers;
mod signing;

pub use amount::{Amount, AmountError};
pub use chain::{
    AddressError, Answer, Chain, ChainOptions, ChainSpec, Claim, DecodeError, Draft, NodeCall,
    Order, Query, ResolveError, Step, Submission, Unsigned,
};
pub use effects::{Allowance, Asset, Coverage, Effects, Fee, Transfer};
pub use failure::{Disposition, Failure};
pub use fate::{Fate, Inquiry, SentTransaction};
pub use history::{Event, Gap, Scope, Standing, State};
pub use id::{
    AddressIndex, ByNetwork, ChainId, IdError, IndexError, KeyRef, Network, SignatureId,
    TransactionId, WithdrawalId,
};
pub use journal::{Entry, Intent, Journal, JournalError};
pub use key::{Derivation, KeySpec, Scheme, SecretEncoding, WalletLayout};
pub use pending::{ContentDigest, IndexedWallet, Pending, Withdrawal, WithdrawalEntry};
pub use pipeline::{
    Accepted, Broadcast, BroadcastError, Lookup, LookupError, Ports, Proposal, Recorded, Rehearsed,
    Reserved, Road, Sent, Signed, process, rehearse,
};
pub use policy::{Approve, ApproveError, Approved, FourEyes, Gate, Permit, Refusal, Rule};
pub use signers::{SignerError, Signers, WalletFacts, WithdrawalKey};
pub use signing::{
    Address, KeySignature, PublicKey, RawTransaction, Sign, SignError, SigningDigest,
    SigningMessage, SigningRequest,
};

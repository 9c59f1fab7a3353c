//! The vocabulary of the daemon and the one road a transaction takes through it.
//!
//! [`process`] is the road: decode, complete, review, reserve, sign, record, broadcast, close.
//! Each stage is a type; a stage is made by one function and consumed by one other, so a step
//! cannot be left out, repeated or done in another order. `tests/misuse/` shows what does not
//! compile, with the compiler's messages.
//!
//! This crate is pure: no secret, no socket, no file, no clock. The outside world comes in
//! through four ports, [`Lookup`], [`Sign`], [`Journal`] and [`Broadcast`].

#![warn(missing_docs)]

mod account;
mod amount;
mod chain;
mod chain_error;
mod chain_limit;
mod claim;
mod digest;
mod effects;
mod failure;
mod fate;
mod gate;
mod id;
mod journal_seal;
mod key;
pub mod ledger;
mod node_words;
mod pending;
mod ports;
mod road;
mod signers;
mod signing;
mod stages;
mod tool_path;
mod txid;

pub use account::AccountId;
pub use amount::{Amount, AmountError};
pub use chain::{
    Answer, Chain, ChainOptions, ChainSpec, DecodeInput, Draft, HarmlessMember, LateValue, Query,
    Step, Submission, Unsigned,
};
pub use chain_error::{AddressError, DecodeError, ResolveError};
pub use chain_limit::{ChainLimit, LimitKind};
pub use claim::Claim;
pub use digest::{ContentDigest, SigningDigest};
pub use effects::{Allowance, Asset, Coverage, Effects, Fee, Transfer, Unexplained};
pub use failure::{Disposition, Failure};
pub use fate::{Fate, Inquiry, SentTransaction};
pub use gate::{
    Approve, Approved, FourEyes, Gate, Outcome, Rule,
    denial::{ApproveError, Denial, FeeDenial, InCoins},
    fee::FeeCeilings,
    permit::Permit,
};
pub use id::{
    AddressIndex, ByNetwork, ChainId, IdError, IndexError, KeyRef, Network, SignatureId,
    TransactionId, WithdrawalId,
};
pub use journal_seal::{FoundJournal, JournalId, JournalSeal, Opening, SealError, judge};
pub use key::{Derivation, KeySpec, Scheme, SecretEncoding, TPUB, WalletLayout, XPUB};
pub use ledger::{
    Attempt, Attempts, Bytes, ControlError, Desk, Duplicates, Entry, Event, Filter, Follow,
    Followed, Gap, Identity, Intent, Journal, JournalError, Ledger, Limits, Owed, Progress,
    Recalled, Report, Reservation, Scope, Stance, Standing, State, Unreadable,
};
pub use node_words::NodeWords;
pub use pending::{IndexedWallet, Pending, PendingRequest, Withdrawal, WithdrawalEntry};
pub use ports::{
    broadcast::{Acceptance, BroadcastError},
    lookup::{Lookup, LookupError, NodeCall},
    sign::{Sign, SignError, WalletFacts},
};
pub use road::{Ports, Rehearsed, Road, foresee, process, rehearse};
pub use signers::{SignerError, Signers, WithdrawalKey};
pub use signing::{
    Address, KeySignature, LATE_VALUE_BYTES, PublicKey, RawTransaction, SigningMessage,
    SigningRequest,
};
pub use stages::{
    proposal::Proposal,
    recorded::{Accepted, Beginning, Broadcast, Fresh, Recorded, Reserved, Signed},
};
pub use tool_path::ToolPath;
pub use txid::{TxidError, is_same_txid};

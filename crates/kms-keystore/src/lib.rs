//! The wallet store: what `wallet.dat` holds, sealed; and the original's file, opened.
//!
//! A store is a set of sealed records in some backend ([`RecordStore`]) and a header that says
//! how a password becomes the key. [`Unlocked`] holds that key: it finds, adds and removes
//! wallets, and signs. `docs/wallet-format.md` describes the format.

#![warn(missing_docs)]

mod change;
mod error;
mod header;
mod journal_seal;
mod keys;
mod legacy;
mod list;
mod manifest;
mod reading;
mod record;
mod seal;
mod signing;
mod store;
mod twins;
mod unlocked;

pub use error::{BackendError, StoreError};
pub use header::KdfCost;
pub use journal_seal::JournalSealer;
pub use legacy::read_export;
pub use manifest::bucket_of;
pub use record::{Field, WalletKind, WalletRecord, WalletSummary};
pub use store::{Bucket, Change, JournalWord, Page, Parts, Plan, RecordStore, SealedRecord};
pub use unlocked::{FindChain, Unlocked};

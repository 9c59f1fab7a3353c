//! Sealed wallet records (`wallet.dat`) and the journal (`journal.db`), each a SQLite file.
//!
//! SQLite keeps the bytes; what they mean is sealed by `kms-keystore`. Every change is one
//! transaction in WAL mode with `synchronous=FULL`, and the write-ahead log is emptied after
//! each change of the wallets, so that `wallet.dat` alone is the whole store.

#![warn(missing_docs)]

mod backup;
mod connection;
mod file;
mod journal;
mod records;
mod seals;

pub use file::{Converted, WalletFile};
pub use journal::{Clock, JournalOpenError, SqliteJournal};
pub use seals::{JournalSeals, Kept};

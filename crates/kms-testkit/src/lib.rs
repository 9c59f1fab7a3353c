//! For tests only: the vectors' format, transactions, fakes of the four ports, keys of test
//! wallets.

mod journal;
mod keys;
pub mod ledger_suite;
mod lookup;
mod network;
mod no_journal;
mod pending;
pub mod vectors;

pub use journal::{End, MemoryJournal};
pub use keys::TestKeys;
pub use lookup::RecordedAnswers;
pub use network::RecordingNetwork;
pub use no_journal::NoJournal;
pub use pending::{no_effects, pending};

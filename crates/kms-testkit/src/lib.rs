//! For tests only: the vectors' format, transactions, fakes of the four ports, keys of test
//! wallets.

mod journal;
mod keys;
mod lookup;
mod network;
mod pending;
pub mod vectors;

pub use journal::MemoryJournal;
pub use keys::TestKeys;
pub use lookup::RecordedAnswers;
pub use network::RecordingNetwork;
pub use pending::{no_effects, pending};
